"""P4: retention is a ceiling, and the strictest rule wins."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.earshot.policy.retention import (
    HouseRetention,
    Outcome,
    Period,
    RoomKind,
    RoomRetention,
    Rule,
    decide,
)

LENGTH = {
    Period.NEVER: 0,
    Period.HOUR: 3_600,
    Period.HOURS_6: 21_600,
    Period.DAY: 86_400,
    Period.WEEK: 604_800,
    Period.MONTH: 2_592_000,
    Period.FOREVER: float("inf"),
}
PRIVATE = (RoomKind.BEDROOM, RoomKind.BATHROOM, RoomKind.CHILD)

own = st.sampled_from(sorted(LENGTH))
houses = st.builds(HouseRetention, audio=own, transcript=own, false_wake=own)
rooms = st.builds(
    RoomRetention,
    kind=st.sampled_from(RoomKind),
    audio=st.sampled_from(Period),
    transcript=st.sampled_from(Period),
)
outcomes = st.sampled_from(Outcome)


def length(ceiling):
    return float("inf") if ceiling.seconds is None else ceiling.seconds


@given(house=houses, room=rooms, outcome=outcomes)
def test_no_verdict_is_looser_than_any_rule(house, room, outcome):
    verdict = decide(house, room, outcome)
    for ceiling, of_house, of_room in (
        (verdict.audio, house.audio, room.audio),
        (verdict.transcript, house.transcript, room.transcript),
    ):
        assert length(ceiling) <= LENGTH[of_house]
        if of_room is not Period.AS_HOUSE:
            assert length(ceiling) <= LENGTH[of_room]
        if outcome is Outcome.FALSE_WAKE:
            assert length(ceiling) <= LENGTH[house.false_wake]
        if room.kind in (RoomKind.UNSET, RoomKind.CHILD) or outcome is Outcome.MUTED:
            assert not ceiling.allows
        if room.kind in PRIVATE and of_room is Period.AS_HOUSE:
            assert not ceiling.allows


@given(house=houses, room=rooms, outcome=outcomes)
def test_the_rule_that_is_named_is_one_that_says_so(house, room, outcome):
    verdict = decide(house, room, outcome)
    for ceiling, of_house, of_room in (
        (verdict.audio, house.audio, room.audio),
        (verdict.transcript, house.transcript, room.transcript),
    ):
        match ceiling.rule:
            case Rule.HOUSE:
                assert length(ceiling) == LENGTH[of_house]
            case Rule.ROOM:
                assert length(ceiling) == LENGTH[of_room]
            case Rule.FALSE_WAKE:
                assert outcome is Outcome.FALSE_WAKE
                assert length(ceiling) == LENGTH[house.false_wake]
            case Rule.MUTED:
                assert outcome is Outcome.MUTED
            case Rule.ROOM_KIND_UNSET:
                assert room.kind is RoomKind.UNSET
            case Rule.ROOM_KIND:
                assert room.kind in PRIVATE


@given(house=houses, room=rooms, outcome=outcomes, narrower=own)
def test_narrowing_a_rule_never_lengthens_anything(house, room, outcome, narrower):
    """A room's own period is at most what it was before it was narrowed, for every rule."""
    before = decide(house, room, outcome)
    if LENGTH[narrower] > min(LENGTH[house.audio], LENGTH.get(room.audio, float("inf"))):
        return
    if room.audio is Period.AS_HOUSE and room.kind in PRIVATE:
        return
    after = decide(
        house, RoomRetention(kind=room.kind, audio=narrower, transcript=room.transcript), outcome
    )
    assert length(after.audio) <= length(before.audio)
    assert after.transcript == before.transcript


@pytest.mark.parametrize("outcome", Outcome)
def test_nothing_is_kept_until_somebody_says_what_kind_of_room_it_is(outcome):
    verdict = decide(
        HouseRetention(audio=Period.FOREVER, transcript=Period.FOREVER, false_wake=Period.FOREVER),
        RoomRetention(audio=Period.FOREVER, transcript=Period.FOREVER),
        outcome,
    )
    assert not verdict.allows


@pytest.mark.parametrize("where", ["house", "room"])
def test_never_anywhere_wins(where):
    never = {"audio": Period.NEVER, "transcript": Period.NEVER}
    forever = {"audio": Period.FOREVER, "transcript": Period.FOREVER}
    house = HouseRetention(**(never if where == "house" else forever), false_wake=Period.FOREVER)
    for kind, outcome in product(RoomKind, Outcome):
        room = RoomRetention(kind=kind, **(never if where == "room" else forever))
        assert not decide(house, room, outcome).allows


def test_what_a_new_house_keeps():
    """The defaults that the documentation names, to the second."""
    house = HouseRetention()
    verdict = decide(house, RoomRetention(kind=RoomKind.OTHER), Outcome.UNDERSTOOD)
    assert (verdict.audio.seconds, verdict.transcript.seconds) == (86_400, 604_800)
    verdict = decide(house, RoomRetention(kind=RoomKind.OTHER), Outcome.FALSE_WAKE)
    assert (verdict.audio.seconds, verdict.transcript.seconds) == (21_600, 21_600)
    assert verdict.audio.rule == "false_wake"
    for kind in PRIVATE:
        verdict = decide(house, RoomRetention(kind=kind), Outcome.UNDERSTOOD)
        assert not verdict.allows
        assert verdict.audio.rule == "room_kind"


def test_a_bedroom_keeps_only_by_its_own_word_and_a_childs_room_never():
    for kind, seconds in ((RoomKind.BEDROOM, 3_600), (RoomKind.CHILD, 0)):
        room = RoomRetention(kind=kind, transcript=Period.HOUR)
        verdict = decide(HouseRetention(), room, Outcome.UNDERSTOOD)
        assert not verdict.audio.allows
        assert verdict.transcript.seconds == seconds


def test_the_house_cannot_be_as_the_house():
    with pytest.raises(ValueError, match="as the house"):
        HouseRetention(audio=Period.AS_HOUSE)


def test_when_it_must_be_gone():
    started = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    verdict = decide(
        HouseRetention(audio=Period.FOREVER), RoomRetention(kind=RoomKind.OTHER), Outcome.FAILED
    )
    assert verdict.audio.expires(started) is None
    assert verdict.transcript.expires(started) == started + timedelta(days=7)
