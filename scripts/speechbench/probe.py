"""What the recogniser makes of one half of the corpus; run where the speech service is installed.

The real engine with its real processes, and the real end of an utterance. Only the clock is not:
no audio arrives while it decodes, so a slow or busy machine hears the same as a fast one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from earshot_speech.recognition.endpoint import Verdict
from earshot_speech.recognition.engine import Engine
from earshot_speech.recognition.pool import Pool, Search
from earshot_speech.recognition.utterance import Demand, Utterance
from earshot_wire.speech import Result
from house.audio import FLOOR_DBFS, RATE, Samples, levelled, noise, read_wav, silence, trimmed

from .corpus import HOME, SEEDS, Clip, Voice, clips

_CHUNK = 1_280
_BEFORE_S = 0.3
_AFTER_S = 4.0
_LIMIT_MS = 15_000
_QUIET = 100
_SYNTHESIS_S = 20.0
_AT_ONCE = 2


@dataclass(frozen=True)
class Heard:
    """What became of a clip."""

    kind: str
    said: str
    voice: str
    result: str
    text: str
    ending: str
    after_ms: int
    """Quiet that it waited for."""

    decoding_ms: float
    """Of the decoding that gave the result."""


class _Steady(Engine):
    """An engine during whose work no time passes in the room."""

    def __init__(self, pool: Pool, sensitivity: float) -> None:
        super().__init__(pool, sensitivity)
        self.done = asyncio.Event()
        self.done.set()
        self.last_ms = 0.0

    async def understand(self, search: Search, heard: Samples, speech: object) -> Verdict:
        """Return what was said."""
        self.done.clear()
        started = time.monotonic()
        try:
            return await super().understand(search, heard, speech)  # type: ignore[arg-type]
        finally:
            self.last_ms = 1000 * (time.monotonic() - started)
            self.done.set()


def main() -> None:
    """Write one JSON line for each clip."""
    parser = argparse.ArgumentParser()
    parser.add_argument("half", choices=list(SEEDS))
    parser.add_argument("--snr", type=float, help="dB of speech over white noise")
    parser.add_argument("--share", type=int, default=1, help="take every n-th clip")
    parser.add_argument("--voices", type=Path, required=True, help="folder of what was said before")
    options = parser.parse_args()
    chosen = list(clips(options.half))[:: options.share]
    room = _Room(options.snr, SEEDS[options.half], options.voices)
    asyncio.run(_probe(chosen, room))


@dataclass(frozen=True)
class _Room:
    """Where the clips are said."""

    snr: float | None
    seed: int
    folder: Path


async def _probe(chosen: Sequence[Clip], room: _Room) -> None:
    pool = Pool()
    await pool.start()
    try:
        engines = [_Steady(pool, 0.5) for _ in range(_AT_ONCE)]
        waiting = list(reversed(chosen))

        async def work(engine: _Steady) -> None:
            await engine.learn(HOME)
            while waiting:
                clip = waiting.pop()
                heard = await _hear(engine, clip, room)
                print(json.dumps(asdict(heard)), flush=True)

        await asyncio.gather(*(work(engine) for engine in engines))
    finally:
        await pool.stop()


async def _hear(engine: _Steady, clip: Clip, room: _Room) -> Heard:
    said = await asyncio.to_thread(say, clip.text, clip.voice, room.folder)
    audio = in_room(said, room.snr, room.seed)
    position = 0

    async def source() -> bytes | None:
        nonlocal position
        await asyncio.sleep(0)
        await engine.done.wait()
        chunk = audio[position : position + _CHUNK]
        position += _CHUNK
        return chunk.tobytes() if len(chunk) else None

    search: asyncio.Future[Search] = asyncio.get_running_loop().create_future()
    search.set_result(await engine.search(HOME.sha256))
    demand = Demand(limit_ms=_LIMIT_MS, after_wake=False)
    utterance = Utterance(engine, demand, search)
    result: Result = await utterance.listen(source)
    return Heard(
        kind=clip.kind,
        said=clip.text,
        voice=clip.voice.name,
        result=result.kind,
        text=result.text,
        ending=result.ending,
        after_ms=result.heard_ms - result.speech_end_ms,
        decoding_ms=round(engine.last_ms, 1),
    )


def say(text: str, voice: Voice, folder: Path) -> Samples:
    """Return a sentence at the level of a close speaker, without quiet at its ends."""
    words = f"{voice.name} {voice.speed} {voice.pitch} {text}"
    path = folder / f"{''.join(c if c.isalnum() else '-' for c in words)}.wav"
    if not path.exists():
        command = (
            _flite(text, voice, path) if voice.engine == "flite" else _espeak(text, voice, path)
        )
        subprocess.run(command, check=True, timeout=_SYNTHESIS_S, stdin=subprocess.DEVNULL)
    return trimmed(levelled(read_wav(path)), _QUIET)


def _flite(text: str, voice: Voice, path: Path) -> list[str]:
    command = ["flite", "-voice", voice.name]
    if voice.speed:
        command += ["--setf", f"duration_stretch={100 / voice.speed:.3f}"]
    if voice.pitch:
        command += ["--setf", f"int_f0_target_mean={voice.pitch}"]
    return [*command, "-t", text, "-o", str(path)]


def _espeak(text: str, voice: Voice, path: Path) -> list[str]:
    command = ["espeak-ng", "-v", voice.name]
    if voice.speed:
        command += ["-s", str(voice.speed)]
    if voice.pitch:
        command += ["-p", str(voice.pitch)]
    return [*command, "-w", str(path), text]


def in_room(said: Samples, snr: float | None, seed: int = 1) -> Samples:
    """Return it in a room: quiet around it, and the noise of a quiet room or a louder one."""
    parts = (silence(_BEFORE_S), said, silence(_AFTER_S))
    level = FLOOR_DBFS
    if snr is not None:
        loudness = 20 * np.log10(np.sqrt(np.square(said.astype(np.float64)).mean()) / 32768)
        level = max(level, float(loudness) - snr)
    clean = np.concatenate(parts).astype(np.int32)
    mixed = clean + noise(len(clean) / RATE, level, seed)[: len(clean)]
    heard: Samples = np.clip(mixed, -32768, 32767).astype(np.int16)
    return heard


if __name__ == "__main__":
    main()
    sys.exit(0)
