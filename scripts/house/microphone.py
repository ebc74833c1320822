"""Put sound into a virtual microphone, and listen to a device with the time of each sample."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from itertools import takewhile

import numpy as np

from .audio import AUDIBLE, RATE, Samples, noise

_BLOCK = RATE // 50
_STREAM = ("--raw", "--rate=16000", "--channels=1", "--format=s16le")
# Recorders keep the device quick; players have half a second in hand, so that a busy machine
# tears no hole into what is said.
_RECORD = "--latency-msec=20"
_PLAY = "--latency-msec=500"
_NEIGHBOURHOOD_S = 5.0


class Ambience:
    """The quiet hiss of a room: white noise into one microphone, without end."""

    def __init__(self, env: Mapping[str, str], device: str) -> None:
        self._env = env
        self._device = device
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to hiss, unless it does."""
        if self._task is not None and not self._task.done():
            return
        self._process = await _spawn("pacat", "--playback", self._device, self._env, write=True)
        self._task = asyncio.create_task(self._hiss(self._process))

    async def stop(self) -> None:
        """Fall silent."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await _end(self._process)
        self._process = None

    async def _hiss(self, process: asyncio.subprocess.Process) -> None:
        stream = process.stdin
        assert stream is not None
        block = noise(10.0).astype("<i2").tobytes()
        with contextlib.suppress(OSError):
            while process.returncode is None:
                for at in range(0, len(block), 2 * _BLOCK):
                    stream.write(block[at : at + 2 * _BLOCK])
                    await stream.drain()


async def play(env: Mapping[str, str], device: str, samples: Samples) -> None:
    """Play into a device and return when it has been played."""
    process = await _spawn("pacat", "--playback", device, env, write=True)
    try:
        assert process.stdin is not None
        process.stdin.write(samples.astype("<i2").tobytes())
        await process.stdin.drain()
        process.stdin.close()
        async with asyncio.timeout(len(samples) / RATE + 10):
            await process.wait()
    finally:
        await _end(process)


class Listener:
    """Record what goes through a device and know when each sample did.

    The clock of a sample is the lower envelope of the blocks' arrivals around it, which is good to
    about 20 ms: a block can come late, never early.
    """

    def __init__(self, env: Mapping[str, str], device: str, keep_s: float = 120.0) -> None:
        self._env = env
        self._device = device
        self._keep = round(keep_s * RATE)
        self._blocks: list[tuple[int, float, bytes]] = []  # samples up to its end, arrival, PCM
        self._count = 0
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to record, unless it does; what came before is forgotten."""
        if self.alive:
            return
        self._blocks.clear()
        self._process = await _spawn("parec", "--record", f"{self._device}.monitor", self._env)
        self._task = asyncio.create_task(self._read(self._process))

    async def stop(self) -> None:
        """Stop recording; what was heard stays."""
        await _end(self._process)
        if self._task is not None:
            await self._task
        self._process = self._task = None

    @property
    def pid(self) -> int | None:
        """Return the process id of the program that records."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Tell whether it still records."""
        return self._task is not None and not self._task.done()

    def since(self, wall: float) -> tuple[Samples, float]:
        """Return the samples from a wall clock time on, and the wall clock time of the first."""
        blocks = list(takewhile(lambda block: block[1] >= wall, reversed(self._blocks)))[::-1]
        if not blocks:
            return np.zeros(0, dtype=np.int16), wall
        samples = np.frombuffer(b"".join(block[2] for block in blocks), dtype="<i2")
        return samples, self._time_of(blocks[0][0] - len(blocks[0][2]) // 2)

    def first_sound(self, wall: float) -> float | None:
        """Return when the first audible sample after a wall clock time went by."""
        samples, begin = self.since(wall)
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > AUDIBLE)
        times = [begin + at / RATE for at in loud if begin + at / RATE >= wall]
        return times[0] if times else None

    def last_sound(self, wall: float) -> float | None:
        """Return when the last audible sample after a wall clock time went by."""
        samples, begin = self.since(wall)
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > AUDIBLE)
        return begin + int(loud[-1]) / RATE if len(loud) else None

    def _time_of(self, index: int) -> float:
        """Return the wall clock time of a sample by its number since the start."""
        near = [
            arrival - number / RATE
            for number, arrival, _ in self._blocks
            if abs(number - index) < _NEIGHBOURHOOD_S * RATE
        ]
        return min(near) + index / RATE

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        stream = process.stdout
        assert stream is not None
        rest = b""
        while data := await stream.read(4 * _BLOCK):
            now = time.time()
            data = rest + data
            whole = len(data) // 2 * 2
            data, rest = data[:whole], data[whole:]
            self._count += whole // 2
            self._blocks.append((self._count, now, data))
            while self._count - self._blocks[0][0] > self._keep:
                self._blocks.pop(0)


async def _spawn(
    tool: str, mode: str, device: str, env: Mapping[str, str], *, write: bool = False
) -> asyncio.subprocess.Process:
    pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    latency = _PLAY if write else _RECORD
    return await asyncio.create_subprocess_exec(
        *("setpriv", "--pdeathsig", "TERM", tool, mode, f"--device={device}", *_STREAM, latency),
        stdin=pipe if write else null,
        stdout=null if write else pipe,
        stderr=null,
        env={"PATH": "/usr/bin:/bin", **env},
    )


async def _end(process: asyncio.subprocess.Process | None) -> None:
    if process is None:
        return
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    await process.wait()
