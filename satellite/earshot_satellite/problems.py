"""What is wrong now: told to Home Assistant, logged once when it starts and once when it ends."""

from __future__ import annotations

import logging
from collections.abc import Callable

from earshot_wire.greeting import Problem

_LOGGER = logging.getLogger(__name__)

REMEDIES = {
    "microphone_missing": "connect it, or choose another: earshot-satellite devices",
    "microphone_failed": "it is tried again; see earshot-satellite doctor",
    "microphone_silent": "unmute it in the mixer, or choose another: earshot-satellite devices",
    "microphone_clipping": "turn its gain down",
    "sound_system": "start PulseAudio or PipeWire, or see earshot-satellite doctor",
    "ear_failed": "it is started again; see the log",
    "ear_hung": "it is started again; see earshot-satellite doctor",
    "speaker_missing": "connect it, or choose another: earshot-satellite devices",
    "speaker_failed": "it is tried again; see earshot-satellite doctor",
    "wake_model_broken": "install the package again, or choose another wake word",
    "wake_word_gone": "install it again, or choose another in Home Assistant",
    "mute_state_unreadable": "the satellite is muted to be safe; earshot-satellite unmute opens it",
    "state_not_writable": "make the state folder writable for the satellite's user",
    "hook_failed": "run the command of [hooks] by hand as the satellite's user",
    "peripherals_failed": "set [peripherals] socket and group to what the satellite's user may use",
    "pairing_unreadable": "pair it again: earshot-satellite pair",
    "port_taken": "stop the other program, or set [link] port",
    "discovery_failed": "enter the satellite's address in Home Assistant by hand",
}


class Problems:
    """The list of what is wrong; whoever needs to know is called at each change."""

    def __init__(self) -> None:
        self._now: dict[str, str] = {}
        self._tell: list[Callable[[], None]] = []

    def on_change(self, tell: Callable[[], None]) -> None:
        """Have a function called after each change."""
        self._tell.append(tell)

    def begin(self, code: str, detail: str = "") -> None:
        """Note a problem; a known one with the same detail changes nothing."""
        detail = "".join(c for c in detail if c.isprintable())[:256]
        if self._now.get(code) == detail:
            return
        if code not in self._now:
            remedy = REMEDIES.get(code, "see earshot-satellite doctor")
            _LOGGER.warning("%s (%s): %s", code, detail or "no detail", remedy)
        self._now[code] = detail
        self._changed()

    def end(self, *codes: str) -> None:
        """Note that problems are over."""
        over = [code for code in codes if self._now.pop(code, None) is not None]
        for code in over:
            _LOGGER.info("%s: over", code)
        if over:
            self._changed()

    @property
    def now(self) -> tuple[Problem, ...]:
        """All that is wrong, as the wire tells it."""
        return tuple(Problem(code=code, detail=detail) for code, detail in self._now.items())

    def _changed(self) -> None:
        for tell in self._tell:
            tell()
