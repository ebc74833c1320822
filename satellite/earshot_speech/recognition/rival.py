"""What else it could have been: the commonest words of spoken English, in any likely order.

The phones of a sound nearly always beat the words of a command, and by how much depends on the
voice. A sentence of everyday words does not: where it explains the sound better than the command
does, it was one. It knows `WORDS` words only, as many as can be tried in the time that there is, so
it is no dictation: what it makes of a sentence is mostly wrong, and only its score is of use. Its
words are not even read.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import pocketsphinx  # type: ignore[import-untyped]

from .decoder import Piece

WORDS = 1_000
"""With 3,000 it takes a fifth more time and tells commands from other speech no better."""

_ACOUSTIC = "en-us/en-us"
_LANGUAGE = "en-us/en-us.lm.bin"
_DICTIONARY = "en-us/cmudict-en-us.dict"

_SETTINGS = {
    "cmn": "batch",
    # Two thirds of PocketSphinx' own weight: at 6.5 the likely order of words counts for so much
    # that hard voices' commands and other speech have the same score.
    "lw": 4.0,
    "beam": 1e-48,
    "wbeam": 1e-29,
    "pbeam": 1e-48,
    "bestpath": False,
    "fwdflat": False,
    # A quarter less time in a quiet room, two fifths less in noise. Of 430 decodings the score of
    # nine changed, and what was obeyed of none.
    "maxwpf": 10,
    "loglevel": "FATAL",
}


class Rival:
    """A search for everyday speech. It belongs to one thread, as `Decoder` does."""

    def __init__(self) -> None:
        with tempfile.NamedTemporaryFile("w", prefix="earshot-words-", encoding="utf-8") as words:
            words.write(_common_words())
            words.flush()
            self._decoder = pocketsphinx.Decoder(
                hmm=pocketsphinx.get_model_path(_ACOUSTIC),
                lm=pocketsphinx.get_model_path(_LANGUAGE),
                dict=words.name,
                **_SETTINGS,
            )
        self._log = self._decoder.get_logmath()

    def decode(self, pcm: bytes) -> list[Piece]:
        """Return the best path's pieces and their acoustic scores; what the words were is left out.

        `pcm` is 16 kHz, 16 bit, mono.
        """
        decoder = self._decoder
        decoder.start_stream()
        decoder.start_utt()
        decoder.process_raw(pcm, no_search=False, full_utt=True)
        decoder.end_utt()
        if decoder.hyp() is None:
            return []
        return [
            Piece(
                word="",
                start=segment.start_frame,
                end=segment.end_frame + 1,
                score=self._log.log(segment.ascore) if segment.ascore > 0 else -math.inf,
            )
            for segment in decoder.seg()
        ]


def _common_words() -> str:
    """Return the dictionary's lines of the commonest words, by the language model's own counts."""
    lines: dict[str, list[str]] = {}
    path = Path(pocketsphinx.get_model_path(_DICTIONARY))
    for line in path.read_text(encoding="utf-8").splitlines():
        lines.setdefault(line.partition(" ")[0].partition("(")[0], []).append(line)
    settings = pocketsphinx.Config(
        hmm=pocketsphinx.get_model_path(_ACOUSTIC), lm=None, dict=None, loglevel="FATAL"
    )
    model = pocketsphinx.NGramModel(
        settings, pocketsphinx.LogMath(), pocketsphinx.get_model_path(_LANGUAGE)
    )
    commonest = sorted(lines, key=lambda word: (-model.prob([word]), word))[:WORDS]
    return "".join(f"{line}\n" for word in commonest for line in lines[word])
