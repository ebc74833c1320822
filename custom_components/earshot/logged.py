"""Writing what was done into the log: before it is done, or soon after when it may not wait."""

import logging
from typing import TYPE_CHECKING, NamedTuple

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .audit import Actor, Verb
from .const import DOMAIN
from .vault import VaultError

if TYPE_CHECKING:
    from .house import House

_LOGGER = logging.getLogger(__name__)


class ToLog(NamedTuple):
    """What is to be written."""

    verb: Verb
    actor: Actor
    room_id: str | None = None
    target: str = ""
    detail: str = ""


async def async_log(house: House, line: ToLog) -> None:
    """Write a line; raises `HomeAssistantError`: then what it tells of must not be done."""
    try:
        # The log is opened with the vault.
        await house.async_vault()
        await house.audit.async_write(*line)
    except (TimeoutError, VaultError) as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="audit_unavailable"
        ) from err


@callback
def log_soon(hass: HomeAssistant, house: House, line: ToLog) -> None:
    """Write a line of what only keeps less, or what is done already."""

    async def write() -> None:
        try:
            await async_log(house, line)
        except HomeAssistantError:
            _LOGGER.warning("The log cannot be written; it lacks: %s %s", line.verb, line.target)

    hass.async_create_background_task(write(), "earshot log")
