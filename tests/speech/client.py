"""A client of a real speech service, and synthetic speech for it (flite).

Synthetic voices show that the parts fit together; they measure no accuracy.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import tempfile
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from wyoming.audio import AudioChunk, AudioStop
from wyoming.event import Event

from earshot_wire.framing import read_event, write_event
from earshot_wire.limits import SPEECH_LIMITS, VERSION
from earshot_wire.speech import Grammar, LeftOut, NeedGrammar, Result, Transcribe
from earshot_wire.vocabulary import Vocabulary

from .home import HOME

RATE = 16_000
CHUNK = 1_280
Samples = npt.NDArray[np.int16]


@cache
def speech(text: str, voice: str = "slt") -> Samples:
    """Return the words, without silence around them, at a peak of -8 dB of full scale."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        command = ["flite", "-voice", voice, "-t", text, "-o", str(file)]
        subprocess.run(command, check=True, timeout=30)
        with wave.open(str(file), "rb") as said:
            assert said.getframerate() == RATE
            samples = np.frombuffer(said.readframes(said.getnframes()), np.int16).astype(float)
    loud = np.flatnonzero(np.abs(samples) > 200)
    samples = samples[loud[0] : loud[-1] + 1]
    scaled: Samples = (samples * (10 ** (-8 / 20) * 32767 / np.abs(samples).max())).astype(np.int16)
    return scaled


def silence(milliseconds: int) -> Samples:
    return np.zeros(milliseconds * RATE // 1000, np.int16)


def room(*parts: Samples, noise_db: float = -65.0) -> Samples:
    """Return the parts one after the other, over the noise of a room (dB of full scale)."""
    clean = np.concatenate(parts).astype(float)
    noise = np.random.default_rng(7).normal(0, 10 ** (noise_db / 20) * 32767, clean.size)
    return np.clip(clean + noise, -32768, 32767).astype(np.int16)


@dataclass
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, event: Event) -> None:
        await write_event(self.writer, event)

    async def receive(self, deadline_s: float = 30.0) -> Event | None:
        async with asyncio.timeout(deadline_s):
            return await read_event(self.reader, SPEECH_LIMITS)

    async def audio(self, samples: Samples, pace: float = 8.0) -> None:
        """Send audio `pace` times as fast as it is spoken."""
        for start in range(0, len(samples), CHUNK):
            pcm = samples[start : start + CHUNK].tobytes()
            await self.send(AudioChunk(rate=RATE, width=2, channels=1, audio=pcm).event())
            await asyncio.sleep(CHUNK / RATE / pace)


@contextlib.asynccontextmanager
async def connect(port: int) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


async def recognise(
    port: int,
    samples: Samples,
    *,
    vocabulary: Vocabulary = HOME,
    wake_phrase: str = "",
    max_s: float = 15.0,
    stop: bool = False,
    pace: float = 1.0,
) -> Result:
    """Ask for one utterance. In real time, as the end is a matter of time that passes."""
    async with connect(port) as connection:
        request = Transcribe(
            version=VERSION, grammar=vocabulary.sha256, max_s=max_s, wake_phrase=wake_phrase
        )
        await connection.send(request.event())

        async def talk() -> None:
            with contextlib.suppress(OSError):
                await connection.audio(samples, pace)
                if stop:
                    await connection.send(AudioStop().event())

        talking = asyncio.create_task(talk())
        try:
            while (event := await connection.receive()) is not None:
                if NeedGrammar.is_type(event.type):
                    answer = Grammar(grammar=vocabulary.sha256, vocabulary=vocabulary.canonical)
                    await connection.send(answer.event())
                elif not LeftOut.is_type(event.type):
                    assert Result.is_type(event.type), event
                    return Result.from_event(event)
        finally:
            talking.cancel()
    raise AssertionError("closed without a result")
