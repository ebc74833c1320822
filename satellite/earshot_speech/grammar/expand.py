"""hassil sentence templates as paths of a word automaton.

A template is cut into words only where it has spaces ("light[s]", "( |-)hour"), so a word may be
spread over several parts of it. What is carried from part to part is a *frontier*: the states
reached so far, each under the beginning of a word that is not finished yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations

from hassil.expression import (
    Alternative,
    Expression,
    Group,
    ListReference,
    Permutation,
    RuleReference,
    TextChunk,
)
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError

from .automaton import Nfa
from .numbers import spoken

MAX_DEPTH = 24
MAX_PERMUTED = 4
MAX_RANGE = 1_001
MAX_SENTENCE_STATES = 40_000
"""One template may not eat the room of all others."""

_SPOKEN_SIGNS = {"%": " percent ", "°": " degrees ", "&": " and ", "+": " plus "}
_SILENT = re.compile(r"[.,;:!?¿¡\"“”()\[\]{}<>|\\/_*#~–—-]+")  # noqa: RUF001 - dashes as people type them

Frontier = dict[str, set[int]]


class UnusableError(Exception):
    """A template cannot be spoken here; `reason` is a code, `detail` the name it is about."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Words:
    """What a list reference stands for: phrases of whole words, or templates of the user's own."""

    phrases: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()


@dataclass
class Expander:
    """Adds templates to an automaton."""

    nfa: Nfa
    slots: Mapping[str, Words]
    rules: Mapping[str, str]
    _parsed: dict[str, Expression] = field(default_factory=dict)
    _missing: str = ""
    _limit: int = 0

    def add(self, template: str) -> None:
        """Add all sentences of a template; raises `UnusableError` and adds none if it has none."""
        self._missing = ""
        self._limit = len(self.nfa.arcs) + MAX_SENTENCE_STATES
        frontier = self._flush(self._expand(self._parse(template), {"": {0}}, 0))
        ends = frontier.get("", set()) - {0}
        if not ends:
            raise UnusableError("nothing_to_say" if not self._missing else "empty", self._missing)
        self.nfa.finals.update(ends)

    def _parse(self, template: str) -> Expression:
        if template not in self._parsed:
            try:
                self._parsed[template] = parse_sentence(template).expression
            except (ParseError, ValueError, AssertionError, IndexError, RecursionError):
                raise UnusableError("not_a_template") from None
        return self._parsed[template]

    def _expand(  # noqa: PLR0911 - one for each kind of expression
        self, part: Expression, frontier: Frontier, depth: int
    ) -> Frontier:
        if depth > MAX_DEPTH:
            raise UnusableError("rules_too_deep")
        if len(self.nfa.arcs) > self._limit:
            raise UnusableError("too_large")
        if not frontier:
            return {}
        match part:
            case TextChunk():
                return self._text(frontier, written(part.original_text))
            case Permutation():
                return self._permutation(part, frontier, depth)
            case Alternative():
                return _union(self._expand(item, frontier, depth + 1) for item in part.items)
            case Group():
                for item in part.items:
                    frontier = self._expand(item, frontier, depth + 1)
                return frontier
            case RuleReference():
                if part.rule_name not in self.rules:
                    raise UnusableError("unknown_rule", part.rule_name)
                return self._expand(self._parse(self.rules[part.rule_name]), frontier, depth + 1)
            case ListReference():
                return self._list(part, frontier, depth)
        raise UnusableError("not_a_template")

    def _permutation(self, part: Permutation, frontier: Frontier, depth: int) -> Frontier:
        if len(part.items) > MAX_PERMUTED:
            raise UnusableError("too_many_orders")
        results = []
        for order in permutations(part.items):
            reached = frontier
            for item in order:
                reached = self._expand(item, reached, depth + 1)
            results.append(reached)
        return _union(results)

    def _list(self, part: ListReference, frontier: Frontier, depth: int) -> Frontier:
        span = part.get_inline_range()
        if span is not None:
            start, stop, step = span
            values = range(start, stop + 1, step) if step > 0 else range(0)
            if start < 0 or not 0 < len(values) <= MAX_RANGE:
                raise UnusableError("range", part.list_name)
            return self._phrases(frontier, [spoken(value) for value in values])
        words = self.slots.get(part.list_name)
        if words is None:
            raise UnusableError("open_list", part.list_name)
        if not words.phrases and not words.templates:
            self._missing = part.list_name
        reached = [self._phrases(frontier, words.phrases)] if words.phrases else []
        for template in words.templates:
            try:
                reached.append(self._expand(self._parse(template), frontier, depth + 1))
            except UnusableError as err:
                if err.reason == "too_large":
                    raise
        return _union(reached)

    def _phrases(self, frontier: Frontier, phrases: Sequence[str]) -> Frontier:
        return _union(self._text(frontier, phrase) for phrase in phrases)

    def _text(self, frontier: Frontier, text: str) -> Frontier:
        pieces = text.split(" ")
        for position, piece in enumerate(pieces):
            if position:
                frontier = self._flush(frontier)
            if piece:
                frontier = {begun + piece: states for begun, states in frontier.items()}
        return frontier

    def _flush(self, frontier: Frontier) -> Frontier:
        """Finish the words that have been begun, all in the same new state."""
        begun = {word: states for word, states in frontier.items() if word}
        if not begun:
            return frontier
        reached = set(frontier.get("", ()))
        joint = self.nfa.state()
        for word, states in begun.items():
            for state in states:
                self.nfa.arc(state, word, joint)
        reached.add(joint)
        return {"": reached}


def written(text: str) -> str:
    """Return the words of template text: lower case, signs as words, no punctuation."""
    for sign, word in _SPOKEN_SIGNS.items():
        text = text.replace(sign, word)
    return re.sub(r"\s+", " ", _SILENT.sub(" ", text.replace("\u2019", "'")).lower())


def _union(frontiers: Iterable[Frontier]) -> Frontier:
    merged: Frontier = {}
    for frontier in frontiers:
        for begun, states in frontier.items():
            merged.setdefault(begun, set()).update(states)
    return merged
