"""Phrases that home had rendered beforehand, kept for when nothing else can speak."""

from __future__ import annotations

import hashlib
import io
import logging
import wave
from dataclasses import dataclass
from pathlib import Path

from earshot_wire.limits import ROOM_LIMITS
from earshot_wire.message import IDENTIFIER

from ..durable import remove_partial, write_durable

_LOGGER = logging.getLogger(__name__)

MAX_PHRASES = 16
_HEADER = 64


@dataclass(frozen=True)
class Phrase:
    """Mono 16 bit PCM at `rate`, and its SHA-256 in hexadecimal."""

    rate: int
    pcm: bytes
    sha256: str


class Phrases:
    """One wave file each in a folder of the state; they hold the assistant's words, nobody's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stored: dict[str, Phrase] = {}

    def load(self) -> None:
        """Read what is there; a broken file is left out, as if home had never sent it."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        remove_partial(self._folder)
        for file in sorted(self._folder.glob("*.wav"))[:MAX_PHRASES]:
            phrase = _read(file)
            if phrase is None or not IDENTIFIER.fullmatch(file.stem):
                _LOGGER.warning("%s is no stored phrase: it is left out", file.name)
            else:
                self._stored[file.stem] = phrase

    def get(self, name: str) -> Phrase | None:
        """Return a phrase, or None when it is not stored."""
        return self._stored.get(name)

    @property
    def digests(self) -> dict[str, str]:
        """What is stored, as `Welcome` tells it."""
        return {name: phrase.sha256 for name, phrase in self._stored.items()}

    def store(self, name: str, rate: int, pcm: bytes) -> None:
        """Keep a phrase. Raises `ValueError` when there are too many, `OSError` when it fails."""
        if name not in self._stored and len(self._stored) >= MAX_PHRASES:
            raise ValueError(f"{MAX_PHRASES} phrases are stored already")
        content = io.BytesIO()
        with wave.open(content, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(pcm)
        write_durable(self._folder / f"{name}.wav", content.getvalue())
        self._stored[name] = Phrase(rate, pcm, hashlib.sha256(pcm).hexdigest())


def _read(file: Path) -> Phrase | None:
    try:
        if file.stat().st_size > ROOM_LIMITS.payload + _HEADER:
            return None
        with wave.open(str(file), "rb") as wav:
            if (wav.getnchannels(), wav.getsampwidth()) != (1, 2):
                return None
            rate, pcm = wav.getframerate(), wav.readframes(ROOM_LIMITS.payload // 2)
    except (OSError, EOFError, wave.Error):
        return None
    if not pcm or not 8_000 <= rate <= 48_000:
        return None
    return Phrase(rate, pcm, hashlib.sha256(pcm).hexdigest())
