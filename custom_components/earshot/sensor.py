"""When a room was last spoken to, and how much is kept."""

from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_KIND, EntryKind
from .entity import HouseEntity, RoomEntity
from .models import EarshotConfigEntry, HouseConfigEntry, RoomConfigEntry
from .policy.locality import Locality
from .policy.retention import Outcome
from .voice.turn import TurnReport

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EarshotConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of a room or of the house."""
    if entry.data[CONF_KIND] == EntryKind.HOUSE:
        async_add_entities([HouseCapturesKept(entry)])
    else:
        async_add_entities([LastCommand(entry), CapturesKept(entry), RoomLocality(entry)])


class LastCommand(RoomEntity, RestoreSensor):
    """When the room was last given a command; silence after a wake word is none."""

    _attr_translation_key = "last_command"
    _attr_device_class = SensorDeviceClass.TIMESTAMP

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "last_command")

    @override
    async def async_added_to_hass(self) -> None:
        """Take up the last time known and follow the room's turns."""
        await super().async_added_to_hass()
        if (last := await self.async_get_last_sensor_data()) is not None and isinstance(
            last.native_value, datetime
        ):
            self._attr_native_value = last.native_value
        self.async_on_remove(self._room.async_listen_turns(self._turn_over))

    @callback
    def _turn_over(self, report: TurnReport) -> None:
        if report.outcome in (Outcome.FALSE_WAKE, Outcome.MUTED):
            return
        self._attr_native_value = report.started
        self.async_write_ha_state()


class CapturesKept(RoomEntity, SensorEntity):
    """How many commands of this room are kept now."""

    _attr_translation_key = "captures_kept"
    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "captures_kept")

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the vault too."""
        await super().async_added_to_hass()
        self.async_on_remove(self._room.house.async_listen(self.async_write_ha_state))

    @property
    @override
    def native_value(self) -> int | None:
        """Return the number, None until the vault is open."""
        if not self._room.house.is_open:
            return None
        usage = self._room.house.usage.get(self._room.id)
        return usage.captures if usage else 0


class RoomLocality(RoomEntity, SensorEntity):
    """Whether what is said in the room stays in the house, and by which of its engines not."""

    _attr_translation_key = "locality"
    _attr_device_class = SensorDeviceClass.ENUM
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "locality")
        self._attr_options = [state.value for state in Locality]

    @property
    @override
    def native_value(self) -> str:
        """Return the verdict; what is not known is said to be so."""
        return self._room.locality.state.value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return the verdict on each engine, with the reason, or whose word it stands on."""
        return {
            "engines": [
                {
                    "role": it.role.value,
                    "engine": it.engine,
                    "state": it.state.value,
                    "reason": it.reason.value,
                    **({"by": it.voucher.by, "given": it.voucher.given} if it.voucher else {}),
                }
                for it in self._room.locality.reasons
            ]
        }


class HouseCapturesKept(HouseEntity, SensorEntity):
    """How many commands of all rooms are kept now."""

    _attr_translation_key = "captures_kept"
    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, entry: HouseConfigEntry) -> None:
        super().__init__(entry, "captures_kept")

    @property
    @override
    def native_value(self) -> int | None:
        """Return the number, None until the vault is open."""
        if not self._house.is_open:
            return None
        return sum(usage.captures for usage in self._house.usage.values())
