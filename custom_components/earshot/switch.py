"""The wish to have a room muted, and whether guests are in the house."""

from collections import deque
from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.switch import DOMAIN as SWITCH_DOMAIN
from homeassistant.components.switch import SwitchEntity
from homeassistant.const import (
    ATTR_DOMAIN,
    ATTR_ENTITY_ID,
    ATTR_SERVICE_DATA,
    ENTITY_MATCH_ALL,
    EVENT_CALL_SERVICE,
    EntityCategory,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_KIND, EntryKind
from .entity import HouseEntity, RoomEntity, actor_of
from .guest import DEFAULT_HOURS
from .models import EarshotConfigEntry, HouseConfigEntry, RoomConfigEntry

PARALLEL_UPDATES = 0

_CALLS = 16
"""Calls to all switches that are remembered; each is carried out at once."""


@callback
def _is_of_switches(data: Mapping[str, Any]) -> bool:
    return bool(data[ATTR_DOMAIN] == SWITCH_DOMAIN)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EarshotConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the mute switch of a room, or the house's switch of guest mode."""
    is_house = entry.data[CONF_KIND] == EntryKind.HOUSE
    async_add_entities([GuestSwitch(entry) if is_house else MuteSwitch(entry)])


class MuteSwitch(RoomEntity, SwitchEntity):
    """On: the microphone is to be closed. Whether it is tells the microphone sensor.

    A configuration entity, so that "everything off in the kitchen" never opens a microphone. Core
    passes "all" on to those as well: what is said to all switches at once does not unmute.
    """

    _attr_translation_key = "mute"
    _attr_entity_category = EntityCategory.CONFIG

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "mute")
        self._to_all: deque[str] = deque(maxlen=_CALLS)

    @override
    async def async_added_to_hass(self) -> None:
        """Note which calls are for all switches."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self.hass.bus.async_listen(EVENT_CALL_SERVICE, self._note_call, _is_of_switches)
        )

    @callback
    def _note_call(self, event: Event) -> None:
        """Note a call before it is carried out; one that names this switch takes it back."""
        named = event.data[ATTR_SERVICE_DATA].get(ATTR_ENTITY_ID)
        context = event.context.id
        if named in (ENTITY_MATCH_ALL, [ENTITY_MATCH_ALL]):
            self._to_all.append(context)
        elif context in self._to_all:
            self._to_all.remove(context)

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the room is meant to be muted."""
        return self._room.mute.is_on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Mute."""
        await self._room.mute.async_set(True, actor_of(self._context))

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Unmute; an error when the mute was set at the satellite."""
        if self._context is not None and self._context.id in self._to_all:
            return
        await self._room.mute.async_set(False, actor_of(self._context))


class GuestSwitch(HouseEntity, SwitchEntity):
    """On: nothing new is kept in any room. Anybody turns it on; it ends by itself.

    A configuration entity, so that "everything off" does not try to end it.
    """

    _attr_translation_key = "guest_mode"
    _attr_entity_category = EntityCategory.CONFIG

    def __init__(self, entry: HouseConfigEntry) -> None:
        super().__init__(entry, "guest_mode")

    @override
    async def async_added_to_hass(self) -> None:
        """Follow guest mode."""
        await super().async_added_to_hass()
        self.async_on_remove(self._house.guest.async_listen(self.async_write_ha_state))

    @property
    @override
    def is_on(self) -> bool:
        """Return whether guests are in the house."""
        return self._house.guest.is_on

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return when it ends by itself."""
        return {"until": self._house.guest.until}

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Begin it for half a day, or let it last that long from now."""
        await self._house.guest.async_begin(DEFAULT_HOURS, actor_of(self._context))

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """End it; an error for whoever is no listener of a room."""
        await self._house.guest.async_end(actor_of(self._context))
