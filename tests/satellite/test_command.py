"""Command audio: withheld until granted, then whole, and never more than allowed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from earshot_satellite.session.command import MAX_HELD, Command, Piece


def pieces(total_ms: int, size_ms: int = 40, first_ms: int = -400) -> list[Piece]:
    """Audio whose every sample says where it is."""
    made = []
    for at in range(first_ms, total_ms, size_ms):
        length = min(size_ms, total_ms - at)
        samples = range((at + 400) * 16, (at + 400 + length) * 16)
        made.append(Piece(at, b"".join((n % 65_536).to_bytes(2, "little") for n in samples)))
    return made


@given(
    st.integers(100, 3_000),
    st.sampled_from([10, 40, 64, 80]),
    st.integers(0, 60),
    st.floats(0.2, 2.0),
)
def test_not_a_sample_is_lost_nor_sent_too_much(
    total_ms: int, size_ms: int, granted_at: int, max_s: float
) -> None:
    """Whenever the grant comes, what is sent is the beginning of what was heard, to the limit."""
    command, sent = Command("a" * 16), []
    heard = pieces(total_ms, size_ms)
    for index, piece in enumerate(heard):
        if index == granted_at:
            sent += command.grant(max_s)
        sent += command.add(piece)
    if granted_at >= len(heard):
        assert sent == []
        sent += command.grant(max_s)
    whole = b"".join(piece.pcm for piece in heard)
    got = b"".join(piece.pcm for piece in sent)
    assert got == whole[: (int(max_s * 1_000) + 400) * 32][: len(got)]
    assert len(got) == min(len(whole), int(max_s * 1_000 + 400) * 32)
    assert command.at_limit == (total_ms >= int(max_s * 1_000))


def test_a_home_that_never_answers_costs_no_more_than_one_utterance() -> None:
    command = Command("a" * 16)
    for piece in pieces(60_000, 80):
        assert list(command.add(piece)) == []
    held = sum(len(piece.pcm) for piece in command.grant(1_000.0))
    assert MAX_HELD - 80 * 32 < held <= MAX_HELD
