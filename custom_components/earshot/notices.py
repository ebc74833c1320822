"""What a room is told aloud about its rules."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .aloud import async_say
from .const import EntryKind
from .entries import entries_of
from .pending import PendingStore, Remembered
from .policy.changes import Aspect, Effect, effect
from .retention import HOUSE, house_rules, room_rules

if TYPE_CHECKING:
    from .house import House

TEXTS: Final = {
    Aspect.AUDIO: "what is heard may be kept for longer",
    Aspect.TRANSCRIPT: "what is said may be kept in writing for longer",
    Aspect.ROOM_KIND: "this is no longer a child's room",
    Aspect.LISTENERS: "{names} may listen to what is kept",
    Aspect.SECOND_FACTOR: "listening no longer needs a second factor",
    Aspect.REMOTE: "listening is allowed from outside the house",
    Aspect.LONG_LIVED: "programs with a long lived token may listen",
    Aspect.PLAIN_HTTP: "listening is allowed over a connection that is not encrypted",
    Aspect.LOCAL_ONLY: "commands may go to services that are not proven local",
    Aspect.SEALED: "what is heard is no longer sealed with a passphrase",
    Aspect.REMOTE_LISTEN: "Home Assistant may listen here without a wake word, after a tone",
    Aspect.FOLLOW_UP: "the room may listen once more after a reply, after a tone",
    Aspect.DEBUG_ALLOWED: "commands are taken even while Home Assistant records them",
}
BEGINS: Final = "It begins in 24 hours, or at once if it is confirmed at this satellite."
CONFIRMED: Final = "Confirmed. The new rules of this room hold from now on."


class Notices:
    """Says in every room what was loosened there, once, as soon as its satellite is there."""

    def __init__(self, hass: HomeAssistant, house: House, store: PendingStore) -> None:
        self._hass = hass
        self._house = house
        self._store = store
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        """Rooms in which to try once more when what is being said there now fails."""

    @callback
    def tell(self) -> None:
        """Begin to say what nobody has heard of yet."""
        for room in entries_of(self._hass, EntryKind.ROOM):
            task = self._tasks.get(room.entry_id)
            if not any(True for _ in self._untold(room)):
                continue
            if task is not None and not task.done():
                # What is being said may be lost with a link that was; this one may be new.
                self._again.add(room.entry_id)
            else:
                self._tasks[room.entry_id] = self._hass.async_create_background_task(
                    self._tell(room), f"earshot notice {room.title}"
                )

    @callback
    def confirmed(self, room_id: str) -> None:
        """Say that what waited has begun."""
        if (room := self._hass.config_entries.async_get_entry(room_id)) is not None:
            self._hass.async_create_background_task(
                async_say(self._hass, room, CONFIRMED), f"earshot notice {room.title}"
            )

    async def _tell(self, room: ConfigEntry) -> None:
        while untold := list(self._untold(room)):
            self._again.discard(room.entry_id)
            aspects = frozenset[Aspect]().union(*(done.loosened for _, done in untold))
            added = frozenset[str]().union(*(done.added for _, done in untold))
            clock = self._house.reading()
            begun = not any(edit.waits(room.entry_id, clock) for edit, _ in untold)
            text = loosened_text(aspects, await self._names(added), begun=begun)
            if await async_say(self._hass, room, text):
                await self._store.async_mark([edit for edit, _ in untold], room.entry_id)
            elif room.entry_id not in self._again:
                return

    def _untold(self, room: ConfigEntry) -> Iterator[tuple[Remembered, Effect]]:
        """Yield what was loosened in a room and not said there; not what was taken back."""
        house = house_rules(self._house.entry.options if self._house.entry else {})
        rules = room_rules(room.options)
        for scope_id in (room.entry_id, HOUSE):
            for edit in self._store.edits(scope_id):
                if not edit.loosened or room.entry_id in edit.told:
                    continue
                before = (
                    (house_rules(edit.before), rules)
                    if scope_id == HOUSE
                    else (house, room_rules(edit.before))
                )
                if (done := effect(before, (house, rules))).loosened:
                    yield edit, done

    async def _names(self, users: Iterable[str]) -> list[str]:
        found = [await self._hass.auth.async_get_user(user_id) for user_id in users]
        return sorted(user.name for user in found if user is not None and user.name)


def loosened_text(aspects: Iterable[Aspect], names: list[str], *, begun: bool) -> str:
    """Return what is said when rules were loosened."""
    listeners = " and ".join(names) or "somebody else"
    loosened = set(aspects)
    parts = [TEXTS[it].format(names=listeners) for it in Aspect if it in loosened]
    said = f"The rules of this room were changed: {'; '.join(parts)}."
    return said if begun else f"{said} {BEGINS}"
