"""Piper: a neural voice, when the user has installed one.

`piper-tts` is GPL-3.0 and stays in this process, which is free to be replaced.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from .speaker import SENTENCE_DEADLINE_S, About, Sound, VoiceError

CHUNK_BYTES = 8_192
MISSING = f'{Path(sys.prefix) / "bin/pip"} install "piper-tts>=1.3,<2" is needed for Piper voices'


class Piper:
    """Speaks with one voice: `NAME.onnx` and `NAME.onnx.json` in the same folder."""

    def __init__(self, model: Path, licence: str = "see the voice's model card") -> None:
        """Load the voice (a second on a small machine); raises `VoiceError`."""
        config = model.with_name(model.name + ".json")
        for file in (model, config):
            if not file.is_file():
                raise VoiceError("voice_missing", f"{file.name} is not installed")
        try:
            from piper import PiperVoice  # noqa: PLC0415 - optional, 70 MB, and GPL
        except ImportError:
            raise VoiceError("voice_missing", MISSING) from None
        try:
            self._voice: Any = PiperVoice.load(model, config_path=config)
        except Exception as err:  # noqa: BLE001 - onnxruntime has its own for every fault of a file
            raise VoiceError("voice_broken", f"{model.name}: {type(err).__name__}") from None
        self._lock = threading.Lock()
        self.about = About(
            name=model.stem,
            description=f"Piper, {model.stem}",
            licence=licence,
            source="https://github.com/OHF-Voice/piper1-gpl",
        )

    async def say(self, sentence: str) -> AsyncIterator[Sound]:
        """Yield the speech of a sentence; raises `VoiceError`."""
        try:
            async with asyncio.timeout(SENTENCE_DEADLINE_S):
                sounds = await asyncio.to_thread(self._make, sentence)
        except TimeoutError:
            raise VoiceError("voice_failed", "Piper took too long") from None
        for sound in sounds:
            for start in range(0, len(sound.pcm), CHUNK_BYTES):
                yield Sound(sound.rate, sound.pcm[start : start + CHUNK_BYTES])

    def _make(self, sentence: str) -> list[Sound]:
        with self._lock:
            try:
                return [
                    Sound(chunk.sample_rate, chunk.audio_int16_bytes)
                    for chunk in self._voice.synthesize(sentence)
                ]
            except Exception as err:  # noqa: BLE001 - its text could be in the message
                raise VoiceError("voice_failed", type(err).__name__) from None
