"""What the entities have in common."""

from typing import override

from homeassistant.core import Context
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription

from .audit import Actor
from .const import DOMAIN
from .models import HouseConfigEntry, RoomConfigEntry, SpeechConfigEntry


class RoomEntity(Entity):
    """An entity of a room; unavailable while the satellite is, unless `_outlives_link`."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    _outlives_link = True

    def __init__(self, entry: RoomConfigEntry, what: str | EntityDescription) -> None:
        """Make one by its key, or by what describes it."""
        if isinstance(what, str):
            key = what
        else:
            self.entity_description, key = what, what.key
        self._room = entry.runtime_data
        self._entry = entry
        self._attr_unique_id = f"{entry.entry_id}-{key}"
        self._attr_device_info = room_device(entry)

    @property
    @override
    def available(self) -> bool:
        """Return whether the entity has something to say."""
        return self._outlives_link or self._room.link.is_up

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the room."""
        await super().async_added_to_hass()
        self.async_on_remove(self._room.async_listen(self.async_write_ha_state))


class HouseEntity(Entity):
    """An entity of the house."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, entry: HouseConfigEntry, what: str | EntityDescription) -> None:
        """Make one by its key, or by what describes it."""
        if isinstance(what, str):
            key = what
        else:
            self.entity_description, key = what, what.key
        self._house = entry.runtime_data
        self._entry = entry
        self._attr_unique_id = f"{entry.entry_id}-{key}"
        self._attr_device_info = service_device(entry)

    @override
    async def async_added_to_hass(self) -> None:
        """Follow what is kept."""
        await super().async_added_to_hass()
        self.async_on_remove(self._house.async_listen(self.async_write_ha_state))


class SpeechServiceEntity(Entity):
    """An engine of the speech service; unavailable while that is gone."""

    _attr_has_entity_name = True

    def __init__(self, entry: SpeechConfigEntry, key: str) -> None:
        self._speech = entry.runtime_data
        self._attr_unique_id = f"{entry.entry_id}-{key}"
        self._attr_device_info = service_device(entry)

    @property
    @override
    def available(self) -> bool:
        """Return whether the service answers."""
        return self._speech.available

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the service."""
        await super().async_added_to_hass()
        self.async_on_remove(self._speech.async_listen(self.async_write_ha_state))


def actor_of(context: Context | None) -> Actor:
    """Return who called an action, for the log; an automation is nobody."""
    if context is None or context.user_id is None:
        return Actor()
    return Actor(context.user_id, name="user")


def room_device(entry: RoomConfigEntry) -> DeviceInfo:
    """Return the device of a room's satellite."""
    welcome = entry.runtime_data.welcome
    return DeviceInfo(
        identifiers={(DOMAIN, entry.entry_id)},
        name=entry.title,
        manufacturer="Earshot",
        model="Satellite",
        sw_version=welcome.software if welcome else None,
    )


def service_device(entry: HouseConfigEntry | SpeechConfigEntry) -> DeviceInfo:
    """Return the device of the house or a service, which is no thing one can touch."""
    return DeviceInfo(
        identifiers={(DOMAIN, entry.entry_id)},
        name=entry.title,
        manufacturer="Earshot",
        entry_type=DeviceEntryType.SERVICE,
    )
