"""Buttons: forget what was heard in a room, and mute all rooms."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .callers import async_caller
from .const import CONF_KIND, EntryKind
from .deleting import async_delete
from .entity import HouseEntity, RoomEntity, actor_of
from .entries import entries_of
from .models import EarshotConfigEntry, HouseConfigEntry, RoomConfigEntry
from .policy.access import Act
from .unasked import unasked_error
from .vault import Selection

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ForgetDescription(ButtonEntityDescription):
    """What is forgotten."""

    last: timedelta | None
    """None: everything."""


# Configuration entities, so that neither an area nor a voice ever presses them in passing.
_FORGET: Final = (
    ForgetDescription(
        key="forget_hour", translation_key="forget_hour", entity_category=EntityCategory.CONFIG,
        last=timedelta(hours=1),
    ),
    ForgetDescription(
        key="forget_all", translation_key="forget_all", entity_category=EntityCategory.CONFIG,
        last=None,
    ),
)  # fmt: skip


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EarshotConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons of a room or of the house."""
    if entry.data[CONF_KIND] == EntryKind.HOUSE:
        async_add_entities([MuteAll(entry)])
    else:
        async_add_entities(
            [Listen(entry), StopRinging(entry), *(Forget(entry, it) for it in _FORGET)]
        )


class Forget(RoomEntity, ButtonEntity):
    """Deletes what was heard in the room, but what is pinned: that takes a second yes."""

    entity_description: ForgetDescription

    @override
    async def async_press(self) -> None:
        """Delete, and look everywhere for what may be left."""
        if (ask := await async_caller(self.hass, self._context)) is not None:
            ask.demand(Act.DELETE, self._room.id)
        last, since = self.entity_description.last, None
        if last is not None:
            since = self._room.house.reading().started(last.total_seconds()).wall
        selection = Selection(rooms=frozenset({self._room.id}), since=since)
        await async_delete(self.hass, self._room.house, selection, actor_of(self._context))


class Listen(RoomEntity, ButtonEntity):
    """Has the room listen to one command without a wake word, where its rules allow that."""

    _attr_translation_key = "listen"
    _attr_entity_category = EntityCategory.CONFIG
    _outlives_link = False

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "listen")

    @override
    async def async_press(self) -> None:
        """Listen; an error when that is refused."""
        if self._room.handler is None:
            raise unasked_error(self._room.name, "not_ready")
        await self._room.handler.async_listen(actor_of(self._context))


class StopRinging(RoomEntity, ButtonEntity):
    """Stops a timer that rings at the satellite."""

    _attr_translation_key = "stop_ringing"
    _outlives_link = False

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "stop_ringing")

    @override
    async def async_press(self) -> None:
        """Stop it."""
        self._room.timers.stop()


class MuteAll(HouseEntity, ButtonEntity):
    """Mutes every room. Nothing unmutes them all."""

    _attr_translation_key = "mute_all"

    def __init__(self, entry: HouseConfigEntry) -> None:
        super().__init__(entry, "mute_all")

    @override
    async def async_press(self) -> None:
        """Mute; a room whose satellite is away is muted when it is back."""
        actor = actor_of(self._context)
        await asyncio.gather(
            *(
                room.runtime_data.mute.async_set(True, actor)
                for room in entries_of(self.hass, EntryKind.ROOM)
                if room.state is ConfigEntryState.LOADED
            )
        )
