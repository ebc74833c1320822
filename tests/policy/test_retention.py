"""P4: retention is a ceiling, and the strictest rule wins."""

from dataclasses import replace
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
    loosest,
    strictest,
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

OUTCOMES = ("understood", "not_understood", "false_wake", "failed")

own = st.sampled_from(sorted(LENGTH))
any_period = st.sampled_from(Period)
houses = st.builds(HouseRetention, audio=own, transcript=own, **dict.fromkeys(OUTCOMES, any_period))
rooms = st.builds(
    RoomRetention,
    kind=st.sampled_from(RoomKind),
    audio=st.sampled_from(Period),
    transcript=st.sampled_from(Period),
)
outcomes = st.sampled_from(Outcome)


def length(ceiling):
    return float("inf") if ceiling.seconds is None else ceiling.seconds


@given(house=houses, room=rooms, outcome=outcomes, guest=st.booleans())
def test_no_verdict_is_looser_than_any_rule(house, room, outcome, guest):
    verdict = decide(house, room, outcome, guest=guest)
    for ceiling, of_house, of_room in (
        (verdict.audio, house.audio, room.audio),
        (verdict.transcript, house.transcript, room.transcript),
    ):
        assert length(ceiling) <= LENGTH[of_house]
        if of_room is not Period.AS_HOUSE:
            assert length(ceiling) <= LENGTH[of_room]
        if outcome in OUTCOMES and getattr(house, outcome) is not Period.AS_HOUSE:
            assert length(ceiling) <= LENGTH[getattr(house, outcome)]
        if room.kind in (RoomKind.UNSET, RoomKind.CHILD) or outcome is Outcome.MUTED or guest:
            assert not ceiling.allows
        if room.kind in PRIVATE and of_room is Period.AS_HOUSE:
            assert not ceiling.allows


@given(house=houses, room=rooms, outcome=outcomes, guest=st.booleans())
def test_the_rule_that_is_named_is_one_that_says_so(house, room, outcome, guest):
    verdict = decide(house, room, outcome, guest=guest)
    for ceiling, of_house, of_room in (
        (verdict.audio, house.audio, room.audio),
        (verdict.transcript, house.transcript, room.transcript),
    ):
        match ceiling.rule:
            case Rule.HOUSE:
                assert length(ceiling) == LENGTH[of_house]
            case Rule.ROOM:
                assert length(ceiling) == LENGTH[of_room]
            case Rule.UNDERSTOOD | Rule.NOT_UNDERSTOOD | Rule.FALSE_WAKE | Rule.FAILED:
                assert outcome == ceiling.rule
                assert length(ceiling) == LENGTH[getattr(house, outcome)]
            case Rule.GUEST:
                assert guest
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


def every_combination():
    """Yield every house, room and outcome there can be, for one of the two clocks."""
    for audio, of_outcome, kind, own_rule, outcome, guest in product(
        LENGTH, Period, RoomKind, Period, Outcome, (False, True)
    ):
        house = HouseRetention(audio=audio, **dict.fromkeys(OUTCOMES, of_outcome))
        yield house, RoomRetention(kind=kind, audio=own_rule), outcome, guest


def test_over_all_combinations_the_strictest_wins():
    """Not a sample: all 7 x 8 x 5 x 8 x 5 x 2 of them, against a list of who has a say."""
    for house, room, outcome, guest in every_combination():
        says = [LENGTH[house.audio]]
        if outcome is not Outcome.MUTED:
            says.append(LENGTH.get(getattr(house, outcome), float("inf")))
        says.append(LENGTH.get(room.audio, float("inf")))
        default_never = room.kind in PRIVATE and room.audio is Period.AS_HOUSE
        if default_never or room.kind in (RoomKind.UNSET, RoomKind.CHILD):
            says.append(0)
        if guest or outcome is Outcome.MUTED:
            says.append(0)
        assert length(decide(house, room, outcome, guest=guest).audio) == min(says)


@given(house=houses, room=rooms, outcome=outcomes)
def test_the_clock_of_audio_does_not_touch_that_of_words(house, room, outcome):
    before = decide(house, room, outcome).transcript
    for audio in LENGTH:
        louder = replace(house, audio=audio), replace(room, audio=audio)
        assert decide(*louder, outcome).transcript == before


def test_guest_mode_keeps_nothing_and_says_so():
    house = HouseRetention(audio=Period.FOREVER, transcript=Period.FOREVER)
    verdict = decide(house, RoomRetention(kind=RoomKind.OTHER), Outcome.UNDERSTOOD, guest=True)
    assert not verdict.allows
    assert verdict.audio.rule is verdict.transcript.rule is Rule.GUEST


@given(house=houses, room=rooms, others=st.lists(rooms, max_size=3), outcome=outcomes)
def test_of_many_verdicts(house, room, others, outcome):
    verdicts = [decide(house, it, outcome) for it in (room, *others)]
    for choose, pick in ((strictest, min), (loosest, max)):
        chosen = choose(verdicts)
        assert length(chosen.audio) == pick(length(it.audio) for it in verdicts)
        assert length(chosen.transcript) == pick(length(it.transcript) for it in verdicts)


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
