"""The decisions without Home Assistant: outcomes, WAV in pieces, sentences."""

import io
import wave

import pytest

from custom_components.earshot.policy.retention import Outcome
from custom_components.earshot.tts import sentences
from custom_components.earshot.voice.outcome import Seen, conclude, without_wake_phrase
from custom_components.earshot.voice.wav import (
    HEADER_LIMIT,
    HeadTrimmer,
    PcmFormat,
    WavError,
    WavReader,
    wav_header,
)


@pytest.fixture
def home() -> None:
    """Do without the Home Assistant of the other tests."""


@pytest.mark.parametrize(
    ("seen", "outcome", "phrase"),
    [
        (Seen(answered=True), Outcome.UNDERSTOOD, None),
        (Seen(answered=True, reply_failed=True), Outcome.UNDERSTOOD, "speech_unavailable"),
        (Seen(answered=True, response_error="no_intent_match"), Outcome.NOT_UNDERSTOOD, None),
        (Seen(answered=True, response_error="no_valid_targets"), Outcome.NOT_UNDERSTOOD, None),
        (Seen(answered=True, response_error="failed_to_handle"), Outcome.FAILED, None),
        (Seen(error="stt-no-text-recognized", kind="no_speech"), Outcome.FALSE_WAKE, None),
        (Seen(error="stt-no-text-recognized"), Outcome.FALSE_WAKE, None),
        (
            Seen(error="stt-no-text-recognized", kind="not_command"),
            Outcome.NOT_UNDERSTOOD,
            "not_understood",
        ),
        (
            Seen(error="stt-no-text-recognized", speech=True),
            Outcome.NOT_UNDERSTOOD,
            "not_understood",
        ),
        (Seen(error="stt-stream-failed"), Outcome.FAILED, "speech_unavailable"),
        (Seen(error="pipeline_not_found"), Outcome.FAILED, "not_ready"),
        (Seen(error="intent-failed"), Outcome.FAILED, "failed"),
        (Seen(), Outcome.FAILED, "failed"),
    ],
)
def test_what_a_turn_came_to(seen: Seen, outcome: Outcome, phrase: str | None) -> None:
    conclusion = conclude(seen)
    assert (conclusion.outcome, conclusion.phrase) == (outcome, phrase)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Hey, Jarvis. Turn on the light", "Turn on the light"),
        ("jarvis turn on the light", "turn on the light"),
        ("turn on jarvis", "turn on jarvis"),
        ("jarvisville is far", "jarvisville is far"),
    ],
)
def test_the_wake_phrase_is_not_kept_with_the_words(text: str, rest: str) -> None:
    assert without_wake_phrase(text, "hey jarvis") == rest


def a_wav(rate: int = 22_050, channels: int = 1, width: int = 2) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setframerate(rate)
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.writeframes(bytes(range(240)) * channels * width)
    return file.getvalue()


@pytest.mark.parametrize("piece", [1, 7, 44, 10_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_wav_in_pieces_of_any_size(piece: int, channels: int) -> None:
    whole = a_wav(channels=channels)
    reader = WavReader()
    pcm = b""
    for at in range(0, len(whole), piece):
        part = reader.feed(whole[at : at + piece])
        assert len(part) % (2 * channels) == 0
        pcm += part
    assert reader.format == PcmFormat(22_050, channels)
    assert pcm == whole[44:]


def test_a_header_of_ours_is_read_by_us() -> None:
    reader = WavReader()
    assert reader.feed(wav_header(16_000, 2, 1) + b"abcd") == b"abcd"
    assert reader.format == PcmFormat(16_000, 1)
    assert reader.format.seconds(32_000) == 1.0


@pytest.mark.parametrize("piece", [2, 100, 3200, 100_000])
def test_a_sound_begins_when_it_is_heard(piece: int) -> None:
    """The silent head is left out, but for 5 ms; nothing after it is."""
    silence, sound = bytes(2 * 16 * 218), b"\x00\x10" * 500 + bytes(2 * 16 * 300)
    trimmer = HeadTrimmer(PcmFormat(16_000, 1))
    whole = silence + sound
    left = b"".join(trimmer.feed(whole[at : at + piece]) for at in range(0, len(whole), piece))
    assert left.endswith(sound)
    assert len(left) - len(sound) <= 2 * 16 * 5


def test_a_long_silence_is_kept_after_half_a_second() -> None:
    """A reply that is silent on purpose is not swallowed."""
    trimmer = HeadTrimmer(PcmFormat(16_000, 2))
    assert len(trimmer.feed(bytes(4 * 16_000))) == 4 * 8_000


@pytest.mark.parametrize(
    "data",
    [
        b"ID3 this is no WAV at all",
        a_wav(width=1),
        a_wav(rate=96_000),
        b"RIFF\0\0\0\0WAVEdata\0\0\0\0",
        b"RIFF\0\0\0\0WAVEfmt \x04\0\0\0abcd",
        b"RIFF\0\0\0\0WAVEjunk\xff\xff\xff\0" + bytes(HEADER_LIMIT),
    ],
)
def test_what_cannot_be_played_is_an_error(data: bytes) -> None:
    with pytest.raises(WavError):
        WavReader().feed(data)


async def test_a_text_that_is_still_written_is_spoken_by_sentences() -> None:
    async def written():
        for piece in ("It is ", "warm. And ", "3.5 metres high", ".\n", " "):
            yield piece

    assert [it async for it in sentences(written())] == ["It is warm.", "And 3.5 metres high."]
