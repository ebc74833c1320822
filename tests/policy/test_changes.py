"""P4, the rules that change: what is stricter holds at once, what is looser waits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.earshot.policy.access import RoomAccess
from custom_components.earshot.policy.changes import (
    GRACE_S,
    HOLD_S,
    Aspect,
    Edit,
    RoomRules,
    binding,
    effect,
    elapsed,
    recent,
    strictest_access,
)
from custom_components.earshot.policy.clock import Moment, Reading, look
from custom_components.earshot.policy.retention import (
    HouseRetention,
    Outcome,
    Period,
    RoomKind,
    RoomRetention,
    decide,
    strictest,
)

START = datetime(2026, 3, 28, 12, tzinfo=UTC)
ROOM = "kitchen"
periods = st.sampled_from([it for it in Period if it is not Period.AS_HOUSE])
houses = st.builds(
    HouseRetention,
    audio=periods,
    transcript=periods,
    understood=st.sampled_from(Period),
    not_understood=st.sampled_from(Period),
    false_wake=st.sampled_from(Period),
    failed=st.sampled_from(Period),
)
retentions = st.builds(
    RoomRetention,
    kind=st.sampled_from(RoomKind),
    audio=st.sampled_from(Period),
    transcript=st.sampled_from(Period),
)
users = st.frozensets(st.sampled_from(["anna", "ben", "cem"]))
accesses = st.builds(
    RoomAccess,
    listeners=users,
    second_factor=st.booleans(),
    remote=st.booleans(),
    long_lived=st.booleans(),
    plain_http=st.booleans(),
    local_only=st.booleans(),
    child=st.booleans(),
    sealed=st.booleans(),
)
rules = st.builds(RoomRules, retention=retentions, access=accesses, debug_allowed=st.booleans())


def at(hours: float, *, boot: str = "one", wall_hours: float | None = None) -> Moment:
    """Return the moment some hours after the start; the wall clock may say otherwise."""
    wall = START + timedelta(hours=hours if wall_hours is None else wall_hours)
    return Moment(wall, boot, hours * 3_600)


def reading(moment: Moment) -> Reading:
    return Reading.believed(moment)


def waits(edit: Edit, moment: Moment) -> bool:
    return bool(list(binding([edit], ROOM, reading(moment))))


an_edit = Edit(before="before", after="after", made=at(0))


def test_what_is_looser_waits_a_day():
    assert waits(an_edit, at(0))
    assert waits(an_edit, at(HOLD_S / 3_600 - 0.001))
    assert not waits(an_edit, at(HOLD_S / 3_600))


def test_a_clock_set_forward_does_not_hurry_it():
    """Neither at once nor through a reading that is believed again."""
    jumped = at(1, wall_hours=500)
    assert waits(an_edit, jumped)
    assert elapsed(reading(jumped), an_edit.made) == 3_600


def test_a_clock_set_forward_over_a_restart_of_the_machine_is_doubted():
    """What the wall clock says is not believed, so what waits goes on waiting."""
    state, _ = look(None, at(0))
    state, _ = look(state, at(0.5, wall_hours=300))
    _, after = look(state, Moment(START + timedelta(hours=300), "two", 60.0))
    assert not after.trusted
    assert list(binding([an_edit], ROOM, after)) == ["before"]


def test_a_week_without_power_counts():
    state, _ = look(None, at(0))
    _, after = look(state, Moment(START + timedelta(days=7), "two", 60.0))
    assert not list(binding([an_edit], ROOM, after))


def test_a_clock_set_back_does_not_make_it_wait_for_ever():
    assert not waits(an_edit, at(25, wall_hours=-1_000))


def test_confirmed_in_one_room_it_begins_there_only():
    confirmed = replace(an_edit, confirmed={ROOM: START + timedelta(hours=2)})
    assert not waits(confirmed, at(3))
    assert list(binding([confirmed], "hall", reading(at(3)))) == ["before"]
    assert confirmed.begins(ROOM) == START + timedelta(hours=2)


def test_what_was_heard_before_it_began_stays_under_the_older_rules():
    """Remote access granted today does not open what was said yesterday, not even in a year."""
    year = reading(at(24 * 365))
    begins = an_edit.begins(ROOM)
    assert list(binding([an_edit], ROOM, year, heard=begins - timedelta(seconds=1))) == ["before"]
    assert not list(binding([an_edit], ROOM, year, heard=begins))


def test_what_is_kept_has_five_minutes():
    assert list(recent([an_edit], reading(at(GRACE_S / 3_600 - 0.001)))) == ["before"]
    assert not list(recent([an_edit], reading(at(GRACE_S / 3_600))))


@given(before=rules, after=rules, house=houses, outcome=st.sampled_from(Outcome))
def test_while_a_change_waits_nothing_is_looser_than_before_or_after(before, after, house, outcome):
    edit = Edit(before=before, after=after, made=at(0))
    held = [after, *binding([edit], ROOM, reading(at(1)))]
    verdict = strictest(decide(house, it.retention, outcome) for it in held)
    access = strictest_access([it.access for it in held])
    for bound in (before, after):
        allowed = decide(house, bound.retention, outcome)
        assert verdict.audio.length <= allowed.audio.length
        assert verdict.transcript.length <= allowed.transcript.length
        assert access.listeners <= bound.access.listeners
        for open_flag in ("remote", "long_lived", "plain_http"):
            assert getattr(access, open_flag) <= getattr(bound.access, open_flag)
        for strict_flag in ("second_factor", "local_only", "child", "sealed"):
            assert getattr(access, strict_flag) >= getattr(bound.access, strict_flag)


@given(steps=st.lists(rules, min_size=2, max_size=6), house=houses)
def test_back_and_forth_never_earns_a_looser_rule_sooner(steps, house):
    """Only what every state of the last day allowed is allowed, in whatever steps it came."""
    edits = [
        Edit(before=was, after=now, made=at(hour))
        for hour, (was, now) in enumerate(pairwise(steps))
    ]
    held = [steps[-1], *binding(edits, ROOM, reading(at(len(steps))))]
    access = strictest_access([it.access for it in held])
    assert access.listeners == frozenset.intersection(*(it.access.listeners for it in steps))
    assert access.remote == all(it.access.remote for it in steps)
    verdict = strictest(decide(house, it.retention, Outcome.UNDERSTOOD) for it in held)
    shortest = min(decide(house, it.retention, Outcome.UNDERSTOOD).audio.length for it in steps)
    assert verdict.audio.length == shortest


def test_narrowed_meanwhile_the_smaller_wish_keeps_the_time_it_waited():
    """Forever asked for at 0 h, seven days at 20 h: at 24 h it is seven days, not one."""
    kept = [
        RoomRules(retention=RoomRetention(kind=RoomKind.OTHER, audio=period))
        for period in (Period.DAY, Period.FOREVER, Period.WEEK)
    ]
    edits = [
        Edit(before=kept[0], after=kept[1], made=at(0)),
        Edit(before=kept[1], after=kept[2], made=at(20)),
    ]
    house = HouseRetention(audio=Period.FOREVER)

    def seconds(hours: float) -> int | None:
        held = [kept[2], *binding(edits, ROOM, reading(at(hours)))]
        verdicts = [decide(house, it.retention, Outcome.UNDERSTOOD) for it in held]
        return strictest(verdicts).audio.seconds

    assert seconds(23) == Period.DAY.seconds
    assert seconds(24) == Period.WEEK.seconds


OTHER = RoomRules(retention=RoomRetention(kind=RoomKind.OTHER))
HOUSE = HouseRetention()


def changed(**how) -> RoomRules:
    return replace(OTHER, retention=replace(OTHER.retention, **how))


@pytest.mark.parametrize(
    ("before", "after", "loosened", "tightened"),
    [
        (OTHER, OTHER, set(), set()),
        (OTHER, changed(audio=Period.NEVER), set(), {"audio"}),
        (OTHER, changed(audio=Period.FOREVER), set(), set()),
        (OTHER, changed(audio=Period.DAY), set(), set()),
        (changed(transcript=Period.HOUR), OTHER, {"transcript"}, set()),
        (RoomRules(), OTHER, {"audio", "transcript"}, set()),
        (changed(kind=RoomKind.BEDROOM), OTHER, {"audio", "transcript"}, set()),
        (changed(kind=RoomKind.CHILD), OTHER, {"audio", "transcript", "room_kind"}, set()),
        (OTHER, replace(OTHER, debug_allowed=True), {"debug_allowed"}, set()),
        (OTHER, replace(OTHER, remote_listen=True), {"remote_listen"}, set()),
        (OTHER, replace(OTHER, follow_up=False), set(), {"follow_up"}),
    ],
)
def test_a_change_is_judged_by_what_it_does(before, after, loosened, tightened):
    """A room's own rule above the house's does nothing, whatever it says."""
    done = effect((HOUSE, before), (HOUSE, after))
    assert (done.loosened, done.tightened) == (loosened, tightened)


@pytest.mark.parametrize(
    ("option", "loose", "strict"),
    [
        ("listeners", frozenset({"anna"}), frozenset()),
        ("second_factor", False, True),
        ("remote", True, False),
        ("long_lived", True, False),
        ("plain_http", True, False),
        ("local_only", False, True),
        ("sealed", False, True),
    ],
)
def test_each_way_to_reach_a_room_has_its_order(option, loose, strict):
    open_room = replace(OTHER, access=RoomAccess(**{option: loose}))
    closed = replace(OTHER, access=RoomAccess(**{option: strict}))
    assert effect((HOUSE, closed), (HOUSE, open_room)).loosened == {Aspect(option)}
    assert effect((HOUSE, open_room), (HOUSE, closed)).tightened == {Aspect(option)}


def test_a_listener_for_another_is_both():
    def heard_by(*users):
        return replace(OTHER, access=RoomAccess(listeners=frozenset(users)))

    done = effect((HOUSE, heard_by("anna")), (HOUSE, heard_by("ben")))
    assert done.loosened == done.tightened == {Aspect.LISTENERS}
    assert (done.added, done.removed) == ({"ben"}, {"anna"})


@given(before=houses, after=houses, room=rules)
def test_a_house_rule_loosens_a_room_when_some_outcome_is_kept_longer(before, after, room):
    done = effect((before, room), (after, room))
    longer = [
        outcome
        for outcome in Outcome
        if decide(before, room.retention, outcome).audio.length
        < decide(after, room.retention, outcome).audio.length
    ]
    assert (Aspect.AUDIO in done.loosened) == bool(longer)
