"""Makes timers heard: wakes up when one is due, and rings while nobody speaks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from earshot_wire.timers import TimerState

from ..playback.player import Player
from ..sounds import TIMER_LEAST
from .timers import Timers

_LOGGER = logging.getLogger(__name__)

_LOOK_S = 10.0
"""The event loop's clock stands still while the device sleeps: it is looked at least so often."""


def boot_time() -> float:
    """Return the seconds since the device started, sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Alarm:
    """The timers of one satellite. `changed` is called when what it tells home has changed."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._timers = Timers()
        self._loop = asyncio.get_running_loop()
        self._wake: asyncio.TimerHandle | None = None
        self._told: list[Callable[[], None]] = []
        self._quiet = True
        self._sounding = False

    def on_change(self, told: Callable[[], None]) -> None:
        """Have a function called with each change."""
        self._told.append(told)

    @property
    def rings(self) -> bool:
        """Whether a timer is up and nobody has stopped it."""
        return self._timers.rings

    @property
    def is_heard(self) -> bool:
        """Whether it rings aloud now, and not behind what is spoken."""
        return self._timers.rings and self._quiet

    @property
    def now(self) -> tuple[TimerState, ...]:
        """All timers as they stand."""
        return self._timers.told(boot_time())

    def set(self, timer: str, left_s: float, *, active: bool) -> None:
        """Begin or change one."""
        if not self._timers.set(timer, left_s, boot_time(), active=active):
            _LOGGER.warning("a timer more than can be kept: home alone remembers it")
        self._changed()

    def cancel(self, timer: str) -> None:
        """Forget one."""
        self._timers.cancel(timer)
        self._changed()

    def stop(self) -> bool:
        """Stop ringing; return whether it did."""
        if not self._timers.stop():
            return False
        _LOGGER.info("the timer was stopped")
        self._changed()
        return True

    def session_changed(self, *, idle: bool) -> None:
        """Ring aloud only while nobody is spoken or listened to."""
        self._quiet = idle
        self._sound()

    def close(self) -> None:
        """Forget all of them."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        self._timers = Timers()

    def _changed(self) -> None:
        self._timers.tick(boot_time())
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        if (left_s := self._timers.next_s(boot_time())) is not None:
            self._wake = self._loop.call_later(min(left_s, _LOOK_S), self._look)
        self._sound()
        for told in self._told:
            told()

    def _look(self) -> None:
        if self._timers.tick(boot_time()):
            _LOGGER.info("a timer is up" if self._timers.rings else "a timer rang to its end")
            self._changed()
        elif (left_s := self._timers.next_s(boot_time())) is not None:
            self._wake = self._loop.call_later(min(left_s, _LOOK_S), self._look)

    def _sound(self) -> None:
        if self.is_heard and not self._sounding:
            self._sounding = True
            self._player.sound("timer", self._sounded, TIMER_LEAST)
        elif self._sounding and self._quiet and not self._timers.rings:
            self._player.stop()

    def _sounded(self, result: str) -> None:
        """Go on ringing, with a broken loudspeaker each second; called in the player's thread."""
        delay = 1.0 if result == "failed" else 0.0
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.call_later, delay, self._again)

    def _again(self) -> None:
        self._sounding = False
        self._sound()
