"""Finding captures by their words. The index is in memory only, and has no sealed room."""

import re
import sqlite3
from collections.abc import Iterable, Sequence

from ..policy.retention import Outcome
from .browse import Words
from .records import first_number
from .views import Query

_WORDS_IN_A_QUERY = 16
_BEGINNING = 3
"""Letters that stand for every word that begins with them; fewer would be most words there are."""


class SearchUnavailableError(Exception):
    """This Python's SQLite cannot search in text."""


class Index:
    """Which words are in which capture. Used by one thread.

    A capture's row in the index is its number, so the order of the index is that of the pages.
    """

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        try:
            for statement in (
                "PRAGMA secure_delete = ON",
                "CREATE VIRTUAL TABLE words USING"
                " fts5(text, place, tokenize = 'unicode61 remove_diacritics 2')",
            ):
                self._connection.execute(statement)
        except sqlite3.OperationalError as error:
            raise SearchUnavailableError from error
        try:
            # Otherwise what was removed stays in the index until its pages are merged.
            self._connection.execute("INSERT INTO words (words, rank) VALUES ('secure-delete', 1)")
        except sqlite3.OperationalError:
            self._merge_removed = True
        else:
            self._merge_removed = False

    @property
    def bytes(self) -> int:
        """Size in memory."""
        (pages,) = self._connection.execute("PRAGMA page_count").fetchone()
        (size,) = self._connection.execute("PRAGMA page_size").fetchone()
        return int(pages) * int(size)

    def add(self, words: Iterable[Words]) -> None:
        """Add captures, or put right those that are there."""
        rows = [(it.number, it.text, _place(it.room_id, it.outcome)) for it in words]
        self._connection.execute("BEGIN")
        self._connection.executemany(
            "DELETE FROM words WHERE rowid = ?", [(number,) for number, _, _ in rows]
        )
        self._connection.executemany(
            "INSERT INTO words (rowid, text, place) VALUES (?, ?, ?)", rows
        )
        self._connection.execute("COMMIT")

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove captures; those that are not there are gone already."""
        self._connection.execute("BEGIN")
        self._connection.executemany(
            "DELETE FROM words WHERE rowid = ?", [(number,) for number in numbers]
        )
        if self._merge_removed:
            self._connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        self._connection.execute("COMMIT")

    def remove_room(self, room_id: str) -> None:
        """Remove all captures of a room."""
        rows = self._connection.execute(
            "SELECT rowid FROM words WHERE words MATCH ?", (f'place : "{_of_room(room_id)}"',)
        ).fetchall()
        self.remove(number for (number,) in rows)

    def find(self, query: Query, most: int) -> list[int]:
        """Return so many numbers, the newest."""
        expression = _expression(query)
        if expression is None:
            return []
        before = 2**63 - 1 if query.until is None else first_number(query.until)
        if query.cursor is not None:
            before = min(before, int(query.cursor))
        since = 0 if query.since is None else first_number(query.since)
        rows = self._connection.execute(
            "SELECT rowid FROM words WHERE words MATCH ? AND rowid < ? AND rowid >= ?"
            " ORDER BY rowid DESC LIMIT ?",
            (expression, before, since, most),
        ).fetchall()
        return [number for (number,) in rows]

    def close(self) -> None:
        """Let go of it all."""
        self._connection.close()


def _expression(query: Query) -> str | None:
    """Return what somebody typed as an expression that has no operators of theirs."""
    typed = re.findall(r"\w+", query.text or "")[:_WORDS_IN_A_QUERY]
    if not typed or not query.rooms or query.outcomes == frozenset():
        return None
    words = " AND ".join(f'"{word}"' for word in typed)
    if len(typed[-1]) >= _BEGINNING:
        words += "*"
    parts = [f"text : ({words})", f"place : ({_any(map(_of_room, sorted(query.rooms)))})"]
    if query.outcomes is not None:
        parts.append(f"place : ({_any(map(_of_outcome, sorted(query.outcomes)))})")
    return " AND ".join(f"({part})" for part in parts)


def _any(words: Iterable[str]) -> str:
    return " OR ".join(f'"{word}"' for word in words)


def _place(room_id: str, outcome: Outcome) -> str:
    return f"{_of_room(room_id)} {_of_outcome(outcome)}"


def _of_room(room_id: str) -> str:
    return "r" + room_id.encode().hex()


def _of_outcome(outcome: Outcome) -> str:
    return "o" + outcome.encode().hex()


def newest_first(*found: Sequence[int]) -> list[int]:
    """Return what several indices found, in one order."""
    return sorted({number for numbers in found for number in numbers}, reverse=True)
