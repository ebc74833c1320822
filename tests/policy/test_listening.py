"""Whether a room may listen that nobody there woke."""

import pytest

from custom_components.earshot.policy.listening import Unasked, Why, unasked_refusal

REMOTE = (Why.CONVERSATION, Why.QUESTION, Why.ASKED)


@pytest.mark.parametrize("why", REMOTE)
@pytest.mark.parametrize(
    ("rules", "at_device", "refusal"),
    [
        (Unasked(), "home", "not_allowed"),
        (Unasked(remote_listen=True), "home", None),
        (Unasked(), "allowed", None),
        (Unasked(remote_listen=True), "forbidden", "forbidden"),
        (Unasked(remote_listen=True, child=True), "allowed", "child"),
    ],
)
def test_from_afar(why: Why, rules: Unasked, at_device: str, refusal: str | None) -> None:
    """Off by default; the satellite's owner may allow it, and forbid it for good."""
    got = unasked_refusal(why, rules, at_device=at_device, follow_up_at_device=True)
    assert got == refusal


@pytest.mark.parametrize(
    ("rules", "at_device", "follow_up_at_device", "refusal"),
    [
        (Unasked(), "home", True, None),
        (Unasked(), "allowed", True, None),
        (Unasked(follow_up=False), "home", True, "forbidden"),
        (Unasked(follow_up=False, remote_listen=True), "allowed", True, "forbidden"),
        (Unasked(), "home", False, "forbidden"),
        (Unasked(), "forbidden", True, "forbidden"),
        (Unasked(child=True), "home", True, "child"),
    ],
)
def test_a_follow_up(
    rules: Unasked, at_device: str, follow_up_at_device: bool, refusal: str | None
) -> None:
    """On by default, but where children sleep."""
    got = unasked_refusal(
        Why.FOLLOW_UP, rules, at_device=at_device, follow_up_at_device=follow_up_at_device
    )
    assert got == refusal
