"""Looking into the vault, by connections that cannot write, on a thread of their own.

Every result is fetched whole, so that no read holds a snapshot that a deletion would have to wait
for.
"""

# ruff: noqa: S608 - the SQL put together here is our own; what others give is a parameter

import json
import sqlite3
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from ..policy.clock import Reading
from ..policy.retention import Outcome
from . import codec, database, purge, records, selecting, tombstones
from .blobs import Blobs
from .crypto import Purpose
from .errors import (
    CaptureDamagedError,
    CaptureSealedError,
    CaptureUnknownError,
    ClockUncertainError,
    KeyLostError,
)
from .keys import Keys, Private
from .model import Capture
from .opening import Allowed, Opener, allowed, outline, record_of
from .records import COLUMNS, Part, Row, Sealed, first_number
from .schema import RECORDS
from .views import Count, Listed, Page, Pin, Policy, Query, Selection, Tombstone

_FEW = 48
"""Rooms times outcomes that are looked up one by one; more are found by going through all."""

_SEALED = "transcript, record, peaks, label, reason"


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of one capture, for the search index."""

    number: int
    room_id: str
    outcome: Outcome
    text: str = field(repr=False)


@dataclass(frozen=True)
class Browser:
    """The vault, open for reading. Every method may raise `VaultError`."""

    _connection: sqlite3.Connection
    _keys: Keys | None
    _blobs: Blobs

    @classmethod
    def open(cls, folder: Path, blobs: Blobs, keys: Keys | None) -> Self:
        """Open beside the one that writes; `keys` are its keys, if it has any."""
        connection = database.connect_reading(folder / RECORDS)
        try:
            return cls(connection, keys and keys.reading(folder), blobs)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Close the databases."""
        self._connection.close()
        if self._keys is not None:
            self._keys.close()

    def numbers(self, query: Query, reading: Reading) -> list[int]:
        """Return the numbers of a page and, if there is one, of the capture after it."""
        outcomes = sorted(query.outcomes if query.outcomes is not None else Outcome)
        params = {
            "rooms": json.dumps(sorted(query.rooms)),
            "outcomes": json.dumps(outcomes),
            "before": _before(query),
            "since": 0 if query.since is None else first_number(query.since),
            "wall": reading.earliest.timestamp(),
            "limit": query.limit + 1,
            "listener": query.listener,
        }
        within = (
            f"number < :before AND number >= :since AND doomed = 0 AND {_ALIVE} AND {_HEARD_BY}"
        )
        end = "ORDER BY number DESC LIMIT :limit"
        if len(query.rooms) * len(outcomes) <= _FEW:
            one = (
                "SELECT * FROM (SELECT number FROM captures"
                f" WHERE room = :room_{{}} AND outcome = :outcome_{{}} AND {within} {end})"
            )
            pairs = [(room, outcome) for room in query.rooms for outcome in outcomes]
            for at, (room, outcome) in enumerate(pairs):
                params |= {f"room_{at}": room, f"outcome_{at}": outcome}
            if not pairs:
                return []
            sql = " UNION ALL ".join(one.format(at, at) for at in range(len(pairs)))
            sql = f"SELECT number FROM ({sql}) {end}"
        else:
            sql = (
                "SELECT number FROM captures"
                " WHERE room IN (SELECT value FROM json_each(:rooms))"
                f" AND outcome IN (SELECT value FROM json_each(:outcomes)) AND {within} {end}"
            )
        with database.storage_errors():
            return [number for (number,) in self._connection.execute(sql, params).fetchall()]

    def heard_by(self, listener: str, numbers: Sequence[int]) -> list[int]:
        """Return those captures of these of which somebody was a listener, newest first."""
        sql = (
            "SELECT number FROM captures WHERE number IN (SELECT value FROM json_each(:numbers))"
            f" AND {_HEARD_BY} ORDER BY number DESC"
        )
        params = {"numbers": json.dumps(list(numbers)), "listener": listener}
        with database.storage_errors():
            return [number for (number,) in self._connection.execute(sql, params).fetchall()]

    def page(self, query: Query, reading: Reading, private: Private, found: Sequence[int]) -> Page:
        """Return the captures of these numbers, of which there may be one more than a page."""
        numbers = found[: query.limit]
        items = []
        stored = {}
        with database.storage_errors():
            rows = [
                (row, sealed, may)
                for row, sealed in self._of_numbers(numbers)
                if (may := allowed(row, reading)).parts | may.uncertain
            ]
            if self._keys is not None:
                stored = self._keys.of(row.id for row, _, _ in rows)
            for row, sealed, may in rows:
                if self._keys is None:
                    items.append(outline(row, may, sealed=False))
                else:
                    items.append(Opener(self._keys, private).listed(row, sealed, stored, may))
        more = len(found) > query.limit
        return Page(items=tuple(items), cursor=str(numbers[-1]) if more else None)

    def _of_numbers(self, numbers: Sequence[int]) -> list[tuple[Row, Sealed]]:
        found = self._connection.execute(
            f"SELECT {COLUMNS}, {_SEALED} FROM captures JOIN sealed USING (number)"
            " WHERE number IN (SELECT value FROM json_each(?)) AND doomed = 0"
            " ORDER BY number DESC",
            (json.dumps(list(numbers)),),
        ).fetchall()
        return [(records.row_of(row[:15]), records.sealed_of(row[15:])) for row in found]

    def read(self, capture_id: str, reading: Reading, private: Private) -> Capture:
        """Open a capture, without what is past its ceiling."""
        if self._keys is None:
            raise KeyLostError("the vault's keys are lost; delete everything to start anew")
        opener = Opener(self._keys, private)
        with database.storage_errors():
            found = records.get(self._connection, capture_id)
            may = Allowed(Part(0), Part(0)) if found is None else allowed(found[0], reading)
            if found is None or not may.parts | may.uncertain:
                raise CaptureUnknownError("there is no such capture")
            if not may.parts:
                raise ClockUncertainError("the clock jumped; this may be past its ceiling")
            row, sealed = found
            audio = transcript = record = None
            if Part.AUDIO in may.parts:
                audio = opener.open(row, Purpose.AUDIO, self._blobs.read(row.id))
            if Part.WORDS in may.parts:
                record = record_of(opener.open(row, Purpose.RECORD, sealed.record))
                if sealed.transcript is not None:
                    transcript = opener.open(row, Purpose.TRANSCRIPT, sealed.transcript).decode()
        return Capture(
            id=row.id,
            room_id=row.room_id,
            started=row.started,
            outcome=row.outcome,
            audio=audio,
            audio_type=None if audio is None else codec.media_type(audio),
            audio_expires=row.audio_expires if audio is not None else None,
            transcript=transcript,
            record=record,
            transcript_expires=row.words_expires if record is not None else None,
            audience=row.audience,
        )

    def find(self, capture_id: str, reading: Reading) -> Listed | None:
        """Return a capture without anything sealed, to ask whether it may be opened."""
        with database.storage_errors():
            found = records.get(self._connection, capture_id)
            if found is None:
                return None
            row, _ = found
            may = allowed(row, reading)
            if not may.parts | may.uncertain:
                return None
            keys = {} if self._keys is None else self._keys.of([row.id])
        return outline(row, may, sealed=any(key.seal_id is not None for key in keys.values()))

    def pins(self) -> list[tuple[Listed, Pin]]:
        """Return all pinned captures without what is sealed, and the pins with their reasons.

        The reason of a pin in a sealed room is empty.
        """
        with database.storage_errors():
            found = self._connection.execute(
                f"SELECT {COLUMNS}, {_SEALED} FROM captures JOIN sealed USING (number)"
                " WHERE pin_until IS NOT NULL AND doomed = 0 ORDER BY number DESC"
            ).fetchall()
            rows = [(records.row_of(it[:15]), records.sealed_of(it[15:])) for it in found]
            keys = {} if self._keys is None else self._keys.of(row.id for row, _ in rows)
            pinned = []
            for row, sealed in rows:
                may = Allowed(row.parts, Part(0))
                in_seal = any(
                    key.seal_id is not None for (it, _), key in keys.items() if it == row.id
                )
                if (pin := row.pin(self._reason(row, sealed.reason))) is not None:
                    pinned.append((outline(row, may, sealed=in_seal), pin))
            return pinned

    def _reason(self, row: Row, sealed: bytes | None) -> str:
        if self._keys is None:
            return ""
        try:
            return Opener(self._keys).open(row, Purpose.REASON, sealed).decode()
        except CaptureDamagedError, CaptureSealedError:
            return ""

    def count(self, selection: Selection) -> dict[str, Count]:
        """Return how much a selection takes of each room; pinned ones are counted apart."""
        condition, params = selecting.selected(selection)
        everything, _ = selecting.selected(replace(selection, pinned=True))
        # What is pinned is told although it is left alone.
        sql = (
            f"SELECT room, {_sums(f'({condition})')},"
            " sum(pin_until IS NOT NULL)"
            f" FROM captures WHERE {everything} GROUP BY room"
        )
        with database.storage_errors():
            return _counts(self._connection.execute(sql, params).fetchall())

    def would_go(self, policies: Mapping[str, Policy], reading: Reading) -> dict[str, Count]:
        """Return what a purge under these policies would take of each room."""
        goes = "coalesce(NOT pinned, 1)"
        sql = (
            f"{selecting.DUE} SELECT room,"
            f" sum({goes} AND (audio_bytes IS NULL OR parts & 1)"
            "  AND (words_bytes IS NULL OR parts & 2)),"
            f" sum({goes} AND parts & 1), sum({goes} AND (parts & 2) != 0),"
            f" sum({goes} * (iif(parts & 1, audio_bytes, 0) + iif(parts & 2, words_bytes, 0))),"
            " sum(coalesce(pinned, 0)) FROM due WHERE parts GROUP BY room"
        )
        with database.storage_errors():
            params = selecting.due(reading, policies)
            return _counts(self._connection.execute(sql, params).fetchall())

    def would_evict(self, size: int) -> int:
        """Return how many captures would go to free this many bytes."""
        with database.storage_errors():
            return len(purge.oldest(self._connection, size, _ALL))

    def ids(self, selection: Selection, limit: int) -> list[str]:
        """Return so many captures of a selection."""
        condition, params = selecting.selected(selection)
        with database.storage_errors():
            rows = self._connection.execute(
                f"SELECT id FROM captures WHERE {condition} LIMIT :limit", params | {"limit": limit}
            ).fetchall()
        return [capture_id for (capture_id,) in rows]

    def words(self, selection: Selection, private: Private) -> list[str]:
        """Return every transcript that can be opened, and what was said in its place."""
        condition, params = selecting.selected(selection)
        with database.storage_errors():
            numbers = self._connection.execute(
                f"SELECT number FROM captures WHERE {condition}",
                params,
            ).fetchall()
            return [
                text
                for at in range(0, len(numbers), _PIECE)
                for words in self._opened(
                    [it for (it,) in numbers[at : at + _PIECE]], private, {None, *private}
                )
                for text in words.text.splitlines()
            ]

    def newest(self) -> int:
        """Return a number above those of all captures."""
        with database.storage_errors():
            (number,) = self._connection.execute("SELECT max(number) FROM captures").fetchone()
        return (number or 0) + 1

    def words_below(
        self, number: int, limit: int, seal_id: str | None, private: Private
    ) -> tuple[int | None, list[Words]]:
        """Return words of captures below a number, newest first, and where to go on.

        None: that was all. Only of those whose keys are in that seal; None: of the house.
        """
        with database.storage_errors():
            rows = self._connection.execute(
                "SELECT number FROM captures WHERE number < ? AND words_bytes IS NOT NULL"
                " AND doomed = 0 ORDER BY number DESC LIMIT ?",
                (number, limit),
            ).fetchall()
            numbers = [it for (it,) in rows]
            words = list(self._opened(numbers, private, {seal_id}))
        return (numbers[-1] if len(numbers) == limit else None), words

    def words_of(
        self, numbers: Sequence[int], seal_id: str | None, private: Private
    ) -> list[Words]:
        """Return the words of some captures whose keys are in that seal; None: of the house."""
        with database.storage_errors():
            return list(self._opened(numbers, private, {seal_id}))

    def _opened(
        self, numbers: Sequence[int], private: Private, seals: Container[str | None]
    ) -> Iterator[Words]:
        if self._keys is None:
            return
        rows = self._of_numbers(numbers)
        stored = self._keys.of(row.id for row, _ in rows)
        opener = Opener(self._keys, private)
        for row, sealed in rows:
            wrapped = stored.get((row.id, Purpose.WORDS_KEY))
            if wrapped is None or wrapped.seal_id not in seals:
                continue
            only_words = Sealed(transcript=sealed.transcript, label=sealed.label)
            listed = opener.listed(row, only_words, stored, Allowed(row.parts, Part(0)))
            said = [text for text in (listed.transcript, listed.right_text) if text]
            if said:
                yield Words(
                    number=row.number,
                    room_id=row.room_id,
                    outcome=row.outcome,
                    text="\n".join(said),
                )

    def tombstones(self) -> tuple[Tombstone, ...]:
        """Return what is left of destroyed captures, the newest first."""
        with database.storage_errors():
            return tombstones.all_of(self._connection)


_PIECE = 500
_ALL = -1

_HEARD_BY = "(:listener IS NULL OR instr(' ' || audience || ' ', ' ' || :listener || ' ') > 0)"
_ALIVE = (
    "(pin_until > :wall"
    " OR audio_bytes IS NOT NULL AND (audio_expires IS NULL OR audio_expires > :wall)"
    " OR words_bytes IS NOT NULL AND (words_expires IS NULL OR words_expires > :wall))"
)


def _before(query: Query) -> int:
    before = 2**63 - 1 if query.until is None else first_number(query.until)
    return before if query.cursor is None else min(before, int(query.cursor))


def _sums(condition: str) -> str:
    return (
        f"sum({condition}), sum({condition} AND audio_bytes IS NOT NULL),"
        f" sum({condition} AND words_bytes IS NOT NULL),"
        f" sum({condition} * (coalesce(audio_bytes, 0) + coalesce(words_bytes, 0)))"
    )


def _counts(rows: Iterable[tuple[str, int, int, int, int, int]]) -> dict[str, Count]:
    return {
        room: Count(captures=captures, audio=audio, transcripts=words, bytes=size, pinned=pinned)
        for room, captures, audio, words, size, pinned in rows
        if captures or audio or words or pinned
    }
