"""The SNR that decides which room answers."""

from __future__ import annotations

import numpy as np
import pytest
from hearing_tools import noise

from earshot_satellite.wake.level import Level


def level_of(*sounds: np.ndarray) -> Level:
    level = Level()
    for sound in sounds:
        for start in range(0, len(sound) - 1279, 1280):
            level.process(sound[start : start + 1280])
    return level


@pytest.mark.parametrize("floor", [-65.0, -45.0])
def test_the_floor_is_the_noise(floor: float) -> None:
    assert level_of(noise(5, floor)).floor_dbfs() == pytest.approx(floor, abs=2)


@pytest.mark.parametrize(("floor", "word"), [(-65.0, -25.0), (-50.0, -30.0), (-65.0, -55.0)])
def test_a_word_stands_out_by_its_level_over_the_noise(floor: float, word: float) -> None:
    level = level_of(noise(5, floor), noise(0.5, word, seed=2))
    assert level.snr_db() == pytest.approx(word - floor, abs=2.5)


def test_digital_silence_and_full_scale_have_a_level() -> None:
    level = level_of(np.zeros(32_000, np.int16))
    assert (level.floor_dbfs(), level.snr_db()) == (-96.0, 0.0)
    assert level_of(np.full(128_000, -32_768, np.int16)).floor_dbfs() == pytest.approx(0)


def test_the_floor_follows_a_room_that_gets_loud() -> None:
    level = level_of(noise(5), noise(6, -40, seed=3))
    assert level.floor_dbfs() == pytest.approx(-40, abs=2)
    assert level.snr_db() < 3
