"""The awake sound waits for the first moment after the detection to be quiet."""

from __future__ import annotations

import numpy as np
import pytest
from hearing_tools import Samples, noise, say

from earshot_satellite.session.command import Piece
from earshot_satellite.session.quiet import QUIET_MS, FirstMoment


def verdicts(sound: Samples, floor_dbfs: float = -65.0, size_ms: int = 40) -> list[bool | None]:
    """Give it 400 ms of pre-roll and what follows, piece by piece."""
    moment, told = FirstMoment(floor_dbfs), []
    for at in range(0, len(sound), size_ms * 16):
        moment.add(Piece(at // 16 - 400, sound[at : at + size_ms * 16].tobytes()))
        told.append(moment.verdict)
    return told


def after_the_word(what: Samples) -> Samples:
    word = say("hey jarvis")[-6_400:]
    return np.concatenate((word, what)) + noise(2)[: len(word) + len(what)]


@pytest.mark.parametrize("size_ms", [10, 40, 80])
def test_quiet_is_known_after_its_time_and_the_word_before_does_not_count(size_ms: int) -> None:
    told = verdicts(after_the_word(np.zeros(16_000, np.int16)), size_ms=size_ms)
    assert told.index(True) == -(-(400 + QUIET_MS) // size_ms) - 1
    assert False not in told


def test_somebody_who_goes_on_speaking_is_not_talked_into() -> None:
    command = say("turn on the light")
    for pause_ms in (0, 60, 120, 160):
        pause = np.zeros(pause_ms * 16, np.int16)
        assert verdicts(after_the_word(np.concatenate((pause, command))))[-1] is False


@pytest.mark.parametrize("tail_ms", [40, 100])
def test_the_wake_words_own_end_is_waited_for(tail_ms: int) -> None:
    """A detector that was sure before the word was over takes the sound from nobody."""
    word = say("hey jarvis")
    end = len(word)
    sound = np.concatenate((word[end - 6_400 - tail_ms * 16 :], np.zeros(16_000, np.int16)))
    told = verdicts(sound + noise(2)[: len(sound)])
    assert told[-1] is True
    assert told.index(True) * 40 >= 400 + QUIET_MS


def test_speech_after_that_time_changes_nothing() -> None:
    pause = np.zeros((QUIET_MS + 20) * 16, np.int16)
    assert verdicts(after_the_word(np.concatenate((pause, say("turn on"))))[:])[-1] is True


def test_noise_as_loud_as_before_is_quiet() -> None:
    assert verdicts(noise(2, -35.0), floor_dbfs=-35.0)[-1] is True
