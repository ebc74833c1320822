"""How long what was heard may be kept.

Retention is a ceiling. Every rule that applies names the longest time it allows, the strictest
wins, and the verdict carries its name, so that a room can show who decided. Without this, a wider
rule in one place would quietly overrule a narrower one in another.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Period(StrEnum):
    """What can be chosen; every one means "at most"."""

    AS_HOUSE = "as_house"
    NEVER = "never"
    HOUR = "1_hour"
    HOURS_6 = "6_hours"
    DAY = "1_day"
    WEEK = "7_days"
    MONTH = "30_days"
    FOREVER = "forever"

    @property
    def seconds(self) -> int | None:
        """Length in seconds; 0 for never, None for forever. `AS_HOUSE` has none: ValueError."""
        if self is Period.AS_HOUSE:
            raise ValueError("the house's own rule cannot be 'as the house'")
        return _SECONDS[self]


_SECONDS: dict[Period, int | None] = {
    Period.NEVER: 0,
    Period.HOUR: 3_600,
    Period.HOURS_6: 6 * 3_600,
    Period.DAY: 86_400,
    Period.WEEK: 7 * 86_400,
    Period.MONTH: 30 * 86_400,
    Period.FOREVER: None,
}


class Outcome(StrEnum):
    """How a turn ended."""

    UNDERSTOOD = "understood"
    NOT_UNDERSTOOD = "not_understood"
    FALSE_WAKE = "false_wake"
    FAILED = "failed"
    MUTED = "muted"


class RoomKind(StrEnum):
    """What kind of room it is; nothing is kept until somebody says."""

    UNSET = "unset"
    BEDROOM = "bedroom"
    BATHROOM = "bathroom"
    CHILD = "child"
    OTHER = "other"


class Rule(StrEnum):
    """Which rule decided, the narrower first: that is the one named when two allow the same."""

    MUTED = "muted"
    GUEST = "guest"
    """Guests are in the house, and agreed to nothing."""

    ROOM_KIND_UNSET = "room_kind_unset"
    ROOM_KIND = "room_kind"
    ROOM = "room"
    UNDERSTOOD = "understood"
    NOT_UNDERSTOOD = "not_understood"
    FALSE_WAKE = "false_wake"
    FAILED = "failed"
    HOUSE = "house"


@dataclass(frozen=True, kw_only=True)
class HouseRetention:
    """The house's ceilings; no room can go above them.

    Those of the outcomes hold for audio and transcript alike; `AS_HOUSE` makes none of them.
    """

    audio: Period = Period.DAY
    transcript: Period = Period.WEEK
    understood: Period = Period.AS_HOUSE
    not_understood: Period = Period.AS_HOUSE
    false_wake: Period = Period.HOURS_6
    """Of a turn in which nobody spoke to us."""

    failed: Period = Period.AS_HOUSE

    def __post_init__(self) -> None:
        if Period.AS_HOUSE in (self.audio, self.transcript):
            raise ValueError("the house's own rule cannot be 'as the house'")

    def of_outcome(self, outcome: Outcome) -> Period:
        """Return the ceiling that this outcome has of its own."""
        match outcome:
            case Outcome.UNDERSTOOD:
                return self.understood
            case Outcome.NOT_UNDERSTOOD:
                return self.not_understood
            case Outcome.FALSE_WAKE:
                return self.false_wake
            case Outcome.FAILED:
                return self.failed
            case Outcome.MUTED:
                return Period.NEVER


@dataclass(frozen=True, kw_only=True)
class RoomRetention:
    """A room's kind and its own ceilings."""

    kind: RoomKind = RoomKind.UNSET
    audio: Period = Period.AS_HOUSE
    transcript: Period = Period.AS_HOUSE


@dataclass(frozen=True)
class Ceiling:
    """The longest time something may be kept, and the rule that says so."""

    seconds: int | None
    """0: it is never written. None: until somebody deletes it."""

    rule: Rule

    @property
    def allows(self) -> bool:
        """Whether anything may be written at all."""
        return self.seconds != 0

    @property
    def length(self) -> float:
        """Seconds, for comparing: infinite for no end."""
        return float("inf") if self.seconds is None else self.seconds

    def expires(self, started: datetime) -> datetime | None:
        """Return when something that began then must be gone; None for no end."""
        return None if self.seconds is None else started + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class Verdict:
    """What may be kept of one turn. The clocks of audio and transcript run apart."""

    audio: Ceiling
    transcript: Ceiling
    """For the words and for the record of what they did, which tells as much."""

    @property
    def allows(self) -> bool:
        """Whether anything may be written at all."""
        return self.audio.allows or self.transcript.allows


def decide(
    house: HouseRetention, room: RoomRetention, outcome: Outcome, *, guest: bool = False
) -> Verdict:
    """Return what may be kept of a turn with this outcome in this room.

    `guest` says that guest mode is on, in which nothing is kept.
    """
    shared = [*_of_turn(outcome, guest=guest), *_of_kind(room.kind)]
    return Verdict(
        audio=_shortest([*shared, *_ceilings(house.audio, room.audio, house, room, outcome)]),
        transcript=_shortest(
            [*shared, *_ceilings(house.transcript, room.transcript, house, room, outcome)]
        ),
    )


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """Return what all of the verdicts allow; of two that allow the same, the first is named."""
    known = tuple(verdicts)
    return Verdict(
        audio=_shortest([it.audio for it in known]),
        transcript=_shortest([it.transcript for it in known]),
    )


def loosest(verdicts: Iterable[Verdict]) -> Verdict:
    """Return what any of the verdicts allows."""
    known = tuple(verdicts)
    return Verdict(
        audio=max((it.audio for it in known), key=_length),
        transcript=max((it.transcript for it in known), key=_length),
    )


def _of_turn(outcome: Outcome, *, guest: bool) -> Iterator[Ceiling]:
    if outcome is Outcome.MUTED:
        yield Ceiling(0, Rule.MUTED)
    if guest:
        yield Ceiling(0, Rule.GUEST)


def _of_kind(kind: RoomKind) -> Iterator[Ceiling]:
    match kind:
        case RoomKind.UNSET:
            yield Ceiling(0, Rule.ROOM_KIND_UNSET)
        case RoomKind.CHILD:
            yield Ceiling(0, Rule.ROOM_KIND)


def _ceilings(
    of_house: Period, of_room: Period, house: HouseRetention, room: RoomRetention, outcome: Outcome
) -> Iterator[Ceiling]:
    if of_room is not Period.AS_HOUSE:
        yield Ceiling(of_room.seconds, Rule.ROOM)
    elif room.kind in (RoomKind.BEDROOM, RoomKind.BATHROOM):
        # Never is their default, not their fate: it takes the room's own word to lift it.
        yield Ceiling(0, Rule.ROOM_KIND)
    if (of_outcome := house.of_outcome(outcome)) is not Period.AS_HOUSE:
        yield Ceiling(of_outcome.seconds, Rule(outcome))
    yield Ceiling(of_house.seconds, Rule.HOUSE)


def _shortest(ceilings: Iterable[Ceiling]) -> Ceiling:
    return min(ceilings, key=_length)


def _length(ceiling: Ceiling) -> float:
    return ceiling.length
