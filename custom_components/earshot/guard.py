"""Stands before a room's ears: nothing is listened to that must not be, and why is told."""

from collections.abc import Callable

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .audit import Actor, Verb
from .const import DOMAIN
from .house import DATA_HOUSE, House
from .locality import DATA_LOCALITY
from .logged import ToLog
from .policy.listening import Refusal, refusal
from .policy.locality import UNKNOWN, LocalityVerdict
from .privacy_issues import tell_not_local, tell_plain_http, tell_recorded
from .recording import is_captured, writes_to_disk


class Guard:
    """Knows whether one room may listen now."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, changed: Callable[[], None]
    ) -> None:
        self.locality: LocalityVerdict = UNKNOWN
        self._hass = hass
        self._entry = entry
        self._changed = changed

    @callback
    def async_start(self) -> None:
        """Begin to follow what the room's engines are."""
        localities = self._hass.data[DATA_LOCALITY]
        self._entry.async_on_unload(localities.async_listen(self._look))
        self._entry.async_on_unload(self._house.rules.async_listen(self._look))
        localities.look_again()

    @property
    def local_only(self) -> bool:
        """Return whether the room is to listen only where everything stays in the house."""
        return self._house.rules.access(self._entry.entry_id).local_only

    @property
    def _house(self) -> House:
        return self._hass.data[DATA_HOUSE]

    @property
    def is_recorded(self) -> bool:
        """Return whether Home Assistant would hand on or write down what the room hears."""
        device = dr.async_get(self._hass).async_get_device_by_identifier(
            (DOMAIN, self._entry.entry_id), self._entry.entry_id
        )
        return writes_to_disk(self._hass) or (
            device is not None and is_captured(self._hass, device.id)
        )

    @callback
    def refusal(self, word: str | None = None) -> Refusal | None:
        """Return why the room must not listen at this moment, or None.

        `word` is the wake word whose pipeline would hear it.
        """
        return refusal(
            local_only=self.local_only,
            locality=self._hass.data[DATA_LOCALITY].verdict_on_word(self._entry, word).state,
            recorded=self.is_recorded,
            recording_allowed=self._house.rules.allows_debug(self._entry.entry_id),
        )

    @callback
    def ask(self, word: str | None = None) -> Refusal | None:
        """Return why a command must not be listened to, or None; tell it in Repairs and the log."""
        why = self.refusal(word)
        tell_recorded(self._hass, self._entry, recorded=why is Refusal.RECORDED)
        if why is not None:
            # Without the line nothing is worse: nothing was listened to.
            line = ToLog(Verb.REFUSED, Actor(), self._entry.entry_id, detail=why)
            self._house.spared.log_soon(line)
        return why

    async def async_note_listening(self, turn: str = "") -> None:
        """Write into the log that Home Assistant records a command; raises `AuditError`."""
        await self._house.audit.async_write(
            Verb.LISTENING, Actor(), self._entry.entry_id, target=turn, detail=Refusal.RECORDED
        )

    @callback
    def _look(self) -> None:
        access = self._house.rules.access(self._entry.entry_id)
        tell_plain_http(self._hass, self._entry, allowed=access.plain_http)
        verdict = self._hass.data[DATA_LOCALITY].verdict(self._entry)
        if self._hass.is_running:
            blocked = self.local_only and not verdict.state.is_proven
            tell_not_local(self._hass, self._entry, verdict.unproven() if blocked else None)
        if verdict != self.locality:
            self.locality = verdict
            self._changed()
