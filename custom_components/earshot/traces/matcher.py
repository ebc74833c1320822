"""Looking for many byte strings in streams of any length, in bounded memory."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping

from .model import Kind

_WINDOW = 8
_FEW = 80
"""Up to this many, one search for each is faster than a look at every position."""


class Matcher:
    """Knows what to look for, and how to look for all of it at once.

    Of many needles, the first eight bytes are compared with the eight bytes at each position of
    the data, by the eight ways of cutting it into 64-bit numbers: what that costs does not depend
    on how many there are. The few that begin as something in the data does are then counted.
    """

    def __init__(self, needles: Mapping[bytes, Kind]) -> None:
        """Take the byte strings, none of them empty, and what each is a trace of."""
        self._needles = dict(needles)
        self.longest = max(map(len, self._needles), default=0)
        long = [needle for needle in self._needles if len(needle) >= _WINDOW]
        self._direct = list(self._needles)
        self._by_head: dict[int, list[bytes]] = {}
        if len(long) > _FEW:
            self._direct = [needle for needle in self._needles if len(needle) < _WINDOW]
            for needle in long:
                self._by_head.setdefault(_number(needle), []).append(needle)
        self._heads = frozenset(self._by_head)

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._needles)

    def count(self, data: bytes, seen: int = 0) -> Counter[Kind]:
        """Count what is in the data and does not lie wholly in its first `seen` bytes."""
        hits: Counter[Kind] = Counter()
        for needle in (*self._direct, *self._candidates(data)):
            start = max(0, seen - len(needle) + 1)
            if number := data.count(needle, start):
                hits[self._needles[needle]] += number
        return hits

    def _candidates(self, data: bytes) -> Iterable[bytes]:
        if not self._heads:
            return ()
        view = memoryview(data)
        heads: set[int] = set()
        for offset in range(min(_WINDOW, len(data))):
            whole = (len(data) - offset) // _WINDOW * _WINDOW
            heads |= self._heads.intersection(view[offset : offset + whole].cast("Q"))
        return [needle for head in heads for needle in self._by_head[head]]


class Stream:
    """Counts in data that comes in pieces: what lies across two of them is counted once."""

    def __init__(self, matcher: Matcher) -> None:
        self.hits: Counter[Kind] = Counter()
        self._matcher = matcher
        self._rest = b""

    def feed(self, piece: bytes) -> None:
        """Look at the next piece."""
        data = self._rest + piece
        self.hits += self._matcher.count(data, len(self._rest))
        keep = self._matcher.longest - 1
        self._rest = data[-keep:] if keep > 0 else b""


def _number(needle: bytes) -> int:
    return int.from_bytes(needle[:_WINDOW], sys.byteorder)
