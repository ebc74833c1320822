"""Synthetic speech and stand-ins for the tests of the ear.

The voices are flite's: they prove that the parts are connected, not how well people are heard.
"""

from __future__ import annotations

import os
import select
import subprocess
import wave
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from earshot_satellite.capture.devices import DeviceError
from earshot_satellite.ear.frames import HEADER_SIZE, Frame, FrameWriter, header, unpack
from earshot_satellite.wake.detector import Heard

Samples = npt.NDArray[np.int16]
VOICES = ("slt", "rms", "awb", "kal16", "kal")
NOISE_DBFS = -65.0


@cache
def say(text: str, voice: str = "slt") -> Samples:
    """`text` at 16 kHz, without the quiet around it, its peak at -8 dBFS."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "speech.wav")
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", file], check=True, timeout=60)
        with wave.open(str(file)) as speech:
            rate = speech.getframerate()
            sound = np.frombuffer(speech.readframes(speech.getnframes()), np.int16).astype(float)
    places = np.arange(0, len(sound) * 16_000 / rate) * rate / 16_000
    sound = np.interp(places, np.arange(len(sound)), sound)
    loud = np.nonzero(np.abs(sound) > 400)[0]
    sound = sound[loud[0] : loud[-1] + 1]
    return (sound * (32_767 * 10 ** (-8 / 20) / np.abs(sound).max())).astype(np.int16)


def noise(seconds: float, dbfs: float = NOISE_DBFS, seed: int = 1) -> Samples:
    scale = 32_768 * 10 ** (dbfs / 20)
    return np.random.default_rng(seed).normal(0, scale, int(seconds * 16_000)).astype(np.int16)


def scene(*parts: Samples | float) -> Samples:
    """Speech and pauses (in seconds) one after another, with a noise floor over all of it."""
    sound = np.concatenate(
        [
            np.zeros(int(part * 16_000), np.int16) if isinstance(part, float) else part
            for part in parts
        ]
    )
    return sound + noise(len(sound) / 16_000 + 1)[: len(sound)]


def write_wav(file: Path, sound: Samples) -> Path:
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
        out.writeframes(sound.tobytes())
    return file


class Tape:
    """A microphone that plays an array and then is unplugged."""

    def __init__(self, sound: Samples) -> None:
        self.sound = sound
        self.at = 0
        self.overruns = 0

    def read(self, count: int) -> Samples:
        if self.at + count > len(self.sound):
            raise DeviceError("microphone_failed", "the tape ended")
        self.at += count
        return self.sound[self.at - count : self.at]


class Cue:
    """A detector that hears its word when the stream has come to given samples."""

    def __init__(self, *samples: int) -> None:
        self.stop = self.resting = False
        self.cues = list(samples)
        self.heard_at: list[int] = []
        self.forgot = 0
        self._at = 0

    def forget(self) -> None:
        self.forgot += 1

    def process(self, block: Samples) -> Heard | None:
        self._at += len(block)
        if self.cues and self._at >= self.cues[0]:
            self.cues.pop(0)
            self.heard_at.append(self._at)
            return Heard("hey_jarvis", "Hey Jarvis", 0.9, 20.0, self.stop)
        return None


class Pipe:
    """The frames an ear wrote, through a real pipe."""

    def __init__(self) -> None:
        self._read, write = os.pipe()
        self.writer = FrameWriter(write)
        self._bytes = b""
        self.count = 0
        """How many bytes were read so far."""

    def drain(self) -> list[Frame]:
        """Every whole frame that is in the pipe now."""
        while select.select([self._read], [], [], 0)[0]:
            new = os.read(self._read, 65_536)
            self._bytes += new
            self.count += len(new)
        frames = []
        while len(self._bytes) >= HEADER_SIZE:
            kind, length = header(self._bytes[:HEADER_SIZE])
            if len(self._bytes) < HEADER_SIZE + length:
                break
            frames.append(unpack(kind, self._bytes[HEADER_SIZE : HEADER_SIZE + length]))
            self._bytes = self._bytes[HEADER_SIZE + length :]
        return frames
