"""The table of captures, as the one thread that writes uses it."""

# ruff: noqa: S608 - the SQL put together here is our own; what others give is a parameter

import json
import secrets
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntFlag
from pathlib import Path
from typing import Any, Self

from ..policy.clock import JUMP, Doubt, Moment, Reading
from ..policy.retention import Outcome
from . import database
from .crypto import Purpose
from .model import PurgeReport, RoomUsage
from .schema import MIGRATIONS, RECORDS
from .views import Pin

COLUMNS = (
    "number, id, room, started, boot, boottime, outcome, audience, audio_bytes, audio_expires,"
    " words_bytes, words_expires, pin_until, pin_made, pin_by"
)
_TELL_APART = 1024
_TRIES = 64
_LAST_MICROSECOND = 2**63 // _TELL_APART - 1
"""That a number can hold: in the year 2255."""


class Part(IntFlag):
    """What a capture is made of; each goes alone, and the row with the last."""

    AUDIO = 1
    WORDS = 2


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What of a capture is sealed in the database."""

    transcript: bytes | None = None
    record: bytes | None = None
    peaks: bytes | None = None
    label: bytes | None = None
    reason: bytes | None = None
    """Of the pin."""

    def of(self, purpose: Purpose) -> bytes | None:
        """Return what is sealed for a purpose; None for what is not in the database."""
        sealed: bytes | None = getattr(self, purpose, None)
        return sealed


@dataclass(frozen=True, kw_only=True)
class Row:
    """One capture as it is stored in clear. A part that has no size is not there."""

    number: int = 0
    id: str
    room_id: str
    moment: Moment
    outcome: Outcome
    audience: frozenset[str] = frozenset()
    audio_bytes: int | None = None
    audio_expires: datetime | None = None
    words_bytes: int | None = None
    words_expires: datetime | None = None
    pin_until: datetime | None = None
    pin_made: datetime | None = None
    pin_by: str | None = None

    @property
    def started(self) -> datetime:
        """When it began, by the wall clock."""
        return self.moment.wall

    @property
    def parts(self) -> Part:
        """Which parts are there."""
        audio = Part(0) if self.audio_bytes is None else Part.AUDIO
        return audio | (Part(0) if self.words_bytes is None else Part.WORDS)

    @property
    def bytes(self) -> int:
        """Size of what is sealed of it."""
        return (self.audio_bytes or 0) + (self.words_bytes or 0)

    def pin(self, reason: str) -> Pin | None:
        """Return the pin with its opened reason; None when there is none."""
        if self.pin_until is None or self.pin_made is None:
            return None
        return Pin(until=self.pin_until, made=self.pin_made, by=self.pin_by or "", reason=reason)


@dataclass(frozen=True)
class Owed:
    """What a capture must have beside its row."""

    parts: Part
    notes: tuple[Purpose, ...]
    """Which notes have keys."""

    wordless: bool
    """Its words should be there and are not: the database was damaged."""


@dataclass(frozen=True)
class Doomed:
    """What is to go of one capture."""

    number: int
    id: str
    room_id: str
    parts: Part
    whole: bool
    """Nothing is left of it then."""


@dataclass(frozen=True)
class Records:
    """The open table. Used by one thread."""

    connection: sqlite3.Connection

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open or make it; raises `StoreDamagedError`."""
        return cls.open_as(folder / RECORDS)

    @classmethod
    def open_as(cls, path: Path) -> Self:
        """Open or make it under another name."""
        return cls(database.connect(path, MIGRATIONS))

    def insert(self, row: Row, sealed: Sealed) -> Row:
        """Add a capture; return it with its number."""
        with database.transaction(self.connection):
            numbered = replace(row, number=self._free_number(row.started))
            insert(self.connection, numbered, sealed)
        return numbered

    def _free_number(self, started: datetime) -> int:
        first = first_number(started)
        for _ in range(_TRIES):
            number = first + secrets.randbelow(_TELL_APART)
            query = "SELECT 1 FROM captures WHERE number = ?"
            if self.connection.execute(query, (number,)).fetchone() is None:
                return number
        raise ValueError("too many captures began in the same microsecond")

    def get(self, capture_id: str) -> tuple[Row, Sealed] | None:
        """Return a capture that is not about to go."""
        return get(self.connection, capture_id)

    def outline(self, room_id: str | None = None) -> list[Row]:
        """Return all captures, or those of a room."""
        return outline(self.connection, room_id)

    def empty(self) -> bool:
        """Whether there is no capture at all."""
        return self.connection.execute("SELECT 1 FROM captures LIMIT 1").fetchone() is None

    def doom(self, parts: Mapping[str, Part]) -> None:
        """Write down what is to go, before any of it does. Within a transaction."""
        self.connection.executemany(
            "UPDATE captures SET doomed = doomed | ? WHERE id = ?",
            [(int(part), capture_id) for capture_id, part in parts.items()],
        )

    def doomed(self) -> list[Doomed]:
        """Return what is to go."""
        rows = self.connection.execute(
            "SELECT number, id, room, doomed,"
            " (audio_bytes IS NULL OR doomed & 1) AND (words_bytes IS NULL OR doomed & 2)"
            " FROM captures WHERE doomed != 0"
        ).fetchall()
        return [
            Doomed(number, capture_id, room, Part(doomed), bool(whole))
            for number, capture_id, room, doomed, whole in rows
        ]

    def finish(self) -> PurgeReport:
        """Remove from the table what is to go."""
        execute = self.connection.execute
        audio, words = int(Part.AUDIO), int(Part.WORDS)
        with database.transaction(self.connection):
            execute(
                "UPDATE sealed SET peaks = NULL WHERE number IN"
                " (SELECT number FROM captures WHERE doomed != 0 AND doomed & ?)",
                (audio,),
            )
            execute(
                "UPDATE sealed SET transcript = NULL, record = NULL, label = NULL WHERE number IN"
                " (SELECT number FROM captures WHERE doomed != 0 AND doomed & ?)",
                (words,),
            )
            audio_gone = execute(
                "UPDATE captures SET audio_bytes = NULL, audio_expires = NULL"
                " WHERE doomed != 0 AND doomed & ? AND audio_bytes IS NOT NULL",
                (audio,),
            ).rowcount
            words_gone = execute(
                "UPDATE captures SET words_bytes = NULL, words_expires = NULL"
                " WHERE doomed != 0 AND doomed & ? AND words_bytes IS NOT NULL",
                (words,),
            ).rowcount
            gone = execute(
                "DELETE FROM captures WHERE doomed != 0"
                " AND audio_bytes IS NULL AND words_bytes IS NULL"
            ).rowcount
            execute("UPDATE captures SET doomed = 0 WHERE doomed != 0")
        return PurgeReport(audio=audio_gone, transcripts=words_gone, captures=gone)

    def usage(self) -> dict[str, RoomUsage]:
        """Return what is kept of each room."""
        # 9e999 is infinity: of a part that is not there, or that never expires.
        rows = self.connection.execute(
            "SELECT room, count(*), sum(coalesce(audio_bytes, 0) + coalesce(words_bytes, 0)),"
            " min(started), min(min("
            "  iif(audio_bytes IS NULL, 9e999, coalesce(audio_expires, 9e999)),"
            "  iif(words_bytes IS NULL, 9e999, coalesce(words_expires, 9e999))"
            ")) FROM captures WHERE doomed = 0 GROUP BY room"
        )
        return {
            room: RoomUsage(
                captures=captures,
                bytes=size,
                oldest=moment(oldest),
                next_expiry=None if expiry == float("inf") else moment(expiry),
            )
            for room, captures, size, oldest, expiry in rows
        }

    def of_room(self, room_id: str, after: int, limit: int) -> list[tuple[int, str]]:
        """Return numbers and ids of some captures of a room, in order."""
        return self.connection.execute(
            "SELECT number, id FROM captures WHERE room = ? AND number > ? ORDER BY number LIMIT ?",
            (room_id, after, limit),
        ).fetchall()

    def parts(self, beginning: str) -> dict[str, Owed]:
        """Return what captures whose ids begin in a way must have."""
        rows = self.connection.execute(
            "SELECT id, audio_bytes IS NOT NULL, words_bytes IS NOT NULL, record IS NOT NULL,"
            " label IS NOT NULL, reason IS NOT NULL"
            " FROM captures LEFT JOIN sealed USING (number) WHERE id >= ? AND id < ?",
            (beginning, beginning + "g"),
        ).fetchall()
        return {
            capture_id: Owed(
                parts=Part(audio * Part.AUDIO | words * Part.WORDS),
                notes=(Purpose.LABEL_KEY,) * label + (Purpose.REASON_KEY,) * reason,
                wordless=words > record,
            )
            for capture_id, audio, words, record, label, reason in rows
        }

    def sealed(self, capture_ids: Iterable[str]) -> list[tuple[Row, Sealed]]:
        """Return some captures with what is sealed of them."""
        rows = self.connection.execute(
            f"SELECT {COLUMNS}, transcript, record, peaks, label, reason"
            " FROM captures JOIN sealed USING (number)"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(capture_ids)),),
        ).fetchall()
        return [(row_of(row[:15]), sealed_of(row[15:])) for row in rows]

    def set_label(self, row: Row, sealed: bytes | None) -> None:
        """Store a sealed label, or take it away."""
        self.connection.execute(
            "UPDATE sealed SET label = ? WHERE number = ?", (sealed, row.number)
        )

    def date_anew(self, doubt: Doubt, reading: Reading) -> list[tuple[int, Row]]:
        """Date captures anew: those kept in doubt by the time the machine ran, those ahead by now.

        Their ends move with them. Return them with the numbers they had.
        """
        now = reading.now
        rows = self.connection.execute(
            f"SELECT {COLUMNS} FROM captures"
            " WHERE boot = ? AND boot != '' AND boottime >= ? OR number > ?",
            (now.boot_id, doubt.since.boottime, first_number(now.wall + JUMP)),
        ).fetchall()
        changed = []
        for row in map(row_of, rows):
            ran = now.seconds_since(row.moment)
            started = now.wall if ran is None else now.wall - timedelta(seconds=ran)
            if abs(started - row.started) > JUMP:
                changed.append((row.number, self._redate(row, started)))
        return changed

    def _redate(self, row: Row, started: datetime) -> Row:
        by = started - row.started
        new = replace(
            row,
            number=self._free_number(started),
            moment=replace(row.moment, wall=started),
            audio_expires=row.audio_expires and row.audio_expires + by,
            words_expires=row.words_expires and row.words_expires + by,
        )
        self.connection.execute(
            "UPDATE captures SET number = ?, started = ?, audio_expires = ?, words_expires = ?"
            " WHERE number = ?",
            (
                new.number,
                started.timestamp(),
                _seconds(new.audio_expires),
                _seconds(new.words_expires),
                row.number,
            ),
        )
        return new

    def note(self, key: str, value: str) -> None:
        """Store a fact about the vault itself."""
        self.connection.execute("REPLACE INTO meta VALUES (?, ?)", (key, value))

    def noted(self, key: str) -> str | None:
        """Return a fact about the vault itself."""
        query = "SELECT value FROM meta WHERE key = ?"
        row = self.connection.execute(query, (key,)).fetchone()
        return None if row is None else str(row[0])

    def checkpoint(self) -> bool:
        """Leave nothing old in the log; False when another reader kept that from happening."""
        return database.checkpoint(self.connection)

    def close(self) -> None:
        """Close the database."""
        self.connection.close()


