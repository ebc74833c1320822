"""How a satellite's microphone is set."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, override

from homeassistant.components.number import (
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import SIGNAL_STRENGTH_DECIBELS, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .entity import RoomEntity
from .models import RoomConfigEntry
from .wire.tuning import LEAST_DB, MOST_DB, MOST_SUPPRESSION, SetTuning, Tuning

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class TuningDescription(NumberEntityDescription):
    """One of the settings, and how it is read and changed."""

    value_fn: Callable[[Tuning], float]
    change_fn: Callable[[SetTuning, float], SetTuning]
    entity_category: EntityCategory | None = EntityCategory.CONFIG
    mode: NumberMode | None = NumberMode.SLIDER


_TUNING: Final = (
    TuningDescription(
        key="microphone_gain", translation_key="microphone_gain",
        native_min_value=LEAST_DB, native_max_value=MOST_DB, native_step=0.5,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS,
        value_fn=lambda now: now.gain_db,
        change_fn=lambda wish, value: replace(wish, gain_db=value),
    ),
    TuningDescription(
        key="noise_suppression", translation_key="noise_suppression",
        native_min_value=0, native_max_value=MOST_SUPPRESSION, native_step=1,
        value_fn=lambda now: now.noise_suppression,
        change_fn=lambda wish, value: replace(wish, noise_suppression=int(value)),
    ),
)  # fmt: skip


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RoomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the settings of a room's microphone."""
    async_add_entities(TuningNumber(entry, description) for description in _TUNING)


class TuningNumber(RoomEntity, NumberEntity):
    """Acts at once on the sound itself; shown is what the satellite says."""

    entity_description: TuningDescription
    _outlives_link = False

    @property
    @override
    def native_value(self) -> float | None:
        """Return how it is set."""
        now = self._room.tuning
        return None if now is None else self.entity_description.value_fn(now)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set it; the other settings stay."""
        now = self._room.tuning
        if now is not None:
            wish = SetTuning(gain_db=now.gain_db, noise_suppression=now.noise_suppression)
            if self._room.link.send(self.entity_description.change_fn(wish, value)):
                return
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="satellite_unreachable",
            translation_placeholders={"room": self._room.name},
        )
