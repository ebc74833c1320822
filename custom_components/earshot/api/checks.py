"""The deletion check, run for whoever asks, one at a time and not again at once."""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..house import House
from ..traces import Report, async_check_deleted
from ..vault import VaultError

GAP_S: Final = 60.0
"""After one that was begun here is over. It reads the disk through, and any account may ask."""


@dataclass(frozen=True)
class Done:
    """A check that is over."""

    when: datetime
    report: Report | None
    """None: it could not be made."""


class Checks:
    """The running check and the last one."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        self.last: Done | None = None
        self._hass = hass
        self._house = house
        self._task: asyncio.Task[None] | None = None
        self._over: float | None = None
        self._listeners: set[Callable[[], None]] = set()

    @property
    def is_running(self) -> bool:
        """Return whether one is running."""
        return self._task is not None

    @property
    def wait_s(self) -> int:
        """Return for how many seconds no other is begun after the last one."""
        if self._over is None:
            return 0
        return max(0, math.ceil(self._over + GAP_S - time.monotonic()))

    @callback
    def async_listen(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Have a function called when a check is over; returns what ends that."""
        self._listeners.add(listener)
        return partial(self._listeners.discard, listener)

    @callback
    def start(self) -> None:
        """Begin a check, unless one is running or was over just now: its result is as good."""
        if self._task is None and not self.wait_s:
            # Not at once: one that is over before it is remembered would seem to run for ever.
            self._task = self._hass.async_create_background_task(
                self._check(), "earshot deletion check", eager_start=False
            )

    async def _check(self) -> None:
        report: Report | None = None
        try:
            report = await async_check_deleted(self._hass, self._house)
        except TimeoutError, VaultError:
            pass
        finally:
            self._task = None
            self._over = time.monotonic()
        self.note(report)

    @callback
    def note(self, report: Report | None) -> None:
        """Remember a check that is over, whoever made it, and tell."""
        self.last = Done(dt_util.utcnow(), report)
        for listener in tuple(self._listeners):
            listener()
