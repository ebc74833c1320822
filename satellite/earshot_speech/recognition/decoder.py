"""PocketSphinx, set up for a command grammar.

Settings and the figures behind them: 31 recordings of one speaker in real rooms went from 14 right
(PocketSphinx' defaults) to 28 with those below. The defaults are made for a statistical language
model. A decoder belongs to one thread; it holds Python's lock while it works, so it runs in a
process of its own (`worker`).
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass

import pocketsphinx  # type: ignore[import-untyped]

from ..grammar.automaton import Dfa
from ..grammar.pronounce import Pronunciation

MAX_SEARCHES = 6
"""Grammars held at a time; the least recently used goes."""

_SETTINGS = {
    "lm": None,
    "dict": None,
    "cmn": "batch",
    "lw": 1.0,
    "bestpath": False,
    "silprob": 0.1,
    "fillprob": 1e-4,
    "beam": 1e-64,
    "wbeam": 1e-48,
    "pbeam": 1e-64,
    "loglevel": "FATAL",
}

_BREAKS_OFF = 1e-5
"""How likely somebody is to stop after a word that ends no command, and not to go on. Taken for as
likely as the rest, a faint last word was left out: "what time is it" was "what time is"."""

_LOOP = "phones"
_SILENCE = ""
_WAKE = " wake "
"""With spaces, as no word of a template is."""


@dataclass(frozen=True)
class Piece:
    """A word or phone on the best path."""

    word: str
    """As written; "" for silence, noise and the wake word."""

    start: int
    """First frame of 10 ms."""

    end: int
    """The frame after its last."""

    score: float
    """Logarithm of the acoustic score in PocketSphinx' own base; higher is better."""

    wake: bool = False
    """It is what the audio had left of the wake word."""


class Decoder:
    """Grammar searches and the phone loop over one acoustic model."""

    def __init__(self) -> None:
        path = pocketsphinx.get_model_path("en-us/en-us")
        self._decoder = pocketsphinx.Decoder(hmm=path, **_SETTINGS)
        self._log = self._decoder.get_logmath()
        self._ids: dict[tuple[str, tuple[Pronunciation, ...]], str] = {}
        self._written: dict[str, str] = {}
        self._searches: OrderedDict[str, None] = OrderedDict()
        self._decoder.add_allphone_file(_LOOP)

    def has(self, key: str) -> bool:
        """Return whether this grammar is loaded; it counts as used."""
        if key in self._searches:
            self._searches.move_to_end(key)
            return True
        return False

    def add(
        self,
        key: str,
        dfa: Dfa,
        pronunciations: dict[str, tuple[Pronunciation, ...]],
        wake: tuple[Pronunciation, ...] = (),
    ) -> None:
        """Load a grammar; `wake` is what its audio may begin with besides a command."""
        if self.has(key):
            return
        names = {word: self._learn(word, pronunciations[word]) for word in dfa.words}
        wake_name = self._learn(_WAKE, wake) if wake else ""
        self._decoder.add_fsg(key, self._model(key, dfa, names, wake_name))
        self._searches[key] = None
        while len(self._searches) > MAX_SEARCHES:
            oldest, _ = self._searches.popitem(last=False)
            self._decoder.remove_search(oldest)

    def decode(self, key: str, pcm: bytes) -> list[Piece]:
        """Return the best path of a whole utterance through a grammar, empty if there is none.

        `pcm` is 16 kHz, 16 bit, mono. The path may break off after any word of a command.
        """
        return self._run(key, pcm)

    def phones(self, pcm: bytes) -> list[Piece]:
        """Return the best path through any phones: how well speech could be explained at all."""
        return self._run(_LOOP, pcm)

    def _run(self, search: str, pcm: bytes) -> list[Piece]:
        decoder = self._decoder
        decoder.activate_search(search)
        # Else the noise estimate of the last speaker's room changes what is heard in this one.
        decoder.start_stream()
        decoder.start_utt()
        decoder.process_raw(pcm, no_search=False, full_utt=True)
        decoder.end_utt()
        if decoder.hyp() is None:
            return []
        pieces = []
        for segment in decoder.seg():
            name = segment.word.partition("(")[0]
            score = self._log.log(segment.ascore) if segment.ascore > 0 else -math.inf
            word = self._written.get(name, _SILENCE)
            start, end = segment.start_frame, segment.end_frame + 1
            pieces.append(Piece(word if word != _WAKE else "", start, end, score, word == _WAKE))
        return pieces

    def _model(self, key: str, dfa: Dfa, names: dict[str, str], wake: str) -> pocketsphinx.FsgModel:
        """Return the automaton as PocketSphinx has it: one final state, no empty arcs.

        Every word leads to the final state too: people break off. Where only a whole command could
        end, the search found the missing words in the quiet, or took the "light" of "set the hall
        light" for "white".
        """
        final = len(dfa.arcs)
        start = final + 1
        model = pocketsphinx.FsgModel(key, self._log, _SETTINGS["lw"], start + 1)
        model.set_start_state(start if wake else 0)
        model.set_final_state(final)
        ids = {word: model.word_add(name) for word, name in names.items()}
        breaks_off = self._log.log(_BREAKS_OFF)
        for state, row in enumerate(dfa.arcs):
            sources = (state, start) if wake and state == 0 else (state,)
            for word, to in row.items():
                for source in sources:
                    model.trans_add(source, final, 0 if to in dfa.finals else breaks_off, ids[word])
                    if dfa.arcs[to]:
                        model.trans_add(source, to, 0, ids[word])
        if wake:
            wake_id = model.word_add(wake)
            model.trans_add(start, 0, 0, wake_id)
            model.trans_add(start, final, 0, wake_id)
        return model

    def _learn(self, word: str, variants: tuple[Pronunciation, ...]) -> str:
        """Return the recogniser's own name of a word: a written one could hold any sign."""
        known = self._ids.get((word, variants))
        if known:
            return known
        name = f"w{len(self._ids)}"
        for number, phones in enumerate(variants, 1):
            entry = name if number == 1 else f"{name}({number})"
            self._decoder.add_word(entry, " ".join(phones), update=False)
        self._ids[word, variants] = name
        self._written[name] = word
        return name