def insert(connection: sqlite3.Connection, row: Row, sealed: Sealed) -> None:
    """Add a capture whose number is free. Within a transaction."""
    connection.execute(
        f"INSERT INTO captures ({COLUMNS}) VALUES ({', '.join('?' * 15)})",
        (
            row.number,
            row.id,
            row.room_id,
            row.started.timestamp(),
            row.moment.boot_id,
            row.moment.boottime,
            row.outcome,
            " ".join(sorted(row.audience)),
            row.audio_bytes,
            _seconds(row.audio_expires),
            row.words_bytes,
            _seconds(row.words_expires),
            _seconds(row.pin_until),
            _seconds(row.pin_made),
            row.pin_by,
        ),
    )
    connection.execute(
        "INSERT INTO sealed (number, transcript, record, peaks, label, reason)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (row.number, sealed.transcript, sealed.record, sealed.peaks, sealed.label, sealed.reason),
    )


def get(connection: sqlite3.Connection, capture_id: str) -> tuple[Row, Sealed] | None:
    """Return a capture that is not about to go."""
    found = connection.execute(
        f"SELECT {COLUMNS}, transcript, record, peaks, label, reason"
        " FROM captures JOIN sealed USING (number) WHERE id = ? AND doomed = 0",
        (capture_id,),
    ).fetchone()
    return None if found is None else (row_of(found[:15]), sealed_of(found[15:]))


