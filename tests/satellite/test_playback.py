"""What is played: bounds, formats and our own sounds."""

from __future__ import annotations

import struct
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot_satellite.playback.clip import MAX_S, Clip
from earshot_satellite.playback.convert import Converter
from earshot_satellite.sounds import make_sound


def test_a_clip_holds_a_minute_and_no_more() -> None:
    ended: list[str] = []
    clip = Clip(22_050, 1, ended.append)
    second = bytes(44_100)
    fed = sum(clip.feed(second) for _ in range(100))
    assert MAX_S <= fed <= MAX_S + 1
    clip.finish()
    while clip.take(100_000) is not None:
        pass
    clip.settle()
    assert ended == ["failed"]


@given(st.lists(st.binary(max_size=50), max_size=20), st.sampled_from([1, 2]))
def test_frames_stay_whole_however_they_arrive(parts: list[bytes], channels: int) -> None:
    clip = Clip(16_000, channels)
    for part in parts:
        clip.feed(part)
    clip.finish()
    got = b""
    while (piece := clip.take(64)) is not None:
        assert len(piece) % (2 * channels) == 0
        got += piece
    whole = b"".join(parts)
    assert got == whole[: len(whole) - len(whole) % (2 * channels)]


def test_stopping_wakes_the_player() -> None:
    clip = Clip(16_000)
    taken: list[bytes | None] = []
    player = threading.Thread(target=lambda: taken.append(clip.take(64)))
    player.start()
    clip.stop()
    player.join(5)
    assert taken == [None]


@pytest.mark.parametrize(
    ("source", "target"),
    [((22_050, 1), (48_000, 2)), ((16_000, 1), (44_100, 1)), ((48_000, 2), (16_000, 1))],
)
def test_a_tone_keeps_its_pitch_and_length_in_another_format(
    source: tuple[int, int], target: tuple[int, int]
) -> None:
    """Piece by piece, and without a click where two pieces meet."""
    at = np.arange(source[0])
    tone = (8_000 * np.sin(2 * np.pi * 440 * at / source[0])).astype("<i2")
    pcm = np.repeat(tone[:, None], source[1], axis=1).tobytes()
    convert = Converter(source, target, lambda: 1.0)
    size = 441 * 2 * source[1]
    made = b"".join(convert(pcm[n : n + size]) for n in range(0, len(pcm), size))
    frames = np.frombuffer(made, "<i2").reshape(-1, target[1])[:, 0].astype(float)
    assert abs(len(frames) - target[0]) < 10
    spectrum = np.abs(np.fft.rfft(frames))
    assert abs(int(np.argmax(spectrum)) - 440) <= 1
    assert np.abs(np.diff(frames)).max() < 1.2 * 8_000 * 2 * np.pi * 440 / target[0]


def test_volume() -> None:
    half = Converter((16_000, 1), (16_000, 1), lambda: 0.5)
    assert half(struct.pack("<3h", 1_000, -32_768, 32_767)) == struct.pack(
        "<3h", 500, -16_384, 16_384
    )


@pytest.mark.parametrize("name", ["awake", "done", "muted", "unmuted", "error"])
def test_our_sounds_are_short_soft_and_do_not_click(name: str) -> None:
    samples = np.frombuffer(make_sound(name, 22_050), "<i2").astype(int)
    assert len(samples) < 0.5 * 22_050
    assert 1_000 < np.abs(samples).max() < 10_000
    assert abs(samples[0]) < 50
    assert abs(samples[-1]) < 50


def test_the_awake_sound_hardly_covers_a_word() -> None:
    samples = np.frombuffer(make_sound("awake", 22_050), "<i2").astype(int)
    assert len(samples) <= 0.08 * 22_050
    assert np.abs(samples).max() < 0.1 * 32_767
