"""What the lists of a template stand for in one home."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from earshot_wire.vocabulary import Vocabulary

from .expand import Words
from .numbers import spoken
from .templates import Templates


def shared_slots(templates: Templates, vocabulary: Vocabulary) -> dict[str, Words]:
    """Return every list except `{name}`, which depends on the sentence. The user's lists win."""
    slots = {
        name: Words(phrases=tuple(spoken(n) for n in range(first, last + 1, step)))
        for name, (first, last, step) in templates.ranges.items()
    }
    slots |= {name: Words(templates=values) for name, values in templates.lists.items()}
    slots["area"] = Words(phrases=_phrases(vocabulary.areas))
    slots["floor"] = Words(phrases=_phrases(vocabulary.floors))
    items = Words(phrases=_phrases(vocabulary.list_items))
    slots |= dict.fromkeys(("item", "todo_list_item", "shopping_list_item"), items)
    slots |= {words.name: Words(templates=words.values) for words in vocabulary.lists}
    return slots


def name_slots(vocabulary: Vocabulary, domains: Iterable[str] = ()) -> dict[str, Words]:
    """Return `{name}` and `{name_at}` for sentences about these domains; none means any.

    In `{name_at}` a name that is used in several areas may be followed by the area, which tells
    the things apart. Only such a name: one that stands for itself ends the sentence, and the
    command can be obeyed at once.
    """
    wanted = frozenset(domains)
    areas: dict[str, set[str]] = defaultdict(set)
    for name in vocabulary.names:
        if not wanted or name.domain in wanted:
            areas[" ".join(name.name.split())].add(name.area)
    phrases: list[str] = []
    placed: list[str] = []
    for name_text, places in areas.items():
        phrase = say_name(name_text)
        if not phrase:
            continue
        phrases.append(phrase)
        if len(places) > 1:
            spots = [say_name(place) for place in places if place]
            placed += [f"{phrase} in {the}{spot}" for spot in spots for the in ("", "the ")]
    return {"name": Words(tuple(phrases)), "name_at": Words((*phrases, *placed))}


def say_name(name: str) -> str:
    """Return a name in the words that Home Assistant will be given, lower case.

    Its tokens stay as they are written ("tv", "2", "wi-fi"): the pronunciation is found for the
    token, and Home Assistant compares what is written.
    """
    tokens = (token.strip('.,;:!?"“”()[]{}<>|') for token in name.lower().split())
    return " ".join(token for token in tokens if any(c.isalnum() or c in "&+%" for c in token))


def _phrases(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(phrase for name in names if (phrase := say_name(name)))
