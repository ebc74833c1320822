"""Sound as arrays: 16 kHz, mono, 16 bit, the format of every microphone of the house."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Samples = NDArray[np.int16]

AUDIBLE = 400
"""Amplitude of 32768 above which a sample counts as sound (about -38 dBFS)."""
PEAK_DBFS = -8.0
FLOOR_DBFS = -65.0


def read_wav(path: Path) -> Samples:
    """Read a 16-bit mono WAV of any rate at 16 kHz; ValueError for another format."""
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2 or file.getnchannels() != 1:
            raise ValueError(f"{path.name} is not 16 bit mono")
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    if rate != RATE:
        positions = np.arange(0, len(samples), rate / RATE)
        samples = np.interp(positions, np.arange(len(samples)), samples).astype(np.int16)
    return samples


def write_wav(path: Path, samples: Samples) -> None:
    """Write 16 kHz mono 16 bit."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())


def levelled(samples: Samples, peak_dbfs: float = PEAK_DBFS) -> Samples:
    """Scale so that the loudest sample has the given level."""
    peak = int(np.abs(samples.astype(np.int32)).max(initial=1))
    scaled = samples * (32768 * 10 ** (peak_dbfs / 20) / peak)
    return scaled.round().astype(np.int16)


def trimmed(samples: Samples, threshold: int = AUDIBLE) -> Samples:
    """Cut what is not audible before the first and after the last audible sample."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > threshold)
    if len(loud) == 0:
        return samples[:0]
    return samples[loud[0] : loud[-1] + 1]


def silence(seconds: float) -> Samples:
    """Return digital silence."""
    return np.zeros(round(seconds * RATE), dtype=np.int16)


def noise(seconds: float, level_dbfs: float = FLOOR_DBFS, seed: int = 1) -> Samples:
    """Return white noise of the given RMS level; the same for the same seed."""
    rms = 32768 * 10 ** (level_dbfs / 20)
    generator = np.random.default_rng(seed)
    return generator.normal(0, rms, round(seconds * RATE)).round().astype(np.int16)


def find(needle: Samples, hay: Samples) -> tuple[int, float]:
    """Return where `needle` lies in `hay` and the normalised correlation there (-1..1).

    The position may be negative or reach beyond the end when one is cut.
    """
    if len(needle) == 0 or len(hay) == 0:
        return 0, 0.0
    size = 1 << (len(needle) + len(hay) - 1).bit_length()
    first = needle.astype(np.float64)
    second = hay.astype(np.float64)
    cross = np.fft.irfft(np.fft.rfft(second, size) * np.conj(np.fft.rfft(first, size)), size)
    at = int(np.argmax(cross))
    position = at if at < len(hay) else at - size
    begin, end = max(0, position), min(len(hay), position + len(needle))
    ours, theirs = first[begin - position : end - position], second[begin:end]
    norm = float(np.sqrt((ours**2).sum() * (theirs**2).sum()))
    return position, float((ours * theirs).sum() / norm) if norm else 0.0
