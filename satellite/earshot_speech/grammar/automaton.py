"""Word automata: what has been said so far, and whether it can go on.

Templates have no loops, so the automaton is a directed acyclic graph: it is made deterministic
from the start state forward and minimal from the final states backward, each in one pass. There
are no empty arcs at any time; PocketSphinx would close over them in quadratic time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MAX_STATES = 60_000
"""A home of 4,000 names stays below; templates that multiply beyond it are refused."""

_SUBSETS = 4
_MEMBERS = 16
"""So many times as many may there be on the way to it: that home has three states in a subset."""


class Ending(StrEnum):
    """What may follow the words that were heard."""

    TERMINAL = "terminal"
    """A whole sentence, and no longer one begins like it."""

    EXTENDABLE = "extendable"
    """A whole sentence, and a longer one begins like it."""

    INCOMPLETE = "incomplete"
    """No whole sentence."""


class TooLargeError(Exception):
    """The templates need more states than `MAX_STATES`."""


@dataclass
class Nfa:
    """A non-deterministic automaton without empty arcs, while it is being built."""

    arcs: list[dict[str, set[int]]] = field(default_factory=lambda: [{}])
    """For each state its words, and where each leads. State 0 is the start."""

    finals: set[int] = field(default_factory=set)

    def state(self) -> int:
        """Return a new state."""
        if len(self.arcs) >= 8 * MAX_STATES:
            raise TooLargeError
        self.arcs.append({})
        return len(self.arcs) - 1

    def arc(self, source: int, word: str, target: int) -> None:
        """Lead from one state to another with a word."""
        self.arcs[source].setdefault(word, set()).add(target)


@dataclass(frozen=True)
class Dfa:
    """A minimal deterministic automaton. State 0 is the start."""

    arcs: tuple[dict[str, int], ...]
    finals: frozenset[int]

    @property
    def words(self) -> list[str]:
        """Every word on an arc, sorted."""
        return sorted({word for arcs in self.arcs for word in arcs})

    @property
    def arc_count(self) -> int:
        """Number of arcs."""
        return sum(map(len, self.arcs))

    def ending(self, words: Iterable[str]) -> Ending:
        """Return what may follow these words; words that lead nowhere are incomplete."""
        state = 0
        for word in words:
            following = self.arcs[state].get(word)
            if following is None:
                return Ending.INCOMPLETE
            state = following
        if state not in self.finals:
            return Ending.INCOMPLETE
        return Ending.EXTENDABLE if self.arcs[state] else Ending.TERMINAL

    def accepts(self, text: str) -> bool:
        """Return whether the text is a whole sentence."""
        return self.ending(text.split()) is not Ending.INCOMPLETE


def determinise(nfa: Nfa, most: int = MAX_STATES) -> Dfa:
    """Return the minimal deterministic automaton; raises `TooLargeError`.

    A word that leads to no final state is left out, so every arc can end in a sentence.
    """
    return _minimise(*_subsets(nfa, most), most)


def _subsets(nfa: Nfa, most: int) -> tuple[list[dict[str, int]], set[int]]:
    numbers: dict[frozenset[int], int] = {frozenset((0,)): 0}
    members: list[frozenset[int]] = [frozenset((0,))]
    arcs: list[dict[str, int]] = []
    finals: set[int] = set()
    count = 0
    while len(arcs) < len(members):
        subset = members[len(arcs)]
        if subset & nfa.finals:
            finals.add(len(arcs))
        targets: dict[str, set[int]] = {}
        for state in subset:
            for word, reached in nfa.arcs[state].items():
                targets.setdefault(word, set()).update(reached)
        row: dict[str, int] = {}
        for word, reached in targets.items():
            key = frozenset(reached)
            number = numbers.get(key)
            if number is None:
                number = numbers[key] = len(members)
                members.append(key)
                count += len(key)
                if number >= _SUBSETS * most or count > _MEMBERS * most:
                    raise TooLargeError
            row[word] = number
        arcs.append(row)
    return arcs, finals


def _minimise(arcs: Sequence[dict[str, int]], finals: set[int], most: int) -> Dfa:
    dead = -1
    merged: dict[int, int] = {}
    known: dict[tuple[bool, frozenset[tuple[str, int]]], int] = {}
    rows: list[dict[str, int]] = []
    for state in _children_first(arcs):
        row = {word: merged[to] for word, to in arcs[state].items() if merged[to] != dead}
        if not row and state not in finals:
            merged[state] = dead
            continue
        key = (state in finals, frozenset(row.items()))
        if key not in known:
            known[key] = len(rows)
            rows.append(row)
        merged[state] = known[key]
    if merged[0] == dead:
        return Dfa(({},), frozenset())
    if len(rows) > most:
        raise TooLargeError
    # Children come before parents here, so the start is the last row: turn the order round.
    last = len(rows) - 1
    final_rows = {last - number for (final, _), number in known.items() if final}
    turned = tuple({word: last - to for word, to in row.items()} for row in reversed(rows))
    return Dfa(turned, frozenset(final_rows))


def _children_first(arcs: Sequence[dict[str, int]]) -> Iterable[int]:
    done: set[int] = set()
    stack: list[tuple[int, bool]] = [(0, False)]
    while stack:
        state, visited = stack.pop()
        if visited:
            yield state
        elif state not in done:
            done.add(state)
            stack.append((state, True))
            stack.extend((to, False) for to in arcs[state].values() if to not in done)
