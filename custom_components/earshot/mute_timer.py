"""How long a mute still lasts that ends by itself."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

SAVE_S: Final = 60.0
"""How often the remainder is told, to be kept: a restart makes a mute longer by this at most."""


class MuteTimer:
    """Counts down the time that the machine runs, asleep or not.

    Nobody sets that clock, so that a wrong date never opens a microphone early. `tick` is called
    every minute and at the end, when nothing is left.
    """

    def __init__(self, hass: HomeAssistant, left_s: float, tick: Callable[[], None]) -> None:
        self._hass = hass
        self._ends = boot_time() + left_s
        self._tick = tick
        self._cancel: CALLBACK_TYPE | None = None
        self._job = HassJob(self._passed, "earshot mute timer", cancel_on_shutdown=True)
        self._wait()

    @property
    def left_s(self) -> float:
        """Return what is left; 0 at the end."""
        return max(0.0, self._ends - boot_time())

    @callback
    def stop(self) -> None:
        """Tick no more."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _wait(self) -> None:
        self._cancel = async_call_later(self._hass, min(SAVE_S, self.left_s), self._job)

    @callback
    def _passed(self, _now: datetime) -> None:
        self._cancel = None
        if self.left_s > 0:
            self._wait()
        self._tick()


def boot_time() -> float:
    """Return the seconds since the machine was started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
