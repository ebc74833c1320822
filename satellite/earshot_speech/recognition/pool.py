"""The decoding processes: a few, started with the service, replaced when they fail."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from wyoming.event import Event

from earshot_wire.framing import FrameError, encode_event, read_event
from earshot_wire.limits import Limits

from ..grammar.compile import Grammar
from ..grammar.pronounce import Pronunciation
from .decoder import MAX_SEARCHES, Piece

_LOG = logging.getLogger(__name__)

WORKERS = max(1, min(2, os.cpu_count() or 1))
"""Two: the grammar and the phones of one utterance are decoded side by side. The third decoding of
it, the rival's, has a process of its own, as nothing else needs the memory of its model."""

START_S = 20.0
DECODE_S = 15.0
"""Thirty seconds of speech take two on the machines this is made for; what takes longer hangs."""

WAIT_S = 10.0
"""A request that finds no free process by then is told that the service is busy."""

_LIMITS = Limits(header=4096, data=32 * 1024 * 1024, payload=0)


class PoolError(Exception):
    """No decoding: `code` is `busy` or `recogniser_failed`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _DiedError(PoolError):
    """The process died; another one may do it."""

    def __init__(self) -> None:
        super().__init__("recogniser_failed")


@dataclass(frozen=True)
class Search:
    """A grammar as a worker needs it."""

    key: str
    grammar: Grammar
    wake: tuple[Pronunciation, ...]

    def event(self) -> Event:
        """Return the message that loads it."""
        dfa = self.grammar.dfa
        data = {
            "key": self.key,
            "arcs": dfa.arcs,
            "finals": sorted(dfa.finals),
            "said": self.grammar.pronunciations,
            "wake": self.wake,
        }
        return Event("grammar", data)


class Pool:
    """Decodes in processes of its own."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._size = workers
        self._free: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        self._rival: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        self._all: list[_Worker] = []
        self._failing = False
        self._running: set[asyncio.Task[list[Piece]]] = set()

    async def start(self) -> None:
        """Start the processes; raises `PoolError` when they do not start."""
        rival = _Worker("rival")
        workers = [_Worker() for _ in range(self._size)]
        self._all = [*workers, rival]
        try:
            await asyncio.gather(*(worker.start() for worker in self._all))
        except PoolError:
            await self.stop()
            raise
        for worker in workers:
            self._free.put_nowait(worker)
        self._rival.put_nowait(rival)

    async def stop(self) -> None:
        """End the processes."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*(worker.stop() for worker in self._all))

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that run."""
        return [worker.pid for worker in self._all if worker.pid]

    async def prepare(self, search: Search) -> None:
        """Load a grammar where a process is idle: the first command does not wait for it then.

        Where it fails, that is logged, and the command loads the grammar itself.
        """
        loading = []
        while not self._free.empty():
            loading.append(self._employ(self._free, self._free.get_nowait(), search, "", b""))
        if loading:
            await asyncio.wait(loading)

    async def words(self, search: Search, pcm: bytes) -> list[Piece]:
        """Decode an utterance (16 kHz, 16 bit, mono) with a grammar."""
        return await self._decode(self._free, search, "words", pcm)

    async def phones(self, pcm: bytes) -> list[Piece]:
        """Decode it through all phones."""
        return await self._decode(self._free, None, "phones", pcm)

    async def rival(self, pcm: bytes) -> list[Piece]:
        """Decode it as everyday speech; the pieces have no words."""
        return await self._decode(self._rival, None, "rival", pcm)

    async def _decode(
        self, free: _Free, search: Search | None, kind: str, pcm: bytes
    ) -> list[Piece]:
        try:
            async with asyncio.timeout(WAIT_S):
                worker = await free.get()
        except TimeoutError:
            raise PoolError("busy") from None
        return await asyncio.shield(self._employ(free, worker, search, kind, pcm))

    def _employ(
        self, free: _Free, worker: _Worker, search: Search | None, kind: str, pcm: bytes
    ) -> asyncio.Task[list[Piece]]:
        """Use a process. Who asked may go away; it finishes and is free for the next all the same.

        So whoever waits for the task must not cancel it.
        """
        task = asyncio.create_task(self._use(free, worker, search, kind, pcm))
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[list[Piece]]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()

    async def _use(
        self, free: _Free, worker: _Worker, search: Search | None, kind: str, pcm: bytes
    ) -> list[Piece]:
        try:
            try:
                pieces = await worker.run(search, kind, pcm)
            except _DiedError:
                self._note(failing=True)
                pieces = await worker.run(search, kind, pcm)
        except PoolError:
            self._note(failing=True)
            raise
        else:
            self._note(failing=False)
            return pieces
        finally:
            free.put_nowait(worker)

    def _note(self, *, failing: bool) -> None:
        if failing != self._failing:
            self._failing = failing
            _LOG.log(
                logging.ERROR if failing else logging.INFO,
                "The recogniser %s",
                "failed; it is started again" if failing else "works again",
            )


class _Worker:
    """One process. Its user has it alone until it answers."""

    def __init__(self, *words: str) -> None:
        self._words = words
        self._process: asyncio.subprocess.Process | None = None
        self._loaded: OrderedDict[str, None] = OrderedDict()

    @property
    def pid(self) -> int:
        alive = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and alive else 0

    async def start(self) -> None:
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "earshot_speech.recognition.worker", *self._words),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=1024 * 1024,
            )
            self._loaded.clear()
            async with asyncio.timeout(START_S):
                ready = await self._read()
            if ready.type != "ready":
                raise PoolError("recogniser_failed")
        except (OSError, TimeoutError):
            await self.stop()
            raise PoolError("recogniser_failed") from None

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(1.0):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def run(self, search: Search | None, kind: str, pcm: bytes) -> list[Piece]:
        """Load what is needed, decode, and return the path. Whatever fails ends the process."""
        if not self.pid:
            await self.start()
        done = False
        try:
            async with asyncio.timeout(DECODE_S):
                if search is not None:
                    await self._load(search)
                answer = await self._ask(Event(kind, _key(search), pcm)) if kind else None
            done = True
        except TimeoutError:
            raise PoolError("recogniser_failed") from None
        except (OSError, FrameError):
            raise _DiedError from None
        finally:
            # Cut off in the middle, its next answer would be that of the last question.
            if not done and self._process is not None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
        return [Piece(*piece) for piece in answer.data["pieces"]] if answer else []

    async def _load(self, search: Search) -> None:
        if search.key not in self._loaded:
            await self._ask(search.event())
            self._loaded[search.key] = None
            while len(self._loaded) > MAX_SEARCHES:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(search.key)

    async def _ask(self, event: Event) -> Event:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(encode_event(event))
        await self._process.stdin.drain()
        return await self._read()

    async def _read(self) -> Event:
        assert self._process is not None
        assert self._process.stdout is not None
        event = await read_event(self._process.stdout, _LIMITS)
        if event is None:
            raise _DiedError
        return event


_Free = asyncio.LifoQueue[_Worker]


def _key(search: Search | None) -> dict[str, Any]:
    return {} if search is None else {"key": search.key}
