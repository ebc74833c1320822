"""When two models' scores are a wake word: pure, the time is passed in.

Without it each model's own threshold decides alone: then speech that resembles the word to one
model wakes the room, or a word in noise is missed to avoid that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

REFRACTORY_SECONDS = 2.0
"""After a detection nothing counts this long: one spoken word is one detection (facts of the
field: repeated triggers are a model's scores that stay up)."""

TOGETHER_SECONDS = 1.0
"""Stage one and stage two must both have been over their bars within this time."""

OWN_VOICE_FRAMES = 2
"""While our own loudspeaker plays, so many scores of each stage must be over their bars instead of
one: a reply that only resembles the word for a moment must not cut itself off."""


class Sensitivity(StrEnum):
    """How readily the word is heard."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True)
class Attention:
    """What goes on in the room that hearing has to know of.

    `own_voice`: our own loudspeaker plays, so a detection needs more. `stop`: something can be
    stopped, so the stop word is listened for; at any other time its model does not run.
    """

    own_voice: bool = False
    stop: bool = False

    @classmethod
    def from_number(cls, number: int) -> Attention:
        """Read what `number` wrote."""
        return cls(own_voice=bool(number & 1), stop=bool(number & 2))

    @property
    def number(self) -> int:
        """All of it as a number, for a line to the ear."""
        return self.own_voice | self.stop << 1

    @property
    def frames(self) -> int:
        """How many scores must be over their bars."""
        return OWN_VOICE_FRAMES if self.own_voice else 1


NOTHING = Attention()


class Reason(StrEnum):
    """Why a score led, or did not lead, to a detection."""

    QUIET = "quiet"
    SUSPICIOUS = "suspicious"
    CONFIRMED = "confirmed"
    ALONE = "alone"
    REFRACTORY = "refractory"


@dataclass(frozen=True)
class Bars:
    """What scores (0 to 1) are enough.

    `steps` are pairs (stage one, stage two), the surest stage one first: the less sure stage one
    is, the surer stage two must be. `alone_second` is for a word that only stage two knows;
    `alone_first` replaces the model's own cutoff where only stage one is used.
    """

    steps: tuple[tuple[float, float], ...]
    alone_second: float
    alone_first: float | None = None

    @property
    def suspicious(self) -> float:
        """The least that stage one must say for a second look."""
        return min(first for first, _ in self.steps)

    def needed(self, first: float) -> float:
        """Tell what stage two must say when stage one said `first`."""
        return min((second for least, second in self.steps if first >= least), default=math.inf)


# (0.3, 0.02) and (0.5, 0.05) were measured on 329 recorded clips and 4.4 h of other speech for
# "alexa": 0.0 and 0.3 % missed, no false accept. The other steps come from five synthetic voices:
# run together with the command ("hey jarvis turn on ...") the word leaves stage one at 0.03 and
# stage two at 0.95; in 1.5 h of synthetic speech full of near misses they added nothing to the
# false accepts of the first step. Synthetic voices prove wiring, not accuracy: measure your own.
BARS = {
    Sensitivity.LOW: Bars(((0.5, 0.05), (0.3, 0.3), (0.1, 0.7)), 0.7, alone_first=0.97),
    Sensitivity.MEDIUM: Bars(((0.3, 0.02), (0.2, 0.1), (0.03, 0.5)), 0.5),
    Sensitivity.HIGH: Bars(((0.2, 0.02), (0.1, 0.1), (0.02, 0.3)), 0.3, alone_first=0.7),
}


@dataclass(frozen=True)
class Suspicion:
    """What a word's decision remembers: when a score was last over its bar, how far at most, and
    how many scores were in a row or, of two stages, within `TOGETHER_SECONDS`."""

    at: float = -math.inf
    score: float = 0.0
    frames: int = 0


NONE = Suspicion()


@dataclass(frozen=True)
class Verdict:
    """What the scores mean now. `fired`: the wake word was said, with `score` (0 to 1)."""

    fired: bool
    reason: Reason
    score: float
    suspicion: Suspicion = NONE

    @property
    def look(self) -> bool:
        """Whether a second look is worth its cost."""
        return self.reason is Reason.SUSPICIOUS


def suspect(before: Suspicion, now: float, score: float, bars: Bars, quiet_until: float) -> Verdict:
    """Stage one spoke at `now` seconds of the stream; ask `confirm` if it says to look."""
    if now < quiet_until:
        return Verdict(False, Reason.REFRACTORY, score)
    if score >= bars.suspicious:
        kept = before if now - before.at <= TOGETHER_SECONDS else NONE
        suspicion = Suspicion(now, max(score, kept.score), kept.frames + 1)
        return Verdict(False, Reason.SUSPICIOUS, score, suspicion)
    if now - before.at <= TOGETHER_SECONDS:
        return Verdict(False, Reason.SUSPICIOUS, score, before)
    return Verdict(False, Reason.QUIET, score)


def confirm(
    suspicion: Suspicion, looks: Sequence[float], bars: Bars, *, frames: int = 1
) -> Verdict:
    """Stage two looked: `looks` are its scores over the time that the look covers.

    Of each stage, `frames` scores must be over the bar.
    """
    needed = bars.needed(suspicion.score)
    fired = suspicion.frames >= frames and sum(look >= needed for look in looks) >= frames
    reason = Reason.CONFIRMED if fired else Reason.SUSPICIOUS
    return Verdict(fired, reason, suspicion.score, suspicion)


def alone(
    before: Suspicion, now: float, score: float, bar: float, quiet_until: float, *, frames: int = 1
) -> Verdict:
    """Only one model knows the word, or only one may be used: `frames` scores in a row decide."""
    if now < quiet_until:
        return Verdict(False, Reason.REFRACTORY, score)
    if score < bar:
        return Verdict(False, Reason.QUIET, score)
    row = Suspicion(now, score, before.frames + 1)
    return Verdict(row.frames >= frames, Reason.ALONE, score, row)
