"""The actions of Earshot: what they are called and what they take."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import wraps
from typing import Any, Final

import probatio as vol
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from . import capture_actions, house_actions
from .api import fields
from .api.commands import as_api_error
from .capture_actions import PinReason
from .const import DOMAIN
from .guest import DEFAULT_HOURS, MOST_HOURS
from .mute import MAX_MINUTES
from .policy.retention import Outcome
from .vault import VaultError
from .vault.views import MAX_PAGE, MAX_PIN, Label, Query

SERVICE_CHECK_DELETED: Final = "check_deleted"
SERVICE_DELETE: Final = "delete"
SERVICE_FORGET_EVERYTHING: Final = "forget_everything"
SERVICE_GET_CAPTURES: Final = "get_captures"
SERVICE_GUEST_MODE: Final = "guest_mode"
SERVICE_LABEL: Final = "label"
SERVICE_LISTEN: Final = "listen"
SERVICE_MUTE_FOR: Final = "mute_for"
SERVICE_PIN: Final = "pin"
SERVICE_PURGE: Final = "purge"
SERVICE_UNPIN: Final = "unpin"
SERVICE_VERIFY_AUDIT: Final = "verify_audit"

ANSWER_S: Final = 1_800.0
"""To look everywhere for what was deleted takes minutes, and a few may wait for their turn."""

NO_LABEL: Final = "none"

type Action = Callable[[ServiceCall], Awaitable[ServiceResponse]]


def _moment(value: Any) -> datetime:
    return dt_util.as_utc(cv.datetime(value))


def _label(value: Any) -> Label | None:
    return None if value == NO_LABEL else Label(fields.one_of(Label)(value))


def _ids(value: Any) -> frozenset[str]:
    return frozenset(fields.set_of(fields.capture_id, fields.MAX_IDS)(cv.ensure_list(value)))


_OUTCOMES = vol.All(cv.ensure_list, fields.set_of(fields.one_of(Outcome), len(Outcome)))
_CAPTURE: Final = {vol.Required("capture_id"): fields.capture_id}
_SPAN: Final = {
    **cv.ENTITY_SERVICE_FIELDS,
    vol.Optional("since"): _moment,
    vol.Optional("until"): _moment,
    vol.Optional("outcomes"): _OUTCOMES,
}


def _whole(least: int, most: int) -> Callable[[Any], Any]:
    """Take a whole number; a form sends it as a float."""
    check: Callable[[Any], Any] = vol.All(vol.Coerce(int), vol.Range(min=least, max=most))
    return check


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    only, optional, none = SupportsResponse.ONLY, SupportsResponse.OPTIONAL, SupportsResponse.NONE
    confirm = {vol.Optional("confirm", default=False): cv.boolean}
    async_register(hass, SERVICE_CHECK_DELETED, house_actions.async_check, {}, only)
    async_register(
        hass, SERVICE_DELETE, capture_actions.async_remove,
        _SPAN | confirm | {
            vol.Optional("capture_ids"): _ids,
            vol.Optional("pinned", default=False): cv.boolean,
        },
        optional,
    )  # fmt: skip
    async_register(
        hass, SERVICE_FORGET_EVERYTHING, capture_actions.async_forget_all, confirm, optional
    )
    async_register(
        hass, SERVICE_GET_CAPTURES, capture_actions.async_get,
        _SPAN | {
            vol.Optional("limit", default=Query.limit): _whole(1, MAX_PAGE),
            vol.Optional("cursor"): fields.text(64),
        },
        only,
    )  # fmt: skip
    async_register(
        hass, SERVICE_GUEST_MODE, house_actions.async_guest_mode,
        {vol.Optional("hours", default=DEFAULT_HOURS): _whole(1, MOST_HOURS)}, optional,
    )  # fmt: skip
    async_register(
        hass, SERVICE_LABEL, capture_actions.async_label,
        _CAPTURE | {vol.Required("label"): _label}, none,
    )  # fmt: skip
    async_register(
        hass, SERVICE_LISTEN, house_actions.async_listen, dict(cv.ENTITY_SERVICE_FIELDS), none
    )
    async_register(
        hass, SERVICE_MUTE_FOR, house_actions.async_mute_for,
        {**cv.ENTITY_SERVICE_FIELDS, vol.Required("minutes"): _whole(1, MAX_MINUTES)}, optional,
    )  # fmt: skip
    async_register(
        hass, SERVICE_PIN, capture_actions.async_pin,
        _CAPTURE | {
            vol.Required("days"): _whole(1, MAX_PIN.days),
            vol.Required("reason"): vol.Coerce(PinReason),
        },
        optional,
    )  # fmt: skip
    async_register(hass, SERVICE_PURGE, house_actions.async_purge, {}, optional)
    async_register(hass, SERVICE_UNPIN, capture_actions.async_unpin, _CAPTURE, none)
    async_register(hass, SERVICE_VERIFY_AUDIT, house_actions.async_verify_audit, {}, only)


@callback
def async_register(
    hass: HomeAssistant, name: str, action: Action, takes: dict[Any, Any], answers: SupportsResponse
) -> None:
    """Register an action that tells what went wrong in words."""

    @wraps(action)
    async def answer(call: ServiceCall) -> ServiceResponse:
        try:
            async with asyncio.timeout(ANSWER_S):
                return await action(call)
        except (TimeoutError, VaultError) as err:
            raise as_api_error(err) from err

    hass.services.async_register(
        DOMAIN, service=name, service_func=answer, schema=vol.Schema(takes),
        supports_response=answers,
    )  # fmt: skip
