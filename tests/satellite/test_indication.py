"""P3, P9: what a light shows of the microphone is what was verified, and never older than that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot_satellite.peripherals.indication import (
    ACTIVITIES,
    VALID_S,
    Facts,
    State,
    activity_of,
    indicate,
)
from earshot_satellite.session import machine

facts = st.builds(
    Facts,
    activity=st.sampled_from(["idle", *ACTIVITIES, "something new"]),
    muted=st.booleans(),
    verified=st.sampled_from(["", "closed", "open", "unverified"]),
    verified_age_s=st.floats(-10, 100),
    linked=st.booleans(),
    problems=st.lists(st.text(max_size=9), max_size=3).map(tuple),
)


@given(facts)
def test_closed_is_shown_exactly_while_a_receipt_says_so(known: Facts) -> None:
    shown = indicate(known)
    proved = known.verified == "closed" and 0 <= known.verified_age_s <= VALID_S
    assert (shown.microphone == "closed") == proved
    assert (shown.state is State.MUTED_VERIFIED) == (proved and known.muted)


@given(facts)
def test_a_mute_is_shown_before_all_else_and_nothing_else_looks_like_it(known: Facts) -> None:
    """The light went dark, or another colour, when the link of a muted satellite was lost."""
    state = indicate(known).state
    assert (state in {State.MUTED_VERIFIED, State.MUTED_UNVERIFIED}) == known.muted


@given(facts)
def test_a_command_is_never_heard_in_the_dark(known: Facts) -> None:
    if known.activity == "listening" and not known.muted:
        assert indicate(known).state is State.LISTENING


def test_every_state_of_a_session_can_be_shown() -> None:
    quiet = {machine.State.IDLE, machine.State.ASKING}
    for state in machine.State:
        assert (activity_of(state, rings=False) == "idle") == (state in quiet)
        assert activity_of(state, rings=False) in {"idle", *ACTIVITIES}
        assert activity_of(state, rings=True) != "idle"
    assert activity_of("prompting", rings=True) == "listening"


@pytest.mark.parametrize(
    ("known", "state"),
    [
        ({}, State.IDLE),
        ({"linked": False}, State.UNLINKED),
        ({"linked": False, "problems": ("speaker_missing",)}, State.PROBLEM),
        ({"activity": "ringing", "linked": False}, State.RINGING),
        ({"muted": True, "activity": "ringing"}, State.MUTED_UNVERIFIED),
        ({"muted": True, "verified": "closed", "linked": False}, State.MUTED_VERIFIED),
        ({"muted": True, "verified": "closed", "verified_age_s": 31.0}, State.MUTED_UNVERIFIED),
        ({"muted": True, "verified": "open"}, State.MUTED_UNVERIFIED),
    ],
)
def test_each_case(known: dict[str, object], state: State) -> None:
    usual = {"muted": False, "verified": "open", "verified_age_s": 1.0, "linked": True}
    assert indicate(Facts(**(usual | known))).state is state  # type: ignore[arg-type]
