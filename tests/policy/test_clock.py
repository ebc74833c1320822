"""P4: a clock that was set neither destroys what may be kept nor gives out what may not."""

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.earshot.policy.clock import DOUBT_S, Age, Moment, Reading, look

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def moment(wall: datetime, boottime: float = 1_000.0, boot_id: str = "one") -> Moment:
    return Moment(wall, boot_id, boottime)


def looks(*moments: Moment) -> Reading:
    """Return the last of several readings."""
    state = None
    for each in moments:
        state, reading = look(state, each)
    return reading


def test_the_first_look_is_believed():
    assert looks(moment(NOON)).trusted


def test_a_clock_that_runs_is_believed():
    reading = looks(moment(NOON), moment(NOON + DAY, 1_000.0 + 86_400))
    assert reading.trusted
    assert reading.age(moment(NOON)) == Age(86_400, 86_400)


@pytest.mark.parametrize("by", [timedelta(minutes=59), -timedelta(minutes=59)])
def test_a_clock_put_right_by_less_than_an_hour_is_believed(by):
    assert looks(moment(NOON), moment(NOON + by, 1_010.0)).trusted


def test_daylight_saving_is_no_jump():
    zone = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 10, 25, 2, 55, tzinfo=zone)
    after = datetime(2026, 10, 25, 2, 5, fold=1, tzinfo=zone)
    reading = looks(moment(before.astimezone(UTC)), moment(after.astimezone(UTC), 1_000.0 + 600))
    assert reading.trusted
    assert reading.age(moment(before)).certain == 600


def test_a_clock_set_forward_makes_nothing_due_and_plays_nothing_doubtful():
    """For a day by the time the machine ran; then it is believed."""
    kept = moment(NOON - HOUR, 1.0, "before")
    state, _ = look(None, moment(NOON))
    state, reading = look(state, moment(NOON + 365 * DAY, 1_060.0))
    assert not reading.trusted
    assert reading.age(kept).certain == 3_600 + 60
    assert reading.age(kept).possible == 365 * 86_400 + 3_600

    for hours in range(1, 24):
        state, reading = look(
            state, moment(NOON + 365 * DAY + hours * HOUR, 1_060.0 + hours * 3_600)
        )
        assert not reading.trusted
    state, reading = look(state, moment(NOON + 366 * DAY, 1_060.0 + DOUBT_S))
    assert reading.trusted
    assert reading.age(kept).certain > 365 * 86_400


def test_a_clock_set_back_makes_nothing_younger():
    kept = moment(NOON - HOUR, 1.0, "before")
    reading = looks(moment(NOON), moment(NOON - 30 * DAY, 1_060.0))
    assert not reading.trusted
    assert reading.age(kept) == Age(3_660, 3_660)


@pytest.mark.parametrize("restarts", [True, False])
def test_small_steps_back_make_nothing_younger_either(restarts):
    """Fifty minutes at a time: one is believed, together they are a jump."""
    kept = moment(NOON - HOUR, 1.0, "before")
    state, reading = look(None, moment(NOON))
    trusted = []
    for step in range(1, 11):
        boot = str(step) if restarts else "one"
        wall = NOON - step * timedelta(minutes=50)
        state, reading = look(state, moment(wall, 1.0 if restarts else 1_000.0 + step, boot))
        trusted.append(reading.trusted)
        assert reading.age(kept).certain >= 3_600
    assert trusted[0]
    assert not trusted[-1]


def test_a_clock_that_is_put_right_again_is_believed_at_once():
    reading = looks(
        moment(NOON), moment(NOON + 30 * DAY, 1_060.0), moment(NOON + 2 * HOUR, 1_000.0 + 7_200)
    )
    assert reading.trusted
    assert reading.age(moment(NOON)).possible == 7_200


def test_a_week_without_power_is_believed():
    reading = looks(moment(NOON), moment(NOON + 7 * DAY, 10.0, "two"))
    assert reading.trusted
    assert reading.age(moment(NOON)).certain == 7 * 86_400


def test_a_machine_that_starts_in_the_past_plays_nothing_old_until_it_knows_the_time():
    """A board without a clock of its own: the network sets it a minute after the start."""
    old = moment(NOON)
    state, _ = look(None, old)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    state, reading = look(state, moment(start, 10.0, "two"))
    assert not reading.trusted
    assert reading.age(old) == Age(10.0, math.inf)
    fresh = reading.started(0)
    assert fresh.wall == NOON + timedelta(seconds=10)

    state, reading = look(state, moment(start + timedelta(seconds=30), 40.0, "two"))
    assert reading.age(Moment(fresh.wall, "two", 10.0)) == Age(30.0, 30.0)

    state, reading = look(state, moment(NOON + 2 * DAY, 70.0, "two"))
    assert reading.trusted
    assert reading.age(old).certain == 2 * 86_400


def test_a_clock_set_forward_is_not_believed_for_a_restart():
    reading = looks(
        moment(NOON), moment(NOON + 365 * DAY, 1_060.0), moment(NOON + 365 * DAY, 20.0, "two")
    )
    assert not reading.trusted
    assert reading.age(moment(NOON)).certain < 3_600


def test_a_clock_set_back_for_good_is_believed_after_a_day_and_holds_nothing_back_then():
    """A house whose clock was a year ahead by mistake goes on keeping."""
    ahead = NOON + 365 * DAY
    state, _ = look(None, moment(ahead))
    state, reading = look(state, moment(NOON, 1_060.0))
    assert not reading.trusted
    state, reading = look(state, moment(NOON + DAY, 1_060.0 + DOUBT_S))
    assert reading.trusted
    assert reading.earliest == NOON + DAY


@given(
    steps=st.lists(
        st.tuples(st.floats(0, 10 * 86_400), st.floats(-400 * 86_400, 400 * 86_400), st.booleans()),
        min_size=1,
        max_size=12,
    )
)
def test_no_setting_of_the_clock_makes_a_capture_of_this_run_younger_than_it_is(steps):
    """And what is certain is never more than what is possible."""
    boottime, error, boot = 100.0, 0.0, 0
    state, reading = look(None, moment(NOON, boottime, "0"))
    kept = reading.started(0)
    truth = 0.0
    for passed, set_by, restarted in steps:
        truth += passed
        error += set_by
        boot += restarted
        boottime = 1.0 if restarted else boottime + passed
        wall = NOON + timedelta(seconds=truth + error)
        state, reading = look(state, moment(wall, boottime, str(boot)))
        age = reading.age(kept)
        assert 0 <= age.certain <= age.possible
        if not boot:
            assert age.certain >= truth - 1e-3
