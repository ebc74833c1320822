"""`score`: recordings through exactly the live wake path."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest
from hearing_tools import noise, say, scene, write_wav

from earshot_satellite.cli import main


def test_every_detection_is_told_with_its_time_and_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the file's own time, without the quiet that is put around it; words cut at their end."""
    word = say("hey jarvis")
    first = write_wav(tmp_path / "a.wav", scene(word, 3.0, say("what a morning"), 1.0, word))
    second = write_wav(tmp_path / "b.wav", noise(3))
    assert main(["score", "--json", str(first), str(second)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(each["file"], each["word"]) for each in found] == [(str(first), "hey_jarvis")] * 2
    length = len(word) / 16_000
    whole = 3.0 + length * 2 + len(say("what a morning")) / 16_000 + 1.0
    for each, end in zip(found, (length, whole), strict=True):
        assert -0.3 < each["at_s"] - end < 0.4
        assert 0 < each["first"] <= 1
        assert 0 < each["second"] <= 1
    assert main(["score", str(second)]) == 0
    assert "nothing heard" in capsys.readouterr().out


def test_what_is_no_such_recording_is_told_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.wav"
    with wave.open(str(wrong), "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", "not compressed"))
        file.writeframes(bytes(100))
    noise_only = write_wav(tmp_path / "b.wav", noise(1))
    (tmp_path / "text.wav").write_text("no sound")
    files = [str(wrong), str(tmp_path / "text.wav"), str(tmp_path / "none.wav"), str(noise_only)]
    assert main(["score", *files]) == 1
    told = capsys.readouterr()
    assert "16 kHz, 16 bit, mono" in told.err
    assert told.err.count("\n") == 3
    assert "nothing heard" in told.out
