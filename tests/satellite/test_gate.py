"""The energy gate: it may save work, never a word."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hearing_tools import VOICES, Samples, noise, say
from hypothesis import given
from hypothesis import strategies as st

from earshot_satellite.capture.ring import Ring
from earshot_satellite.wake import gate as gating
from earshot_satellite.wake.detector import Detector
from earshot_satellite.wake.gate import (
    HOLD_FRAMES,
    LOUDEST_FLOOR,
    OPEN_OVER_FLOOR,
    Gate,
    step,
)
from earshot_satellite.wake.models import find_word

CLOSED = Gate(0)
powers = st.lists(st.floats(0, 1e9), max_size=20)


@given(powers, st.integers(0, HOLD_FRAMES))
def test_where_the_floor_is_not_known_it_is_open(block: list[float], left: int) -> None:
    assert step(Gate(left), block, None).is_open


@given(powers, st.floats(1, 1e9))
def test_over_loud_noise_it_is_open(block: list[float], more: float) -> None:
    """There a word may rise by less than the bar."""
    assert step(CLOSED, block, LOUDEST_FLOOR * (1 + more)).is_open


@given(powers, st.floats(1, LOUDEST_FLOOR), st.floats(1.001, 1e6), powers)
def test_any_sound_opens_it_for_its_time(
    before: list[float], floor: float, louder: float, after: list[float]
) -> None:
    sound = OPEN_OVER_FLOOR * floor * louder
    opened = step(step(CLOSED, before, floor), [sound, *after], floor)
    assert opened.is_open
    assert opened.left >= HOLD_FRAMES - len(after)


def test_it_closes_after_its_time_and_not_before() -> None:
    gate = Gate()
    for _ in range(HOLD_FRAMES - 1):
        gate = step(gate, [1.0], 1.0)
        assert gate.is_open
    assert not step(gate, [1.0], 1.0).is_open


def heard(detector: Detector, sound: Samples, block: int = 1280) -> tuple[list[str], int, bool]:
    """Tell the words, the sample of the first, and whether models ever rested."""
    words, first, rested = [], -1, False
    for end in range(block, len(sound) + 1, block):
        detector.ring.write(sound[end - block : end])
        found = detector.process(sound[end - block : end])
        rested |= detector.resting
        if found:
            words.append(found.word)
            first = end if first < 0 else first
    return words, first, rested


def quiet_room(word: Samples, floor: float, level: float) -> Samples:
    """8 s of a quiet room, a word at a level (dB of full scale, its peak), and 1 s more."""
    sound = np.concatenate(
        (np.zeros(8 * 16_000), word * 10 ** ((level + 8) / 20), np.zeros(16_000))
    )
    return (sound + noise(len(sound) / 16_000 + 1, floor)[: len(sound)]).astype(np.int16)


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize(("floor", "level"), [(-65.0, -8.0), (-65.0, -35.0), (-50.0, -24.0)])
def test_a_word_out_of_the_quiet_is_heard_as_if_the_models_had_never_rested(
    monkeypatch: pytest.MonkeyPatch, voice: str, floor: float, level: float
) -> None:
    sound = quiet_room(say("hey jarvis", voice), floor, level)
    words, at, rested = heard(Detector(["hey_jarvis"], Ring()), sound)
    assert rested
    monkeypatch.setattr(gating, "OPEN_OVER_FLOOR", -1.0)
    always_words, always_at, always_rested = heard(Detector(["hey_jarvis"], Ring()), sound)
    assert not always_rested
    assert words == always_words
    assert math.isclose(at, always_at, abs_tol=1280)


def test_a_word_of_stage_two_alone_is_heard_out_of_the_quiet(tmp_path: Path) -> None:
    """Its features go on over the quiet that was skipped."""
    head = find_word("hey_jarvis").head
    assert head
    own = tmp_path / "my_jarvis.tflite"
    own.write_bytes(head.read_bytes())
    sound = quiet_room(say("hey jarvis"), -65.0, -8.0)
    words, _, rested = heard(Detector([str(own)], Ring()), sound)
    assert (words, rested) == (["my_jarvis"], True)


def test_a_microphone_with_an_offset_or_a_hum_keeps_it_open() -> None:
    """What cannot be told from noise is not taken for silence."""
    for sound in (np.full(8 * 16_000, 900, np.int16), noise(8, -40.0)):
        assert not heard(Detector(["hey_jarvis"], Ring()), sound)[2]


def test_models_rest_in_a_quiet_room() -> None:
    """What it is for."""
    detector = Detector(["hey_jarvis"], Ring())
    sound, rested = noise(20), 0
    for end in range(1280, len(sound) + 1, 1280):
        detector.ring.write(sound[end - 1280 : end])
        detector.process(sound[end - 1280 : end])
        rested += detector.resting
    assert rested / (len(sound) / 1280) > 0.7
