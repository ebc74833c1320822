"""Five tries at once, then a wait that doubles up to an hour."""

import pytest

from custom_components.earshot.policy.tries import FREE, Tries


def after(failures: int, now: float = 100.0) -> Tries:
    tries = Tries()
    for _ in range(failures):
        tries = tries.after_failure(now)
    return tries


@pytest.mark.parametrize("failures", range(FREE))
def test_the_first_five_are_free(failures: int) -> None:
    assert after(failures).wait_s(100.0) == 0


@pytest.mark.parametrize(
    ("failures", "wait"), [(5, 30), (6, 60), (7, 120), (11, 1920), (12, 3600), (10_000, 3600)]
)
def test_then_the_wait_doubles_up_to_an_hour(failures: int, wait: float) -> None:
    tries = after(failures)
    assert tries.wait_s(100.0) == wait
    assert tries.wait_s(100.0 + wait - 0.5) == 0.5
    assert tries.wait_s(100.0 + wait) == 0
