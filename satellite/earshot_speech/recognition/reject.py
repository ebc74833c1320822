"""Was it a command at all? A grammar search always finds one.

The same audio is decoded twice more: through a loop of all phones, and as everyday speech (see
`rival`). Where somebody speaks a command, its words explain the sound nearly as well as any phones
do, and better than other words; where not, the phones win clearly, or other words win. Neither is
enough alone: how far the phones win depends on the voice, and how far other words do on the noise.

The bars were chosen with `scripts/bench speech --half tuned`; its other half measures them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..grammar.pronounce import Pronunciation
from .decoder import Piece
from .sound import FRAME_MS

MEAN_AT_LEAST = -30.0
"""Words that fit worse than this are none, at the middle sensitivity, whatever else it was."""

TOGETHER_AT_LEAST = -22.0
"""Of the mean and what the words gain over everyday speech. In the quiet room of the tuned half,
what was no command reached -24.6."""

SURE_ABOVE = -22.0
"""A command heard better than this is obeyed without a longer look at what might follow."""

SURE_TOGETHER = -18.0
"""And it has to be so much better than everyday speech, or it is waited longer and looked at again:
"is the soup ready yet" was "is the ceiling fan on" at the first look, and nothing at the second."""

BESIDE_AT_MOST_MS = 150
"""Loud speech beside the words: who says more than a command does not give one. Of 220 decodings of
right commands none had more than 120 ms, of 38 that should not have passed 7 had."""

BUMP_AT_MOST_MS = 300
"""So much loud sound before the command, and quiet for `APART_MS` after it, is a bump or a click of
the microphone: three of eight recordings of a person began with one, of up to 250 ms."""

APART_MS = 150

LONG_PHONES = 4
"""A word of so many phones tells what is meant. Shorter ones ("the", "turn") are said so
carelessly that everyday speech often has something better for them."""

LONG_GAINED_AT_LEAST = -24.0
"""A long word that everyday speech beats by more was another one, however well the rest fits. In
right commands of the tuned half none had less than -14.8."""

HASTY_MS = 50
"""A phone that takes less is said in a hurry. In right commands of the tuned half, long words took
60 ms for each; those of a person in a real room 54."""

PHONE_AT_LEAST_MS = 40
"""Nobody says a long word faster: the search takes three frames for a phone at least, and where it
had to ("lamp" in "turn lamp pink", which was "turn up the"), there was no such word."""

HASTY_GAINED_AT_LEAST = -10.0
"""A long word that has no time and that everyday speech beats is one that was not said: "heater" in
"switch heater off", which was "switch it off", had 43 ms for each phone and -23 to -33."""

GAP_LOST_AT_MOST = 300.0
"""What everyday speech explains better by more, between two words of the command, was no noise:
411 for the end of "turned" in "who turned off the heater", 156 in right commands (tuned half).
Before and after the command people breathe and rooms click; there it tells nothing."""

TWICE_AT_LEAST_MS = 300
"""Two words that sound the same, one after the other, take longer than one that is drawn out before
a pause: "to two" 330 ms and more in eleven voices, "to" alone up to 280 ms."""

OPENING = frozenset({"open", "unlock", "raise", "disarm"})
"""What such a command does wrongly may let somebody in: it is never taken for one more easily than
others are at the lowest sensitivity."""

ASKING = frozenset({"what", "what's", "how", "who", "which", "is", "are", "has"})
"""What such a command does wrongly is to say something, so it may be heard worse, by twice the span
of the sensitivity: "what's the temperature" in a room with noise had -25 to -29 together."""

SENSITIVITY_SPAN = 4.0
"""A sensitivity of 0 asks for so much more than the middle, and 1 for so much less."""


@dataclass(frozen=True)
class Fit:
    """How well the words of a command explain the sound."""

    mean: float
    """Mean over the words of their score above the phones' for each frame; usually negative."""

    gained: float
    """Score of all the words above that of everyday speech for each frame; negative where everyday
    speech explains the sound better."""

    beside_ms: int
    """Loud speech that lies in none of the words."""

    long_gained: float = 0.0
    """Least that a long word gains over everyday speech for each frame; 0 where none is long."""

    hasty_gained: float = 0.0
    """The same of those that are said in a hurry."""

    phone_ms: float = math.inf
    """How long a phone lasts in the long word that was said fastest."""

    gap_lost: float = 0.0
    """Most that everyday speech gains between two words: all of it, not for each frame."""

    twice_ms: int | None = None
    """How long two words in a row that sound the same take; None where there are none."""

    opening: bool = False
    """Whether the command opens something."""

    asking: bool = False
    """Whether it only asks."""


