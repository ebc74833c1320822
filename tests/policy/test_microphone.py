"""P3 and P9: the microphone is off only when a paired satellite verified so just now."""

from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from custom_components.earshot.policy.microphone import VALID_S, judge
from custom_components.earshot.wire.limits import RECEIPT_VALID_S


@dataclass
class Receipt:
    state: str
    reason: str = ""


receipts = st.none() | st.builds(
    Receipt, state=st.sampled_from(["closed", "open", "unverified", "Closed", ""]), reason=st.text()
)


@given(receipt=receipts, age_s=st.floats(), linked=st.booleans(), paired=st.booleans())
@example(receipt=Receipt("closed"), age_s=float("nan"), linked=True, paired=True)
@example(receipt=Receipt("closed"), age_s=-1.0, linked=True, paired=True)
def test_off_is_never_shown_on_anything_less_than_proof(receipt, age_s, linked, paired):
    verdict = judge(receipt, age_s=age_s, linked=linked, paired=paired)
    if verdict.state == "off":
        assert receipt.state == "closed"
        assert paired
        assert linked
        assert 0 <= age_s <= 30
    if verdict.state is None:
        assert verdict.reason


@pytest.mark.parametrize(
    ("receipt", "given_", "state", "reason"),
    [
        (Receipt("closed"), {}, "off", "verified"),
        (Receipt("open"), {}, "on", "verified"),
        (Receipt("open"), {"paired": False}, "on", "verified"),
        (Receipt("closed"), {"paired": False}, None, "not_paired"),
        (Receipt("closed"), {"linked": False}, None, "not_linked"),
        (Receipt("closed"), {"age_s": 30.1}, None, "stale"),
        (Receipt("closed"), {"age_s": 30.0}, "off", "verified"),
        (Receipt("open"), {"age_s": 31.0}, None, "stale"),
        (Receipt("unverified", "other_recorder"), {}, None, "other_recorder"),
        (Receipt("unverified"), {}, None, "unverified"),
        (Receipt("asleep"), {}, None, "unverified"),
        (None, {}, None, "no_receipt"),
    ],
)
def test_what_a_receipt_is_worth(receipt, given_, state, reason):
    verdict = judge(receipt, **({"age_s": 1.0, "linked": True, "paired": True} | given_))
    assert (verdict.state, verdict.reason) == (state, reason)


def test_a_receipt_counts_as_long_as_both_ends_say() -> None:
    """The satellite's light and the dashboard must not differ."""
    assert VALID_S == RECEIPT_VALID_S
