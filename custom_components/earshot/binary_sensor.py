"""What is true at a satellite: whether its microphone is open, and whether something is wrong."""

from datetime import timedelta
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorDeviceClass, BinarySensorEntity
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .entity import RoomEntity
from .models import RoomConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RoomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the binary sensors of a room."""
    async_add_entities([Microphone(entry), SatelliteProblem(entry), TimerRings(entry)])


class Microphone(RoomEntity, BinarySensorEntity):
    """The microphone as verified: on is open, off is closed, unknown says why.

    It is not the wish to mute, which is the switch.
    """

    _attr_translation_key = "microphone"
    _unrecorded_attributes = frozenset({"evidence", "sequence", "verified_at"})

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "microphone")

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether the microphone is open, None when that is not known."""
        match self._room.microphone.state:
            case "on":
                return True
            case "off":
                return False
        return None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return the reason and the satellite's own receipt."""
        attributes: dict[str, Any] = {"reason": self._room.microphone.reason}
        if (receipt := self._room.receipt) is not None:
            age = timedelta(seconds=round(self._room.receipt_age_s))
            attributes |= {
                "receipt_state": receipt.state,
                "receipt_reason": receipt.reason,
                "muted_by": list(receipt.muted_by),
                "verified_at": (dt_util.utcnow() - age).isoformat(timespec="seconds"),
                "sequence": receipt.sequence,
                "evidence": [
                    {"source": it.source, "state": it.state, "detail": it.detail}
                    for it in receipt.evidence
                ],
            }
        return attributes


class SatelliteProblem(RoomEntity, BinarySensorEntity):
    """Whether the satellite says that something keeps it from its work."""

    _attr_device_class = BinarySensorDeviceClass.PROBLEM
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _outlives_link = False

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "problem")

    @property
    @override
    def is_on(self) -> bool:
        """Return whether anything is wrong."""
        return bool(self._room.problems)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return what is wrong; Repairs has the remedies."""
        return {"problems": [problem.code for problem in self._room.problems]}


class TimerRings(RoomEntity, BinarySensorEntity):
    """Whether a timer is up and rings at the satellite: for five minutes, if nobody stops it."""

    _attr_translation_key = "timer_rings"
    _outlives_link = False

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "timer_rings")

    @property
    @override
    def is_on(self) -> bool:
        """Return whether one rings."""
        return self._room.timers.rings
