"""What is left of destroyed captures: enough to look for them on a disk, nothing to open.

They are stored with every bit turned over, so that whoever looks for them does not find them here.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from .records import moment
from .views import Tombstone

KEPT = timedelta(days=30)
MOST = 10_000
_BYTES = 12


def add(connection: sqlite3.Connection, stones: Iterable[Tombstone]) -> None:
    """Add some; the newest of a capture of which parts went one by one has them all.

    Within a transaction.
    """
    connection.executemany(
        "INSERT INTO tombstones VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " deleted = excluded.deleted,"
        " fingerprints = CAST(fingerprints || excluded.fingerprints AS BLOB)",
        [
            (
                _turned(bytes.fromhex(stone.id)),
                stone.room_id,
                stone.deleted.timestamp(),
                _turned(b"".join(stone.fingerprints)),
            )
            for stone in stones
        ],
    )


def all_of(connection: sqlite3.Connection) -> tuple[Tombstone, ...]:
    """Return all, the newest first."""
    rows = connection.execute(
        "SELECT id, room, deleted, fingerprints FROM tombstones ORDER BY deleted DESC"
    ).fetchall()
    return tuple(
        Tombstone(
            id=_turned(raw).hex(),
            room_id=room,
            deleted=moment(deleted),
            fingerprints=_divided(_turned(fingerprints)),
        )
        for raw, room, deleted, fingerprints in rows
    )


def weed(connection: sqlite3.Connection, now: datetime) -> None:
    """Remove the old ones, and the oldest of too many. Within a transaction."""
    connection.execute("DELETE FROM tombstones WHERE deleted <= ?", ((now - KEPT).timestamp(),))
    connection.execute(
        "DELETE FROM tombstones WHERE id IN"
        " (SELECT id FROM tombstones ORDER BY deleted DESC LIMIT -1 OFFSET ?)",
        (MOST,),
    )


def _divided(raw: bytes) -> tuple[bytes, ...]:
    return tuple(raw[at : at + _BYTES] for at in range(0, len(raw), _BYTES))


def _turned(raw: bytes) -> bytes:
    return bytes(byte ^ 0xFF for byte in raw)
