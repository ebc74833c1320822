"""What a call means, and what the calls mean that a group or a scene makes of it."""

from itertools import permutations

import pytest

from custom_components.earshot.policy.addressing import (
    NONE,
    ONWARD_S,
    Addressed,
    Addressing,
    Call,
    after,
)

BY_NAME, AMONG_OTHERS, WITH_ALL = Addressed

NAMED = Call(BY_NAME)
HANDED = Call(BY_NAME, 1)
"""`homeassistant.turn_off` of the switch, which makes one call by name of it."""

LABEL = Call(AMONG_OTHERS)
SCENE = Call(AMONG_OTHERS, 1)
TWO_GROUPS = Call(AMONG_OTHERS, 2)
ALL_WITH_A_GROUP = Call(WITH_ALL, 1)


def told(*calls: Call, apart_s: float = 0.1) -> Addressing:
    """Return what holds after calls in one context; each is asked for after one more mute."""
    now, known = 1_000.0, NONE
    for asked, call in enumerate(calls):
        known = after(known, call, asked, now)
        now += apart_s
    return known


@pytest.mark.parametrize(
    ("calls", "how"),
    [
        ([], AMONG_OTHERS),
        ([NAMED], BY_NAME),
        ([LABEL], AMONG_OTHERS),
        ([HANDED], AMONG_OTHERS),
        ([HANDED, NAMED], BY_NAME),
        ([SCENE, NAMED], AMONG_OTHERS),
        ([ALL_WITH_A_GROUP, NAMED], WITH_ALL),
        ([TWO_GROUPS, NAMED, NAMED], AMONG_OTHERS),
        ([SCENE, SCENE, NAMED, NAMED], AMONG_OTHERS),
        # One after the other, each means what it says.
        ([SCENE, NAMED, NAMED], BY_NAME),
        ([NAMED, SCENE, NAMED], AMONG_OTHERS),
        ([LABEL, NAMED], BY_NAME),
        ([NAMED, LABEL], AMONG_OTHERS),
        ([HANDED, NAMED, SCENE, NAMED], AMONG_OTHERS),
    ],
)
def test_what_a_group_makes_of_a_call_is_no_call_by_name(calls: list[Call], how: Addressed) -> None:
    """Though it has the name."""
    assert told(*calls).how is how


@pytest.mark.parametrize("order", permutations([SCENE, TWO_GROUPS, LABEL]))
def test_calls_that_cross_lend_each_other_nothing(order: tuple[Call, ...]) -> None:
    """Of a scene and two groups come three calls by name, whichever is first."""
    for carried in range(4):
        assert told(*order, *[NAMED] * carried).how is AMONG_OTHERS
    assert told(*order, *[NAMED] * 4).how is BY_NAME


def test_an_order_that_is_handed_on_is_as_old_as_it_is() -> None:
    """A mute that was asked for before core carried the order on came after it."""
    assert told(HANDED, NAMED).asked == 0
    assert told(NAMED, HANDED, NAMED).asked == 1
    assert told(HANDED, HANDED, NAMED).asked == 0
    assert told(NAMED, NAMED).asked == 1


def test_a_scene_that_had_nothing_to_do_is_not_waited_for() -> None:
    """The room was as the scene wants it; hours later the same automation names the switch."""
    assert told(SCENE, NAMED, apart_s=ONWARD_S).how is BY_NAME
    assert told(HANDED, NAMED, apart_s=ONWARD_S).asked == 1
