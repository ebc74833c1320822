"""The wish to have a room muted, and whether guests are in the house."""

import asyncio
from typing import Any, override

from homeassistant.components.homeassistant.exposed_entities import (
    KNOWN_ASSISTANTS,
    async_get_entity_settings,
    async_listen_entity_updates,
)
from homeassistant.components.switch import SwitchEntity
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .addressing import Calls
from .const import CONF_KIND, DOMAIN, EntryKind
from .entity import HouseEntity, RoomEntity, actor_of
from .guest import DEFAULT_HOURS
from .models import EarshotConfigEntry, HouseConfigEntry, RoomConfigEntry
from .policy.addressing import Addressed
from .privacy_issues import tell_kept_muted, tell_mute_exposed

PARALLEL_UPDATES = 0


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

    A configuration entity, so that "everything off in the kitchen" never opens a microphone. Nor
    does what else addresses many things at once: all, a group, a scene, a label; nor a sentence,
    nor what core made of the switch. By name it opens.
    """

    _attr_translation_key = "mute"
    _attr_entity_category = EntityCategory.CONFIG

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "mute")

    @override
    async def async_added_to_hass(self) -> None:
        """Follow by which calls it is meant, and to whom it is exposed."""
        await super().async_added_to_hass()
        self._calls = Calls(self.hass, self.entity_id, lambda: self._room.mute.asked)
        self.async_on_remove(self._calls.async_follow())
        for assistant in KNOWN_ASSISTANTS:
            self.async_on_remove(
                async_listen_entity_updates(self.hass, assistant, self._tell_exposed)
            )
        self._tell_exposed()

    @callback
    def _tell_exposed(self) -> None:
        """Tell while an assistant that is spoken to has it."""
        settings = async_get_entity_settings(self.hass, self.entity_id)
        exposed = any(it.get("should_expose") for it in settings.values())
        tell_mute_exposed(self.hass, self._entry, self.entity_id, exposed=exposed)

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
        """Unmute; an error when the mute was set at the satellite, or for a sentence."""
        context, asked = self._context, self._room.mute.asked
        # A call that was made while an event is told is told after it: let that be over.
        await asyncio.sleep(0)
        context_id = "" if context is None else context.id
        if self._calls.is_spoken(context_id):
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="not_unmuted_by_voice",
                translation_placeholders={"room": self._room.name},
            )
        meant = self._calls.of(context_id)
        if meant.how is Addressed.WITH_ALL:
            return
        by_name = meant.how is Addressed.BY_NAME
        tell_kept_muted(self.hass, self._entry, self.entity_id, kept=self.is_on and not by_name)
        if by_name:
            asked = min(asked, meant.asked)
            await self._room.mute.async_set(False, actor_of(context), asked=asked)


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
