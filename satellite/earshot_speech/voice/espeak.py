"""espeak-ng: robotic, immediate, always there."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import struct
from collections.abc import AsyncIterator

from .speaker import SENTENCE_DEADLINE_S, About, Sound, VoiceError

CHUNK = 4_096
_INSTALL = "install espeak-ng: apt install espeak-ng"
_HEADER = 44
"""Bytes of the WAV header that espeak-ng writes: RIFF, fmt (16 bytes) and data."""


class Espeak:
    """Speaks through a process for each sentence; the text goes through its standard input."""

    def __init__(self, voice: str = "en-us", words_per_minute: int = 160) -> None:
        """Raise `VoiceError` when espeak-ng is not installed."""
        if shutil.which("espeak-ng") is None:
            raise VoiceError("voice_missing", _INSTALL)
        speed = str(words_per_minute)
        self._command = ("espeak-ng", "-v", voice, "-s", speed, "--stdin", "--stdout")
        self.about = About(
            name="espeak-ng",
            description="eSpeak NG, American English",
            licence="GPL-3.0-or-later",
            source="https://github.com/espeak-ng/espeak-ng",
        )

    async def say(self, sentence: str) -> AsyncIterator[Sound]:
        """Yield the speech of a sentence as it is made; raises `VoiceError`."""
        # It looks for a sound server even to write a file, and would leave a folder in /tmp.
        environment = os.environ | {"PULSE_RUNTIME_PATH": "/nonexistent"}
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                env=environment,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError:
            raise VoiceError("voice_missing", _INSTALL) from None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(SENTENCE_DEADLINE_S):
                process.stdin.write(sentence.replace("\n", " ").encode() + b"\n")
                process.stdin.close()
                rate = _rate(await process.stdout.readexactly(_HEADER))
            odd = b""
            while True:
                async with asyncio.timeout(SENTENCE_DEADLINE_S):
                    pcm = odd + await process.stdout.read(CHUNK)
                if len(pcm) < 2:
                    break
                whole = len(pcm) // 2 * 2
                odd = pcm[whole:]
                yield Sound(rate, pcm[:whole])
        except (asyncio.IncompleteReadError, TimeoutError, OSError):
            raise VoiceError("voice_failed", "espeak-ng made no speech") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _rate(header: bytes) -> int:
    rate: int = struct.unpack_from("<I", header, 24)[0]
    if header[:4] != b"RIFF" or not 8_000 <= rate <= 48_000:
        raise VoiceError("voice_failed", "espeak-ng answered with no WAV")
    return rate
