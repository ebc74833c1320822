"""Deleting for somebody: counted, told in the log, done, looked for everywhere, and certified."""

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant

from .audit import Actor, AuditError, Verb
from .traces.certificate import Certificate, Certificates
from .traces.deletion import async_delete_and_check
from .vault import Selection

if TYPE_CHECKING:
    from .house import House

_LOGGER = logging.getLogger(__name__)


async def async_delete(
    hass: HomeAssistant,
    house: House,
    selection: Selection,
    actor: Actor,
    deleted: Callable[[], Awaitable[None]],
) -> Certificate:
    """Delete captures; return what was found of them afterwards.

    `deleted` is called when they are gone, within the first seconds; to look everywhere can take
    minutes. Raises `VaultError`.
    """
    vault = await house.async_vault()
    for room_id, count in (await vault.async_count(selection)).items():
        if count.captures:
            await _tell(house, actor, room_id, str(count.captures))
    certificates = Certificates(house.folder)
    return await async_delete_and_check(hass, vault, certificates, selection, deleted)


async def async_tell_removed(house: House, actor: Actor, room_id: str) -> None:
    """Tell in the log how much goes with a room that was removed: to everybody, as a room that is
    no more has no people."""
    vault = await house.async_vault()
    counts = await vault.async_count(Selection(rooms=frozenset({room_id}), pinned=True))
    if room_id in counts:
        await _tell(house, actor, None, f"room_removed_{counts[room_id].captures}", room_id)


async def async_tell_evicted(house: House, captures: int) -> None:
    """Tell in the log that captures went before their time."""
    await _tell(house, Actor(name="system"), None, f"size_cap_{captures}")


async def _tell(
    house: House, actor: Actor, room_id: str | None, detail: str, target: str = ""
) -> None:
    try:
        await house.audit.async_write(Verb.DELETED, actor, room_id, target, detail)
    except AuditError as err:
        # Only a listen waits for its line. What is to go goes.
        _LOGGER.warning("The log does not have a deletion (%s)", err.code)
