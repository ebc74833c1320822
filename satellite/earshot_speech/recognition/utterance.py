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
from .sound import FRAME, RATE, Levels, Samples, Speech, find_speech, levels

STALL_S = 5.0
"""A client that sends no audio for so long has stopped."""

GRAMMAR_S = 10.0
"""A client that does not send the grammar it named within so long gets no result."""


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

    @property
    def samples(self) -> Samples:
        """All of it."""
        return self._samples[: self._count]

    @property
    def levels(self) -> Levels:
        """Its levels, as `sound.levels` gives them."""
        return self._levels[: self._frames]

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
        self._speech: Speech | None = None
        self._verdict: Verdict | None = None

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
        decoding: asyncio.Task[Verdict] | None = None
        try:
            while (left := until - clock()) > 0:
                waiting: set[asyncio.Future[object]] = {reading}  # type: ignore[arg-type]
                if decoding is not None:
                    waiting.add(decoding)  # type: ignore[arg-type]
                done, _ = await asyncio.wait(
                    waiting, timeout=min(STALL_S, left), return_when=asyncio.FIRST_COMPLETED
                )
                if decoding is not None and decoding.done():
                    self._verdict, decoding = decoding.result(), None
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
                step = self._decide()
                if step is Step.END:
                    return False
                if step is Step.DECODE and decoding is None and self._search.done():
                    decoding = asyncio.create_task(self._understand())
            return True
        finally:
            for task in (reading, decoding):
                if task is not None and not task.done():
                    task.cancel()
            # Nobody else can read the connection before this read has let go of it.
            await asyncio.wait([reading])

    def _decide(self) -> Step:
        self._speech = find_speech(self._heard.levels)
        if not self._demand.ends_itself:
            return Step.END if self._heard.ms >= self._demand.limit_ms else Step.LISTEN
        return decide(self._turn())

    def _turn(self) -> Turn:
        return Turn(
            heard_ms=self._heard.ms,
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
        return await self._engine.understand(search, self._heard.samples.copy(), self._speech)

    async def _result(self, *, stopped: bool) -> Result:
        limit = self._heard.ms >= self._demand.limit_ms
        self._speech = find_speech(self._heard.levels)
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
