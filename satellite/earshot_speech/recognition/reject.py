"""Was it a command at all? A grammar search always finds one.

The same audio is decoded twice more: through a loop of all phones, and as everyday speech (see
`rival`). Where somebody speaks a command, its words explain the sound nearly as well as any phones
do, and better than other words; where not, the phones win clearly, or other words win. Neither is
enough alone: how far the phones win depends on the voice, and how far other words do on the noise.

The bars were chosen with `scripts/bench speech --half tuned`; its other half measures them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .decoder import Piece
from .sound import FRAME_MS

MEAN_AT_LEAST = -30.0
"""Words that fit worse than this are none, at the middle sensitivity, whatever else it was."""

WORST_AT_LEAST = -55.0
"""A single word that fits so badly was another word."""

TOGETHER_AT_LEAST = -22.0
"""Of the mean and what the words gain over everyday speech. In the quiet room of the tuned half,
what was no command reached -24.6."""

SURE_ABOVE = -22.0
"""A command heard better than this is obeyed without a longer look at what might follow."""

LOUD_IN_WORDS = 0.68
"""Part of the loud speech that must lie in the words of the command. The search may call loud words
between them noise; of 560 synthetic foreign sentences 10 passed without this test and 6 with it."""

BESIDE_AT_MOST_MS = 150
"""Loud speech beside the words: who says more than a command does not give one. Of 220 decodings of
right commands none had more than 120 ms, of 38 that should not have passed 7 had."""

SENSITIVITY_SPAN = 4.0
"""A sensitivity of 0 asks for so much more than the middle, and 1 for so much less."""


@dataclass(frozen=True)
class Fit:
    """How well the words of a command explain the sound."""

    mean: float
    """Mean over the words of their score above the phones' for each frame; usually negative."""

    worst: float
    """The same of the worst word."""

    gained: float
    """Score of all the words above that of everyday speech for each frame; negative where everyday
    speech explains the sound better."""

    covered: float
    """Part of the loud speech that lies in the words, 0 to 1."""

    beside_ms: int
    """The loud speech that does not."""


def fit(
    words: Sequence[Piece],
    phones: Sequence[Piece],
    rival: Sequence[Piece],
    loud: Sequence[bool],
) -> Fit | None:
    """Compare a path through the grammar with those through all phones and everyday words.

    None without words. `loud` tells for every frame whether it is as loud as the middle of vowels.
    """
    spoken = [piece for piece in words if piece.word and piece.end > piece.start]
    if not spoken or not phones or not rival:
        return None
    frames = max(piece.end for piece in (*words, *phones, *rival))
    by_phones, by_rival = _per_frame(phones, frames), _per_frame(rival, frames)
    gains = [
        (piece.score - sum(by_phones[piece.start : piece.end])) / (piece.end - piece.start)
        for piece in spoken
    ]
    gained = sum(piece.score - sum(by_rival[piece.start : piece.end]) for piece in spoken)
    inside = sum(sum(loud[piece.start : piece.end]) for piece in spoken)
    outside = sum(sum(loud[piece.start : piece.end]) for piece in words if not piece.word)
    outside -= sum(sum(loud[piece.start : piece.end]) for piece in words if piece.wake)
    return Fit(
        mean=sum(gains) / len(gains),
        worst=min(gains),
        gained=gained / sum(piece.end - piece.start for piece in spoken),
        covered=inside / max(inside + outside, 1),
        beside_ms=outside * FRAME_MS,
    )


def _per_frame(path: Sequence[Piece], frames: int) -> list[float]:
    scores = [0.0] * frames
    for piece in path:
        for frame in range(piece.start, piece.end):
            scores[frame] = piece.score / (piece.end - piece.start)
    return scores


def is_command(found: Fit, sensitivity: float = 0.5) -> bool:
    """Return whether it was a command; `sensitivity` from 0 (strict) to 1 (lenient)."""
    shift = (sensitivity - 0.5) * 2 * SENSITIVITY_SPAN
    return (
        found.mean >= MEAN_AT_LEAST - shift
        and found.worst >= WORST_AT_LEAST - 2 * shift
        and found.mean + found.gained >= TOGETHER_AT_LEAST - shift
        and found.covered >= LOUD_IN_WORDS
        and found.beside_ms <= BESIDE_AT_MOST_MS
    )


def is_sure(found: Fit) -> bool:
    """Return whether it was heard so well that a short quiet may end it."""
    return found.mean >= SURE_ABOVE
