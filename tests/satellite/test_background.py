"""Music behind what is spoken: bounds, ducking, and what is told of it."""

from __future__ import annotations

import itertools
import struct

import numpy as np
import pytest

from earshot_satellite.playback import media as media_module
from earshot_satellite.playback.clip import MAX_S, Clip
from earshot_satellite.playback.media import AHEAD_S, STALL_S, Media
from earshot_satellite.playback.mixer import Ducking, Mixer
from earshot_satellite.playback.output import PIECE_S
from earshot_satellite.playback.volume import Volume

RATE = 8_000
SECOND = struct.pack("<h", 8_000) * RATE


class Loudspeaker:
    """What a mixer needs of an output, with real converters and no device."""

    def __init__(self, taken: tuple[int, int] = (RATE, 1), level: float = 1.0) -> None:
        self.taken = taken
        self.volume = Volume(level)
        self.written = b""

    def open(self, rate: int, channels: int) -> None:
        pass

    def converter(self, rate: int, channels: int, least: float = 0.0) -> object:
        from earshot_satellite.playback.convert import Converter

        return Converter((rate, channels), self.taken, lambda: self.volume.of(least))

    def write(self, pcm: bytes) -> None:
        self.written += pcm


def background(told: list[tuple[str, float]] | None = None, seconds: float = 4.0) -> Media:
    events = told if told is not None else []
    media = Media(RATE, 1, lambda state, played_s: events.append((state, played_s)))
    for _ in range(int(seconds)):
        media.feed(SECOND)
    return media


def levels(pcm: bytes) -> list[int]:
    """Return the first sample of each piece."""
    return [int(it) for it in np.frombuffer(pcm, dtype="<i2")[:: int(RATE * PIECE_S)]]


def test_it_fades_under_a_voice_and_back() -> None:
    out, ducking = Loudspeaker(), Ducking()
    mixer = Mixer(out, background(), ducking)  # type: ignore[arg-type]
    for _ in range(5):
        mixer.step()
    ducking.wanted = 0.25
    for _ in range(20):
        mixer.step()
    ducking.wanted = 1.0
    for _ in range(20):
        mixer.step()
    heard = levels(out.written)
    assert heard[:5] == [8_000] * 5
    assert heard[24] == 2_000
    assert heard[-1] == 8_000
    # Never a jump that is heard as a click.
    assert max(abs(a - b) for a, b in itertools.pairwise(heard)) <= 801


def test_a_voice_is_laid_over_it_whole() -> None:
    out = Loudspeaker()
    mixer = Mixer(out, background(), Ducking())  # type: ignore[arg-type]
    clip = Clip(RATE)
    clip.feed(struct.pack("<h", 1_000) * (RATE // 2))
    clip.finish()
    mixer.speak(clip)
    steps = 0
    while not mixer.step():
        steps += 1
        assert steps < 100
    samples = np.frombuffer(out.written, dtype="<i2")
    assert int((samples == 9_000).sum()) == RATE // 2


def test_both_together_do_not_wrap_around() -> None:
    out = Loudspeaker()
    media = Media(RATE, 1, lambda *_: None)
    media.feed(struct.pack("<h", 30_000) * RATE)
    mixer = Mixer(out, media, Ducking())  # type: ignore[arg-type]
    clip = Clip(RATE)
    clip.feed(struct.pack("<h", 30_000) * RATE)
    mixer.speak(clip)
    mixer.step()
    assert set(np.frombuffer(out.written, dtype="<i2")) == {32_767}


def test_what_must_be_heard_is_heard_in_a_silent_room() -> None:
    """The tone of remote listening and a timer have a least volume; a reply has none."""
    out = Loudspeaker(level=0.0)
    for least, loud in ((0.35, 350), (0.0, 0)):
        clip = Clip(RATE, least=least)
        clip.feed(struct.pack("<h", 1_000) * RATE)
        mixer = Mixer(out, background(), Ducking())  # type: ignore[arg-type]
        mixer.speak(clip)
        out.written = b""
        mixer.step()
        assert set(np.frombuffer(out.written, dtype="<i2")) == {loud}


def test_it_holds_a_minute_and_no_more() -> None:
    told: list[tuple[str, float]] = []
    media = background(told, seconds=MAX_S)
    assert media.feed(SECOND)
    assert media.feed(SECOND) is False
    assert media.is_over
    media.tell()
    assert told == [("failed", 0.0)]


def test_it_begins_with_something_in_hand_and_begins_again_so() -> None:
    media = Media(RATE, 1, lambda *_: None)
    media.feed(SECOND[: int(AHEAD_S * len(SECOND)) - 2])
    assert not media.sounds
    media.feed(SECOND)
    assert media.sounds
    while media.take(10_000):
        pass
    assert not media.sounds
    media.feed(SECOND[:2])
    assert not media.sounds
    media.finish()
    assert media.sounds


def test_a_pause_keeps_what_waits() -> None:
    told: list[tuple[str, float]] = []
    media = background(told)
    media.take(len(SECOND))
    media.tell()
    media.pause(True)
    assert media.take(1_000) == b""
    assert not media.sounds
    media.tell()
    media.tell()
    media.pause(False)
    assert len(media.take(1_000)) == 1_000
    assert told == [("playing", 1.0), ("paused", 1.0)]


def test_the_end_is_told_once() -> None:
    told: list[tuple[str, float]] = []
    media = background(told, seconds=1)
    media.finish()
    while media.take(1_000):
        pass
    media.tell()
    media.stop()
    media.tell()
    assert told == [("ended", 1.0)]


def test_a_stream_that_brings_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    now = media_module.time.monotonic()
    told: list[tuple[str, float]] = []
    media = background(told, seconds=1)
    while media.take(10_000):
        pass
    monkeypatch.setattr(media_module.time, "monotonic", lambda: now + STALL_S + 2)
    assert media.sounds
    media.take(10)
    media.tell()
    assert told == [("failed", 1.0)]
