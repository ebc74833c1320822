"""What is left of destroyed captures: enough to look for them on a disk, nothing to open.

They are stored with every bit turned over, so that whoever looks for them does not find them here.
"""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from .records import moment
from .views import Tombstone

KEPT = timedelta(days=30)
MOST = 10_000
_BYTES = 12
_OVER = bytes(byte ^ 0xFF for byte in range(256))


def add(connection: sqlite3.Connection, stones: Iterable[Tombstone]) -> None:
    """Add some; where parts of a capture go one by one, its stone grows.

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
    """Return those of captures of which nothing is left, the newest first."""
    rows = connection.execute(
        "SELECT id, room, deleted, fingerprints FROM tombstones ORDER BY deleted DESC"
    ).fetchall()
    ids = {_turned(raw).hex() for raw, _, _, _ in rows}
    alive = {
        capture_id
        for (capture_id,) in connection.execute(
            "SELECT id FROM captures WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        ).fetchall()
    }
    return tuple(
        Tombstone(
            id=capture_id,
            room_id=room,
            deleted=moment(deleted),
            fingerprints=_divided(_turned(fingerprints)),
        )
        for raw, room, deleted, fingerprints in rows
        if (capture_id := _turned(raw).hex()) not in alive
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
    return raw.translate(_OVER)
