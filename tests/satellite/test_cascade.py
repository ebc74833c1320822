"""The wake decision: scores over time in, a verdict with its reason out."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from earshot_satellite.wake.cascade import (
    BARS,
    NONE,
    OWN_VOICE_FRAMES,
    TOGETHER_SECONDS,
    Attention,
    Reason,
    Sensitivity,
    alone,
    confirm,
    suspect,
)

MEDIUM = BARS[Sensitivity.MEDIUM]
scores = st.floats(0, 1)


def test_stage_one_alone_is_never_enough() -> None:
    verdict = suspect(NONE, 5.0, 1.0, MEDIUM, 0.0)
    assert not verdict.fired
    assert verdict.look
    assert not confirm(verdict.suspicion, [0.0], MEDIUM).fired


def test_both_stages_are_a_wake_word_with_stage_ones_score() -> None:
    verdict = suspect(NONE, 5.0, 0.4, MEDIUM, 0.0)
    fired = confirm(verdict.suspicion, [0.02], MEDIUM)
    assert fired.fired
    assert (fired.reason, fired.score) == (Reason.CONFIRMED, 0.4)


def test_stage_two_may_come_a_second_later_and_no_later() -> None:
    first = suspect(NONE, 5.0, 0.4, MEDIUM, 0.0).suspicion
    later = suspect(first, 5.0 + TOGETHER_SECONDS, 0.0, MEDIUM, 0.0)
    assert later.look
    assert confirm(later.suspicion, [0.02], MEDIUM).fired
    too_late = suspect(first, 5.01 + TOGETHER_SECONDS, 0.0, MEDIUM, 0.0)
    assert (too_late.look, too_late.suspicion) == (False, NONE)


def test_an_old_suspicion_lends_its_score_to_no_new_one() -> None:
    """A loud word minutes ago must not lower what stage two has to say now."""
    old = suspect(NONE, 5.0, 0.9, MEDIUM, 0.0).suspicion
    new = suspect(old, 60.0, MEDIUM.suspicious, MEDIUM, 0.0)
    assert new.suspicion.score == MEDIUM.suspicious
    assert not confirm(new.suspicion, [0.02], MEDIUM).fired


@given(st.sampled_from(Sensitivity), scores, scores, scores, scores)
def test_a_surer_score_never_needs_more(
    sensitivity: Sensitivity, first: float, more: float, second: float, above: float
) -> None:
    bars = BARS[sensitivity]

    def fires(one: float, two: float) -> bool:
        verdict = suspect(NONE, 0.0, one, bars, -math.inf)
        return verdict.look and confirm(verdict.suspicion, [two], bars).fired

    if fires(first, second):
        assert fires(max(first, more), max(second, above))


@given(scores, scores)
def test_a_higher_sensitivity_hears_all_that_a_lower_one_does(first: float, second: float) -> None:
    heard = [second >= BARS[each].needed(first) for each in Sensitivity]
    assert heard == sorted(heard)


def test_the_refractory_period_holds_and_ends() -> None:
    """One spoken word is one detection, also for models whose score stays up."""
    assert suspect(NONE, 6.9, 1.0, MEDIUM, 7.0).reason is Reason.REFRACTORY
    assert suspect(NONE, 7.0, 1.0, MEDIUM, 7.0).look
    assert not alone(NONE, 6.9, 1.0, 0.5, 7.0).fired
    assert alone(NONE, 7.0, 0.5, 0.5, 7.0).fired
    assert alone(NONE, 7.0, 0.49, 0.5, 7.0).reason is Reason.QUIET


def test_over_our_own_voice_one_frame_of_either_stage_is_not_enough() -> None:
    """A reply that resembles the word for a moment would cut itself off."""
    frames = Attention(own_voice=True).frames
    assert frames == OWN_VOICE_FRAMES == 2
    once = suspect(NONE, 5.0, 0.9, MEDIUM, 0.0).suspicion
    assert confirm(once, [0.9, 0.9], MEDIUM).fired
    assert not confirm(once, [0.9, 0.9], MEDIUM, frames=frames).fired
    twice = suspect(once, 5.08, 0.9, MEDIUM, 0.0).suspicion
    assert not confirm(twice, [0.0, 0.9], MEDIUM, frames=frames).fired
    assert confirm(twice, [0.9, 0.9], MEDIUM, frames=frames).fired


def test_frames_apart_are_not_in_a_row() -> None:
    late = suspect(NONE, 5.0, 0.9, MEDIUM, 0.0).suspicion
    assert suspect(late, 5.01 + TOGETHER_SECONDS, 0.9, MEDIUM, 0.0).suspicion.frames == 1
    one = alone(NONE, 5.0, 0.9, 0.5, 0.0, frames=2)
    assert not one.fired
    gap = alone(one.suspicion, 5.08, 0.1, 0.5, 0.0, frames=2)
    assert not alone(gap.suspicion, 5.16, 0.9, 0.5, 0.0, frames=2).fired
    assert alone(one.suspicion, 5.08, 0.9, 0.5, 0.0, frames=2).fired


@given(st.builds(Attention, st.booleans(), st.booleans()))
def test_attention_fits_in_a_line(attention: Attention) -> None:
    assert Attention.from_number(attention.number) == attention
