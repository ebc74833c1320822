"""The deletion check: every place, one after the other, the long ones off the event loop."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Final

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event as BusEvent
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from . import files, home, memory
from .disk import Limits
from .finding import Finding
from .matcher import Matcher
from .model import Needles, Report, Why
from .needles import patterns
from .places import OUT_OF_REACH, Key, out_of_reach

SECONDS: Final = 180.0
"""For one check. What is not reached by then was not checked, and the report says so."""

_WAITING: Final = 8
_DELETIONS: Final = 64
"""After a deletion there is no other time to look: its words are forgotten then."""

_PLACES: Final = len(Key) - len(OUT_OF_REACH)


@dataclass(frozen=True)
class Progress:
    """How far the running check is."""

    place: Key
    """What is being looked at."""

    done: int
    places: int = _PLACES


class Checker:
    """Does one check at a time; a few more may wait for their turn."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.progress: Progress | None = None
        """None: no check is running."""

        self._hass = hass
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._stopping = Event()
        self._listeners: set[Callable[[Report], None]] = set()
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._stop)

    async def async_check(self, needles: Needles, *, after_deletion: bool = False) -> Report:
        """Look everywhere, and return what can be said of every place."""
        if not needles.kinds:
            return _report(needles, {}, Why.NOTHING)
        if self._waiting >= (_DELETIONS if after_deletion else _WAITING):
            return _report(needles, {}, Why.BUSY)
        self._waiting += 1
        cancelled = Event()
        limits = Limits(stopped=lambda: cancelled.is_set() or self._stopping.is_set())
        try:
            async with self._turn:
                limits.until = time.monotonic() + SECONDS
                findings = await self._check(needles, limits)
        finally:
            cancelled.set()
            self.progress = None
            self._waiting -= 1
        report = _report(needles, findings, Why.STOPPED)
        for listener in tuple(self._listeners):
            listener(report)
        return report

    @callback
    def async_listen(self, listener: Callable[[Report], None]) -> Callable[[], None]:
        """Have a function called with each report; returns what ends that."""
        self._listeners.add(listener)
        return partial(self._listeners.discard, listener)

    async def _check(self, needles: Needles, limits: Limits) -> dict[Key, Finding]:
        hass, in_thread = self._hass, self._hass.async_add_executor_job
        common = await in_thread(home.commands, hass.config.language)
        wanted = patterns(needles, common | home.names(hass))
        matcher = Matcher(wanted)
        findings = {Key.EXPORTS: Finding()}

        def reached(key: Key) -> None:
            self.progress = Progress(key, len(findings))

        for key in memory.LOOKS:
            reached(key)
            copy = memory.copy(hass, key)
            if isinstance(copy, Why):
                findings[key] = Finding(why=copy)
            else:
                findings[key] = await in_thread(memory.search, copy, matcher)
        if findings[Key.TTS_MEMORY].why is None and memory.copy(hass, Key.TTS_MEMORY):
            findings[Key.TTS_MEMORY].why = Why.SOUND
        folders, elsewhere = home.folders(hass)
        elsewhere |= await home.async_flush_recorder(hass)
        await in_thread(files.search, folders, wanted, limits, findings, reached)
        for key, why in elsewhere.items():
            findings[key].why = why
        return findings

    @callback
    def _stop(self, _event: BusEvent) -> None:
        self._stopping.set()


_DATA_CHECKER: HassKey[Checker] = HassKey("earshot_traces")


@callback
def async_get_checker(hass: HomeAssistant) -> Checker:
    """Return the one that does the checks here."""
    if (checker := hass.data.get(_DATA_CHECKER)) is None:
        checker = hass.data[_DATA_CHECKER] = Checker(hass)
    return checker


def _report(needles: Needles, findings: dict[Key, Finding], otherwise: Why) -> Report:
    """Return all places; those without a finding could not be checked."""
    return Report(
        tuple(
            out_of_reach(key)
            if key in OUT_OF_REACH
            else findings.get(key, Finding(why=otherwise)).place(key)
            for key in Key
        ),
        needles.kinds,
    )
