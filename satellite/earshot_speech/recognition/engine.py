"""The grammars of the homes that ask, and what an utterance says in one of them."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict

from earshot_wire.vocabulary import Vocabulary

from ..grammar.automaton import Ending, TooLargeError
from ..grammar.compile import Grammar, compile_grammar, wake_tails
from ..grammar.pronounce import Pronunciation
from .endpoint import Verdict
from .pool import Pool, Search
from .reject import fit, is_command, is_sure
from .sound import RATE, Samples, Speech, loud_frames, prepare

_LOG = logging.getLogger(__name__)

MAX_GRAMMARS = 8
"""Homes that are kept compiled, in memory only; the least recently used goes."""

MAX_WAKE_PHRASES = 32

LEAD_MS = 200
"""Audio before the speech that is decoded with it."""

BUILT_IN = Vocabulary(language="en")
"""What a client that names no grammar has until another one named one: no names, but the time."""


class GrammarError(Exception):
    """The vocabulary cannot be compiled; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Engine:
    """Recognises utterances."""

    def __init__(self, pool: Pool, sensitivity: float = 0.5) -> None:
        self._pool = pool
        self._sensitivity = sensitivity
        self._grammars: OrderedDict[str, Grammar] = OrderedDict()
        self._tails: OrderedDict[str, tuple[Pronunciation, ...]] = OrderedDict()
        self._compiling = asyncio.Lock()
        self._last = BUILT_IN.sha256

    async def start(self) -> None:
        """Compile what every client can use."""
        await self.learn(BUILT_IN)

    def has(self, sha256: str) -> bool:
        """Return whether the grammar of this vocabulary is here."""
        return sha256 in self._grammars

    async def learn(self, vocabulary: Vocabulary) -> Grammar:
        """Compile a vocabulary and keep it; raises `GrammarError`."""
        async with self._compiling:
            known = self._grammars.get(vocabulary.sha256)
            if known is not None:
                return known
            try:
                grammar = await asyncio.to_thread(compile_grammar, vocabulary)
            except (TooLargeError, RecursionError):
                raise GrammarError("too_large") from None
            self._grammars[vocabulary.sha256] = grammar
            while len(self._grammars) > MAX_GRAMMARS:
                self._forget()
        _LOG.info(
            "Grammar %s: %d states, %d words, %d left out",
            vocabulary.sha256[:12], len(grammar.dfa.arcs),
            len(grammar.pronunciations), len(grammar.dropped),
        )  # fmt: skip
        if too_large := sum(it.reason == "too_large" for it in grammar.dropped):
            _LOG.warning(
                "%d of your own sentences stand for too many and are left out; Repairs names them:"
                " write them with fewer [optional] and (alternative|words)", too_large,
            )  # fmt: skip
        return grammar

    async def search(self, sha256: str | None, wake_phrase: str = "") -> Search:
        """Return the grammar to search; None is the last that was named. KeyError if it is gone."""
        key = sha256 or (self._last if self._last in self._grammars else BUILT_IN.sha256)
        grammar = self._grammars[key]
        self._grammars.move_to_end(key)
        if sha256:
            self._last = sha256
        wake = await self._wake(wake_phrase)
        return Search(f"{key}/{wake_phrase if wake else ''}", grammar, wake)

    async def prepare(self, search: Search) -> None:
        """Load it where a process is idle."""
        await self._pool.prepare(search)

    async def understand(self, search: Search, heard: Samples, speech: Speech) -> Verdict:
        """Return what was said; `speech` is where, `heard` all the audio. Raises `PoolError`."""
        start = max(0, speech.start_ms - LEAD_MS) * RATE // 1000
        pcm = await asyncio.to_thread(prepare, heard[start:])
        words, phones, rival = await asyncio.gather(
            self._pool.words(search, pcm), self._pool.phones(pcm), self._pool.rival(pcm)
        )
        text = " ".join(piece.word for piece in words if piece.word)
        ending = search.grammar.ending(text) if text else Ending.INCOMPLETE
        found = fit(words, phones, rival, loud_frames(pcm), search.grammar.pronunciations)
        command = found is not None and is_command(found, self._sensitivity)
        if not command:
            ending = Ending.INCOMPLETE
        return Verdict(
            text=text if ending is not Ending.INCOMPLETE else "",
            ending=ending,
            sure=found is not None and is_sure(found),
            decoded_ms=len(heard) * 1000 // RATE,
            speech_ms=speech.end_ms,
            only_wake=not text and any(piece.wake for piece in words),
            heard=text,
            fit=found,
        )

    async def _wake(self, phrase: str) -> tuple[Pronunciation, ...]:
        if not phrase:
            return ()
        if phrase not in self._tails:
            self._tails[phrase] = await asyncio.to_thread(wake_tails, phrase)
            while len(self._tails) > MAX_WAKE_PHRASES:
                self._tails.popitem(last=False)
        return self._tails[phrase]

    def _forget(self) -> None:
        """Drop the grammar that was used longest ago, but never the built-in one."""
        oldest = next(key for key in self._grammars if key != BUILT_IN.sha256)
        del self._grammars[oldest]
