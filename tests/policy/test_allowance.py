"""Twenty at once, then one a minute."""

from custom_components.earshot.policy.allowance import Allowance


def use(allowance: Allowance, now: float, times: int) -> tuple[Allowance, int]:
    """Use it so often, and return what is left and how often it was granted."""
    granted = 0
    for _ in range(times):
        if (left := allowance.after_one(now)) is not None:
            allowance, granted = left, granted + 1
    return allowance, granted


def test_some_at_once_whatever_the_clock_began_with() -> None:
    for now in (0.0, 5.0, 1e9):
        assert use(Allowance(), now, 100)[1] == 20


def test_then_one_in_each_minute_and_none_is_lost_by_asking() -> None:
    allowance, _ = use(Allowance(), 1_000.0, 100)
    for second in range(1, 60):
        assert allowance.after_one(1_000.0 + second) is None
    allowance, granted = use(allowance, 1_060.0, 5)
    assert granted == 1
    allowance, granted = use(allowance, 1_060.0 + 3 * 60, 100)
    assert granted == 3


def test_a_long_while_gives_no_more_than_at_first() -> None:
    allowance, _ = use(Allowance(), 0.0, 100)
    assert use(allowance, 1e9, 100)[1] == 20


def test_in_a_day_there_are_not_enough_to_fill_the_log() -> None:
    allowance, total = Allowance(), 0
    for second in range(0, 86_400, 10):
        allowance, granted = use(allowance, float(second), 3)
        total += granted
    assert total <= 1_460
