"""The deletion check, run for whoever asks, one at a time and not again at once."""

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Self, TypedDict

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..house import House
from ..traces import Report, async_check_deleted
from ..vault import Change, VaultError, VaultUnavailableError
from ..vault.views import ChangeKind

GAP_S: Final = 60.0
"""After one is over. It reads the disk through, and any account may ask, here or by the action."""

_SAVE_S: Final = 1.0


class _Kept(TypedDict):
    when: str
    report: dict[str, Any] | None


@dataclass(frozen=True)
class Done:
    """A check that is over. It has places, counts and verdicts, and no word of what was sought."""

    when: datetime
    report: Report | None
    """None: it could not be made."""

    def as_dict(self) -> _Kept:
        """Return it for JSON."""
        report = None if self.report is None else self.report.as_dict()
        return _Kept(when=self.when.isoformat(), report=report)

    @classmethod
    def from_dict(cls, raw: _Kept) -> Self:
        """Return what `as_dict` made; raises `KeyError`, `TypeError` and `ValueError`."""
        report = None if raw["report"] is None else Report.from_dict(raw["report"])
        return cls(datetime.fromisoformat(raw["when"]), report)


class Checks:
    """The running check and the last one, which is remembered over a restart."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        self.last: Done | None = None
        self._hass = hass
        self._house = house
        self._store: Store[_Kept] = Store(
            hass, 1, f"{DOMAIN}.deletion_check", private=True, atomic_writes=True
        )
        self._task: asyncio.Task[None] | None = None
        self._over: float | None = None
        self._gone = False
        """Something went since the last one began, so that it does not tell of all that did."""

        house.async_listen_captures(self._captures)
        self._listeners: set[Callable[[], None]] = set()

    async def async_load(self) -> None:
        """Read what the last check found before Home Assistant was restarted."""
        kept = await self._store.async_load()
        # Of another version, or damaged: then there was none. Nothing is made up in its place.
        with suppress(KeyError, TypeError, ValueError):
            self.last = None if kept is None else Done.from_dict(kept)

    async def async_destroy(self) -> None:
        """Forget the last one, because the last of Earshot is removed."""
        self.last = None
        await self._store.async_remove()

    @property
    def is_running(self) -> bool:
        """Return whether one is running."""
        return self._task is not None

    @property
    def wait_s(self) -> int:
        """Return for how many seconds no other is begun after the last one."""
        if self._over is None or self._gone:
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
            self._gone = False
            # Not at once: one that is over before it is remembered would seem to run for ever.
            self._task = self._hass.async_create_background_task(
                self._check(), "earshot deletion check", eager_start=False
            )

    async def async_check(self) -> Report:
        """Return what is found: by the running check or one just over, as long as that is as good.

        Raises `VaultError` when it could not be made.
        """
        if self._task is not None and self._gone:
            await asyncio.wait([self._task])
        self.start()
        if (task := self._task) is not None:
            await asyncio.wait([task])
            if task.cancelled() or task.exception() is not None:
                raise VaultUnavailableError("the check was not gone through with")
        if self.last is None or self.last.report is None:
            raise VaultUnavailableError("the check could not be made")
        return self.last.report

    @callback
    def _captures(self, change: Change) -> None:
        if change.kind is not ChangeKind.KEPT:
            self._gone = True

    async def _check(self) -> None:
        report: Report | None = None
        try:
            report = await async_check_deleted(self._hass, self._house)
        except TimeoutError, VaultError:
            pass
        finally:
            self._task = None
            self._over = time.monotonic()
        self.last = done = Done(dt_util.utcnow(), report)
        self._store.async_delay_save(done.as_dict, _SAVE_S)
        for listener in tuple(self._listeners):
            listener()
