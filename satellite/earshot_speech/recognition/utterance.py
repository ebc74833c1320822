"""One utterance, from its first audio to the result."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np

from earshot_wire.speech import Result

from ..grammar.automaton import Ending
from .endpoint import Step, Turn, Verdict, command_speech, decide, is_current
from .engine import Engine
from .pool import Search
from .sound import FRAME, FRAME_MS, RATE, Levels, Samples, Speech, find_speech, levels

STALL_S = 5.0
"""A client that sends no audio for so long has stopped."""

GRAMMAR_S = 10.0
"""A client that does not send the grammar it named within so long gets no result."""


LOOK_MS = 40
"""Audio that waited for a decoding is looked at in such pieces, as if it came only now."""


class UtteranceError(Exception):
    """No result: `code` is `no_grammar`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Demand:
    """What the client asked for."""

    limit_ms: int
    after_wake: bool
    ends_itself: bool = True
    """Whether the service tells the end; plain Wyoming clients tell it themselves."""


class Heard:
    """The audio so far: 16 kHz, 16 bit, mono; it ends with the object."""

    def __init__(self, limit_ms: int) -> None:
        self._samples = np.zeros((limit_ms + 1000) * RATE // 1000, dtype=np.int16)
        self._levels = np.zeros((len(self._samples) // FRAME, 2), dtype=np.float64)
        self._count = 0
        self._frames = 0

    def add(self, pcm: bytes) -> None:
        """Append audio; what is beyond the limit is dropped."""
        arrived = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2")
        arrived = arrived[: len(self._samples) - self._count]
        self._samples[self._count : self._count + len(arrived)] = arrived
        self._count += len(arrived)
        first = self._frames * FRAME
        before = int(self._samples[first - 1]) if first else 0
        new = levels(self._samples[first : self._count], before)
        self._levels[self._frames : self._frames + len(new)] = new
        self._frames += len(new)

    def samples(self, until_ms: int) -> Samples:
        """Return a copy of what there is up to then."""
        return self._samples[: min(self._count, until_ms * RATE // 1000)].copy()

    def levels(self, until_ms: int) -> Levels:
        """Return the levels up to then, as `sound.levels` gives them."""
        return self._levels[: min(self._frames, until_ms // FRAME_MS)]

    @property
    def ms(self) -> int:
        """How much it is."""
        return self._count * 1000 // RATE

    def wipe(self) -> None:
        """Overwrite it."""
        self._samples.fill(0)
        self._levels.fill(0.0)


Source = Callable[[], Awaitable[bytes | None]]
"""Returns the next audio, or None when there is no more. Cancelled when the result is there."""


class Utterance:
    """Listens until the utterance is over."""

    def __init__(self, engine: Engine, demand: Demand, search: asyncio.Future[Search]) -> None:
        self._engine = engine
        self._demand = demand
        self._search = search
        self._heard = Heard(demand.limit_ms)
        self._seen_ms = 0
        """How much of what was heard has been looked at."""

        self._speech: Speech | None = None
        self._verdict: Verdict | None = None
        self._decoding: asyncio.Task[Verdict] | None = None

    async def listen(self, source: Source) -> Result:
        """Return the result; raises `UtteranceError`, `PoolError`, or what the source raises."""
        try:
            stopped = await self._listen(source)
            return await self._result(stopped=stopped)
        finally:
            self._heard.wipe()

    async def _listen(self, source: Source) -> bool:
        """Take in audio until the end; return whether the client stopped before."""
        clock = asyncio.get_running_loop().time
        # A client that sends less than it says would never stall, nor ever reach its limit.
        until = clock() + self._demand.limit_ms / 1000 + STALL_S
        reading = asyncio.ensure_future(source())
        try:
            while (left := until - clock()) > 0:
                waiting: set[asyncio.Future[object]] = {reading}  # type: ignore[arg-type]
                if self._decoding is not None:
                    waiting.add(self._decoding)  # type: ignore[arg-type]
                done, _ = await asyncio.wait(
                    waiting, timeout=min(STALL_S, left), return_when=asyncio.FIRST_COMPLETED
                )
                if self._decoding is not None and self._decoding.done():
                    self._verdict, self._decoding = self._decoding.result(), None
                if reading.done():
                    pcm = reading.result()
                    if pcm is None:
                        return True
                    self._heard.add(pcm)
                    reading = asyncio.ensure_future(source())
                elif not done:
                    return True
                if self._search.done():
                    self._search.result()
                if self._look():
                    return False
            return True
        finally:
            for task in (reading, self._decoding):
                if task is not None and not task.done():
                    task.cancel()
            # Nobody else can read the connection before this read has let go of it.
            await asyncio.wait([reading])

    def _look(self) -> bool:
        """Look at what was heard, as far as that can be decided; return whether it is over."""
        while (step := self._decide()) is not Step.END:
            wanted = step in (Step.DECODE, Step.HOLD)
            if wanted and self._decoding is None and self._search.done():
                self._decoding = asyncio.create_task(self._understand())
            if step is Step.HOLD or self._seen_ms >= self._heard.ms:
                return False
            self._seen_ms = min(self._seen_ms + LOOK_MS, self._heard.ms)
        return True

    def _decide(self) -> Step:
        if not self._demand.ends_itself:
            return Step.END if self._seen_ms >= self._demand.limit_ms else Step.LISTEN
        self._speech = find_speech(self._heard.levels(self._seen_ms))
        return decide(self._turn())

    def _turn(self) -> Turn:
        return Turn(
            heard_ms=self._seen_ms,
            speech=self._speech,
            verdict=self._verdict,
            limit_ms=self._demand.limit_ms,
            after_wake=self._demand.after_wake,
        )

    async def _understand(self) -> Verdict:
        try:
            async with asyncio.timeout(GRAMMAR_S):
                search = await asyncio.shield(self._search)
        except TimeoutError:
            raise UtteranceError("no_grammar") from None
        assert self._speech is not None
        heard = self._heard.samples(self._seen_ms)
        return await self._engine.understand(search, heard, self._speech)

    async def _result(self, *, stopped: bool) -> Result:
        if stopped:
            self._seen_ms = self._heard.ms
        limit = self._seen_ms >= self._demand.limit_ms
        self._speech = find_speech(self._heard.levels(self._seen_ms))
        turn = self._turn()
        if command_speech(turn) is not None and not is_current(turn):
            self._verdict = await self._understand()
            turn = self._turn()
        speech, verdict = command_speech(turn), self._verdict
        ending = verdict.ending if verdict is not None else Ending.INCOMPLETE
        if speech is None or verdict is None:
            kind, text = "no_speech", ""
        else:
            kind, text = ("command", verdict.text) if verdict.text else ("not_command", "")
        return Result(
            kind=kind,
            text=text,
            ending="limit" if limit else "stopped" if stopped else ending.value,
            speech_end_ms=speech.end_ms if speech else 0,
            heard_ms=self._heard.ms,
        )
