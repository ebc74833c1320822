"""The table of captures: ids, room, times, outcome and sizes in clear, words sealed."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntFlag
from pathlib import Path
from typing import Any, Self

from ..policy.retention import Outcome
from . import database
from .model import PurgeReport, RoomUsage

RECORDS = "records.db"

_MIGRATIONS = (
    """
    CREATE TABLE captures (
        id TEXT PRIMARY KEY,
        room TEXT NOT NULL,
        started REAL NOT NULL,
        outcome TEXT NOT NULL,
        audio_bytes INTEGER,
        audio_expires REAL,
        words_bytes INTEGER,
        words_expires REAL,
        transcript BLOB,
        record BLOB,
        doomed INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX captures_by_room ON captures (room, started)
    """,
)


class Part(IntFlag):
    """What a capture is made of; each goes alone, and the row with the last."""

    AUDIO = 1
    WORDS = 2


@dataclass(frozen=True, kw_only=True)
class Row:
    """One capture as it is stored. A part that has no size is not there."""

    id: str
    room_id: str
    started: datetime
    outcome: Outcome
    audio_bytes: int | None = None
    audio_expires: datetime | None = None
    words_bytes: int | None = None
    words_expires: datetime | None = None
    transcript: bytes | None = None
    record: bytes | None = None

    @property
    def parts(self) -> Part:
        """Which parts are there."""
        audio = Part(0) if self.audio_bytes is None else Part.AUDIO
        return audio | (Part(0) if self.words_bytes is None else Part.WORDS)


@dataclass(frozen=True)
class Records:
    """The open table. Used by one thread."""

    _connection: sqlite3.Connection

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open or make it; raises `StoreDamagedError`."""
        return cls(database.connect(folder / RECORDS, _MIGRATIONS))

    def insert(self, row: Row) -> None:
        """Add a capture."""
        self._connection.execute(
            "INSERT INTO captures (id, room, started, outcome, audio_bytes, audio_expires,"
            " words_bytes, words_expires, transcript, record)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                row.id,
                row.room_id,
                row.started.timestamp(),
                row.outcome,
                row.audio_bytes,
                _seconds(row.audio_expires),
                row.words_bytes,
                _seconds(row.words_expires),
                row.transcript,
                row.record,
            ),
        )

    def get(self, capture_id: str) -> Row | None:
        """Return a capture that is not about to go."""
        row = self._connection.execute(
            "SELECT id, room, started, outcome, audio_bytes, audio_expires, words_bytes,"
            " words_expires, transcript, record FROM captures WHERE id = ? AND doomed = 0",
            (capture_id,),
        ).fetchone()
        return None if row is None else _row(row)

    def outline(self, room_id: str | None = None) -> list[Row]:
        """Return all captures, or those of a room, without their words."""
        rows = self._connection.execute(
            "SELECT id, room, started, outcome, audio_bytes, audio_expires, words_bytes,"
            " words_expires, NULL, NULL FROM captures WHERE ?1 IS NULL OR room = ?1",
            (room_id,),
        )
        return [_row(row) for row in rows]

    def empty(self) -> bool:
        """Whether there is no capture at all."""
        return self._connection.execute("SELECT 1 FROM captures LIMIT 1").fetchone() is None

    def doom(self, parts: Mapping[str, Part]) -> None:
        """Write down what is to go, before any of it does."""
        with database.transaction(self._connection):
            self._connection.executemany(
                "UPDATE captures SET doomed = doomed | ? WHERE id = ?",
                [(int(part), capture_id) for capture_id, part in parts.items()],
            )

    def doomed(self) -> dict[str, Part]:
        """Return what is to go."""
        rows = self._connection.execute("SELECT id, doomed FROM captures WHERE doomed != 0")
        return {capture_id: Part(doomed) for capture_id, doomed in rows}

    def finish(self) -> PurgeReport:
        """Remove from the table what is to go."""
        execute = self._connection.execute
        with database.transaction(self._connection):
            audio = execute(
                "UPDATE captures SET audio_bytes = NULL, audio_expires = NULL"
                " WHERE doomed & ? AND audio_bytes IS NOT NULL",
                (int(Part.AUDIO),),
            ).rowcount
            words = execute(
                "UPDATE captures SET words_bytes = NULL, words_expires = NULL,"
                " transcript = NULL, record = NULL"
                " WHERE doomed & ? AND words_bytes IS NOT NULL",
                (int(Part.WORDS),),
            ).rowcount
            execute("UPDATE captures SET doomed = 0 WHERE doomed != 0")
            gone = execute(
                "DELETE FROM captures WHERE audio_bytes IS NULL AND words_bytes IS NULL"
            ).rowcount
        return PurgeReport(audio=audio, transcripts=words, captures=gone)

    def usage(self) -> dict[str, RoomUsage]:
        """Return what is kept of each room."""
        # 9e999 is infinity: of a part that is not there, or that never expires.
        rows = self._connection.execute(
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
                oldest=_moment(oldest),
                next_expiry=None if expiry == float("inf") else _moment(expiry),
            )
            for room, captures, size, oldest, expiry in rows
        }

    def checkpoint(self) -> bool:
        """Leave nothing old in the log; False when another reader kept that from happening."""
        return database.checkpoint(self._connection)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()


def ids(rows: Iterable[Row], part: Part) -> set[str]:
    """Return the ids of the captures that have a part."""
    return {row.id for row in rows if part in row.parts}


def _row(columns: tuple[Any, ...]) -> Row:
    capture_id, room, started, outcome, audio, audio_end, words, words_end, text, record = columns
    return Row(
        id=capture_id,
        room_id=room,
        started=_moment(started),
        outcome=Outcome(outcome),
        audio_bytes=audio,
        audio_expires=None if audio_end is None else _moment(audio_end),
        words_bytes=words,
        words_expires=None if words_end is None else _moment(words_end),
        transcript=text,
        record=record,
    )


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
