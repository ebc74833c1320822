"""`earshot-satellite score`."""

from __future__ import annotations

import argparse
import json
import sys
import wave
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ..capture import SAMPLE_RATE
from ..capture.ring import Ring, Samples
from ..ear.hearing import block_size
from ..settings import Settings
from ..wake.cascade import Sensitivity
from ..wake.detector import Detector
from ..wake.models import ModelError
from .command import EXIT_FAULT, fail

_LEAD_S = 3.0
"""Quiet before each file: models that have just begun hear less than they do in a room."""

_TRAIL_S = 1.0
"""Quiet after it: a word is heard up to 0.3 s after its end."""


@dataclass(frozen=True)
class Found:
    """A detection: `at_s` from the file's beginning, the scores of both stages (0 to 1)."""

    file: str
    at_s: float
    word: str
    score: float
    first: float
    second: float
    snr_db: float


def options(parser: argparse.ArgumentParser) -> None:
    """Take the files."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="16 kHz, 16 bit, mono")
    parser.add_argument("--json", action="store_true", help="for a program")


def main(settings: Settings, asked: argparse.Namespace) -> int:
    """Print every detection in each file; the microphone is not used."""
    status, found = 0, []
    for file in asked.files:
        try:
            here = list(detections(settings, str(file), read(file)))
        except (OSError, EOFError, wave.Error, ValueError) as err:
            why = err.strerror if isinstance(err, OSError) else str(err)
            print(f"earshot-satellite: {file}: {why or type(err).__name__}", file=sys.stderr)
            status = EXIT_FAULT
            continue
        except ModelError as err:
            return fail(str(err))
        found += here
        if not asked.json:
            _print(str(file), here)
    if asked.json:
        print(json.dumps([asdict(each) for each in found], indent=2))
    return status


def read(file: Path) -> Samples:
    """Read a WAV file. Raises ValueError for another format, and what `wave` raises."""
    with wave.open(str(file), "rb") as sound:
        if (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) != (16_000, 2, 1):
            raise ValueError("must be 16 kHz, 16 bit, mono")
        samples: Samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
    return samples


def detections(settings: Settings, name: str, sound: Samples) -> Iterator[Found]:
    """Run one recording through the wake path of a listening ear, block by block as it reads."""
    wake = settings.wake
    ring = Ring()
    detector = Detector(
        wake.words,
        ring,
        Sensitivity(wake.sensitivity),
        wake.stage_two,
        {word: Sensitivity(level) for word, level in wake.word_sensitivity.items()},
    )
    lead, trail = (np.zeros(int(s * SAMPLE_RATE), np.int16) for s in (_LEAD_S, _TRAIL_S))
    whole, at = np.concatenate((lead, sound, trail)), 0
    while at + (size := block_size(detector)) <= len(whole):
        block, at = whole[at : at + size], at + size
        ring.write(block)
        if heard := detector.process(block):
            first, second = detector.scores[heard.word]
            yield Found(
                file=name,
                at_s=round(at / SAMPLE_RATE - _LEAD_S, 2),
                word=heard.word,
                score=round(heard.score, 4),
                first=round(first, 4),
                second=round(second, 4),
                snr_db=round(heard.snr_db, 1),
            )


def _print(name: str, found: list[Found]) -> None:
    if not found:
        print(f"{name}: nothing heard")
    for each in found:
        print(
            f"{name}: {each.at_s:7.2f} s  {each.word}  score {each.score:.2f}  "
            f"stage one {each.first:.2f}  stage two {each.second:.2f}  {each.snr_db:.0f} dB"
        )
