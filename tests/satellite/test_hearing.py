"""The capture loop on a tape: what leaves the ear, to the sample."""

from __future__ import annotations

import numpy as np
import pytest
from hearing_tools import Cue, Pipe, Samples, Tape, noise

from earshot_satellite.capture.devices import DeviceError
from earshot_satellite.capture.ring import Ring
from earshot_satellite.ear.frames import Frame, Kind
from earshot_satellite.ear.hearing import (
    COMMAND_BLOCK,
    IDLE_BLOCK,
    LIMIT_SECONDS,
    PREROLL_MS,
    Hearing,
)

PREROLL = PREROLL_MS * 16
SECOND = 16_000


class Bench:
    """A tape, a detector with cues, and what comes out of the pipe."""

    def __init__(self, sound: Samples, *cues: int) -> None:
        self.pipe = Pipe()
        self.cue = Cue(*cues)
        self.ring = Ring()
        self.now = 0
        self.hearing = Hearing(
            Tape(sound),
            self.cue,  # type: ignore[arg-type]
            self.ring,
            self.pipe.writer,
            clock=lambda: self.now,
        )
        self.frames: list[Frame] = []

    def run(self, samples: int, *, read: bool = True) -> None:
        until = self.hearing.frames + samples
        while self.hearing.frames < until:
            self.hearing.step()
            self.now = self.hearing.frames * 62_500
            if read:
                self.frames += self.pipe.drain()

    def of(self, kind: Kind) -> list[Frame]:
        return [frame for frame in self.frames if frame.kind is kind]

    def audio(self, turn: int) -> Samples:
        """Join the turn's audio, which must be gapless by its own offsets."""
        parts = [frame for frame in self.of(Kind.AUDIO) if frame.turn == turn]
        at = parts[0].offset
        for part in parts:
            assert part.offset == at
            at += len(part.pcm) // 2
        return np.concatenate([np.frombuffer(part.pcm, np.int16) for part in parts])


def ramp(seconds: float) -> Samples:
    """Every sample tells its place: a lost or doubled one shows."""
    return (np.arange(int(seconds * SECOND)) % 65_000 - 32_500).astype(np.int16)


@pytest.mark.parametrize("cue", [8_000, 20_000, 20_480, 31_111])
def test_not_one_sample_is_lost_or_doubled_from_preroll_to_live(cue: int) -> None:
    sound = ramp(6)
    bench = Bench(sound, cue)
    bench.run(5 * SECOND)
    (detected,) = bench.cue.heard_at
    got = bench.audio(1)
    start = detected - min(PREROLL, detected)
    assert (got == sound[start : start + len(got)]).all()
    assert start + len(got) == bench.hearing.frames


def test_nothing_older_than_the_preroll_leaves_the_ear() -> None:
    """P2: a sentence right before the wake word is absent, to the sample."""
    sound = np.full(4 * SECOND, 111, np.int16)
    bench = Bench(sound, 20_480)
    sound[20_480 - PREROLL :] = 222
    bench.run(3 * SECOND)
    assert (bench.audio(1) == 222).all()
    assert bench.of(Kind.AUDIO)[0].offset == -PREROLL


def test_without_a_wake_word_only_heartbeats_leave_the_ear() -> None:
    """P2, and the beats are alike for speech and silence."""
    bench = Bench(noise(60, -20))
    bench.run(55 * SECOND)
    assert {frame.kind for frame in bench.frames} == {Kind.HEALTH}
    assert 48 < len(bench.frames) < 58
    assert set(bench.frames[-1].facts) == {"frames", "overruns", "gaps", "problems"}


def test_hush_stops_the_audio_and_wipes_the_ring() -> None:
    bench = Bench(ramp(8), 20_000)
    bench.run(2 * SECOND)
    bench.hearing.hush(1)
    bench.run(COMMAND_BLOCK)
    held = np.ones(bench.ring.capacity, np.int16)
    bench.ring.last(held)
    assert not held.any()
    assert bench.cue.forgot == 1
    before = len(bench.audio(1))
    bench.run(2 * SECOND)
    assert len(bench.audio(1)) == before


def test_a_late_hush_does_not_stop_the_next_turn() -> None:
    """The body's hush for the old turn may arrive after a barge-in."""
    bench = Bench(ramp(10), 20_000, 60_000)
    bench.run(5 * SECOND)
    bench.hearing.hush(1)
    bench.run(2 * SECOND)
    assert len(bench.audio(2)) > 3 * SECOND
    bench.hearing.hush(2)
    bench.run(SECOND)
    assert len(bench.audio(2)) < 5 * SECOND


