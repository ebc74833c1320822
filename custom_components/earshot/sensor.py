"""When a room was last spoken to, how fast it answered, and how much is kept."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfInformation, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_KIND, EntryKind
from .entity import HouseEntity, RoomEntity
from .false_wakes import FalseWakes, async_false_wakes
from .models import EarshotConfigEntry, HouseConfigEntry, RoomConfigEntry
from .policy.locality import Locality
from .policy.retention import Outcome
from .vault import RoomUsage
from .voice.turn import TurnReport

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class KeptDescription(SensorEntityDescription):
    """What is told of what is kept: of a room, or of all of them together."""

    value_fn: Callable[[Sequence[RoomUsage]], int | datetime | None]
    entity_category: EntityCategory | None = EntityCategory.DIAGNOSTIC


def _next_expiry(rooms: Iterable[RoomUsage]) -> datetime | None:
    return min((it.next_expiry for it in rooms if it.next_expiry is not None), default=None)


_KEPT: Final = (
    KeptDescription(
        key="captures_kept", translation_key="captures_kept",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda rooms: sum(it.captures for it in rooms),
    ),
    KeptDescription(
        key="bytes_kept", translation_key="bytes_kept", entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.DATA_SIZE, state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfInformation.BYTES,
        suggested_unit_of_measurement=UnitOfInformation.MEBIBYTES, suggested_display_precision=1,
        value_fn=lambda rooms: sum(it.bytes for it in rooms),
    ),
    KeptDescription(
        key="next_expiry", translation_key="next_expiry", device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=_next_expiry,
    ),
    KeptDescription(
        key="oldest_kept", translation_key="oldest_kept", entity_registry_enabled_default=False,
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda rooms: min((it.oldest for it in rooms), default=None),
    ),
)  # fmt: skip


async def async_setup_entry(
    hass: HomeAssistant,
    entry: EarshotConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of a room or of the house."""
    false_wakes = await async_false_wakes(hass)
    if entry.data[CONF_KIND] == EntryKind.HOUSE:
        async_add_entities(
            [HouseFalseWakes(entry, false_wakes), *(HouseKept(entry, it) for it in _KEPT)]
        )
        return
    # Here and not in the entity: the house counts what a room counts, whatever is disabled.
    counted = partial(false_wakes.turn_over, entry.entry_id)
    entry.async_on_unload(entry.runtime_data.async_listen_turns(counted))
    async_add_entities(
        [
            LastCommand(entry),
            NextTimer(entry),
            *(Stage(entry, it) for it in _STAGES),
            RoomFalseWakes(entry, false_wakes),
            RoomLocality(entry),
            *(RoomKept(entry, it) for it in _KEPT),
        ]
    )


@dataclass(frozen=True, kw_only=True)
class StageDescription(SensorEntityDescription):
    """A stretch of a command, by the figures of its report that begin and end it."""

    begins: str | None
    """None: the wake word."""

    ends: tuple[str, ...]
    """The first of these that there is."""

    device_class: SensorDeviceClass | None = SensorDeviceClass.DURATION
    state_class: SensorStateClass | None = SensorStateClass.MEASUREMENT
    native_unit_of_measurement: str | None = UnitOfTime.MILLISECONDS
    entity_category: EntityCategory | None = EntityCategory.DIAGNOSTIC
    entity_registry_enabled_default: bool = False


_STAGES: Final = (
    # From the end of what was said, as it was noticed, until it was carried out; of what was not
    # understood: until the room said so.
    StageDescription(
        key="latency", translation_key="latency", entity_registry_enabled_default=True,
        begins="heard_ms", ends=("answered_ms", "phrase_ms"),
    ),
    StageDescription(
        key="stage_grant", translation_key="stage_grant", begins=None, ends=("granted_ms",)
    ),
    StageDescription(
        key="stage_first_audio", translation_key="stage_first_audio",
        begins=None, ends=("audio_ms",),
    ),
    StageDescription(
        key="stage_recognition", translation_key="stage_recognition",
        begins="heard_ms", ends=("recognised_ms",),
    ),
    StageDescription(
        key="stage_answer", translation_key="stage_answer",
        begins="recognised_ms", ends=("answered_ms",),
    ),
    StageDescription(
        key="stage_reply", translation_key="stage_reply",
        begins="answered_ms", ends=("reply_ms",),
    ),
)  # fmt: skip


