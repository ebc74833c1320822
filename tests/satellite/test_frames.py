"""The pipe between ear and body: whole frames or none, and garbage is told from frames."""

from __future__ import annotations

import pytest
from hearing_tools import Pipe
from hypothesis import given
from hypothesis import strategies as st

from earshot_satellite.ear.frames import (
    HEADER_SIZE,
    MAX_AUDIO,
    MAX_FRAME,
    MAX_PAYLOAD,
    Kind,
    ProtocolError,
    header,
    pack,
    pack_audio,
    unpack,
)


@given(st.integers(0, 2**32 - 1), st.integers(-(2**31), 2**31 - 1), st.integers(1, MAX_AUDIO // 2))
def test_audio_comes_back(turn: int, offset: int, samples: int) -> None:
    raw = pack_audio(turn, offset, bytes(samples * 2))
    assert len(raw) <= MAX_FRAME
    kind, length = header(raw[:HEADER_SIZE])
    frame = unpack(kind, raw[HEADER_SIZE:])
    assert length == len(raw) - HEADER_SIZE
    assert (frame.turn, frame.offset, len(frame.pcm)) == (turn, offset, samples * 2)


@given(st.binary(min_size=HEADER_SIZE, max_size=HEADER_SIZE), st.binary(max_size=200))
def test_garbage_is_an_error_and_nothing_else(head: bytes, payload: bytes) -> None:
    try:
        kind, _ = header(head)
        unpack(kind, payload)
    except ProtocolError:
        pass


def test_too_long_facts_are_refused_before_they_tear_the_stream() -> None:
    with pytest.raises(ValueError, match="frame of"):
        pack(Kind.GONE, {"detail": "x" * MAX_PAYLOAD})


def test_a_body_that_does_not_read_never_blocks_the_ear_nor_tears_a_frame() -> None:
    pipe = Pipe()
    frame = pack_audio(1, 0, bytes(1280))
    written = sum(pipe.writer.write(frame) for _ in range(1000))
    assert 0 < written < 1000
    assert len(pipe.drain()) == written
    assert pipe.writer.write(frame)
