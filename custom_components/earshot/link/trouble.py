"""When a paired device and we do not know each other any more: the user is asked to pair again."""

from typing import Final

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .greet import ANOTHER, NOBODY, NOT_TRUSTED
from .room import UNPAIRED

NOT_PAIRED: Final = "not_paired"
"""The entry is from before there was pairing."""

KEYS_LOST: Final = "keys_lost"
"""Our keys are not here: a backup was restored, or somebody took the file."""

_AT_ONCE: Final = frozenset({NOT_PAIRED, KEYS_LOST, UNPAIRED, ANOTHER})
_IN_A_ROW: Final = 3
"""A device that just ends hangs up as well before it says anything."""

PATIENCE_S: Final = 300.0
"""For a machine that starts, or is being set up, while no program of it listens yet."""


class Patience:
    """Holds back what is told of a device whose program may just be starting.

    A satellite that was unpaired while we were away is such a one too: it listens for nobody. That
    it tells nobody so is on purpose, as a stranger could say the same.
    """

    def __init__(self) -> None:
        self._since: float | None = None

    def told(self, reason: str, now: float) -> str:
        """Return the reason that is told at a moment; nothing for now is an empty one."""
        if reason != NOBODY:
            self._since = None
            return reason
        if self._since is None:
            self._since = now
        return reason if now - self._since >= PATIENCE_S else ""


class Distrust:
    """Follows why the link of one entry is down, and asks when pairing again is the remedy."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._refused = 0

    @callback
    def down(self, reason: str) -> bool:
        """Take notice of a try or a link that failed; return whether we were unpaired just now."""
        self._refused = self._refused + 1 if reason == NOT_TRUSTED else 0
        if reason in _AT_ONCE or self._refused == _IN_A_ROW:
            self._entry.async_start_reauth(self._hass)
        return reason == UNPAIRED

    @callback
    def up(self) -> None:
        """Take notice that both know each other after all: nothing is asked any more."""
        self._refused = 0
        for flow in tuple(self._entry.async_get_active_flows(self._hass, {SOURCE_REAUTH})):
            self._hass.config_entries.flow.async_abort(flow["flow_id"])
