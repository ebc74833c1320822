"""SQLite as both databases of the vault use it."""

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import files
from .errors import StoreDamagedError, VaultError, VaultFullError, VaultUnavailableError

_COMPANIONS = ("", "-wal", "-shm", "-journal")
_BUSY_S = 5.0

SYNCHRONOUS = "FULL"
"""Nothing is said to be written or destroyed before the disk says so."""


def connect(path: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    """Open a database and bring it to the newest form; raises `StoreDamagedError`.

    `migrations[n]` is the script that makes version n + 1 of version n.
    """
    with storage_errors():
        # SQLite gives its companion files the rights of the database.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        try:
            for pragma in (
                "journal_mode = WAL",
                f"synchronous = {SYNCHRONOUS}",
                "secure_delete = ON",
                "foreign_keys = ON",
                "temp_store = MEMORY",
            ):
                connection.execute(f"PRAGMA {pragma}")
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise StoreDamagedError(f"{path.name} is damaged")
            _migrate(connection, migrations, path.name)
        except BaseException:
            connection.close()
            raise
        return connection


def connect_reading(path: Path) -> sqlite3.Connection:
    """Open a database that is open for writing elsewhere, to read only.

    It holds no snapshot between statements, as long as every result is fetched whole: else a
    deletion could not empty the log.
    """
    with storage_errors():
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S, isolation_level=None
        )
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA query_only = ON")
        return connection


def _migrate(connection: sqlite3.Connection, migrations: Sequence[str], name: str) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(migrations):
        raise StoreDamagedError(f"{name} was written by a newer version of Earshot; update it")
    for number, script in enumerate(migrations[version:], version + 1):
        with transaction(connection):
            for statement in script.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block did, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite itself rolls back when the disk is full.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def checkpoint(connection: sqlite3.Connection) -> bool:
    """Empty the write-ahead log; False when another reader kept that from happening."""
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def remove(path: Path) -> None:
    """Remove a database that is not open, with its companion files."""
    for ending in _COMPANIONS:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def replace(new: Path, old: Path) -> None:
    """Put a database that is not open in the place of another that is not open."""
    for ending in _COMPANIONS[1:]:
        new.with_name(new.name + ending).unlink(missing_ok=True)
        old.with_name(old.name + ending).unlink(missing_ok=True)
    os.replace(new, old)  # noqa: PTH105 - beside the other calls on descriptors
    files.sync_folder(old.parent)


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Raise what the disk or SQLite complain of as an error of the vault."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise vault_error(error) from error


def vault_error(error: Exception) -> Exception:
    """Return what the disk or SQLite complain of as an error of the vault."""
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return VaultFullError("the disk is full")
        return VaultUnavailableError(f"the vault's folder: {error.strerror}")
    return error


def _of_sqlite(error: sqlite3.Error) -> VaultError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return VaultFullError("the disk is full")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR):
        return StoreDamagedError("the vault's database is damaged")
    return VaultUnavailableError(f"the vault's database: {error}")
