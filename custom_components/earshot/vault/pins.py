"""Pins: the one way past a ceiling, with a reason and an end."""

import sqlite3
from datetime import datetime

from . import database
from .records import Row
from .views import Pin


def put(connection: sqlite3.Connection, row: Row, pin: Pin, reason: bytes) -> None:
    """Pin a capture, or pin it anew; `reason` is sealed."""
    with database.transaction(connection):
        connection.execute(
            "UPDATE captures SET pin_until = ?, pin_made = ?, pin_by = ? WHERE number = ?",
            (pin.until.timestamp(), pin.made.timestamp(), pin.by, row.number),
        )
        connection.execute("UPDATE sealed SET reason = ? WHERE number = ?", (reason, row.number))


def over(connection: sqlite3.Connection, now: datetime) -> list[str]:
    """Return the captures whose pin has ended."""
    rows = connection.execute(
        "SELECT id FROM captures WHERE pin_until <= ?", (now.timestamp(),)
    ).fetchall()
    return [capture_id for (capture_id,) in rows]


def remove(connection: sqlite3.Connection, capture_id: str) -> bool:
    """Unpin a capture; False if it was not pinned."""
    with database.transaction(connection):
        connection.execute(
            "UPDATE sealed SET reason = NULL WHERE number ="
            " (SELECT number FROM captures WHERE id = ?)",
            (capture_id,),
        )
        changed = connection.execute(
            "UPDATE captures SET pin_until = NULL, pin_made = NULL, pin_by = NULL"
            " WHERE id = ? AND pin_until IS NOT NULL",
            (capture_id,),
        ).rowcount
    return changed > 0
