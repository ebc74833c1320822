"""The sentences that the household wrote itself: custom sentence files and intents.

What is not a sentence is passed over, so that one mistake costs only itself.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Self

import yaml

from ..wire.message import MessageError
from ..wire.vocabulary import Rule, WordList

_LOGGER = logging.getLogger(__name__)

MAX_SENTENCES = 1_000
MAX_SENTENCE = 500
_MAX_LISTS = 200
_MAX_VALUES = 1_000
_MAX_FILES = 200
_MAX_FILE = 256 * 1024


@dataclass
class OwnSentences:
    """hassil templates, and the lists and rules that they name."""

    sentences: set[str] = field(default_factory=set)
    lists: dict[str, WordList] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Mapping[str, Any]) -> Self:
        """Take them out of what Home Assistant calls an intents dictionary."""
        own = cls()
        own._add_definitions(source)
        for intent in _values(source.get("intents")):
            for data in _items(_get(intent, "data")):
                own._add_definitions(data)
                own.sentences.update(clean(_items(_get(data, "sentences")), MAX_SENTENCE))
        return own

    def merge(self, other: Self) -> None:
        """Add those of another source; of two lists or rules of one name the first stays."""
        self.sentences |= other.sentences
        self.lists = other.lists | self.lists
        self.rules = other.rules | self.rules

    def _add_definitions(self, source: object) -> None:
        for name, definition in islice(_table(_get(source, "lists")), _MAX_LISTS):
            values = tuple(clean(islice(_list_values(definition), _MAX_VALUES), 200))
            if values:
                _add(self.lists, name, WordList, values=values)
        for name, template in islice(_table(_get(source, "expansion_rules")), _MAX_LISTS):
            for cleaned in clean([template], 2_000):
                _add(self.rules, name, Rule, template=cleaned)


def read_files(folder: Path, broken: set[Path]) -> OwnSentences:
    """Read the custom sentence files of one language; blocks.

    `broken` holds the files that could not be read, so that each is logged once.
    """
    own = OwnSentences()
    paths = sorted(folder.rglob("*.yaml")) if folder.is_dir() else []
    for path in paths[:_MAX_FILES]:
        try:
            with path.open("rb") as file:
                raw = file.read(_MAX_FILE + 1)
            if len(raw) > _MAX_FILE:
                raise ValueError("it is larger than 256 KiB")
            source = yaml.safe_load(raw)
            if not isinstance(source, dict):
                raise TypeError("it is not a table")
            own.merge(OwnSentences.of(source))
        except (OSError, ValueError, TypeError, RecursionError, yaml.YAMLError) as error:
            if path not in broken:
                broken.add(path)
                reason = getattr(error, "problem", None) or error
                _LOGGER.warning(
                    "The sentences of %s cannot be understood when spoken: %s", path.name, reason
                )
        else:
            broken.discard(path)
    if len(paths) > _MAX_FILES and folder not in broken:
        broken.add(folder)
        _LOGGER.warning("Only the first %d custom sentence files are used", _MAX_FILES)
    return own


def clean(texts: Iterable[object], max_length: int) -> Iterable[str]:
    """Yield those that are texts of one line, not empty and not too long."""
    for text in texts:
        if isinstance(text, str):
            line = " ".join(text.split())
            if 0 < len(line) <= max_length and line.isprintable():
                yield line


def _list_values(definition: object) -> Iterable[object]:
    for value in _items(_get(definition, "values")):
        yield _get(value, "in") if isinstance(value, Mapping) else value
    limits = _get(definition, "range")
    first, last, step = (_get(limits, key) for key in ("from", "to", "step"))
    if isinstance(first, int) and isinstance(last, int):
        step = step if isinstance(step, int) and step > 0 else 1
        yield from (str(number) for number in range(first, last + 1, step))


def _add[T: (WordList, Rule)](table: dict[str, T], name: str, kind: type[T], **values: Any) -> None:
    if name not in table:
        try:
            table[name] = kind(name=name, **values)
        except MessageError:
            return


def _get(source: object, key: str) -> object:
    return source.get(key) if isinstance(source, Mapping) else None


def _items(source: object) -> Iterable[object]:
    return source if isinstance(source, list) else ()


def _values(source: object) -> Iterable[object]:
    return source.values() if isinstance(source, Mapping) else ()


def _table(source: object) -> Iterable[tuple[str, object]]:
    if isinstance(source, Mapping):
        yield from ((key, value) for key, value in source.items() if isinstance(key, str))
