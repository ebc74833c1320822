"""Which room answers when several heard the same word.

Without it one sentence is carried out twice, and two rooms chime and speak at once. The nearest
satellite hears the word farthest above its own noise, so that one answers. Two people who say the
word in two rooms within the same moment count as one: only one of them is answered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WINDOW_S: Final = 0.12
"""From the first arrival of a word, on our own clock: what the same word takes to arrive from all
the rooms that heard it, network and the 80 ms steps of the detectors included."""

SAME_WORD_S: Final = 0.25
"""A word that a room heard within this time of the one that was answered already is that word: its
message was late, or its detector was. Two detectors decide up to two steps apart."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A room heard a word."""

    room: str
    turn: str
    snr_db: float
    score: float
    heard: float
    """When, in seconds of our own monotonic clock: the arrival less the age it came with."""


class Reason(StrEnum):
    """What made a room the one that answers."""

    ALONE = "alone"
    STRONGEST = "strongest"
    BETTER_SCORE = "better_score"
    FIRST = "first"


@dataclass(frozen=True)
class Verdict:
    """Who answers; the others stand down without a trace."""

    winner: Claim
    losers: tuple[Claim, ...]
    reason: Reason


def must_wait(claims: Sequence[Claim], rivals: Iterable[str]) -> bool:
    """Return whether a room that could hear this word may still claim it.

    A home with one room never waits, and none waits longer than for the last claim there can be.
    """
    return not {claim.room for claim in claims}.issuperset(rivals)


def with_claim(claims: Sequence[Claim], claim: Claim) -> tuple[Claim, ...]:
    """Return the claims with a new one; it takes the place of an older one of the same room."""
    return (*(it for it in claims if it.room != claim.room), claim)


def is_answered(claim: Claim, winner: Claim | None) -> bool:
    """Return whether a claim is of a word that another room answers already."""
    return winner is not None and winner.room != claim.room and _is_same(claim, winner)


def is_another_word(claim: Claim, claims: Sequence[Claim]) -> bool:
    """Return whether a claim is of another word than those that are being collected.

    Their ages tell, although they arrive together: a network can hold a message back.
    """
    return not all(_is_same(claim, it) for it in claims if it.room != claim.room)


def choose(claims: Sequence[Claim]) -> Verdict:
    """Return the verdict on the claims of one word, at least one of them."""
    ranked = sorted(claims, key=lambda it: (-it.snr_db, -it.score, it.heard, it.room))
    winner, *losers = ranked
    return Verdict(winner, tuple(losers), _reason(winner, losers))


def _is_same(one: Claim, other: Claim) -> bool:
    return abs(one.heard - other.heard) <= SAME_WORD_S


def _reason(winner: Claim, losers: Sequence[Claim]) -> Reason:
    if not losers:
        return Reason.ALONE
    if winner.snr_db > losers[0].snr_db:
        return Reason.STRONGEST
    return Reason.BETTER_SCORE if winner.score > losers[0].score else Reason.FIRST
