"""Owns the mute: who asked for it, that it holds, and the receipt that says what was verified."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from earshot_wire.limits import OPEN_INTERVAL_S, RECEIPT_INTERVAL_S
from earshot_wire.microphone import Evidence, Receipt

from ..boot import boot_id
from ..keeper import Keeper
from ..problems import Problems
from ..state import MuteState, StateFolder
from ..wake.cascade import Sensitivity
from .evidence import Witness
from .verdict import Evidence as Seen
from .verdict import judge

_LOGGER = logging.getLogger(__name__)

_SETTLING_S = 15.0
_SETTLING_STEP_S = 2.0
"""A sound server closes a device some seconds after its last listener has gone (PulseAudio: 5 s):
so long after a mute is looked at more often, until it is seen."""

_OPENING_S = 3.0
"""An unmute is answered when the ear hears again, or after so long."""


class Source(StrEnum):
    """Who may close the microphone. What one closed, another does not open."""

    LOCAL = "local"
    REMOTE = "remote"
    PAUSED = "paused"


class FloorError(Exception):
    """The settings say that the microphone stays closed."""


@dataclass(frozen=True)
class Verified:
    """What was seen of the microphone at one moment."""

    state: str
    reason: str
    sequence: int
    monotonic: float
    muted_by: tuple[str, ...]
    evidence: tuple[Evidence, ...]

    def receipt(self, nonce: str = "") -> Receipt:
        """Return it as it is told now."""
        age_ms = int((time.monotonic() - self.monotonic) * 1_000)
        return Receipt(
            state=self.state,
            reason=self.reason,
            sequence=self.sequence,
            boot_id=boot_id(),
            age_ms=min(max(age_ms, 0), 3_600_000),
            muted_by=self.muted_by,
            evidence=self.evidence,
            nonce=nonce,
        )


class MuteControl:
    """One satellite's microphone: closed by ending its ear.

    `closing` is called before an ear is ended, `flipped` with each change of `muted`.
    """

    def __init__(
        self,
        folder: StateFolder,
        keeper: Keeper,
        problems: Problems,
        *,
        floor: bool,
        closing: Callable[[], None],
        flipped: Callable[[bool], None],
    ) -> None:
        self._folder = folder
        self._keeper = keeper
        self._problems = problems
        self._floor = floor
        self._closing = closing
        self._flipped = flipped
        self._state = MuteState()
        self._kept: MuteState | None = None
        self._sequence = 0
        self._witness = Witness()
        self._changing = asyncio.Lock()
        self._looking = asyncio.Lock()
        self._setting: set[asyncio.Task[Verified]] = set()
        self._writing = asyncio.Lock()
        self._changes = 0
        self._muted_at = float("-inf")
        self._told: list[Callable[[Verified], None]] = []
        self.verified: Verified | None = None

    @property
    def muted(self) -> bool:
        """Whether the microphone is to be closed."""
        return self._floor or self._state.muted

    @property
    def muted_by(self) -> tuple[str, ...]:
        """Who asked for it, as the wire tells it."""
        local = ("local",) if self._floor or self._state.local else ()
        remote = ("remote",) if self._state.remote or self._state.paused else ()
        return local + remote

    def on_receipt(self, told: Callable[[Verified], None]) -> None:
        """Have a function called with whatever is verified."""
        self._told.append(told)

    def begin(self) -> None:
        """Take up the mute that was kept, and hear if there is none."""
        read = self._folder.mute()
        self._state = self._kept = read.state
        control = self._folder.control()
        self._witness.shown |= control.shown
        self._witness.microphones |= control.microphones
        if read.fault:
            self._problems.begin("mute_state_unreadable", read.fault)
        if self.muted:
            _LOGGER.info("muted (%s): the microphone stays closed", ", ".join(self.muted_by))
        else:
            self._keeper.open()

    async def set(self, source: Source, muted: bool) -> Verified:
        """Close the microphone, or take back this source's wish; return what is seen then.

        It is done to its end though whoever asked may leave. Raises `FloorError` when the settings
        forbid to open it.
        """
        if self._floor and source is Source.LOCAL and not muted:
            raise FloorError
        setting = asyncio.create_task(self._set(source, muted), name="mute")
        self._setting.add(setting)
        setting.add_done_callback(self._setting.discard)
        return await asyncio.shield(setting)

    async def _set(self, source: Source, muted: bool) -> Verified:
        try:
            async with self._changing:
                wanted, was_muted = self._wanted(source, muted), self.muted
                changed, self._state = wanted != self._state, wanted
                self._changes += 1
                if self.muted:
                    self._muted_at = time.monotonic()
                    # Closed first: nothing may go wrong with the file before the ear has ended.
                    self._closing()
                    await self._keeper.close()
                    if not was_muted:
                        self._flipped(True)
        finally:
            # Neither a disk that hangs nor the looking may keep the next mute waiting.
            await self._keep()
        if changed:
            _LOGGER.info("muted by: %s", ", ".join(self.muted_by) or "nobody")
        async with self._changing:
            if not self.muted:
                self._retract()
                if was_muted:
                    self._flipped(False)
                self._keeper.open()
        if not self.muted:
            await self._keeper.wait_hearing(_OPENING_S)
        return await self.verify()

    async def change_words(
        self, words: tuple[str, ...], sensitivities: Mapping[str, Sensitivity]
    ) -> None:
        """Hear these words from now on; a closed microphone stays closed."""
        async with self._changing:
            self._changes += 1
            self._keeper.choose_words(words, sensitivities)
            if not self.muted:
                self._closing()
                await self._keeper.close()
                self._keeper.open()

    async def verify(self) -> Verified:
        """Look at the microphone now; what changed meanwhile is looked at again."""
        async with self._looking:
            while True:
                changes = self._changes
                seen = await self._look()
                if changes == self._changes:
                    return self._note(seen)

    async def watch(self) -> None:
        """Verify for ever: in time for the receipts, and when an ear begins to hear.

        A verification that fails makes no receipt, and without one nothing is known.
        """
        failed = ""
        while True:
            heard_before = True
            try:
                await self._keep()
                heard_before = self._keeper.hearing
                await self.verify()
                failed = ""
            except Exception as err:  # noqa: BLE001 - the next verification must come
                if failed != (failed := type(err).__name__):
                    _LOGGER.error("the microphone cannot be verified: %s", failed)  # noqa: TRY400
            if not heard_before and not self.muted:
                await self._keeper.wait_hearing(RECEIPT_INTERVAL_S)
            else:
                await self._pause()

    async def _pause(self) -> None:
        """Wait before the next look; a mute meanwhile may make it come sooner."""
        begun = time.monotonic()
        while (left := begun + self._interval_s - time.monotonic()) > 0:
            await asyncio.sleep(min(left, _SETTLING_STEP_S))
            settling = time.monotonic() - self._muted_at < _SETTLING_S
            if settling and self.verified is not None and self.verified.state != "closed":
                return

    def _wanted(self, source: Source, muted: bool) -> MuteState:
        match source:
            case Source.LOCAL:
                self._problems.end("mute_state_unreadable")
                return replace(self._state, local=muted)
            case Source.REMOTE if not muted:
                return replace(self._state, remote=False, paused=False)
            case Source.REMOTE:
                return replace(self._state, remote=True)
            case _:
                return replace(self._state, paused=muted)

    async def _keep(self) -> None:
        async with self._writing:
            state = self._state
            if self._kept == state:
                return
            try:
                await asyncio.to_thread(self._folder.write_mute, state)
            except OSError as err:
                self._kept = None
                if state.muted:
                    # An older file may say open; without one the next start is muted.
                    with contextlib.suppress(OSError):
                        await asyncio.to_thread(self._folder.forget_mute)
                self._problems.begin("state_not_writable", err.strerror or "")
            else:
                self._kept = state
                self._problems.end("state_not_writable")

    @property
    def _interval_s(self) -> float:
        # Until a source has shown it open, a mute could not be proved.
        unproved = self.muted or not self._witness.shown
        return RECEIPT_INTERVAL_S if unproved else OPEN_INTERVAL_S

    def _retract(self) -> None:
        """Say no longer that it is closed: it opens before it can be looked at again."""
        if self.verified is not None and self.verified.state == "closed":
            self._note(())

    async def _look(self) -> tuple[Seen, ...]:
        pid, ended = self._keeper.trace
        shown = frozenset(self._witness.shown)
        seen = await self._witness.look(pid, ended)
        if self._witness.shown != shown:
            await self._keep_control()
        return seen

    def _note(self, seen: tuple[Seen, ...]) -> Verified:
        verdict = judge(seen, self._witness.shown, muted=self.muted)
        # Boot time, so that receipts of a restarted satellite go on counting.
        clock_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        self._sequence = max(self._sequence + 1, clock_ms)
        self.verified = Verified(
            state=verdict.state,
            reason=verdict.reason,
            sequence=self._sequence,
            monotonic=time.monotonic(),
            muted_by=self.muted_by,
            evidence=tuple(
                Evidence(source=each.source, state=each.state, detail=_plain(each.detail))
                for each in seen
            ),
        )
        for told in self._told:
            told(self.verified)
        return self.verified

    async def _keep_control(self) -> None:
        try:
            await asyncio.to_thread(
                self._folder.write_control, self._witness.shown, self._witness.microphones
            )
        except OSError as err:
            self._problems.begin("state_not_writable", err.strerror or "")


def _plain(detail: str) -> str:
    return "".join(each for each in detail if each.isprintable())[:128]
