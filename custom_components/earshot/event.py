"""That a command was given in a room, and that somebody listened to one. No word of them."""

from enum import StrEnum
from typing import Final, override

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .audit import Line, Verb
from .entity import RoomEntity
from .models import RoomConfigEntry
from .policy.retention import Outcome
from .voice.turn import TurnReport

PARALLEL_UPDATES = 0

_FIGURES: Final[tuple[str, ...]] = (
    "score", "snr_db", "granted_ms", "audio_ms", "heard_ms", "recognised_ms", "answered_ms",
    "reply_ms", "phrase_ms", "reply_ended_ms",
)  # fmt: skip


class Listened(StrEnum):
    """In what way somebody listened."""

    PLAYED = "played"
    """Or read what was said, or asked for it in the room, or opened the microphone from afar."""

    EXPORTED = "exported"
    REFUSED = "refused"


_LISTENED: Final = {
    Verb.PLAYED: Listened.PLAYED,
    Verb.READ: Listened.PLAYED,
    Verb.HEARD_BACK: Listened.PLAYED,
    Verb.LISTENING: Listened.PLAYED,
    Verb.OPENED: Listened.PLAYED,
    Verb.EXPORTED: Listened.EXPORTED,
    Verb.REFUSED: Listened.REFUSED,
    Verb.NOT_OPENED: Listened.REFUSED,
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RoomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event entities of a room."""
    async_add_entities([VoiceCommand(entry), SomebodyListened(entry)])


class VoiceCommand(RoomEntity, EventEntity):
    """Fires when a turn is over, with its outcome; milliseconds count from the wake word."""

    _attr_translation_key = "voice_command"
    _unrecorded_attributes = frozenset(_FIGURES)

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "voice_command")
        self._attr_event_types = [outcome.value for outcome in Outcome]

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the room's turns."""
        await super().async_added_to_hass()
        self.async_on_remove(self._room.async_listen_turns(self._turn_over))

    @callback
    def _turn_over(self, report: TurnReport) -> None:
        if report.is_silence:
            return
        figures = {key: report.figures[key] for key in _FIGURES if key in report.figures}
        self._trigger_event(report.outcome.value, figures)
        self.async_write_ha_state()


class SomebodyListened(RoomEntity, EventEntity):
    """Fires when somebody listened to the room or was refused; who it was is in the log."""

    _attr_translation_key = "listened"

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "listened")
        self._attr_event_types = [it.value for it in Listened]

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the log."""
        await super().async_added_to_hass()
        self.async_on_remove(self._room.house.audit.async_listen(self._line))

    @callback
    def _line(self, line: Line) -> None:
        if line.room_id == self._room.id and line.verb in _LISTENED:
            self._trigger_event(_LISTENED[line.verb].value)
            self.async_write_ha_state()
