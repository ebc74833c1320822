"""Opening the two databases, and saving what can be read of one that is damaged."""

# ruff: noqa: S608 - the SQL put together here is our own; what others give is a parameter

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import database, records, tombstones
from .errors import KeyLostError, StoreDamagedError
from .keys import KEYS, Keys
from .records import COLUMNS, Records, Row, Sealed
from .schema import MIGRATIONS, RECORDS

_LAST = 2**63 - 1
_SAVED = ".saved"
"""Ending of a database that what could be read goes into."""


def open_records(folder: Path) -> tuple[Records, bool]:
    """Open the captures; say whether they had to be saved from a damaged database.

    Raises `StoreDamagedError` when not one of them can be read.
    """
    forget(folder)
    try:
        return Records.open(folder), False
    except StoreDamagedError:
        _save_records(folder)
        return Records.open(folder), True


def open_keys(folder: Path, captures: Records) -> Keys:
    """Open the keys, those that can be read; raises `KeyLostError` when none can."""
    try:
        return Keys.open(folder)
    except KeyLostError as error:
        if not isinstance(error.__cause__, StoreDamagedError):
            raise
        saved = folder / (KEYS + _SAVED)
        with contextlib.suppress(StoreDamagedError, sqlite3.Error):
            if Keys.save(folder, saved, captures.outline()):
                database.replace(saved, folder / KEYS)
                return Keys.open(folder)
        forget(folder)
        raise


def forget(folder: Path) -> None:
    """Remove what a rescue that was interrupted left; the next one begins anew."""
    for name in (RECORDS, KEYS):
        database.remove(folder / (name + _SAVED))


def _save_records(folder: Path) -> None:
    """Replace the database by one of what can be read; raises `StoreDamagedError` for nothing."""
    saved = folder / (RECORDS + _SAVED)
    damaged = sqlite3.connect(folder / RECORDS, isolation_level=None)
    try:
        if _value(damaged, "PRAGMA user_version") != len(MIGRATIONS):
            raise StoreDamagedError(f"{RECORDS} cannot be read")
        new = Records.open_as(saved)
        try:
            with database.transaction(new.connection):
                count = _copy(damaged, new.connection)
            new.checkpoint()
        finally:
            new.close()
    finally:
        damaged.close()
    if not count:
        forget(folder)
        raise StoreDamagedError(f"{RECORDS} cannot be read")
    # The damaged one goes, and with it what it had of captures whose keys are to be destroyed.
    database.replace(saved, folder / RECORDS)


def _copy(damaged: sqlite3.Connection, new: sqlite3.Connection) -> int:
    count = 0
    for row in _rows(damaged):
        sealed = _sealed(damaged, row)
        with contextlib.suppress(sqlite3.IntegrityError):
            records.insert(new, row, sealed)
            new.execute(
                "UPDATE captures SET doomed = ? WHERE number = ?",
                (_value(damaged, "SELECT doomed FROM captures WHERE number = ?", row.number),
                 row.number),
            )  # fmt: skip
            count += 1
    with contextlib.suppress(sqlite3.Error):
        tombstones.add(new, tombstones.all_of(damaged))
    with contextlib.suppress(sqlite3.Error):
        new.executemany(
            "REPLACE INTO meta VALUES (?, ?)", damaged.execute("SELECT * FROM meta").fetchall()
        )
    return count


def _rows(damaged: sqlite3.Connection) -> Iterator[Row]:
    """Yield every capture that can be read, going round the pages that cannot."""
    number = 0
    while number < _LAST:
        try:
            found = _next(damaged, number)
        except sqlite3.DatabaseError:
            number = _beyond(damaged, number)
            continue
        if found is None:
            return
        number = found[0]
        with contextlib.suppress(ValueError, TypeError):
            yield records.row_of(found)


def _next(damaged: sqlite3.Connection, number: int) -> Any:
    return damaged.execute(
        f"SELECT {COLUMNS} FROM captures NOT INDEXED WHERE number > ? ORDER BY number LIMIT 1",
        (number,),
    ).fetchone()


def _beyond(damaged: sqlite3.Connection, number: int) -> int:
    """Return the lowest number, as near as may be, after which there is no damage."""

    def damage(after: int) -> bool:
        try:
            _next(damaged, after)
        except sqlite3.DatabaseError:
            return after < _LAST
        return False

    step = 1
    while damage(min(number + step, _LAST)):
        step *= 2
    bad, good = number + step // 2, min(number + step, _LAST)
    while good - bad > 1:
        middle = (bad + good) // 2
        if damage(middle):
            bad = middle
        else:
            good = middle
    return good


def _sealed(damaged: sqlite3.Connection, row: Row) -> Sealed:
    try:
        found = damaged.execute(
            "SELECT transcript, record, peaks, label, reason FROM sealed WHERE number = ?",
            (row.number,),
        ).fetchone()
        return Sealed() if found is None else records.sealed_of(found)
    except sqlite3.DatabaseError:
        return Sealed()


def _value(connection: sqlite3.Connection, query: str, *args: object) -> Any:
    try:
        row = connection.execute(query, args).fetchone()
    except sqlite3.DatabaseError:
        return 0
    return row and row[0]
