"""The log's tables, in a database of their own: `audit.db`."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from .. import database
from ..errors import StoreDamagedError
from .line import LISTENS, Actor, Line, Verb
from .replay import Chain, Stored, Tip

AUDIT: Final = "audit.db"

_END = 2**62
_MIGRATIONS = (
    """
    CREATE TABLE lines (
        seq INTEGER PRIMARY KEY, chain TEXT NOT NULL, time_ms INTEGER NOT NULL, boot TEXT NOT NULL,
        actor TEXT NOT NULL, user TEXT NOT NULL, session TEXT NOT NULL, verb TEXT NOT NULL,
        room TEXT NOT NULL, target TEXT NOT NULL, detail TEXT NOT NULL,
        previous BLOB NOT NULL, proof BLOB NOT NULL
    ) STRICT;
    CREATE INDEX of_room ON lines (room, seq);
    CREATE TABLE chains (
        id TEXT PRIMARY KEY, after_seq INTEGER NOT NULL, after_head BLOB NOT NULL,
        sealed BLOB, broken_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE tip (
        only INTEGER PRIMARY KEY CHECK (only = 1), chain TEXT NOT NULL, seq INTEGER NOT NULL,
        head BLOB NOT NULL, key BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX of_verb ON lines (verb, room, target)",
)
_LISTENS = json.dumps(sorted(LISTENS))


@dataclass(frozen=True)
class Rows:
    """The open tables. Used by one thread."""

    _connection: sqlite3.Connection

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open or make them; raises `StoreDamagedError`."""
        return cls(database.connect(folder / AUDIT, _MIGRATIONS))

    def copy(self) -> Self:
        """Return a copy of them in memory, for one other thread: the reader of a file would keep
        the writer from emptying the database's log."""
        memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._connection.backup(memory)
        return type(self)(memory)

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what the block did, or nothing of it."""
        return database.transaction(self._connection)

    def tip(self) -> Tip | None:
        """Return where the log stands; None before its first chain."""
        row = self._connection.execute("SELECT chain, seq, head, key FROM tip").fetchone()
        return None if row is None else Tip(*row)

    def set_tip(self, tip: Tip) -> None:
        """Say where the log stands; the key before is overwritten."""
        self._connection.execute(
            "INSERT OR REPLACE INTO tip VALUES (1, ?, ?, ?, ?)",
            (tip.chain, tip.seq, tip.head, tip.key),
        )

    def chains(self) -> list[tuple[Chain, bytes | None]]:
        """Return the chains in their order, without their keys, and those sealed."""
        rows = self._connection.execute(
            "SELECT id, after_seq, after_head, broken_at, sealed FROM chains ORDER BY after_seq"
        )
        return [
            (Chain(name, after_seq, after_head, None, broken_at), sealed)
            for name, after_seq, after_head, broken_at, sealed in rows
        ]

    def remove_empty_chain(self, seq: int) -> None:
        """Remove a chain that was to begin after this line, the last one, and never did."""
        self._connection.execute("DELETE FROM chains WHERE after_seq = ?", (seq,))

    def put_chain(self, chain: Chain, sealed: bytes | None) -> None:
        """Add a chain, or say anew from where on its lines are there."""
        self._connection.execute(
            "INSERT OR REPLACE INTO chains VALUES (?, ?, ?, ?, ?)",
            (chain.id, chain.after_seq, chain.after_head, sealed, chain.broken_at),
        )

    def insert(self, line: Line, previous: bytes, proof: bytes) -> None:
        """Add a line."""
        self._connection.execute(
            "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                line.seq,
                line.chain,
                line.time_ms,
                line.boot_id,
                line.actor.name,
                line.actor.user_id or "",
                line.actor.session or "",
                line.verb,
                line.room_id or "",
                line.target,
                line.detail,
                previous,
                proof,
            ),
        )

    def stored(self, until: int = _END) -> Iterator[Stored]:
        """Return the lines as they lie there, oldest first, up to a number."""
        query = "SELECT * FROM lines WHERE seq <= ? ORDER BY seq"
        return map(_stored, self._connection.execute(query, (until,)))

    def newest(self, rooms: frozenset[str] | None, before: int | None, limit: int) -> list[Line]:
        """Return lines before a number, newest first, of all rooms or of some and of the house."""
        rows = self._connection.execute(
            "SELECT * FROM lines WHERE seq < ?1 AND"
            " (?2 IS NULL OR room = '' OR room IN (SELECT value FROM json_each(?2)))"
            " ORDER BY seq DESC LIMIT ?3",
            (
                _END if before is None else before,
                None if rooms is None else json.dumps(sorted(rooms)),
                limit,
            ),
        )
        return [line for row in rows if (line := _stored(row).line) is not None]

    def listens(self, rooms: frozenset[str] | None, before: int | None, limit: int) -> list[Line]:
        """Return lines that tell of listening, as `newest`; not those that were taken back."""
        rows = self._connection.execute(
            "SELECT * FROM lines WHERE seq IN ("
            " SELECT seq FROM lines AS it"
            " WHERE verb IN (SELECT value FROM json_each(?4)) AND seq < ?1"
            " AND (?2 IS NULL OR room = '' OR room IN (SELECT value FROM json_each(?2)))"
            " AND (target = '' OR NOT EXISTS (SELECT 1 FROM lines WHERE"
            " verb = ?5 AND room = it.room AND target = it.target AND seq > it.seq))"
            " ORDER BY seq DESC LIMIT ?3) ORDER BY seq DESC",
            (
                _END if before is None else before,
                None if rooms is None else json.dumps(sorted(rooms)),
                limit,
                _LISTENS,
                Verb.NOT_OPENED,
            ),
        )
        return [line for row in rows if (line := _stored(row).line) is not None]

    def first_listen(self) -> int | None:
        """Return the number of the first line that tells of listening."""
        query = "SELECT min(seq) FROM lines WHERE verb IN (SELECT value FROM json_each(?))"
        (seq,) = self._connection.execute(query, (_LISTENS,)).fetchone()
        return None if seq is None else int(seq)

    def span(self) -> tuple[int, int] | None:
        """Return the numbers of the first line and of the last; None when there is none."""
        first, last = self._connection.execute("SELECT min(seq), max(seq) FROM lines").fetchone()
        return None if first is None else (first, last)

    def count(self) -> int:
        """Return how many lines there are."""
        return int(self._connection.execute("SELECT count(*) FROM lines").fetchone()[0])

    def last_before(self, time_ms: float) -> int:
        """Return the last line that was written before a time; 0 when none was."""
        query = "SELECT coalesce(max(seq), 0) FROM lines WHERE time_ms < ?"
        return int(self._connection.execute(query, (time_ms,)).fetchone()[0])

    def written_ms(self, seq: int) -> int:
        """Return when a line was written."""
        query = "SELECT time_ms FROM lines WHERE seq = ?"
        return int(self._connection.execute(query, (seq,)).fetchone()[0])

    def previous(self, seq: int) -> bytes:
        """Return the head that the first line after this one names."""
        query = "SELECT previous FROM lines WHERE seq > ? ORDER BY seq LIMIT 1"
        return bytes(self._connection.execute(query, (seq,)).fetchone()[0])

    def leave_out(self, until: int) -> int:
        """Remove the lines up to a number, and the chains that begin before it."""
        self._connection.execute("DELETE FROM chains WHERE after_seq < ?", (until,))
        return self._connection.execute("DELETE FROM lines WHERE seq <= ?", (until,)).rowcount

    def checkpoint(self) -> None:
        """Leave no old key in the database's own log; raises `StoreDamagedError` if some may be."""
        if not database.checkpoint(self._connection):
            raise StoreDamagedError("another program reads the log")

    def close(self) -> None:
        """Close the database."""
        self._connection.close()


def _stored(row: tuple[Any, ...]) -> Stored:
    seq, chain, time_ms, boot, actor, user, session, verb, room, target, detail, *proofs = row
    line = None
    with suppress(ValueError):
        line = Line(
            seq=seq,
            chain=chain,
            time_ms=time_ms,
            boot_id=boot,
            actor=Actor(user or None, session or None, actor),
            verb=Verb(verb),
            room_id=room or None,
            target=target,
            detail=detail,
        )
    return Stored(line, seq, chain, *proofs)
