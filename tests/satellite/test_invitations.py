"""Listening that nobody here woke: what the satellite refuses, whatever home says."""

from __future__ import annotations

import pytest

from earshot_satellite.session.invitations import (
    FOLLOW_UP_S,
    FOLLOW_UPS,
    RATES,
    Circumstances,
    Invitations,
)

T, U = "a" * 16, "b" * 16
WELL = Circumstances()


def ours(*, forbidden: bool = False, follow_up: bool = True) -> Invitations:
    return Invitations(forbidden=forbidden, follow_up=follow_up)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (Circumstances(muted=True), "muted"),
        (Circumstances(hearing=False), "microphone"),
        (Circumstances(audible=False), "speaker"),
        (Circumstances(ringing=True), "busy"),
        (Circumstances(muted=True, hearing=False, audible=False, ringing=True), "muted"),
    ],
)
def test_it_is_refused(how: Circumstances, why: str) -> None:
    assert ours().refusal("asked", "", 0.0, how) == why


@pytest.mark.parametrize("why", ["asked", "question", "conversation", "follow_up"])
def test_the_floor_forbids_all_of_it(why: str) -> None:
    """`[floor] remote_listen = false`: only the wake word and the button."""
    it = ours(forbidden=True)
    it.woken(T)
    it.replied(T, 0.0)
    assert it.refusal(why, T, 0.0, WELL) == "forbidden"


def test_a_follow_up_follows_a_reply_that_was_asked_for_here() -> None:
    it = ours()
    assert it.refusal("follow_up", T, 0.0, WELL) == "not_after"
    it.woken(T)
    assert it.refusal("follow_up", T, 0.0, WELL) == "not_after"
    it.replied(U, 0.0)
    assert it.refusal("follow_up", U, 0.0, WELL) == "not_after"
    it.replied(T, 0.0)
    assert it.refusal("follow_up", U, 0.0, WELL) == "not_after"
    assert it.refusal("follow_up", T, FOLLOW_UP_S + 0.1, WELL) == "not_after"
    assert it.refusal("follow_up", T, FOLLOW_UP_S, WELL) == ""


def test_follow_ups_may_be_switched_off_alone() -> None:
    it = ours(follow_up=False)
    it.woken(T)
    it.replied(T, 0.0)
    assert it.refusal("follow_up", T, 0.0, WELL) == "forbidden"
    assert it.refusal("asked", "", 0.0, WELL) == ""


def test_one_reply_has_one_follow_up() -> None:
    it = ours()
    it.woken(T)
    it.replied(T, 0.0)
    it.begun(U, "follow_up", 1.0)
    assert it.refusal("follow_up", T, 1.0, WELL) == "not_after"


def test_a_chain_of_follow_ups_ends() -> None:
    """Then somebody has to wake it again."""
    it = ours()
    it.woken("0" * 16)
    turn, done = "0" * 16, 0
    for number in range(1, 20):
        it.replied(turn, float(number))
        if it.refusal("follow_up", turn, float(number), WELL):
            break
        turn, done = f"{number:016x}", number
        it.begun(turn, "follow_up", float(number))
    assert done == FOLLOW_UPS
    assert it.refusal("follow_up", turn, 9.0, WELL) == "too_often"
    it.woken(T)
    it.replied(T, 30.0)
    assert it.refusal("follow_up", T, 30.0, WELL) == ""


@pytest.mark.parametrize(("count", "seconds"), RATES)
def test_it_is_rate_limited(count: int, seconds: float) -> None:
    it = ours()
    # So far apart that only this limit is met.
    times = [at * seconds / count * 0.99 for at in range(count)]
    for at in times:
        assert it.refusal("asked", "", at, WELL) == ""
        it.begun(T, "asked", at)
    assert it.refusal("question", "", times[-1], WELL) == "too_often"
    assert it.refusal("question", "", seconds + 0.1, WELL) == ""
