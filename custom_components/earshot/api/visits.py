"""Lines of the log that tell of one visit are told as one: who looks in again and again, once.

The log itself keeps every line, and `audit` tells each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from ..audit import Line

APART: Final = timedelta(minutes=30)
"""What the same person does in the same room within so long of the last time is one visit."""

type _Key = tuple[str, str | None, str, str | None]


@dataclass
class Visit:
    """What one person did in one room, again and again."""

    last: Line
    first: Line
    count: int = 1


class Visits:
    """Takes lines from the newest to the oldest, and has a number of visits at most."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._visits: list[Visit] = []
        self._growing: dict[_Key, Visit] = {}

    def __iter__(self) -> Iterator[Visit]:
        """Yield the visits, the one that ended last first."""
        return iter(self._visits)

    def add(self, line: Line) -> bool:
        """Take one more line; return False, without it, if it begins one visit too many."""
        key = (line.actor.name, line.actor.user_id, line.verb, line.room_id)
        visit = self._growing.get(key)
        # A clock that was set back must not make two visits of hours ago one of now.
        if visit is not None and abs(visit.first.when - line.when) < APART:
            visit.first = line
            visit.count += 1
            return True
        if len(self._visits) >= self._most:
            return False
        self._growing[key] = begun = Visit(line, line)
        self._visits.append(begun)
        return True
