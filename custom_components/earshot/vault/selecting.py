"""Conditions of SQL for what somebody selects and for what is due."""

# ruff: noqa: S608 - the SQL put together here is our own; what others give is a parameter

import json
from collections.abc import Mapping
from typing import Any

from ..policy.clock import Reading
from ..policy.retention import Outcome
from .records import first_number
from .views import Policy, Selection

type Params = dict[str, Any]


def selected(selection: Selection) -> tuple[str, Params]:
    """Return the condition for what a person selects."""
    conditions = ["doomed = 0"]
    params: Params = {}
    for column, chosen in (
        ("id", selection.ids),
        ("room", selection.rooms),
        ("outcome", selection.outcomes),
    ):
        if chosen is not None:
            conditions.append(f"{column} IN (SELECT value FROM json_each(:{column}))")
            params[column] = json.dumps(sorted(chosen))
    if selection.since is not None:
        conditions.append("number >= :since")
        params["since"] = first_number(selection.since)
    if selection.until is not None:
        conditions.append("number < :until")
        params["until"] = first_number(selection.until)
    if not selection.pinned:
        conditions.append("pin_until IS NULL")
    return " AND ".join(conditions), params


def _over(size: str, ends: str, today: str) -> str:
    """Return whether a part is past the ceiling it was kept under, or past today's.

    In the same run of the machine the time it ran counts as well, as in `Reading.age`.
    """
    return (
        f"coalesce({size} IS NOT NULL AND ({ends} <= :wall"
        f" OR boot = :boot AND {ends} - started <= :boottime - boottime"
        f" OR {today} = 0 OR started + {today} <= :wall"
        f" OR boot = :boot AND {today} <= :boottime - boottime), 0)"
    )


DUE = (
    "WITH today (of_room, of_outcome, audio, words) AS MATERIALIZED ("
    " SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),"
    " json_extract(value, '$[2]'), json_extract(value, '$[3]') FROM json_each(:today)"
    "), due AS ("
    " SELECT number, id, room, audio_bytes, words_bytes, pin_until > :wall"
    "  AND (coalesce(today.audio, 1) OR coalesce(today.words, 1)) AS pinned,"
    f" {_over('audio_bytes', 'audio_expires', 'today.audio')}"
    f" + 2 * {_over('words_bytes', 'words_expires', 'today.words')} AS parts"
    " FROM captures LEFT JOIN today ON of_room = room AND of_outcome = outcome"
    " WHERE doomed = 0 AND (:room IS NULL OR room = :room))"
)
"""A table `due` of all captures, with their parts that are.

A pin holds ceilings off, but not "never": where nothing would be kept today, none holds.
"""


def due(reading: Reading, policies: Mapping[str, Policy], room_id: str | None = None) -> Params:
    """Return the parameters of `DUE`: only what is certain makes anything due."""
    today = []
    for of_room, policy in policies.items():
        for outcome in Outcome:
            verdict = policy(outcome)
            today.append([of_room, outcome, verdict.audio.seconds, verdict.transcript.seconds])
    return {
        "today": json.dumps(today),
        "wall": reading.earliest.timestamp(),
        "boot": reading.now.boot_id or None,
        "boottime": reading.now.boottime,
        "room": room_id,
    }
