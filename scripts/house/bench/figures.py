"""From what happened to figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..audio import RATE, find
from ..captures import Kept
from ..turn import Turn, audible_bounds

_MATCH_S = 5.0
_SURE = 0.9


@dataclass(frozen=True)
class Measured:
    """One turn in milliseconds; None where it did not happen."""

    turn: Turn
    ending: str
    """How the recogniser knew the end: terminal, extendable, incomplete, limit, stopped."""

    to_light: float | None
    to_reply: float | None
    to_listening: float | None
    head_cut: float | None
    """Of the command; negative: there was sound before it."""

    match: float
    """Correlation of what was said with what was recognised; near 1 when it is the same sound."""


def measure(turn: Turn, kept: Kept | None) -> Measured:
    """Put a turn and its capture together."""
    head_cut, match = None, 0.0
    if kept is not None:
        head_cut, match = _head_cut(turn, kept)
    return Measured(
        turn=turn,
        ending=str(kept.record.get("ending", "")) if kept else "",
        to_light=_ms(turn.speech_end, turn.action),
        to_reply=_ms(turn.speech_end, turn.reply),
        to_listening=_ms(turn.wake_end, turn.listening),
        head_cut=head_cut if match > _SURE else None,
        match=match,
    )


def pair(turns: Sequence[Turn], kept: Sequence[Kept], room_ids: dict[str, str]) -> list[Measured]:
    """Find each turn's capture by its room and time."""
    measured = []
    for turn in turns:
        room_id = room_ids[turn.order.room]
        near = [
            item
            for item in kept
            if item.room_id == room_id and abs(item.started - turn.wake_end) < _MATCH_S
        ]
        nearest = min(near, key=lambda item: abs(item.started - turn.wake_end), default=None)
        measured.append(measure(turn, nearest))
    return measured


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the nearest-rank percentile, or None without values."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def _head_cut(turn: Turn, kept: Kept) -> tuple[float, float]:
    """Return how much of the command's head is missing, in milliseconds, and the match."""
    spoken = turn.spoken
    _, _, last = audible_bounds(spoken)
    position, match = find(spoken.samples[: last + 1], kept.samples)
    return -1000 * (position + spoken.command_start) / RATE, match


def _ms(begin: float, end: float | None) -> float | None:
    return None if end is None else 1000 * (end - begin)
