"""Requests to recognise: ours, with a grammar by name and an end that we tell, and stock ones."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from wyoming.asr import Transcript
from wyoming.audio import AudioStop

from earshot_wire.limits import MAX_TURN_S
from earshot_wire.message import MessageError
from earshot_wire.speech import MAX_LEFT_OUT, Grammar, LeftOut, NeedGrammar, Transcribe
from earshot_wire.vocabulary import Vocabulary

from .peer import Peer, PeerError, command_audio, is_audio
from .recognition.engine import Engine, GrammarError
from .recognition.pool import Search
from .recognition.utterance import STALL_S, Demand, Utterance

AT_ONCE = 4
"""Utterances listened to at a time. More of them wait."""

WAIT_S = 5.0
"""A request that had to wait for so long is told that the service is busy."""

_TOLD = {"too_large", "unspeakable"}
"""Why something is left out that the home is told of; else it is how its templates are written."""


class Hearing:
    """Recognises for clients."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._places = asyncio.Semaphore(AT_ONCE)

    async def ours(self, peer: Peer, request: Transcribe) -> None:
        """Answer an `earshot-transcribe`."""
        async with self._place():
            await self._ours(peer, request)

    async def stock(self, peer: Peer) -> None:
        """Answer a `transcribe`: the client tells the end, the grammar is the last one named."""
        async with self._place():
            demand = Demand(int(MAX_TURN_S * 1000), after_wake=False, ends_itself=False)
            search = _Request(peer, self._engine)
            search.settle(await self._engine.search(None))
            result = await Utterance(self._engine, demand, search.found).listen(search.audio)
        await peer.write(Transcript(text=result.text, language="en").event())

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(WAIT_S):
                await self._places.acquire()
        except TimeoutError:
            raise PeerError("busy", "too many requests at a time; try again") from None
        try:
            yield
        finally:
            self._places.release()

    async def _ours(self, peer: Peer, request: Transcribe) -> None:
        asked = _Request(peer, self._engine, request)
        demand = Demand(int(request.max_s * 1000), after_wake=bool(request.wake_phrase))
        try:
            if self._engine.has(request.grammar):
                await asked.use()
            else:
                await peer.write(NeedGrammar(grammar=request.grammar).event())
            result = await Utterance(self._engine, demand, asked.found).listen(asked.audio)
        finally:
            asked.close()
        if asked.left_out:
            told = LeftOut(count=len(asked.left_out), what=asked.left_out[:MAX_LEFT_OUT])
            await peer.write(told.event())
        await peer.write(result.event())


class _Request:
    """The client's side of one utterance: its audio, and its grammar if it had to be sent."""

    def __init__(self, peer: Peer, engine: Engine, request: Transcribe | None = None) -> None:
        self._peer = peer
        self._engine = engine
        self._request = request
        self._learning: asyncio.Task[None] | None = None
        self.found: asyncio.Future[Search] = asyncio.get_running_loop().create_future()

    @property
    def left_out(self) -> tuple[str, ...]:
        """What its grammar had no room or no pronunciation for; empty as long as it has none."""
        if not self.found.done() or self.found.cancelled() or self.found.exception() is not None:
            return ()
        dropped = self.found.result().grammar.dropped
        return tuple(each.what for each in dropped if each.reason in _TOLD)

    def settle(self, search: Search) -> None:
        """Give the utterance its grammar."""
        if not self.found.done():
            self.found.set_result(search)

    def close(self) -> None:
        """Nobody waits for it any more."""
        if self._learning is not None:
            self._learning.cancel()
        if self.found.done() and not self.found.cancelled():
            self.found.exception()
        self.found.cancel()

    async def use(self) -> None:
        """Take the grammar that the request names; it is here."""
        assert self._request is not None
        search = await self._engine.search(self._request.grammar, self._request.wake_phrase)
        self.settle(search)

    async def audio(self) -> bytes | None:
        """Return the next audio, or None when it ended or stalled; takes the grammar in between."""
        while True:
            try:
                event = await self._peer.read(STALL_S)
            except TimeoutError:
                return None
            if event is None or AudioStop.is_type(event.type):
                return None
            if is_audio(event):
                return command_audio(event)
            if Grammar.is_type(event.type) and self._request is not None:
                self._take(Grammar.from_event(event))

    def _take(self, message: Grammar) -> None:
        assert self._request is not None
        if message.grammar != self._request.grammar:
            raise PeerError("wrong_grammar", "this is not the grammar that was asked for")
        if self._learning is None and not self.found.done():
            vocabulary = Vocabulary.from_canonical(message.vocabulary, message.grammar)
            self._learning = asyncio.create_task(self._learn(vocabulary))

    async def _learn(self, vocabulary: Vocabulary) -> None:
        try:
            await self._engine.learn(vocabulary)
            await self.use()
            await self._engine.prepare(self.found.result())
        except GrammarError as err:
            if not self.found.done():
                self.found.set_exception(PeerError(err.code, "the vocabulary cannot be compiled"))
        except MessageError:
            self.found.cancel()
