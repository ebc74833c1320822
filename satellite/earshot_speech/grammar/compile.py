"""A home's vocabulary and our templates, compiled to one grammar."""

from __future__ import annotations

from dataclasses import dataclass

from earshot_wire.vocabulary import Vocabulary

from .automaton import Dfa, Ending, Nfa, TooLargeError, determinise
from .expand import Expander, UnusableError
from .pronounce import Pronunciation, pronounce, tails
from .slots import name_slots, say_name, shared_slots
from .templates import Templates, load


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
    said, dropped = _speakable(vocabulary)
    nfa = Nfa()
    expander = Expander(nfa, shared_slots(templates, said), templates.rules)
    _add_own(expander, templates, said)
    dropped += _add_custom(expander, said)
    dfa = determinise(nfa)
    pronunciations = pronounce(dfa.words)
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


def _speakable(vocabulary: Vocabulary) -> tuple[Vocabulary, list[Dropped]]:
    """Leave out the names that cannot be said, each alone."""
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
        return vocabulary, []
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
    return kept, [Dropped(text, "unspeakable") for text in sorted(bad)]


def _add_own(expander: Expander, templates: Templates, vocabulary: Vocabulary) -> None:
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
    expander.slots = shared | name_slots(vocabulary)


def _add_custom(expander: Expander, vocabulary: Vocabulary) -> list[Dropped]:
    expander.rules = dict(expander.rules) | {rule.name: rule.template for rule in vocabulary.rules}
    dropped = []
    for sentence in vocabulary.sentences:
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
