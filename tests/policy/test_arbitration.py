"""One room answers: the strongest of those that heard the same word."""

import math

from hypothesis import given
from hypothesis import strategies as st

from custom_components.earshot.policy.arbitration import (
    SAME_WORD_S,
    WINDOW_S,
    Claim,
    Reason,
    choose,
    is_another_word,
    is_answered,
    must_wait,
    with_claim,
)


def claim(room: str, snr_db: float = 20.0, score: float = 0.9, heard: float = 10.0) -> Claim:
    return Claim(room=room, turn=f"turn of {room}", snr_db=snr_db, score=score, heard=heard)


claims = st.lists(
    st.builds(
        claim,
        st.sampled_from("abcdefgh"),
        st.floats(-100, 200),
        st.floats(0, 1),
        st.floats(0, 1e6),
    ),
    min_size=1,
    unique_by=lambda it: it.room,
)


def test_a_house_with_one_room_does_not_wait() -> None:
    assert not must_wait([claim("kitchen")], ["kitchen"])
    assert not must_wait([claim("kitchen")], [])


def test_it_waits_for_a_room_that_could_hear_the_word_and_no_longer() -> None:
    rivals = ["kitchen", "bedroom"]
    assert must_wait([claim("kitchen")], rivals)
    assert not must_wait([claim("kitchen"), claim("bedroom")], rivals)


def test_the_strongest_answers_whatever_came_first() -> None:
    near, far = claim("near", 24.0, 0.6, 10.1), claim("far", 12.0, 0.99, 10.0)
    verdict = choose([far, near])
    assert (verdict.winner, verdict.losers, verdict.reason) == (near, (far,), Reason.STRONGEST)


def test_equally_strong_the_surer_answers_and_else_the_first() -> None:
    sure, unsure = claim("sure", 20.0, 0.9, 10.1), claim("unsure", 20.0, 0.8, 10.0)
    assert choose([unsure, sure]).winner is sure
    assert choose([unsure, sure]).reason is Reason.BETTER_SCORE
    early = claim("early", 20.0, 0.9, 10.0)
    assert choose([sure, early]).winner is early
    assert choose([sure, early]).reason is Reason.FIRST
    assert choose([early]).reason is Reason.ALONE


@given(claims, st.randoms())
def test_exactly_one_answers_and_the_order_of_arrival_decides_nothing(
    heard: list[Claim], chance: object
) -> None:
    verdict = choose(heard)
    assert {verdict.winner, *verdict.losers} == set(heard)
    assert verdict.winner not in verdict.losers
    shuffled = list(heard)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert choose(shuffled) == verdict
    assert verdict.winner.snr_db == max(it.snr_db for it in heard)


def test_a_room_that_hears_again_has_one_claim_the_newest() -> None:
    old, new = claim("kitchen", heard=10.0), claim("kitchen", heard=10.1)
    assert with_claim([old, claim("bedroom")], new) == (claim("bedroom"), new)


def test_late_news_of_a_word_that_is_answered_already() -> None:
    """What counts is when it was heard, not when the message came: ages are taken off."""
    winner = claim("kitchen", heard=10.0)
    assert is_answered(claim("bedroom", 90.0, heard=10.0 + SAME_WORD_S), winner)
    assert is_answered(claim("bedroom", 90.0, heard=10.0 - SAME_WORD_S), winner)
    assert not is_answered(claim("bedroom", heard=10.01 + SAME_WORD_S), winner)
    assert not is_answered(claim("kitchen", heard=10.1), winner)
    assert not is_answered(claim("bedroom"), None)


def test_words_that_arrive_together_and_were_heard_apart_are_two() -> None:
    waiting = [claim("kitchen", heard=10.0)]
    assert is_another_word(claim("bedroom", heard=10.4), waiting)
    assert not is_another_word(claim("bedroom", heard=10.1), waiting)
    assert not is_another_word(claim("kitchen", heard=10.4), waiting)
    assert not is_another_word(claim("bedroom"), [])


def test_the_window_is_the_documented_one() -> None:
    assert math.isclose(WINDOW_S, 0.12)
