"""Gain and noise suppression really act, and lose nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot_satellite.capture.gain import Amplified, amplify
from earshot_satellite.ear.suppress import FLOORS_DB, HOP, Suppressor

RATE = 16_000
RANDOM = np.random.default_rng(7)


def fan(seconds: float, level: float = 600.0) -> np.ndarray:
    """Noise that goes on, with more of it in the lower bands."""
    white = RANDOM.normal(0.0, level, int(seconds * RATE))
    return np.convolve(white, np.ones(4) / 2, mode="same")


def word(seconds: float, level: float = 6_000.0) -> np.ndarray:
    """Something like a vowel: harmonics that begin at once."""
    at = np.arange(int(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * 140 * n * at) / n for n in range(1, 12))
    return level * wave * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))


def pcm(samples: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(samples), -32_768, 32_767).astype(np.int16)


def cleaned(level: int, before: np.ndarray, command: np.ndarray, block: int = 640) -> np.ndarray:
    it = Suppressor(level, pcm(before))
    parts = [it.process(pcm(command)[at : at + block]) for at in range(0, len(command), block)]
    return np.concatenate(parts)


def loud(samples: np.ndarray) -> float:
    return 20 * float(np.log10(np.sqrt(np.mean(np.square(samples.astype(float)))) + 1e-9))


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_noise_is_lower_from_the_first_moment(level: int) -> None:
    """It was learnt before the command: nothing has to settle. The level says how much lower."""
    command = fan(1.5)
    got = cleaned(level, fan(2.0), command)
    wanted = -FLOORS_DB[level]
    first, later = slice(0, RATE // 5), slice(RATE // 2, None)
    assert loud(command[: len(got)][later]) - loud(got[later]) > 0.75 * wanted
    assert loud(command[: len(got)][first]) - loud(got[first]) > 0.6 * wanted


def test_the_first_word_is_not_eaten() -> None:
    """It begins with the very first sample of the command, and keeps its strength and shape."""
    spoken = word(0.5)
    noisy = spoken + fan(0.5)
    got = cleaned(3, fan(2.0), noisy).astype(float)
    spoken = spoken[: len(got)]
    for part in (slice(0, RATE // 20), slice(0, None)):
        assert abs(loud(got[part]) - loud(spoken[part])) < 1.5
        assert np.corrcoef(got[part], spoken[part])[0, 1] > 0.97
    before = loud(noisy[: len(got)] - spoken)
    assert before - loud(got - spoken) > 1, "what is left beside the word is less than there was"


def test_a_word_in_what_it_learns_from_is_not_taken_for_noise() -> None:
    """The wake word comes right before the command."""
    before = fan(2.0)
    before[RATE:] += word(1.0)
    got = cleaned(3, before, word(0.5) + fan(0.5)).astype(float)
    assert abs(loud(got) - loud(word(0.5)[: len(got)])) < 1.5


@given(st.lists(st.integers(0, 1_500), max_size=12), st.sampled_from([0, 3]))
def test_not_a_sample_is_lost_or_moved(sizes: list[int], level: int) -> None:
    """Whatever the sizes of the pieces; without noise, what comes out is what went in."""
    total = sum(sizes)
    command = pcm(word(max(total, 1) / RATE))[:total]
    it = Suppressor(level, np.zeros(0, dtype=np.int16))
    parts, at = [np.zeros(0, dtype=np.int16)], 0
    for size in sizes:
        parts.append(it.process(command[at : at + size]))
        at += size
    got = np.concatenate(parts)
    assert len(got) == max(0, total // HOP - 1) * HOP
    assert np.all(np.abs(got.astype(int) - command[: len(got)].astype(int)) <= 8)


def test_nothing_from_before_the_command_comes_out() -> None:
    """P2: a marker that it learns from is absent to the sample."""
    marker = np.full(2 * RATE, 20_000.0)
    got = cleaned(2, marker, np.zeros(RATE))
    assert not got.any()


def test_a_gain_is_applied_to_the_sample() -> None:
    block = np.array([0, 100, -100, 20_000, -20_000], dtype=np.int16)
    assert amplify(block, 0.0) is block
    assert list(amplify(block, 20.0)) == [0, 1_000, -1_000, 32_767, -32_768]
    assert list(amplify(block, -20.0)) == [0, 10, -10, 2_000, -2_000]


def test_the_source_is_louder_at_once() -> None:
    class Source:
        device = "mic"
        overruns = 3

        def read(self, count: int) -> np.ndarray:
            return np.full(count, 1_000, dtype=np.int16)

    source = Amplified(Source(), 6.0)  # type: ignore[arg-type]
    assert source.read(2).tolist() == [1_995, 1_995]
    source.gain_db = 0.0
    assert source.read(1).tolist() == [1_000]
    assert (source.overruns, source.device) == (3, "mic")
