"""Speech recognition over a link, with a grammar named by its hash.

One connection serves one request. The client sends `Transcribe` and then Wyoming's `audio-chunk`
events (16 kHz, 16 bit, mono) until the `Result` arrives, or `audio-stop` when its source ended by
itself. A server that lacks the grammar says `NeedGrammar` while it goes on buffering audio, so any
of several servers behind a balancer can answer. Synthesis is Wyoming's own `synthesize`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .limits import MAX_TURN_S, SPEECH_LIMITS
from .message import Message, choice, payload, real, text, texts, whole

MAX_LEFT_OUT = 10

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Transcribe(Message, kind="earshot-transcribe"):
    """Home to speech service: recognise the audio that follows, and say when it is over."""

    version: int = whole(1, 1_000_000)
    grammar: str = text(64, pattern=_HASH)
    """SHA-256 of the canonical vocabulary: `Vocabulary.sha256`."""

    max_s: float = real(1.0, 2 * MAX_TURN_S, default=MAX_TURN_S)
    wake_phrase: str = text(64, default="")
    """The phrase whose last syllables the audio may begin with."""


@dataclass(frozen=True, kw_only=True)
class NeedGrammar(Message, kind="earshot-need-grammar"):
    """Speech service to home: this grammar is not here."""

    grammar: str = text(64, pattern=_HASH)


@dataclass(frozen=True, kw_only=True)
class Grammar(Message, kind="earshot-grammar"):
    """Home to speech service: the vocabulary of that hash, as canonical JSON."""

    grammar: str = text(64, pattern=_HASH)
    vocabulary: bytes = payload(SPEECH_LIMITS.payload)


@dataclass(frozen=True, kw_only=True)
class LeftOut(Message, kind="earshot-left-out"):
    """Speech service to home, before a result: what nobody can say to it, and might expect to.

    Not told of are sentences with an open wildcard: there never is dictation.
    """

    count: int = whole(1, 1_000_000)
    what: tuple[str, ...] = texts(MAX_LEFT_OUT, 500)
    """Names and sentence templates, the first of them."""


@dataclass(frozen=True, kw_only=True)
class Result(Message, kind="earshot-result"):
    """Speech service to home: what was said. The connection closes after it."""

    kind: str = choice("command", "no_speech", "not_command")
    text: str = text(1024)
    """The words of a command, else empty."""

    ending: str = choice("terminal", "extendable", "incomplete", "limit", "stopped")
    """What ended the utterance: the class of the grammar's state, the limit, or the client."""

    speech_end_ms: int = whole(0, 120_000)
    """Where the last speech ended, in ms of the audio received."""

    heard_ms: int = whole(0, 120_000)
    """How much audio had been heard when the end was decided."""
