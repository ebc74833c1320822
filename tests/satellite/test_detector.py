"""The wake path as a whole, on synthetic voices: it proves wiring, not accuracy."""

from __future__ import annotations

from pathlib import Path

import pytest
from hearing_tools import VOICES, Samples, noise, say, scene

from earshot_satellite.capture.ring import Ring
from earshot_satellite.wake.cascade import BARS, REFRACTORY_SECONDS, Attention, Sensitivity
from earshot_satellite.wake.detector import Detector
from earshot_satellite.wake.models import ModelError, find_word


def detections(detector: Detector, sound: Samples, block: int = 1280) -> list[tuple[str, float]]:
    """Words and when each was detected, in seconds."""
    found = []
    for start in range(0, len(sound) - block + 1, block):
        detector.ring.write(sound[start : start + block])
        heard = detector.process(sound[start : start + block])
        if heard:
            found.append((heard.word, (start + block) / 16_000))
            assert 0 <= heard.score <= 1
            assert 20 < heard.snr_db < 60
    return found


@pytest.mark.parametrize("voice", VOICES)
def test_a_voice_is_heard_once_and_soon(voice: str) -> None:
    word = say("hey jarvis", voice)
    sound = scene(2.0, word, 0.3, say("turn on the kitchen light", voice), 1.0)
    ((name, at),) = detections(Detector(["hey_jarvis"], Ring()), sound)
    end = 2.0 + len(word) / 16_000
    assert name == "hey_jarvis"
    assert -0.3 < at - end < 0.4


@pytest.mark.parametrize("block", [640, 1280])
def test_every_chosen_word_is_told_by_its_name(block: int) -> None:
    sound = scene(
        *(2.0, say("alexa", "kal"), 2.5, say("okay nabu"), 2.5, say("hey jarvis"), 2.5),
        *(say("hey there charles"), 1.0),
    )
    detector = Detector(["okay_nabu", "hey_jarvis", "alexa"], Ring())
    assert [word for word, _ in detections(detector, sound, block)] == [
        *("alexa", "okay_nabu", "hey_jarvis")
    ]


def test_a_word_not_chosen_and_other_speech_do_nothing() -> None:
    sound = scene(
        *(1.0, say("alexa"), 1.0, say("turn on the kitchen light"), 1.0),
        *(say("the harvest was rather marvellous this year", "rms"), 1.0),
    )
    assert detections(Detector(["hey_jarvis"], Ring()), sound) == []


def test_the_refractory_period_is_over_after_two_seconds() -> None:
    word = say("hey jarvis")
    sound = scene(2.0, word, 0.4, word, REFRACTORY_SECONDS, word, 1.0)
    assert len(detections(Detector(["hey_jarvis"], Ring()), sound)) == 2


@pytest.mark.parametrize("word", ["hey_jarvis", "okay_nabu"])
def test_without_stage_two_the_makers_cutoff_decides(word: str) -> None:
    detector = Detector([word], Ring(), stage_two=False)
    sound = scene(2.0, say(word.replace("_", " "), "rms"), 1.0)
    assert [each for each, _ in detections(detector, sound)] == [word]


def test_a_word_that_only_stage_two_knows_is_heard(tmp_path: Path) -> None:
    """An own openWakeWord model has no stage one: it runs on the stream, on its own."""
    head = find_word("hey_jarvis").head
    assert head
    own = tmp_path / "my_jarvis.tflite"
    own.write_bytes(head.read_bytes())
    sound = scene(4.0, say("hey jarvis"), 1.5, say("turn on the light"), 1.0)
    assert [word for word, _ in detections(Detector([str(own)], Ring()), sound)] == ["my_jarvis"]


@pytest.mark.parametrize("content", [None, b"", b"garbage", b"\x1c\0\0\0TFL3" + bytes(500)])
def test_a_broken_model_is_named_and_the_others_go_on(
    tmp_path: Path, content: bytes | None
) -> None:
    broken = tmp_path / "my_word.tflite"
    if content is not None:
        broken.write_bytes(content)
    detector = Detector([str(broken), "hey_jarvis"], Ring())
    assert [err.path for err in detector.broken] == [broken]
    assert [word.id for word in detector.words] == ["hey_jarvis"]
    assert detections(detector, scene(2.0, say("hey jarvis"), 1.0))


def test_a_truncated_model_is_broken(tmp_path: Path) -> None:
    head = find_word("hey_jarvis").head
    assert head
    cut = tmp_path / "cut.tflite"
    cut.write_bytes(head.read_bytes()[:100_000])
    with pytest.raises(ModelError, match=r"cut\.tflite"):
        Detector([str(cut)], Ring())


def test_steady_noise_is_no_word() -> None:
    detector = Detector(["hey_jarvis", "okay_nabu", "alexa"], Ring())
    for level in (-65.0, -40.0, -20.0):
        assert detections_free(detector, noise(10, level))


def detections_free(detector: Detector, sound: Samples) -> bool:
    for start in range(0, len(sound) - 1279, 1280):
        detector.ring.write(sound[start : start + 1280])
        if detector.process(sound[start : start + 1280]):
            return False
    return True


def test_the_stop_word_is_heard_only_while_something_can_be_stopped() -> None:
    """No model for "stop" comes with the packages: another word stands for one here."""
    detector = Detector(["hey_jarvis"], Ring(), stop_word="alexa")
    assert [word.id for word in detector.words] == ["hey_jarvis"]
    said = scene(2.0, say("alexa", "kal"), 1.5)
    assert detections(detector, said) == []
    detector.attention = Attention(stop=True)
    assert [word for word, _ in detections(detector, said)] == ["alexa"]
    detector.attention = Attention()
    assert detections(detector, said) == []


def test_each_word_has_its_own_sensitivity() -> None:
    """A threshold of one word says nothing about another's."""
    detector = Detector(
        ["hey_jarvis", "alexa"], Ring(), stage_two=False, sensitivities={"alexa": Sensitivity.LOW}
    )
    bars = {each.word.id: each.bars for each in detector._listeners}
    assert bars == {"hey_jarvis": BARS[Sensitivity.MEDIUM], "alexa": BARS[Sensitivity.LOW]}


@pytest.mark.parametrize("voice", VOICES)
def test_a_wake_word_still_cuts_into_our_own_voice(voice: str) -> None:
    """Two frames must be over the bar, and a word that was really said has them."""
    detector = Detector(["hey_jarvis"], Ring(), attention=Attention(own_voice=True))
    said = scene(2.0, say("hey jarvis", voice), 1.0)
    assert [word for word, _ in detections(detector, said)] == ["hey_jarvis"]
