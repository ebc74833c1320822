"""The wish to have a room muted."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import RoomEntity
from .models import RoomConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RoomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the mute switch of a room."""
    async_add_entities([MuteSwitch(entry)])


class MuteSwitch(RoomEntity, SwitchEntity):
    """On: the microphone is to be closed. Whether it is tells the microphone sensor.

    A configuration entity, so that "everything off in the kitchen" never opens a microphone.
    """

    _attr_translation_key = "mute"
    _attr_entity_category = EntityCategory.CONFIG

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "mute")

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the room is meant to be muted."""
        return self._room.mute.is_on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Mute."""
        await self._room.mute.async_set(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Unmute; an error when the mute was set at the satellite."""
        await self._room.mute.async_set(False)
