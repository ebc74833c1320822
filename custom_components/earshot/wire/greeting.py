"""Who is there: the first messages of a room link, and what keeps it alive.

Home Assistant connects and says `Hello`; the satellite answers `Welcome`, and only then the link
counts as up, or `Refused`, and closes. Afterwards each end pings (Wyoming's own ping and pong).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .message import (
    IDENTIFIER,
    Message,
    Record,
    choice,
    flag,
    identifier,
    mapping,
    records,
    text,
    texts,
    whole,
)

SENSITIVITIES = ("low", "medium", "high")
"""How readily a wake word is heard."""

_SENSITIVITY = re.compile("|".join(SENSITIVITIES))
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Hello(Message, kind="earshot-hello"):
    """Home to satellite: asks to become its home."""

    version: int = whole(1, 1_000_000)
    """Of our messages: `limits.VERSION`."""

    owner: str = identifier()
    """Random and stable for one room of one Home Assistant. It proves nothing: the certificate
    does, and whoever has that takes over from its own older link."""


@dataclass(frozen=True, kw_only=True)
class WakeWord(Record):
    """A wake word that the satellite could listen for."""

    id: str = identifier()
    phrase: str = text(64)
    """As it is spoken, lower case: "hey jarvis"."""

    sensitivity: str = choice(*SENSITIVITIES, default="medium")
    """How readily it is heard, if it is listened for."""


@dataclass(frozen=True, kw_only=True)
class Welcome(Message, kind="earshot-welcome"):
    """Satellite to home: what this satellite is."""

    version: int = whole(1, 1_000_000)
    satellite_id: str = text(32, pattern=re.compile(r"[0-9a-f]{32}"))
    """Random, made at its first start."""

    name: str = text(64)
    area: str = text(64, default="")
    software: str = text(32)
    """Version of the satellite program."""

    boot_id: str = text(64)
    """Changes when the device starts again; receipts carry it."""

    paired: bool = flag()
    """Whether this link is encrypted and both ends are pinned."""

    open: bool = flag()
    """Whether anybody on the network may connect."""

    wake_words: tuple[WakeWord, ...] = records(WakeWord, 64)
    active_words: tuple[str, ...] = texts(8, 64, pattern=IDENTIFIER)
    max_active_words: int = whole(0, 8)
    phrases: dict[str, str] = mapping(16, IDENTIFIER, _SHA256)
    """The stored phrases, each with the SHA-256 of its PCM."""

    remote_listen: str = choice("forbidden", "allowed", "home", default="home")
    """Whether it listens although nobody woke it: never, as its owner allowed, or as home rules."""

    follow_up: bool = flag(default=True)
    """Whether it listens once more after a reply that it was asked for."""


@dataclass(frozen=True, kw_only=True)
class Refused(Message, kind="earshot-refused"):
    """Satellite to home: no link. The connection closes after it."""

    reason: str = choice("busy", "version", "hello_expected", "not_paired")


@dataclass(frozen=True, kw_only=True)
class Problem(Record):
    """Something that keeps the satellite from doing its work."""

    code: str = identifier()
    """For a translation: `microphone_missing`, `speaker_missing`, `wake_model_broken`, ..."""

    detail: str = text(256, default="")
    """The device or file it is about. Never a path of the user's home, never what was heard."""


@dataclass(frozen=True, kw_only=True)
class Problems(Message, kind="earshot-problems"):
    """Satellite to home: all that is wrong now; sent when that changes."""

    problems: tuple[Problem, ...] = records(Problem, 16)


@dataclass(frozen=True, kw_only=True)
class SetWakeWords(Message, kind="earshot-set-wake-words"):
    """Home to satellite: listen for these; it answers with a new `Welcome`."""

    words: tuple[str, ...] = texts(8, 64, pattern=IDENTIFIER)
    sensitivities: dict[str, str] = mapping(64, IDENTIFIER, _SENSITIVITY, optional=True)
    """By word; one that is not named keeps its own."""
