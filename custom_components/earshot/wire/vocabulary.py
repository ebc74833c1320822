"""The words of one home: what a spoken command can be about.

Home Assistant's side collects it, the speech service compiles it, together with its own sentence
templates, into a grammar. Both name it by the SHA-256 of its canonical JSON.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from .limits import SPEECH_LIMITS
from .message import MessageError, Record, choice, records, text, texts

_DOMAIN = re.compile(r"[a-z][a-z0-9_]{0,31}")
_KEY = re.compile(r"[A-Za-z0-9_<>{}.:-]{1,64}")

MAX_NAMES = 4_000


@dataclass(frozen=True, kw_only=True)
class Name(Record):
    """Something with a name that commands can be given to; an alias is another name."""

    name: str = text(100)
    domain: str = text(32, pattern=_DOMAIN)
    """Of Home Assistant: `light`, `cover`, `scene`, `script`, `todo`, ..."""

    area: str = text(100, default="")
    device_class: str = text(32, default="")


@dataclass(frozen=True, kw_only=True)
class WordList(Record):
    """A list of the user's own sentences: `{name}` in a template stands for one of its values."""

    name: str = text(64, pattern=_KEY)
    values: tuple[str, ...] = texts(1_000, 200)
    """hassil templates."""


@dataclass(frozen=True, kw_only=True)
class Rule(Record):
    """An expansion rule of the user's own sentences: `<name>` in a template stands for it."""

    name: str = text(64, pattern=_KEY)
    template: str = text(2_000)


@dataclass(frozen=True, kw_only=True)
class Vocabulary(Record):
    """All of it. Tuples are kept in order, so the collector sorts them: same home, same hash."""

    language: str = choice("en")
    names: tuple[Name, ...] = records(Name, MAX_NAMES, default=())
    areas: tuple[str, ...] = texts(500, 100, default=())
    floors: tuple[str, ...] = texts(100, 100, default=())
    list_items: tuple[str, ...] = texts(1_000, 100, default=())
    """What may be put on a to-do list: the finite list that open dictation would need."""

    sentences: tuple[str, ...] = texts(1_000, 500, default=())
    """hassil templates of sentence triggers and custom sentences."""

    lists: tuple[WordList, ...] = records(WordList, 200, default=())
    rules: tuple[Rule, ...] = records(Rule, 200, default=())

    @cached_property
    def canonical(self) -> bytes:
        """JSON with sorted keys and no spaces, in UTF-8."""
        plain: dict[str, Any] = {
            "language": self.language,
            "names": [vars(name) for name in self.names],
            "areas": self.areas,
            "floors": self.floors,
            "list_items": self.list_items,
            "sentences": self.sentences,
            "lists": [vars(words) for words in self.lists],
            "rules": [vars(rule) for rule in self.rules],
        }
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @cached_property
    def sha256(self) -> str:
        """Hexadecimal digest that names it."""
        return hashlib.sha256(self.canonical).hexdigest()

    @classmethod
    def from_canonical(cls, raw: bytes, sha256: str) -> Self:
        """Read it back; raises `MessageError` when it is not the one of that hash, or not valid."""
        if len(raw) > SPEECH_LIMITS.payload or hashlib.sha256(raw).hexdigest() != sha256:
            raise MessageError("the vocabulary is not the one that was named")
        try:
            plain = json.loads(raw)
        except (ValueError, RecursionError):
            raise MessageError("the vocabulary is not JSON") from None
        if not isinstance(plain, dict):
            raise MessageError("the vocabulary is not an object")
        return cls.from_dict(plain)