def test_a_wake_word_while_a_command_streams_begins_a_new_turn() -> None:
    sound = ramp(8)
    bench = Bench(sound, 20_000, 60_000)
    bench.run(7 * SECOND)
    first, second = (frame.facts["turn"] for frame in bench.of(Kind.DETECTION))
    assert (first, second) == (1, 2)
    start = bench.cue.heard_at[1] - PREROLL
    got = bench.audio(2)
    assert (got == sound[start : start + len(got)]).all()
    after = bench.frames[bench.frames.index(bench.of(Kind.DETECTION)[1]) :]
    assert {frame.turn for frame in after if frame.kind is Kind.AUDIO} == {2}


def test_what_is_asked_for_begins_with_the_next_block_and_ends_at_the_limit() -> None:
    """Listening that no wake word began takes nothing from before it was asked for."""
    sound = ramp(20)
    bench = Bench(sound)
    bench.run(2 * SECOND)
    bench.hearing.listen(1)
    asked_at = bench.hearing.frames + IDLE_BLOCK
    bench.run(17 * SECOND)
    (asked,) = bench.of(Kind.ASKED)
    assert asked.facts["turn"] == 1
    got = bench.audio(1)
    assert (got == sound[asked_at : asked_at + LIMIT_SECONDS * SECOND]).all()
    assert len(got) == LIMIT_SECONDS * SECOND
    assert [frame.facts["reason"] for frame in bench.of(Kind.END)] == ["limit"]


def test_a_wake_word_takes_the_place_of_what_was_asked_for() -> None:
    bench = Bench(ramp(8), 32_000)
    bench.run(SECOND)
    bench.hearing.listen(1)
    bench.run(4 * SECOND)
    assert [frame.facts["turn"] for frame in bench.of(Kind.ASKED)] == [1]
    assert [frame.facts["turn"] for frame in bench.of(Kind.DETECTION)] == [2]
    assert len(bench.audio(2)) > 2 * SECOND


def test_the_stop_word_begins_no_command() -> None:
    bench = Bench(ramp(4), 20_000)
    bench.cue.stop = True
    bench.run(3 * SECOND)
    (stop,) = bench.of(Kind.STOP)
    assert stop.facts["word"] == "hey_jarvis"
    assert not bench.of(Kind.DETECTION)
    assert not bench.of(Kind.AUDIO)


def test_the_hard_limit_ends_a_command_that_nobody_ends() -> None:
    bench = Bench(ramp(20), 20_000)
    bench.run(19 * SECOND)
    assert len(bench.audio(1)) == PREROLL + LIMIT_SECONDS * SECOND
    (end,) = bench.of(Kind.END)
    assert end.facts == {"turn": 1, "reason": "limit"}


def test_a_body_that_does_not_read_ends_the_command_not_the_hearing() -> None:
    """A command with a hole could mean something else, so it is ended and told."""
    bench = Bench(ramp(14), 20_000, 160_000)
    bench.run(8 * SECOND, read=False)
    bench.frames += bench.pipe.drain()
    assert len(bench.audio(1)) < 6 * SECOND
    bench.run(SECOND)
    (end,) = bench.of(Kind.END)
    assert end.facts == {"turn": 1, "reason": "not_read"}
    bench.run(3 * SECOND)
    assert len(bench.audio(2)) > 1 * SECOND


def test_blocks_are_large_while_idle_and_small_while_a_command_streams() -> None:
    bench = Bench(ramp(4), 20_000)
    bench.hearing.step()
    assert bench.hearing.frames == IDLE_BLOCK
    bench.run(20_000)
    before = bench.hearing.frames
    bench.hearing.step()
    assert bench.hearing.frames - before == COMMAND_BLOCK


def test_a_silent_microphone_is_told_and_taken_back() -> None:
    sound = np.concatenate((np.zeros(12 * SECOND, np.int16), noise(2)))
    bench = Bench(sound)
    bench.run(13 * SECOND)
    told = [[p["code"] for p in frame.facts["problems"]] for frame in bench.of(Kind.HEALTH)]
    assert told[0] == []
    assert ["microphone_silent"] in told
    assert told[-1] == []


def test_a_microphone_that_clips_is_told() -> None:
    square = np.where(np.arange(8 * SECOND) % 100 < 50, 32_767, -32_768).astype(np.int16)
    bench = Bench(square)
    bench.run(7 * SECOND)
    (problem,) = bench.of(Kind.HEALTH)[-1].facts["problems"]
    assert problem["code"] == "microphone_clipping"


def test_an_unplugged_microphone_is_an_error() -> None:
    bench = Bench(ramp(1))
    with pytest.raises(DeviceError):
        bench.run(2 * SECOND)
