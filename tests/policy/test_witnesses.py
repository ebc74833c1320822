"""The log is verified when a paired satellite remembers it, and broken when one disagrees."""

from dataclasses import replace

import pytest

from custom_components.earshot.policy.witnesses import Found, Testimony, judge

NOW, OLD = "a" * 16, "b" * 16
CHAIN = NOW + "1" * 16
FOUND = Found(
    first=1, last=9, lines=9, broken_at=None, unkeyed=0, chains=frozenset({CHAIN}), generation=NOW,
    heads={seq: (CHAIN, b"%d" % seq) for seq in range(1, 10)},
)  # fmt: skip


def heard(*seqs: int, chain: str = CHAIN, paired: bool = True, wrong: int = 0) -> Testimony:
    claims = [(chain, seq, b"wrong" if seq == wrong else b"%d" % seq) for seq in seqs]
    return Testimony("room", paired, claims)


def test_nobody_vouches() -> None:
    verdict = judge(FOUND, [], 9)
    assert (verdict.state, verdict.witnesses, verdict.lines) == ("consistent", 0, 9)


def test_paired_witnesses_verify_and_others_are_told_apart() -> None:
    verdict = judge(FOUND, [heard(3, 9), heard(9), heard(9, paired=False)], 9)
    assert (verdict.state, verdict.witnesses, verdict.unpaired_witnesses) == ("verified", 2, 1)
    verdict = judge(FOUND, [heard(9, paired=False)], 9)
    assert (verdict.state, verdict.witnesses, verdict.unpaired_witnesses) == ("consistent", 0, 1)


@pytest.mark.parametrize("claims", [heard(), heard(3), heard(9, chain=OLD + "1" * 16)])
def test_who_does_not_know_the_end_does_not_vouch(claims: Testimony) -> None:
    verdict = judge(FOUND, [claims], 9)
    assert (verdict.state, verdict.witnesses) == ("consistent", 0)


def test_lines_written_since_the_question_need_no_witness() -> None:
    assert judge(FOUND, [heard(7)], 7).state == "verified"


@pytest.mark.parametrize(
    ("claims", "at"),
    [
        (heard(3, 9, wrong=3), 3),
        (heard(3, 9, wrong=9), 9),
        (heard(9, 12), 10),
        (heard(1, 2, chain=NOW + "2" * 16), 1),
    ],
)
def test_a_paired_witness_that_remembers_something_else_is_an_alarm(
    claims: Testimony, at: int
) -> None:
    verdict = judge(FOUND, [heard(9), claims], 9)
    assert (verdict.state, verdict.broken_at, verdict.witnesses) == ("broken", at, 1)
    verdict = judge(FOUND, [heard(9), replace(claims, paired=False)], 9)
    assert (verdict.state, verdict.broken_at, verdict.disputed_by) == ("verified", None, 1)


def test_what_went_with_its_house_key_or_with_age_is_no_alarm() -> None:
    """A restore, and lines that were left out after a year."""
    assert judge(FOUND, [heard(500, 501, chain=OLD + "2" * 16), heard(9)], 9).state == "verified"
    later = replace(FOUND, first=6, lines=4)
    assert judge(later, [heard(3, 6, 9, wrong=3)], 9).state == "verified"


def test_what_does_not_fit_itself_is_broken_whoever_vouches() -> None:
    verdict = judge(replace(FOUND, broken_at=4, last=3), [], 9)
    assert (verdict.state, verdict.broken_at) == ("broken", 4)


def test_an_empty_log_is_verified_by_nobody() -> None:
    empty = replace(FOUND, last=0, lines=0, heads={})
    assert judge(empty, [heard(paired=True)], 0).state == "consistent"
    assert judge(empty, [heard(5)], 0).broken_at == 1