def outline(connection: sqlite3.Connection, room_id: str | None = None) -> list[Row]:
    """Return all captures, or those of a room."""
    rows = connection.execute(
        f"SELECT {COLUMNS} FROM captures WHERE ?1 IS NULL OR room = ?1",
        (room_id,),
    )
    return [row_of(row) for row in rows]


def ids(rows: Iterable[Row], part: Part) -> set[str]:
    """Return the ids of the captures that have a part."""
    return {row.id for row in rows if part in row.parts}


def first_number(started: datetime) -> int:
    """Return the lowest number that a capture of this start can have."""
    return min(max(0, int(started.timestamp() * 1_000_000)), _LAST_MICROSECOND) * _TELL_APART


def row_of(columns: tuple[Any, ...]) -> Row:
    """Return a row of what was selected as `COLUMNS`."""
    (
        number, capture_id, room, started, boot, boottime, outcome, audience,
        audio, audio_end, words, words_end, pin_until, pin_made, pin_by,
    ) = columns  # fmt: skip
    return Row(
        number=number,
        id=capture_id,
        room_id=room,
        moment=Moment(moment(started), boot, boottime),
        outcome=Outcome(outcome),
        audience=frozenset(audience.split()),
        audio_bytes=audio,
        audio_expires=None if audio_end is None else moment(audio_end),
        words_bytes=words,
        words_expires=None if words_end is None else moment(words_end),
        pin_until=None if pin_until is None else moment(pin_until),
        pin_made=None if pin_made is None else moment(pin_made),
        pin_by=pin_by,
    )


def sealed_of(columns: tuple[Any, ...]) -> Sealed:
    """Return what is sealed of a row that selected it in the order of `Sealed`."""
    transcript, record, peaks, label, reason = columns
    return Sealed(transcript=transcript, record=record, peaks=peaks, label=label, reason=reason)


def moment(seconds: float) -> datetime:
    """Return a stored time."""
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()
