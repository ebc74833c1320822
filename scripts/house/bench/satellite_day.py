"""A day of sound through the ear, faster than real time: run by the satellite's own Python.

`python satellite_day.py TALK.wav HOURS` prints one line of JSON. The sound is a house's: talk in
the day, appliances, nights of quiet, and a wake word every twenty minutes. It goes through the
very loop that runs in the ear (ring, gate, models, command audio into a pipe that is read).
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
import wave
from itertools import count
from pathlib import Path

import numpy as np

# The satellite's Python has it; the one that the other scripts run in has not.
from earshot_satellite.capture.ring import Ring, Samples  # type: ignore[import-not-found]
from earshot_satellite.ear.frames import FrameWriter  # type: ignore[import-not-found]
from earshot_satellite.ear.hearing import Hearing  # type: ignore[import-not-found]
from earshot_satellite.wake.detector import Detector  # type: ignore[import-not-found]

_RATE = 16_000
_EVERY = 20 * 60 * _RATE
_PAGE = os.sysconf("SC_PAGE_SIZE")


class House:
    """A microphone in a house, as fast as it is read."""

    overruns = 0

    def __init__(self, talk: Samples, word: Samples) -> None:
        noise = np.random.default_rng(7).normal(0, 1, 60 * _RATE)
        self._hiss = (noise * 32768 * 10 ** (-65 / 20)).astype(np.int16)
        self._appliance = (noise * 32768 * 10 ** (-50 / 20)).astype(np.int16)
        self._talk, self._word = talk, word
        self._at = 0
        self.words = 0

    def read(self, size: int) -> Samples:
        """Give the next samples: talk a sixth of the day, an appliance a fifth of it."""
        at, self._at = self._at, self._at + size
        hour, minute = at // (3600 * _RATE) % 24, at // (60 * _RATE) % 60
        noise = self._appliance if minute % 5 == 0 else self._hiss
        begin = at % (len(noise) - size)
        sound = noise[begin : begin + size]
        in_word = at % _EVERY - _EVERY // 2
        if -size < in_word < len(self._word):
            self.words += in_word <= 0
            sound = _over(sound, self._word, in_word)
        elif 7 <= hour < 23 and minute % 4 == 1:
            sound = _over(sound, self._talk, at % (len(self._talk) - size))
        return sound


def _over(noise: Samples, sound: Samples, begin: int) -> Samples:
    """Mix a sound in that began so many samples ago, or begins within the block."""
    skipped = max(0, -begin)
    part = sound[max(0, begin) : begin + len(noise)]
    mixed = noise.copy()
    mixed[skipped : skipped + len(part)] += part
    return mixed


def main() -> None:
    """Hear a day and tell how it went."""
    talk, word = (_read(Path(name)) for name in sys.argv[1:3])
    hours = float(sys.argv[3])
    reading, writing = os.pipe()
    threading.Thread(target=_drain, args=(reading,), daemon=True).start()
    ring = Ring()
    house = House(talk, word)
    clock = count(0, 1)
    hearing = Hearing(house, Detector(["hey_jarvis"], ring), ring, FrameWriter(writing))
    hearing.clock = lambda: hearing.frames * 1_000_000_000 // _RATE + next(clock)
    gc.freeze()
    detections, began, cpu = 0, time.monotonic(), time.process_time()
    memory: list[float] = []
    for hour in range(1, round(hours) + 1):
        while hearing.frames < hour * 3600 * _RATE:
            turn = hearing.turn
            hearing.step()
            if hearing.turn > turn:
                detections += 1
                spoken = hearing.frames + 3 * _RATE
            if detections and hearing.turn and hearing.frames >= spoken:
                hearing.hush(hearing.turn)
        memory.append(_rss_mib())
    print(
        json.dumps(
            {
                "hours": len(memory),
                "words": house.words,
                "detections": detections,
                "rss_mib_first_hour": round(memory[0], 2),
                "rss_mib_last_hour": round(memory[-1], 2),
                "rss_mib_highest": round(max(memory), 2),
                "seconds": round(time.monotonic() - began, 1),
                "cpu_s_per_h": round((time.process_time() - cpu) / len(memory), 2),
            }
        )
    )


def _drain(fd: int) -> None:
    while os.read(fd, 65_536):
        pass


def _read(file: Path) -> Samples:
    with wave.open(str(file)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").copy()


def _rss_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 1024**2


main()
