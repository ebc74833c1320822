"""`doctor`: what is wrong with the sound, with the remedy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hearing_tools import Tape, noise, say, scene
from room import Sound

from earshot_satellite.capture.checks import (
    check_microphone,
    check_speaker,
    judge,
    measure,
    scores_of,
)
from earshot_satellite.capture.ring import Ring
from earshot_satellite.wake.cascade import Sensitivity

GOOD = scene(1.0, say("what a lovely morning it is"), 3.0)


def findings(sound: np.ndarray, rate: float = 16_000.0) -> dict[str, str]:
    """Measure a tape that runs at `rate`; tell the findings' ids and states."""
    tape = Tape(sound)
    measured = measure(tape, 2.0, clock=lambda: tape.at / rate)
    checks = judge(measured)
    assert all(bool(each.remedy) == (each.status != "ok") for each in checks)
    return {each.id: each.status for each in checks}


def test_a_good_microphone_is_ok() -> None:
    assert set(findings(GOOD).values()) == {"ok"}


@pytest.mark.parametrize(
    ("sound", "rate", "finding"),
    [
        (np.zeros(64_000, np.int16), 16_000.0, "microphone_silent"),
        (noise(4, -85), 16_000.0, "microphone_quiet"),
        (noise(4, -20), 16_000.0, "microphone_noisy"),
        (np.clip(noise(4, -3).astype(int) * 4, -32_768, 32_767), 16_000.0, "microphone_clipping"),
        (GOOD, 14_700.0, "microphone_rate"),
    ],
)
def test_each_fault_is_found(sound: np.ndarray, rate: float, finding: str) -> None:
    assert findings(sound.astype(np.int16), rate)[finding] in {"warning", "failed"}


def test_live_scores_show_the_word() -> None:
    tape = Tape(scene(2.0, say("hey jarvis"), 1.0))
    seen = list(itertools.islice(scores_of(tape, Ring(), ["hey_jarvis"], Sensitivity.MEDIUM), 35))
    assert max(each.words["hey_jarvis"][0] for each in seen) > 0.3
    assert [each.heard.word for each in seen if each.heard] == ["hey_jarvis"]


@pytest.fixture
def sound(sound: Sound, monkeypatch: pytest.MonkeyPatch) -> Sound:
    """Have this process's own children use the sound server."""
    for name, value in sound.env.items():
        monkeypatch.setenv(name, value)
    return sound


def test_real_devices(sound: Sound) -> None:
    found = {each.id: each.status for each in check_microphone(None, 1.0)}
    assert found == {"microphone": "ok", "microphone_silent": "failed"}
    (missing,) = check_microphone("nothing like it", 1.0)
    assert (missing.id, missing.status) == ("microphone_missing", "failed")
    assert "default" in missing.remedy
    assert check_speaker(None).status == "ok"
    assert check_speaker("nothing like it").id == "speaker_missing"
