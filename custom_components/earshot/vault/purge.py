"""Choosing what goes: what is due, what somebody selected, what no longer fits."""

# ruff: noqa: S608 - the SQL put together here is our own; what others give is a parameter

import sqlite3
from collections.abc import Mapping

from ..policy.clock import Reading
from . import selecting
from .crypto import Purpose
from .opening import KEY_OF
from .records import Part
from .views import Policy, Selection

_GONE_WITH = {
    Part.AUDIO: (Purpose.AUDIO, Purpose.PEAKS),
    Part.WORDS: (Purpose.TRANSCRIPT, Purpose.RECORD, Purpose.LABEL),
}


def gone_with(parts: Part, *, whole: bool) -> tuple[Purpose, ...]:
    """Return what goes with some parts of a capture, or with all of it."""
    if whole:
        return tuple(KEY_OF)
    return tuple(purpose for part in parts for purpose in _GONE_WITH[part])


def due(
    connection: sqlite3.Connection, reading: Reading, policies: Mapping[str, Policy], limit: int
) -> dict[str, Part]:
    """Return parts that must be gone: by the ceiling they were kept under, or by today's.

    A room that is not in `policies` keeps to the ceilings of then, and a wider policy of today
    never lengthens the life of what is kept.
    """
    rows = connection.execute(
        f"{selecting.DUE} SELECT id, parts FROM due"
        " WHERE parts AND coalesce(NOT pinned, 1) ORDER BY number LIMIT :limit",
        selecting.due(reading, policies) | {"limit": limit},
    ).fetchall()
    return {capture_id: Part(parts) for capture_id, parts in rows}


def selected(connection: sqlite3.Connection, selection: Selection, limit: int) -> dict[str, Part]:
    """Return captures that somebody selected, whole."""
    condition, params = selecting.selected(selection)
    rows = connection.execute(
        f"SELECT id FROM captures WHERE {condition} LIMIT :limit",
        params | {"limit": limit},
    ).fetchall()
    return {capture_id: Part.AUDIO | Part.WORDS for (capture_id,) in rows}


def oldest(connection: sqlite3.Connection, size: int, limit: int) -> dict[str, Part]:
    """Return the oldest captures that are not pinned and together free this many bytes."""
    rows = connection.execute(
        "SELECT id, coalesce(audio_bytes, 0) + coalesce(words_bytes, 0) FROM captures"
        " WHERE doomed = 0 AND pin_until IS NULL ORDER BY number LIMIT ?",
        (limit,),
    ).fetchall()
    chosen: dict[str, Part] = {}
    for capture_id, has in rows:
        if size <= 0:
            break
        chosen[capture_id] = Part.AUDIO | Part.WORDS
        size -= has
    return chosen
