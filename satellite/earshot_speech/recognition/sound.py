"""Levels of sound, and where in it somebody speaks.

Nothing here keeps state: what was speech is judged anew, over all that was heard, whenever more has
been heard. So a floor that turns out lower also mends what was thought of earlier frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RATE = 16_000
FRAME_MS = 10
FRAME = RATE * FRAME_MS // 1000

Samples = npt.NDArray[np.int16]
Levels = npt.NDArray[np.float64]

NOISE_BELOW_SPEECH_DB = 30.0
"""Digital silence breaks the recogniser's cepstral mean; white noise so far below the speech mends
it (28 instead of 27 of 31 recordings right)."""

QUIETEST_DB = -70.0
"""Lower than any microphone's own noise; digital silence is taken for it."""

FLOOR_SPAN = 200
"""The floor is the quietest 50 ms of the last two seconds: long enough to hold a gap between
words, short enough to forget a microphone that began with digital silence."""

MARGIN_DB = (5.0, 10.0)
"""Speech is so much louder than the floor: the larger where the room is quiet, so that breath and
chairs are no speech, the smaller where voices stand out by less."""

RUN = 5
"""Frames in a row that make speech. A click is shorter; the shortest vowel is not."""

BURST_GAP = 15
"""A burst this soon after speech belongs to it: the release of a final t or k after its closure."""

PRE_EMPHASIS = 0.95
"""Lifts f, s and t over the hum of a room. Vowels stand out without it, so both are looked at."""


@dataclass(frozen=True)
class Speech:
    """From the first to the last speech, in ms of the audio."""

    start_ms: int
    end_ms: int


def levels(samples: Samples, before: int = 0) -> Levels:
    """Return two levels of every whole frame of 10 ms, in dB of full scale.

    Shape (frames, 2): as it is, and with pre-emphasis. `before` is the sample before the first.
    """
    count = len(samples) // FRAME
    wave = samples[: count * FRAME].astype(np.float64)
    previous = np.concatenate(([float(before)], wave[:-1])) if count else wave
    both = np.stack((wave, wave - PRE_EMPHASIS * previous)).reshape(2, count, FRAME)
    power = np.square(both).sum(axis=2).T / (FRAME * 32768.0**2)
    decibels: Levels = np.maximum(10 * np.log10(power + 1e-12), QUIETEST_DB)
    return decibels


def find_speech(heard: Levels) -> Speech | None:
    """Return where speech begins and ends, or None when there was none."""
    if len(heard) < RUN:
        return None
    active = (heard > _thresholds(heard)).any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], active.view(np.int8), [0]))))
    start = end = -1
    for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if after - first >= RUN:
            start = first if start < 0 else start
            end = after
        elif start >= 0 and first - end <= BURST_GAP:
            end = after
    return Speech(start * FRAME_MS, end * FRAME_MS) if start >= 0 else None


def _thresholds(heard: Levels) -> Levels:
    sums = np.cumsum(np.concatenate((np.zeros((1, 2)), heard)), axis=0)
    smooth = (sums[RUN:] - sums[:-RUN]) / RUN
    floor = smooth[-FLOOR_SPAN:].min(axis=0)
    loud = np.percentile(smooth, 95, axis=0)
    low, high = MARGIN_DB
    thresholds: Levels = floor + np.clip((loud - floor) / 2, low, high)
    return thresholds


def prepare(samples: Samples) -> bytes:
    """Return an utterance over a noise floor `NOISE_BELOW_SPEECH_DB` below its speech, as PCM.

    The noise is the same every time, so one recording always gives one result.
    """
    count = len(samples) // FRAME
    if not count:
        return b""
    frames = samples[: count * FRAME].astype(np.float64).reshape(count, FRAME)
    power = np.square(frames).mean(axis=1)
    speech = power[power > power.max() * 10 ** (-NOISE_BELOW_SPEECH_DB / 10)]
    loud = float(np.sqrt(speech.mean())) if speech.size else 1.0
    noise = np.random.default_rng(0).normal(
        0.0, max(loud * 10 ** (-NOISE_BELOW_SPEECH_DB / 20), 1.0), samples.size
    )
    return np.clip(samples + noise, -32768, 32767).astype("<i2").tobytes()


LOUD_DB = 15.0
"""Frames of an utterance that are within this of its loudest are the middle of its vowels."""


def loud_frames(pcm: bytes) -> list[bool]:
    """Return for each 10 ms whether it belongs to the loud part of an utterance.

    In a louder room the noise is within `LOUD_DB` as well; what is nearer to it is not loud.
    """
    plain = levels(np.frombuffer(pcm, dtype="<i2"))[:, 0]
    if not plain.size:
        return []
    quiet, top = np.percentile(plain, (10, 95))
    loud: list[bool] = (plain > top - min(LOUD_DB, (top - quiet) / 2)).tolist()
    return loud
