"""Reading and writing Wyoming events within bounds.

One event on the wire is a line of JSON, then `data_length` bytes of JSON, then `payload_length`
bytes. The `wyoming` package believes those lengths, whatever they are; a link that a stranger can
reach must not.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from wyoming.event import Event

from .limits import WRITE_S, Limits

PIECE = 16 * 1024
"""Of a long event, what has to come while its reader waits: at 3 kB/s it is still alive."""


class FrameError(Exception):
    """The bytes that arrived are no event. The connection cannot be read on.

    `code` is one of `header_too_long`, `header_invalid`, `data_too_long`, `data_invalid`,
    `payload_too_long` and `cut_short`. Nothing of what was sent is in the message.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def read_event(
    reader: asyncio.StreamReader, limits: Limits, heard: Callable[[], None] = lambda: None
) -> Event | None:
    """Return the next event, or None when the peer closed between two events.

    The caller puts a deadline around it; `heard` is called for each piece of a long one. Raises
    `FrameError`, or `OSError` when the connection broke.
    """
    line = await _read_line(reader, limits.header)
    if line is None:
        return None
    header = _json_object(line, "header_invalid")
    kind = header.get("type")
    if not isinstance(kind, str) or not 0 < len(kind) <= 64:
        raise FrameError("header_invalid")
    data = header.get("data") or {}
    if not isinstance(data, dict):
        raise FrameError("header_invalid")
    if data_length := _length(header, "data_length", limits.data, "data_too_long"):
        data = data | _json_object(await _read_exactly(reader, data_length, heard), "data_invalid")
    payload = None
    if payload_length := _length(header, "payload_length", limits.payload, "payload_too_long"):
        payload = await _read_exactly(reader, payload_length, heard)
    return Event(type=kind, data=data, payload=payload)


async def read_while_alive(
    reader: asyncio.StreamReader, limits: Limits, silence_s: float
) -> Event | None:
    """Return the next event as `read_event` does; raises `TimeoutError` after so much silence.

    A long event on a slow network is none.
    """
    async with asyncio.timeout(silence_s) as patience:
        loop = asyncio.get_running_loop()
        return await read_event(
            reader, limits, lambda: patience.reschedule(loop.time() + silence_s)
        )


async def write_event(
    writer: asyncio.StreamWriter, event: Event, timeout_s: float = WRITE_S
) -> None:
    """Write one event and wait until the peer keeps up.

    Raises `TimeoutError` when it does not within `timeout_s`, or `OSError` when it is gone.
    """
    writer.write(encode_event(event))
    async with asyncio.timeout(timeout_s):
        await writer.drain()


def encode_event(event: Event) -> bytes:
    """Return the event as it goes on the wire, in one piece: one packet for a small one."""
    data = json.dumps(event.data).encode() if event.data else b""
    payload = event.payload or b""
    header: dict[str, Any] = {"type": event.type}
    if data:
        header["data_length"] = len(data)
    if payload:
        header["payload_length"] = len(payload)
    return b"".join((json.dumps(header).encode(), b"\n", data, payload))


async def _read_line(reader: asyncio.StreamReader, limit: int) -> bytes | None:
    try:
        line = await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError as err:
        if not err.partial:
            return None
        raise FrameError("cut_short") from None
    except asyncio.LimitOverrunError:
        raise FrameError("header_too_long") from None
    if len(line) > limit:
        raise FrameError("header_too_long")
    return line


async def _read_exactly(
    reader: asyncio.StreamReader, length: int, heard: Callable[[], None]
) -> bytes:
    pieces = []
    try:
        for start in range(0, length, PIECE):
            pieces.append(await reader.readexactly(min(PIECE, length - start)))
            heard()
    except asyncio.IncompleteReadError:
        raise FrameError("cut_short") from None
    return b"".join(pieces)


def _json_object(raw: bytes, code: str) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise FrameError(code) from None
    if not isinstance(value, dict):
        raise FrameError(code)
    return value


def _length(header: dict[str, Any], key: str, limit: int, too_long: str) -> int:
    value = header.get(key)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise FrameError("header_invalid")
    if value > limit:
        raise FrameError(too_long)
    return value
