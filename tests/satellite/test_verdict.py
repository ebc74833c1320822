"""P3, P9: what evidence about the microphone is worth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot_satellite.mute.verdict import (
    ALSA,
    EAR,
    SOUND_SERVER,
    Evidence,
    MicVerdict,
    Reason,
    Shows,
    judge,
)

GONE = Evidence(EAR, Shows.CLOSED)
evidence = st.builds(
    Evidence,
    st.sampled_from([EAR, ALSA, SOUND_SERVER]),
    st.sampled_from(Shows),
    st.text(max_size=9),
)
shown = st.sets(st.sampled_from([EAR, ALSA, SOUND_SERVER]))


@given(st.lists(evidence, max_size=8), shown)
def test_closed_is_never_said_while_anything_shows_otherwise(
    found: list[Evidence], control: set[str]
) -> None:
    verdict = judge(found, control)
    if verdict.state == "closed":
        assert {each.state for each in found} == {Shows.CLOSED}
        assert EAR in {each.source for each in found}
        assert control - {EAR}
        assert control - {EAR} <= {each.source for each in found}
        assert verdict.reason is Reason.NONE
    else:
        assert verdict.reason is not Reason.NONE


@given(st.lists(evidence, max_size=8), shown)
def test_open_is_said_exactly_when_something_shows_our_stream(
    found: list[Evidence], control: set[str]
) -> None:
    ours = any(each.state is Shows.OPEN for each in found)
    assert (judge(found, control).state == "open") == ours


@given(st.lists(evidence, max_size=6), shown, evidence)
def test_more_evidence_against_never_makes_it_closed(
    found: list[Evidence], control: set[str], more: Evidence
) -> None:
    before, after = judge(found, control), judge([*found, more], control)
    if more.state is not Shows.CLOSED:
        assert after.state != "closed"
    elif before.state == "open":
        assert after.state == "open"


@pytest.mark.parametrize(
    ("found", "control", "verdict"),
    [
        ([GONE, Evidence(ALSA, Shows.CLOSED)], {ALSA}, MicVerdict("closed", Reason.NONE)),
        ([GONE, Evidence(ALSA, Shows.CLOSED)], set(), ("unverified", Reason.NO_POSITIVE_CONTROL)),
        ([GONE], set(), ("unverified", Reason.NO_SOURCE)),
        ([GONE], {ALSA}, ("unverified", Reason.SOURCE_LOST)),
        ([], {ALSA}, ("unverified", Reason.EAR_UNKNOWN)),
        (
            [GONE, Evidence(ALSA, Shows.CLOSED)],
            {ALSA, SOUND_SERVER},
            ("unverified", Reason.SOURCE_LOST),
        ),
        (
            [GONE, Evidence(ALSA, Shows.OTHER, "pulseaudio")],
            {ALSA},
            MicVerdict("unverified", Reason.HELD_BY_OTHER, "pulseaudio"),
        ),
        (
            [GONE, Evidence(ALSA, Shows.CLOSED), Evidence(SOUND_SERVER, Shows.UNKNOWN)],
            {ALSA},
            ("unverified", Reason.SOURCE_FAILED),
        ),
        (
            [Evidence(EAR, Shows.UNKNOWN), Evidence(ALSA, Shows.CLOSED)],
            {ALSA},
            ("unverified", Reason.EAR_UNKNOWN),
        ),
        ([GONE, Evidence(ALSA, Shows.OPEN)], {ALSA}, ("open", Reason.STILL_OPEN)),
        ([Evidence(EAR, Shows.OPEN)], set(), ("open", Reason.EAR_RUNS)),
    ],
)
def test_each_case(
    found: list[Evidence], control: set[str], verdict: MicVerdict | tuple[str, Reason]
) -> None:
    got = judge(found, control)
    assert verdict in (got, (got.state, got.reason))
