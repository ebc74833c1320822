"""The people of the house: flite's synthetic voices."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .audio import Samples, levelled, read_wav, silence, trimmed

VOICES = ("slt", "rms", "awb", "kal16")
WAKE_WORD = "hey jarvis"
_SYNTHESIS_S = 20.0
_QUIET = 100  # keeps soft ends of words that AUDIBLE would cut


@dataclass(frozen=True)
class Spoken:
    """What one person says.

    `samples` is all of it; `wake_end` and `command_start` are positions in it, equal without a
    pause. Without a command both point at the end.
    """

    voice: str
    text: str
    samples: Samples
    wake_end: int
    command_start: int

    @property
    def command(self) -> Samples:
        """Return the command alone."""
        return self.samples[self.command_start :]


class Voices:
    """Speak with flite; what was said once is kept in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def say(self, text: str, voice: str = "slt") -> Samples:
        """Return one phrase, without quiet at its ends."""
        name = "".join(c if c.isalnum() else "-" for c in text)
        path = self._folder / f"{voice}-{name}.wav"
        if not path.exists():
            process = await asyncio.create_subprocess_exec(
                *("flite", "-voice", voice, "-t", text, "-o", str(path)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            async with asyncio.timeout(_SYNTHESIS_S):
                status = await process.wait()
            if status != 0 or not path.exists():
                raise OSError(f"flite cannot speak with voice {voice} (status {status})")
        return trimmed(levelled(read_wav(path)), _QUIET)

    async def order(
        self, command: str, voice: str = "slt", *, pause_s: float = 0.3, inner_pause_s: float = 0.4
    ) -> Spoken:
        """Return the wake word, a pause, and the command; `...` in it is a pause of its own.

        With `pause_s` 0 the command begins where the wake word ends.
        """
        if not command:
            wake = await self.say(WAKE_WORD, voice)
            return Spoken(voice, command, wake, len(wake), len(wake))
        parts: list[Samples] = []
        for part in command.split("..."):
            if parts:
                parts.append(silence(inner_pause_s))
            parts.append(await self.say(part.strip(), voice))
        spoken = np.concatenate(parts)
        wake = await self.say(WAKE_WORD, voice)
        samples = np.concatenate([wake, silence(pause_s), spoken])
        return Spoken(voice, command, samples, len(wake), len(samples) - len(spoken))
