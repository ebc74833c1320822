"""What the ear tells the body through one pipe, frame by frame.

A frame is one byte of kind, two bytes of length (little endian), and the payload. It is never
longer than PIPE_BUF, so the kernel writes it whole or not at all: the pipe itself is the bounded
queue, and a body that does not read can never block the ear.
"""

from __future__ import annotations

import json
import os
import select
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

MAX_FRAME = min(4096, select.PIPE_BUF)
_HEAD = struct.Struct("<BH")
_AUDIO = struct.Struct("<Ii")
MAX_PAYLOAD = MAX_FRAME - _HEAD.size
MAX_AUDIO = (MAX_PAYLOAD - _AUDIO.size) & ~1


class Kind(IntEnum):
    """The kinds of frame."""

    READY = 1
    HEALTH = 2
    DETECTION = 3
    AUDIO = 4
    END = 5
    GONE = 6
    ASKED = 7
    STOP = 8


class ProtocolError(Exception):
    """Bytes that no ear writes."""


@dataclass(frozen=True)
class Frame:
    """One message: facts as a dictionary, or audio with its turn and offset in samples."""

    kind: Kind
    facts: dict[str, Any]
    turn: int = 0
    offset: int = 0
    pcm: bytes = b""


def pack(kind: Kind, facts: dict[str, Any]) -> bytes:
    """Make a frame of facts. Raises ValueError when they are too long."""
    return _frame(kind, json.dumps(facts, separators=(",", ":")).encode())


def pack_audio(turn: int, offset: int, pcm: bytes) -> bytes:
    """Make a frame of command audio: 16-bit samples, `offset` samples after the detection."""
    return _frame(Kind.AUDIO, _AUDIO.pack(turn, offset) + pcm)


def _frame(kind: Kind, payload: bytes) -> bytes:
    if len(payload) > MAX_PAYLOAD:
        raise ValueError(f"{kind.name} frame of {len(payload)} bytes")
    return _HEAD.pack(kind, len(payload)) + payload


def header(head: bytes) -> tuple[Kind, int]:
    """Kind and payload length. Raises ProtocolError."""
    number, length = _HEAD.unpack(head)
    if length > MAX_PAYLOAD:
        raise ProtocolError(f"a payload of {length} bytes")
    try:
        return Kind(number), length
    except ValueError as err:
        raise ProtocolError(f"a frame of kind {number}") from err


HEADER_SIZE = _HEAD.size


def unpack(kind: Kind, payload: bytes) -> Frame:
    """Read the frame behind a header. Raises ProtocolError."""
    if kind is Kind.AUDIO:
        pcm = payload[_AUDIO.size :]
        if not pcm or len(pcm) % 2:
            raise ProtocolError("audio that is no whole number of samples")
        turn, offset = _AUDIO.unpack_from(payload)
        return Frame(kind, {}, turn, offset, pcm)
    try:
        facts = json.loads(payload)
    except ValueError as err:
        raise ProtocolError(f"a {kind.name} frame that cannot be read") from err
    if not isinstance(facts, dict):
        raise ProtocolError(f"a {kind.name} frame without facts")
    return Frame(kind, facts)


class FrameWriter:
    """The ear's end of the pipe. `write` never waits."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        os.set_blocking(fd, False)

    def write(self, frame: bytes) -> bool:
        """Whether the frame went into the pipe; False when the body has not read for long.

        Raises BrokenPipeError when the body is gone.
        """
        try:
            return os.write(self._fd, frame) == len(frame)
        except BlockingIOError:
            return False
