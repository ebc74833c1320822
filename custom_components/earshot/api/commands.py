"""How a websocket command of ours is answered, whatever it is.

Every command is checked, timed and answered here, so that none can forget to. Nothing of what was
sent or found goes into an answer that tells of an error, or into a log.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import probatio as vol
from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..policy.access import NOT_ALLOWED
from ..vault import CaptureUnknownError, VaultError
from .ask import Ask
from .asker import async_asker_of_connection
from .errors import ApiError
from .state import DATA_API

_LOGGER = logging.getLogger(__name__)

ANSWER_S: Final = 60.0
_WEBSOCKET_LOG: Final = logging.getLogger("homeassistant.components.websocket_api.http.connection")

type Answer = Callable[[Ask, dict[str, Any]], Awaitable[Any]]

_ANY = vol.Schema({}, extra=vol.ALLOW_EXTRA)


@dataclass(frozen=True)
class Command:
    """A websocket command: its name, what may be in it, and what answers it."""

    name: str
    schema: vol.Schema
    answer: Answer
    words: bool
    """Words go out or come in, so not while Home Assistant writes its messages down."""


def command(
    name: str, fields: Mapping[Any, Any] | None = None, *, words: bool = False
) -> Callable[[Answer], Command]:
    """Make a command of a function that takes an `Ask` and the checked message."""
    base = {vol.Required("id"): int, vol.Required("type"): f"{DOMAIN}/{name}"}
    schema = vol.Schema({**base, **(fields or {})})
    return lambda answer: Command(f"{DOMAIN}/{name}", schema, answer, words)


@callback
def async_register(hass: HomeAssistant, each: Command) -> None:
    """Register a command. Home Assistant would log what does not fit its schema; ours does not."""
    websocket_api.async_register_command(hass, each.name, partial(_take, each), _ANY)


@callback
def _take(
    each: Command, hass: HomeAssistant, connection: ActiveConnection, message: dict[str, Any]
) -> None:
    try:
        fields = each.schema(message)
    except vol.Invalid:
        connection.send_error(message["id"], "invalid_format", "The message does not fit.")
        return
    # A connection that ends ends its subscriptions; so a request can tell whether it did.
    mark = (DOMAIN, fields["id"])
    connection.subscriptions[mark] = _nothing
    hass.async_create_background_task(
        _answer(each, hass, connection, mark, fields), f"earshot {each.name}", eager_start=True
    )


def _nothing() -> None:
    """End a request's mark."""


async def _answer(
    each: Command,
    hass: HomeAssistant,
    connection: ActiveConnection,
    mark: Hashable,
    fields: dict[str, Any],
) -> None:
    try:
        async with asyncio.timeout(ANSWER_S):
            if each.words and _WEBSOCKET_LOG.isEnabledFor(logging.DEBUG):
                raise ApiError("debug_log")
            ask = await _ask(hass, connection, mark)
            result = await each.answer(ask, fields)
    except Exception as err:  # noqa: BLE001 - told by its name only: a message could hold words
        error = as_api_error(err)
        connection.send_error(
            fields["id"],
            error.code,
            str(error),
            translation_key=error.translation_key,
            translation_domain=error.translation_domain,
            translation_placeholders=error.translation_placeholders,
        )
    else:
        connection.send_result(fields["id"], result)
    finally:
        connection.subscriptions.pop(mark, None)


async def _ask(hass: HomeAssistant, connection: ActiveConnection, mark: Hashable) -> Ask:
    api = hass.data[DATA_API]
    return Ask(
        hass=hass,
        api=api,
        asker=await async_asker_of_connection(hass, api.second_factor, connection),
        private=api.unlocks.of_connection(connection),
        connection=connection,
        mark=mark,
    )


def as_api_error(error: Exception) -> ApiError:
    """Return what the asker is told of an error."""
    match error:
        case ApiError():
            told = error
        case HomeAssistantError(translation_key=str(key)) if error.translation_domain == DOMAIN:
            told = ApiError(key, **(error.translation_placeholders or {}))
        case CaptureUnknownError():
            told = ApiError(NOT_ALLOWED)
        case VaultError():
            told = ApiError(error.code)
        case TimeoutError():
            told = ApiError("timeout")
        case _:
            _LOGGER.error("A request could not be answered: %s", type(error).__name__)
            told = ApiError("failed")
    return told
