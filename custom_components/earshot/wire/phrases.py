"""Phrases rendered beforehand and kept on the satellite, for when nothing else can speak."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from .limits import ROOM_LIMITS
from .message import Message, choice, identifier, payload, whole

NOT_UNDERSTOOD = "not_understood"
SPEECH_UNAVAILABLE = "speech_unavailable"
NOT_READY = "not_ready"
NOT_LOCAL = "not_local"
RECORDED = "recorded"
FAILED = "failed"
PAIRED = "paired"
"""Said by the satellite itself, when it has been paired anew."""


@dataclass(frozen=True, kw_only=True)
class StorePhrase(Message, kind="earshot-store-phrase"):
    """Home to satellite: keep this phrase, in place of an older one of the same id."""

    id: str = identifier()
    rate: int = whole(8_000, 48_000)
    width: int = choice(2, default=2)
    channels: int = choice(1, default=1)
    pcm: bytes = payload(ROOM_LIMITS.payload, multiple_of=2)

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of the PCM, as `Welcome.phrases` lists it."""
        return hashlib.sha256(self.pcm).hexdigest()
