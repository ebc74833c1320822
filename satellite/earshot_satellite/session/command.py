"""A command on its way: held until home wants to hear it, then passed on to the sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from earshot_wire.limits import MAX_TURN_S, PRE_ROLL_MS
from earshot_wire.turn import COMMAND_RATE

_BYTES_PER_MS = COMMAND_RATE * 2 // 1_000
MAX_HELD = int((MAX_TURN_S * 1_000 + PRE_ROLL_MS + 1_000) * _BYTES_PER_MS)


@dataclass(frozen=True)
class Piece:
    """Command audio; `offset_ms` of its first sample from the detection."""

    offset_ms: int
    pcm: bytes


class Command:
    """The audio of one turn, in order and without a gap.

    It holds no more than the longest utterance: whatever a home does, nothing grows.
    """

    def __init__(self, turn: str) -> None:
        self.turn = turn
        self._held: list[Piece] = []
        self._bytes = 0
        self._max_ms: float | None = None
        self.at_limit = False

    def add(self, piece: Piece) -> Iterator[Piece]:
        """Take what the ear heard; return what may be sent now."""
        if self._max_ms is not None:
            yield from self._cut(piece)
        elif self._bytes + len(piece.pcm) <= MAX_HELD:
            self._held.append(piece)
            self._bytes += len(piece.pcm)

    def grant(self, max_s: float) -> Iterator[Piece]:
        """Let it go, up to `max_s` seconds after the detection; return what was held."""
        self._max_ms = max_s * 1_000
        held, self._held, self._bytes = self._held, [], 0
        for piece in held:
            yield from self._cut(piece)

    def _cut(self, piece: Piece) -> Iterator[Piece]:
        if self.at_limit or self._max_ms is None:
            return
        keep = int(self._max_ms - piece.offset_ms) * _BYTES_PER_MS
        self.at_limit = keep <= len(piece.pcm)
        if keep > 0:
            yield Piece(piece.offset_ms, piece.pcm[:keep])
