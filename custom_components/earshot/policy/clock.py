"""What time it is, as far as a clock can be believed. Nothing here reads one.

Two clocks are compared: the wall clock, which can be set, and the time since the machine started,
which cannot. Without this, a clock set forward would destroy what may still be kept, and one set
back would keep, and give out, what has long been due.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

JUMP = timedelta(hours=1)
"""The wall clock may go wrong by this much between two looks before it is doubted."""

DOUBT_S = 24 * 3_600.0
"""A clock that was doubted for this long, by the time the machine ran, is believed again."""


@dataclass(frozen=True)
class Moment:
    """One point in time, by both clocks."""

    wall: datetime
    boot_id: str = ""
    """Which run of the machine `boottime` counts in; empty: not known."""

    boottime: float = 0.0
    """Seconds since the machine started, time asleep included."""

    def seconds_since(self, then: Moment) -> float | None:
        """Return the time since another moment of the same run of the machine, else None."""
        if not self.boot_id or self.boot_id != then.boot_id:
            return None
        return max(0.0, self.boottime - then.boottime)


@dataclass(frozen=True)
class Age:
    """How many seconds ago something was, in bounds."""

    certain: float
    """At least. Only this makes anything due."""

    possible: float
    """At most. This is enough to refuse playback."""


@dataclass(frozen=True)
class Reading:
    """What a clock said, and between which times the truth lies."""

    now: Moment
    trusted: bool
    earliest: datetime
    latest: datetime | None
    """None: the machine was off for nobody knows how long."""

    @classmethod
    def believed(cls, now: Moment) -> Reading:
        """Return the reading of a clock that nothing speaks against."""
        return cls(now, trusted=True, earliest=now.wall, latest=now.wall)

    def age(self, then: Moment) -> Age:
        """Return how long ago something was; where both clocks know, the larger age counts."""
        ran = self.now.seconds_since(then)
        certain = max(0.0, (self.earliest - then.wall).total_seconds(), ran or 0.0)
        if self.latest is not None:
            return Age(certain, max(certain, (self.latest - then.wall).total_seconds()))
        return Age(certain, math.inf if ran is None else certain)

    def started(self, seconds_ago: float) -> Moment:
        """Return the moment some seconds ago, with the best wall time there is."""
        wall = self.now.wall if self.trusted else self.earliest
        boottime = self.now.boottime - seconds_ago
        return Moment(wall - timedelta(seconds=seconds_ago), self.now.boot_id, boottime)


@dataclass(frozen=True)
class Doubt:
    """Since when the clock is not believed."""

    since: Moment
    seconds: float = 0.0
    """How long, by the time the machine ran."""

    ahead: bool = False
    """It jumped forward, not back."""


@dataclass(frozen=True)
class ClockState:
    """What must outlive a restart."""

    believed: Moment
    """The last look that was believed."""

    highest: datetime
    """The latest wall time that was ever believed; it holds a clock that was set back."""

    seen: Moment
    """The last look."""

    doubt: Doubt | None = None


def look(state: ClockState | None, now: Moment) -> tuple[ClockState, Reading]:
    """Judge what both clocks say now by what they said before."""
    if state is None:
        return ClockState(now, now.wall, now), Reading.believed(now)
    ran = now.seconds_since(state.believed)
    # At a new start of the machine it has run since, and was off before that.
    floor = state.believed.wall + timedelta(seconds=now.boottime if ran is None else ran)
    # Many small steps back are a jump as well.
    floor = max(floor, state.highest)
    doubt = _doubt(state, now, floor, off=ran is None)
    if doubt is None:
        # Put right by itself, or set by less than a jump: what was believed before still holds.
        highest = max(state.highest, now.wall)
        reading = Reading(now, trusted=True, earliest=highest, latest=highest)
        return ClockState(now, highest, now), reading
    if doubt.seconds >= DOUBT_S:
        return ClockState(now, now.wall, now), Reading.believed(now)
    latest = None if ran is None and not doubt.ahead else max(floor, now.wall)
    return replace(state, seen=now, doubt=doubt), Reading(
        now, trusted=False, earliest=floor, latest=latest
    )


def _doubt(state: ClockState, now: Moment, floor: datetime, *, off: bool) -> Doubt | None:
    """Return the doubt in what the wall clock says now."""
    ahead = now.wall > floor + JUMP
    if off and ahead:
        # Any time may have passed while the machine was off; but a clock that was doubted as fast
        # before is not right because the machine was started anew.
        was = state.doubt
        ahead = was is not None and was.ahead and now.wall >= state.seen.wall - JUMP
    if not ahead and now.wall >= floor - JUMP:
        return None
    if state.doubt is None:
        return Doubt(now, ahead=ahead)
    ran = now.seconds_since(state.seen)
    more = now.boottime if ran is None else ran
    return replace(state.doubt, seconds=state.doubt.seconds + more, ahead=ahead)