class OfCommand(RoomEntity, SensorEntity):
    """Something of the last command; silence after a wake word is none."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the room's turns."""
        await super().async_added_to_hass()
        self.async_on_remove(self._room.async_listen_turns(self._turn_over))

    @callback
    def _turn_over(self, report: TurnReport) -> None:
        if report.outcome in (Outcome.FALSE_WAKE, Outcome.MUTED):
            return
        self._attr_native_value = self._value(report)
        self.async_write_ha_state()

    @abstractmethod
    def _value(self, report: TurnReport) -> int | datetime | None:
        """Return what a command has to say."""


class Stage(OfCommand):
    """How long one stage of the last command took; not known where it did not get that far."""

    entity_description: StageDescription

    @override
    def _value(self, report: TurnReport) -> int | None:
        figures, of = report.figures, self.entity_description
        begun = 0 if of.begins is None else figures.get(of.begins)
        ended = next((figures[it] for it in of.ends if it in figures), None)
        return None if begun is None or ended is None else max(0, ended - begun)


class LastCommand(OfCommand, RestoreSensor):
    """When the room was last given a command."""

    _attr_translation_key = "last_command"
    _attr_device_class = SensorDeviceClass.TIMESTAMP

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "last_command")

    @override
    async def async_added_to_hass(self) -> None:
        """Take up the last time known."""
        await super().async_added_to_hass()
        if (last := await self.async_get_last_sensor_data()) is not None and isinstance(
            last.native_value, datetime
        ):
            self._attr_native_value = last.native_value

    @override
    def _value(self, report: TurnReport) -> datetime:
        return report.started


class NextTimer(RoomEntity, SensorEntity):
    """When the next timer of the room is up."""

    _attr_translation_key = "next_timer"
    _attr_device_class = SensorDeviceClass.TIMESTAMP
    _outlives_link = False

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "next_timer")

    @property
    @override
    def native_value(self) -> datetime | None:
        """Return when, as the satellite told."""
        return self._room.timers.next_at


class FalseWakesToday(SensorEntity):
    """How often one woke today although nobody spoke to it."""

    _attr_translation_key = "false_wakes_today"
    _attr_state_class = SensorStateClass.TOTAL_INCREASING
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _counts: FalseWakes

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the counts."""
        await super().async_added_to_hass()
        self.async_on_remove(self._counts.async_listen(self.async_write_ha_state))


class RoomFalseWakes(RoomEntity, FalseWakesToday):
    """How often a room did."""

    def __init__(self, entry: RoomConfigEntry, counts: FalseWakes) -> None:
        super().__init__(entry, "false_wakes_today")
        self._counts = counts

    @property
    @override
    def native_value(self) -> int:
        """Return the number."""
        return self._counts.of(self._room.id)


class HouseFalseWakes(HouseEntity, FalseWakesToday):
    """How often all rooms did."""

    def __init__(self, entry: HouseConfigEntry, counts: FalseWakes) -> None:
        super().__init__(entry, "false_wakes_today")
        self._counts = counts

    @property
    @override
    def native_value(self) -> int:
        """Return the number."""
        return self._counts.total


class RoomKept(RoomEntity, SensorEntity):
    """Something of what is kept of this room now."""

    entity_description: KeptDescription

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the vault too."""
        await super().async_added_to_hass()
        self.async_on_remove(self._room.house.async_listen(self.async_write_ha_state))

    @property
    @override
    def native_value(self) -> int | datetime | None:
        """Return the value, None until the vault is open."""
        if not self._room.house.is_open:
            return None
        usage = self._room.house.usage.get(self._room.id)
        return self.entity_description.value_fn([] if usage is None else [usage])


class HouseKept(HouseEntity, SensorEntity):
    """Something of what is kept of all rooms now."""

    entity_description: KeptDescription

    @property
    @override
    def native_value(self) -> int | datetime | None:
        """Return the value, None until the vault is open."""
        if not self._house.is_open:
            return None
        return self.entity_description.value_fn(tuple(self._house.usage.values()))


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