def fit(
    words: Sequence[Piece],
    phones: Sequence[Piece],
    rival: Sequence[Piece],
    loud: Sequence[bool],
    said: Mapping[str, Sequence[Pronunciation]],
) -> Fit | None:
    """Compare a path through the grammar with those through all phones and everyday words.

    None without words. `loud` tells for every frame whether it is as loud as the middle of vowels,
    `said` how the words of the grammar are pronounced.
    """
    spoken = [piece for piece in words if piece.word and piece.end > piece.start]
    if not spoken or not phones or not rival:
        return None
    frames = max(piece.end for piece in (*words, *phones, *rival))
    by_phones, by_rival = _per_frame(phones, frames), _per_frame(rival, frames)
    gains = [_gain(piece, by_phones) / _frames(piece) for piece in spoken]
    gained = sum(_gain(piece, by_rival) for piece in spoken)
    long = {piece: count for piece in spoken if (count := _phones(piece.word, said)) >= LONG_PHONES}
    phone_ms = {piece: _frames(piece) * FRAME_MS / count for piece, count in long.items()}
    hasty = [piece for piece, length in phone_ms.items() if length < HASTY_MS]
    gaps = [
        _gain(piece, by_rival)
        for piece in words
        if not piece.word and spoken[0].end <= piece.start < spoken[-1].start
    ]
    others = [piece for piece in words if not (piece.word or piece.wake)]
    outside = sum(sum(loud[piece.start : piece.end]) for piece in others)
    outside -= _bump([piece for piece in others if piece.start < spoken[0].start], loud)
    return Fit(
        mean=sum(gains) / len(gains),
        gained=gained / sum(map(_frames, spoken)),
        beside_ms=outside * FRAME_MS,
        long_gained=_least_gained(long, by_rival),
        hasty_gained=_least_gained(hasty, by_rival),
        phone_ms=min(phone_ms.values(), default=math.inf),
        gap_lost=max(0.0, -min(gaps, default=0.0)),
        twice_ms=_twice_ms(spoken, said),
        opening=spoken[0].word in OPENING,
        asking=spoken[0].word in ASKING,
    )


def _frames(piece: Piece) -> int:
    return piece.end - piece.start


def _gain(piece: Piece, other: Sequence[float]) -> float:
    return piece.score - sum(other[piece.start : piece.end])


def _bump(pieces: Iterable[Piece], loud: Sequence[bool]) -> int:
    """Return the loud frames that are no speech in the pieces before a command."""
    before = [frame for piece in pieces for frame in loud[piece.start : piece.end]]
    apart = APART_MS // FRAME_MS
    for end in range(len(before) - apart, 0, -1):
        if not any(before[end : end + apart]):
            count = sum(before[:end])
            return count if count * FRAME_MS <= BUMP_AT_MOST_MS else 0
    return 0


def _least_gained(pieces: Iterable[Piece], other: Sequence[float]) -> float:
    return min((_gain(piece, other) / _frames(piece) for piece in pieces), default=0.0)


def _phones(word: str, said: Mapping[str, Sequence[Pronunciation]]) -> int:
    return min(map(len, said[word]))


def _twice_ms(spoken: Sequence[Piece], said: Mapping[str, Sequence[Pronunciation]]) -> int | None:
    lengths = [
        FRAME_MS * (_frames(first) + _frames(second))
        for first, second in pairwise(spoken)
        if not set(said[first.word]).isdisjoint(said[second.word])
    ]
    return min(lengths, default=None)


def _per_frame(path: Sequence[Piece], frames: int) -> list[float]:
    scores = [0.0] * frames
    for piece in path:
        for frame in range(piece.start, piece.end):
            scores[frame] = piece.score / (piece.end - piece.start)
    return scores


def is_command(found: Fit, sensitivity: float = 0.5) -> bool:
    """Return whether it was a command; `sensitivity` from 0 (strict) to 1 (lenient)."""
    shift = (sensitivity - 0.5) * 2 * SENSITIVITY_SPAN
    if found.opening:
        shift = min(shift, 0.0) - SENSITIVITY_SPAN
    if found.asking:
        shift += 2 * SENSITIVITY_SPAN
    return (
        found.mean >= MEAN_AT_LEAST - shift
        and found.mean + found.gained >= TOGETHER_AT_LEAST - shift
        and found.beside_ms <= BESIDE_AT_MOST_MS
        and found.long_gained >= LONG_GAINED_AT_LEAST - 2 * shift
        and found.phone_ms >= PHONE_AT_LEAST_MS
        and found.hasty_gained >= HASTY_GAINED_AT_LEAST - 2 * shift
        and found.gap_lost <= GAP_LOST_AT_MOST
        and (found.twice_ms is None or found.twice_ms >= TWICE_AT_LEAST_MS)
    )


def is_sure(found: Fit) -> bool:
    """Return whether it was heard so well that a short quiet may end it."""
    return found.mean >= SURE_ABOVE and found.mean + found.gained >= SURE_TOGETHER
