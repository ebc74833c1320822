"""What a call means, and what the calls mean that a group or a scene makes of it."""

import pytest

from custom_components.earshot.policy.addressing import ONWARD_S, Addressed, Addressing, after

BY_NAME, AMONG_OTHERS, WITH_ALL = Addressed

type Call = tuple[Addressed, int]


def meant(*calls: Call, apart_s: float = 0.1) -> Addressed:
    """Return what holds after calls in one context."""
    now, known = 1_000.0, None
    for how, onward in calls:
        known = after(known, how, onward, now)
        now += apart_s
    assert isinstance(known, Addressing)
    return known.how


@pytest.mark.parametrize(
    ("calls", "how"),
    [
        ([(BY_NAME, 0)], BY_NAME),
        ([(AMONG_OTHERS, 0)], AMONG_OTHERS),
        ([(AMONG_OTHERS, 1), (BY_NAME, 0)], AMONG_OTHERS),
        ([(WITH_ALL, 1), (BY_NAME, 0)], WITH_ALL),
        # A group in a group, and two groups at once.
        ([(AMONG_OTHERS, 1), (AMONG_OTHERS, 1), (BY_NAME, 0)], AMONG_OTHERS),
        ([(AMONG_OTHERS, 2), (BY_NAME, 0), (BY_NAME, 0)], AMONG_OTHERS),
        # One after the other, each means what it says.
        ([(AMONG_OTHERS, 1), (BY_NAME, 0), (BY_NAME, 0)], BY_NAME),
        ([(BY_NAME, 0), (AMONG_OTHERS, 1), (BY_NAME, 0)], AMONG_OTHERS),
        # Named beside the group: what the group makes of it takes nothing back.
        ([(BY_NAME, 1), (BY_NAME, 0)], BY_NAME),
    ],
)
def test_the_last_call_that_nobody_carried_on_decides(calls: list[Call], how: Addressed) -> None:
    """What a group makes of a call is no call by name, though it has the name."""
    assert meant(*calls) is how


def test_a_scene_that_had_nothing_to_do_is_not_waited_for() -> None:
    """The room was as the scene wants it; hours later the same automation names the switch."""
    calls: list[Call] = [(AMONG_OTHERS, 1), (BY_NAME, 0)]
    assert meant(*calls, apart_s=ONWARD_S) is BY_NAME
