"""Timers on a clock of their own."""

from __future__ import annotations

from earshot_satellite.session.timers import RING_S, Timers
from earshot_wire.timers import MAX_TIMERS

NOW = 5_000.0


def test_it_rings_when_it_is_up_and_stops_by_itself() -> None:
    timers = Timers()
    timers.set("pizza", 60.0, NOW)
    assert timers.next_s(NOW) == 60.0
    assert not timers.tick(NOW + 59.9)
    assert not timers.rings
    assert timers.tick(NOW + 60.0)
    assert timers.rings
    assert timers.next_s(NOW + 60.0) == RING_S
    assert not timers.tick(NOW + 60.0 + RING_S - 0.1)
    assert timers.tick(NOW + 60.0 + RING_S)
    assert not timers.rings
    assert timers.next_s(NOW) is None


def test_home_may_say_so_first_or_last_and_it_rings_once() -> None:
    early, late = Timers(), Timers()
    for timers in (early, late):
        timers.set("pizza", 60.0, NOW)
    early.set("pizza", 0.0, NOW + 59.0)
    assert early.rings
    assert early.stop()
    early.tick(NOW + 61.0)
    assert not early.rings
    late.tick(NOW + 60.0)
    assert late.stop()
    late.set("pizza", 0.0, NOW + 61.0)
    assert not late.rings
    assert not late.stop()


def test_one_that_is_up_before_home_told_of_it_rings_at_once() -> None:
    timers = Timers()
    timers.set("new", 0.0, NOW)
    assert timers.rings


def test_paused_time_does_not_count() -> None:
    timers = Timers()
    timers.set("tea", 60.0, NOW)
    timers.set("tea", 40.0, NOW + 20.0, active=False)
    assert timers.next_s(NOW + 20.0) is None
    assert not timers.tick(NOW + 1_000.0)
    timers.set("tea", 40.0, NOW + 1_000.0)
    assert timers.next_s(NOW + 1_000.0) == 40.0


def test_a_cancelled_one_is_silent_at_once() -> None:
    timers = Timers()
    timers.set("a", 0.0, NOW)
    timers.set("b", 10.0, NOW)
    timers.cancel("a")
    timers.cancel("b")
    timers.cancel("never")
    assert not timers.rings
    assert timers.told(NOW) == ()


def test_several_ring_as_one() -> None:
    timers = Timers()
    timers.set("a", 1.0, NOW)
    timers.set("b", 2.0, NOW)
    timers.set("c", 9.0, NOW)
    timers.tick(NOW + 2.0)
    told = timers.told(NOW + 2.0)
    assert [(it.id, it.ringing, it.left_ms) for it in told] == [
        ("a", True, 0),
        ("b", True, 0),
        ("c", False, 7_000),
    ]
    assert timers.stop()
    assert [it.id for it in timers.told(NOW + 2.0)] == ["c"]


def test_there_is_a_bound_and_what_is_up_rings_all_the_same() -> None:
    timers = Timers()
    for number in range(MAX_TIMERS):
        assert timers.set(f"t{number}", 100.0, NOW)
    assert not timers.set("more", 100.0, NOW)
    assert timers.set("t0", 50.0, NOW)
    assert len(timers.told(NOW)) == MAX_TIMERS
    assert timers.set("more", 0.0, NOW)
    assert timers.rings
    assert len(timers.told(NOW)) == MAX_TIMERS
