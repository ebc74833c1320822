"""A home's vocabulary and our templates, compiled to one grammar."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from earshot_wire.vocabulary import Vocabulary

from .automaton import MAX_STATES, Dfa, Ending, Nfa, TooLargeError, determinise
from .expand import Expander, UnusableError
from .pronounce import Pronunciation, pronounce, tails
from .slots import name_slots, say_name, shared_slots
from .templates import Templates, load

MAX_SENTENCE = 4_000
"""States of a sentence of the user's own, where all of them together are too many."""

MAX_SIZING = 250_000
"""States that are made to find out which those are."""


@dataclass(frozen=True)
class Dropped:
    """What the grammar had to leave out, and why. The rest is not touched by it."""

    what: str
    """The name, or the template of the user."""

    reason: str
    """`unspeakable`, `open_list`, `unknown_rule`, `not_a_template`, `empty`, `too_large`, ..."""


@dataclass(frozen=True)
class Grammar:
    """All commands of a home."""

    dfa: Dfa
    pronunciations: dict[str, tuple[Pronunciation, ...]]
    dropped: tuple[Dropped, ...]

    def ending(self, text: str) -> Ending:
        """Return what may follow this text."""
        return self.dfa.ending(text.split())


def compile_grammar(vocabulary: Vocabulary) -> Grammar:
    """Return the grammar of a home. It takes about 0.1 s for 12 names, 0.5 s for 100."""
    templates = load(vocabulary.language)
    said, dropped, known = _speakable(vocabulary)
    dfa, unusable = _fitting(templates, said)
    dropped += unusable
    pronunciations = pronounce(word for word in dfa.words if word not in known)
    pronunciations |= {word: known[word] for word in dfa.words if word in known}
    unsaid = [word for word in dfa.words if word not in pronunciations]
    if unsaid:
        dropped += [Dropped(word, "unspeakable") for word in unsaid]
        dfa = determinise(_without(dfa, frozenset(unsaid)))
    return Grammar(dfa, pronunciations, tuple(dropped))


def wake_tails(phrase: str) -> tuple[Pronunciation, ...]:
    """Return what audio may begin with when it was cut anywhere in the wake phrase."""
    words = say_name(phrase).split()
    known = pronounce(words)
    if not words or any(word not in known for word in words):
        return ()
    whole = tuple(phone for word in words for phone in known[word][0])
    return tails(whole)


def _speakable(
    vocabulary: Vocabulary,
) -> tuple[Vocabulary, list[Dropped], dict[str, tuple[Pronunciation, ...]]]:
    """Leave out the names that cannot be said, each alone; return how the others are said too."""
    texts = {name.name for name in vocabulary.names}
    texts |= {*vocabulary.areas, *vocabulary.floors, *vocabulary.list_items}
    phrases = {text: say_name(text) for text in texts}
    known = pronounce(word for phrase in phrases.values() for word in phrase.split())
    bad = {
        text
        for text, phrase in phrases.items()
        if not phrase or any(word not in known for word in phrase.split())
    }
    if not bad:
        return vocabulary, [], known
    kept = Vocabulary(
        language=vocabulary.language,
        names=tuple(name for name in vocabulary.names if name.name not in bad),
        areas=tuple(area for area in vocabulary.areas if area not in bad),
        floors=tuple(floor for floor in vocabulary.floors if floor not in bad),
        list_items=tuple(item for item in vocabulary.list_items if item not in bad),
        sentences=vocabulary.sentences,
        lists=vocabulary.lists,
        rules=vocabulary.rules,
    )
    return kept, [Dropped(text, "unspeakable") for text in sorted(bad)], known


def _fitting(templates: Templates, vocabulary: Vocabulary) -> tuple[Dfa, list[Dropped]]:
    """Return the automaton. Where the user's sentences make it too large, the largest are left out.

    Raises `TooLargeError` when it is so without them.
    """
    sentences = vocabulary.sentences
    with contextlib.suppress(TooLargeError):
        return _automaton(templates, vocabulary, sentences)
    dfa, dropped = _automaton(templates, vocabulary, ())
    kept, unusable = _smallest(templates, vocabulary)
    while kept:
        with contextlib.suppress(TooLargeError):
            dfa, dropped = _automaton(templates, vocabulary, kept)
            break
        kept = kept[: len(kept) // 4]
    told = {*kept, *(each.what for each in unusable)}
    left = [Dropped(text, "too_large") for text in sentences if text not in told]
    return dfa, [*dropped, *unusable, *left]


def _automaton(
    templates: Templates, vocabulary: Vocabulary, sentences: Sequence[str]
) -> tuple[Dfa, list[Dropped]]:
    nfa = Nfa()
    _add_own(nfa, templates, vocabulary)
    dropped = _add_custom(_for_custom(nfa, templates, vocabulary), sentences)
    return determinise(nfa), dropped


def _smallest(
    templates: Templates, vocabulary: Vocabulary
) -> tuple[tuple[str, ...], list[Dropped]]:
    """Return as many of the user's sentences as there is room for, and those of no use at all.

    Each is compiled alone, the short ones first, as long as there is work left to be spent on it.
    """
    sizes: dict[str, int] = {}
    unusable: list[Dropped] = []
    work = MAX_SIZING
    for sentence in sorted(set(vocabulary.sentences), key=len):
        nfa = Nfa()
        try:
            _for_custom(nfa, templates, vocabulary).add(sentence)
            sizes[sentence] = len(determinise(nfa, MAX_SENTENCE).arcs)
            work -= sizes[sentence]
        except UnusableError as err:
            unusable.append(Dropped(sentence, err.reason))
        except TooLargeError:
            work -= 4 * MAX_SENTENCE
        work -= len(nfa.arcs)
        if work < 0:
            break
    kept: list[str] = []
    room = MAX_STATES
    for sentence, size in sorted(sizes.items(), key=lambda each: each[1]):
        room -= size
        if room >= 0:
            kept.append(sentence)
    return tuple(kept), unusable


def _add_own(nfa: Nfa, templates: Templates, vocabulary: Vocabulary) -> None:
    expander = Expander(nfa, shared_slots(templates, vocabulary), templates.rules)
    domains = {name.domain for name in vocabulary.names}
    shared = dict(expander.slots)
    for block in templates.blocks:
        if block.requires and domains.isdisjoint(block.requires):
            continue
        expander.slots = shared | (name_slots(vocabulary, block.domains) if block.domains else {})
        for template in block.templates:
            try:
                expander.add(template)
            except UnusableError as err:
                if err.reason == "too_large":
                    raise TooLargeError from err


def _for_custom(nfa: Nfa, templates: Templates, vocabulary: Vocabulary) -> Expander:
    """Return what adds sentences of the user's own."""
    rules = dict(templates.rules) | {rule.name: rule.template for rule in vocabulary.rules}
    return Expander(nfa, shared_slots(templates, vocabulary) | name_slots(vocabulary), rules)


def _add_custom(expander: Expander, sentences: Iterable[str]) -> list[Dropped]:
    dropped = []
    for sentence in sentences:
        try:
            expander.add(sentence)
        except UnusableError as err:
            dropped.append(Dropped(sentence, err.reason))
    return dropped


def _without(dfa: Dfa, words: frozenset[str]) -> Nfa:
    arcs: list[dict[str, set[int]]] = [
        {word: {to} for word, to in row.items() if word not in words} for row in dfa.arcs
    ]
    return Nfa(arcs, set(dfa.finals))
