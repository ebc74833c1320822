"""The list of who listened: one entry for a visit, and none is hidden behind many of another's."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.earshot.api.visits import APART, Visits
from custom_components.earshot.audit import Actor, Line, Verb

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
ANNA, ULF = Actor("a" * 32, "1" * 32, "user"), Actor("b" * 32, "2" * 32, "user")
ANNAS_PHONE = Actor("a" * 32, "3" * 32, "user")

type Entry = tuple[str | None, Verb, str | None, int, int, int]


@pytest.fixture
def home() -> None:
    """Do without the Home Assistant of the other tests."""


def line(
    seq: int, minutes: float, actor: Actor = ANNA, verb: Verb = Verb.READ, room: str = "kitchen"
) -> Line:
    """Return a line that was written some minutes past noon."""
    when = NOON + timedelta(minutes=minutes)
    return Line(
        seq=seq, chain="0" * 32, time_ms=int(when.timestamp() * 1000), boot_id="boot",
        actor=actor, verb=verb, room_id=room,
    )  # fmt: skip


def listed(*lines: Line, most: int = 50) -> list[Entry]:
    """Return the entries of lines, given as the log has them: the oldest first."""
    visits = Visits(most)
    for each in reversed(lines):
        if not visits.add(each):
            break
    return [
        (it.last.actor.user_id, it.last.verb, it.last.room_id, it.count, it.first.seq, it.last.seq)
        for it in visits
    ]


def test_who_looks_in_again_and_again_is_told_once() -> None:
    """From whichever device; with the first and the last time."""
    lines = [line(1, 0), line(2, 6, ANNAS_PHONE), line(3, 12), line(4, 35)]
    assert listed(*lines) == [(ANNA.user_id, Verb.READ, "kitchen", 4, 1, 4)]


@pytest.mark.parametrize(
    "other",
    [
        line(2, 1, ULF),
        line(2, 1, verb=Verb.PLAYED),
        line(2, 1, room="bedroom"),
        line(2, APART.total_seconds() / 60),
        line(2, -APART.total_seconds() / 60),
    ],
    ids=["somebody else", "something else", "another room", "later", "the clock was set back"],
)
def test_another_visit_is_an_entry_of_its_own(other: Line) -> None:
    assert [entry[3] for entry in listed(line(1, 0), other)] == [1, 1]


def test_somebody_else_in_between_stands_between() -> None:
    """The last one first; what Anna did around it is one visit all the same."""
    lines = [line(1, 0), line(2, 5, ULF), line(3, 10)]
    assert [(entry[0], entry[3]) for entry in listed(*lines)] == [
        (ANNA.user_id, 2),
        (ULF.user_id, 1),
    ]


def test_no_entry_is_lost_between_two_pages() -> None:
    """A page ends before the line that would begin one more; the next one begins with that line."""
    lines = [line(1, 0, ULF), line(2, 1), line(3, 2, ULF, room="bedroom"), line(4, 3)]
    page = listed(*lines, most=2)
    assert [entry[3] for entry in page] == [2, 1]
    before = min(entry[4] for entry in page)
    assert listed(*[it for it in lines if it.seq < before]) == [
        (ULF.user_id, Verb.READ, "kitchen", 1, 1, 1)
    ]
