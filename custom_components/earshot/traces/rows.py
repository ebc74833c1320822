"""Long rows of SQLite databases, which lie in pieces in the file.

A row that fits into a page is found by reading the file as it is, even after it was deleted. A
longer one is cut, and what is looked for may be cut with it: it is read as a row as well.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from .disk import Limits
from .finding import Finding
from .matcher import Matcher
from .model import Why

MAGIC: Final = b"SQLite format 3\0"
_CUT_FROM: Final = 4
"""The shortest row that can be cut is longer than this part of a page."""

_STEPS: Final = 100_000
_BUSY_S: Final = 5.0


def is_database(path: Path) -> bool:
    """Return whether a file is a SQLite database."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def search(path: Path, matcher: Matcher, limits: Limits) -> Finding:
    """Search the rows that may be cut; raises `StoppedError`."""
    finding = Finding()
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_S)) as database:
            database.text_factory = bytes
            database.set_progress_handler(lambda: limits.is_over, _STEPS)
            for query in _queries(database):
                for row in database.execute(query):
                    for value in row:
                        if isinstance(value, bytes):
                            finding.hits += matcher.count(value)
    except sqlite3.Error:
        limits.check()
        finding.why = Why.UNREADABLE
    return finding


def _queries(database: sqlite3.Connection) -> list[str]:
    """Return one for each table that has rows of its own."""
    (page,) = database.execute("PRAGMA page_size").fetchone()
    names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    queries = []
    for (raw,) in names.fetchall():
        table = _quoted(raw)
        columns = [_quoted(each[1]) for each in database.execute(f"PRAGMA table_info({table})")]
        size = " + ".join(f"coalesce(length(CAST({each} AS BLOB)), 0)" for each in columns)
        queries.append(f"SELECT * FROM {table} WHERE {size} > {page // _CUT_FROM}")  # noqa: S608
    return queries


def _quoted(name: bytes) -> str:
    return '"' + name.decode(errors="replace").replace('"', '""') + '"'
