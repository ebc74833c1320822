"""What every voice is: something that makes speech of a sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

SENTENCE_DEADLINE_S = 15.0
"""A sentence takes a hundredth of this; a synthesiser that hangs is ended."""


class VoiceError(Exception):
    """No speech: `code` is `voice_missing`, `voice_broken` or `voice_failed`.

    Never carries what was to be said.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Sound:
    """Speech: 16 bit, mono, little endian."""

    rate: int
    pcm: bytes


@dataclass(frozen=True)
class About:
    """What a client is told about a voice."""

    name: str
    description: str
    licence: str
    source: str


class Speaker(Protocol):
    """Speaks one sentence at a time."""

    @property
    def about(self) -> About:
        """Name and origin."""

    def say(self, sentence: str) -> AsyncIterator[Sound]:
        """Yield the speech of a sentence as it is made; raises `VoiceError`."""
