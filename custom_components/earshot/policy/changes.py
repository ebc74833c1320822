"""When a changed rule begins to hold.

What is stricter holds at once for what is heard from now on, and five minutes later for what is
already kept: so long it can be taken back. What is looser holds after a day, unless somebody in
the room confirms it there, and only for what is heard after that. Without this, one tap of one
person would open a room to listening while nobody in it could know.

Every change remembers the rules before it. For as long as one binds, those bind as well, and the
strictest of all wins: so a rule that was loosened twice, or back and forth, cannot slip through.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from .access import RoomAccess
from .clock import Moment, Reading
from .retention import HouseRetention, Outcome, RoomKind, RoomRetention, Verdict, decide

HOLD_S: Final = 24 * 3_600.0
"""What is looser waits for so long."""

GRACE_S: Final = 5 * 60.0
"""What is stricter leaves so long to what is already kept."""

SHOWN_S: Final = 7 * 24 * 3_600.0
"""A change is shown for so long."""


class Aspect(StrEnum):
    """What a change can loosen or tighten. The values are names of options where there is one."""

    AUDIO = "audio"
    TRANSCRIPT = "transcript"
    ROOM_KIND = "room_kind"
    """No child's room any more."""

    LISTENERS = "listeners"
    SECOND_FACTOR = "second_factor"
    REMOTE = "remote"
    LONG_LIVED = "long_lived"
    PLAIN_HTTP = "plain_http"
    LOCAL_ONLY = "local_only"
    SEALED = "sealed"
    DEBUG_ALLOWED = "debug_allowed"
    REMOTE_LISTEN = "remote_listen"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, kw_only=True)
class RoomRules:
    """Everything that can be ruled of one room."""

    retention: RoomRetention = field(default_factory=RoomRetention)
    access: RoomAccess = field(default_factory=RoomAccess)
    debug_allowed: bool = False
    """Commands are taken although Home Assistant records them for debugging."""

    remote_listen: bool = False
    """It may listen although nobody in the room woke it."""

    follow_up: bool = True
    """It may listen once more right after a reply."""


@dataclass(frozen=True, kw_only=True)
class Edit[R]:
    """One change of rules, with the whole of them before and after it."""

    before: R
    after: R
    made: Moment
    confirmed: Mapping[str, datetime] = field(default_factory=dict)
    """By room: when somebody there confirmed it, so that it need not wait."""

    def begins(self, room_id: str) -> datetime:
        """Return when what it loosens begins to hold in a room, by the wall clock of then."""
        due = self.made.wall + timedelta(seconds=HOLD_S)
        return min(due, self.confirmed.get(room_id, due))

    def waits(self, room_id: str, clock: Reading) -> bool:
        """Return whether what it loosens does not hold in a room yet."""
        return room_id not in self.confirmed and elapsed(clock, self.made) < HOLD_S


def elapsed(clock: Reading, then: Moment) -> float:
    """Return the seconds since then that are certain, as a wall clock cannot hurry them."""
    ran = clock.now.seconds_since(then)
    return clock.age(then).certain if ran is None else ran


def binding[R](
    edits: Iterable[Edit[R]], room_id: str, clock: Reading, heard: datetime | None = None
) -> Iterator[R]:
    """Yield the older rules that still bind in a room beside those of today.

    `heard`: for what was heard then, also those that were loosened only after it.
    """
    for edit in edits:
        if edit.waits(room_id, clock) or (heard is not None and heard < edit.begins(room_id)):
            yield edit.before


def recent[R](edits: Iterable[Edit[R]], clock: Reading) -> Iterator[R]:
    """Yield the older rules to which what is already kept may still hold."""
    return (edit.before for edit in edits if elapsed(clock, edit.made) < GRACE_S)


def strictest_access(of_all: Iterable[RoomAccess]) -> RoomAccess:
    """Return what all of the rules allow."""
    known = tuple(of_all)
    return RoomAccess(
        listeners=frozenset.intersection(*(it.listeners for it in known)),
        second_factor=any(it.second_factor for it in known),
        remote=all(it.remote for it in known),
        long_lived=all(it.long_lived for it in known),
        plain_http=all(it.plain_http for it in known),
        local_only=any(it.local_only for it in known),
        child=any(it.child for it in known),
        sealed=any(it.sealed for it in known),
    )


@dataclass(frozen=True)
class Effect:
    """What a change of rules does to one room."""

    loosened: frozenset[Aspect] = frozenset()
    tightened: frozenset[Aspect] = frozenset()
    added: frozenset[str] = frozenset()
    """Listeners."""

    removed: frozenset[str] = frozenset()


def effect(
    before: tuple[HouseRetention, RoomRules], after: tuple[HouseRetention, RoomRules]
) -> Effect:
    """Return what a change does, whatever was written: a rule above a stricter one does nothing."""
    was, will = before[1].access.listeners, after[1].access.listeners
    return Effect(
        loosened=frozenset(_loosened(before, after)),
        tightened=frozenset(_loosened(after, before)),
        added=will - was,
        removed=was - will,
    )


def _loosened(
    before: tuple[HouseRetention, RoomRules], after: tuple[HouseRetention, RoomRules]
) -> Iterator[Aspect]:
    pairs = tuple(zip(_verdicts(*before), _verdicts(*after), strict=True))
    if any(was.audio.length < will.audio.length for was, will in pairs):
        yield Aspect.AUDIO
    if any(was.transcript.length < will.transcript.length for was, will in pairs):
        yield Aspect.TRANSCRIPT
    was, will = before[1], after[1]
    if will.access.listeners - was.access.listeners:
        yield Aspect.LISTENERS
    for aspect, strict, still_strict in (
        (Aspect.ROOM_KIND, _is_child(was), _is_child(will)),
        (Aspect.SECOND_FACTOR, was.access.second_factor, will.access.second_factor),
        (Aspect.REMOTE, not was.access.remote, not will.access.remote),
        (Aspect.LONG_LIVED, not was.access.long_lived, not will.access.long_lived),
        (Aspect.PLAIN_HTTP, not was.access.plain_http, not will.access.plain_http),
        (Aspect.LOCAL_ONLY, was.access.local_only, will.access.local_only),
        (Aspect.SEALED, was.access.sealed, will.access.sealed),
        (Aspect.DEBUG_ALLOWED, not was.debug_allowed, not will.debug_allowed),
        (Aspect.REMOTE_LISTEN, not was.remote_listen, not will.remote_listen),
        (Aspect.FOLLOW_UP, not was.follow_up, not will.follow_up),
    ):
        if strict and not still_strict:
            yield aspect


def _verdicts(house: HouseRetention, room: RoomRules) -> list[Verdict]:
    return [decide(house, room.retention, outcome) for outcome in Outcome]


def _is_child(rules: RoomRules) -> bool:
    return rules.retention.kind is RoomKind.CHILD
