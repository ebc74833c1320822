"""The framing keeps its bounds whatever arrives, and a good event comes back as it was."""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event, async_read_event

from earshot_wire.framing import (
    PIECE,
    FrameError,
    encode_event,
    read_event,
    read_while_alive,
    write_event,
)
from earshot_wire.limits import ROOM_LIMITS, Limits

LIMITS = Limits(header=200, data=300, payload=400)


def read(raw: bytes, limits: Limits = LIMITS) -> Event | None:
    async def run() -> Event | None:
        reader = asyncio.StreamReader()
        reader.feed_data(raw)
        reader.feed_eof()
        return await read_event(reader, limits)

    return asyncio.run(run())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=5,
)


@given(
    data=st.dictionaries(st.text(max_size=8), json_values, max_size=4),
    payload=st.none() | st.binary(min_size=1, max_size=300),
)
def test_what_is_written_is_read(data: dict[str, object], payload: bytes | None) -> None:
    event = Event(type="audio-chunk", data=data, payload=payload)
    assert read(encode_event(event), ROOM_LIMITS) == event


def test_the_wyoming_package_reads_our_events() -> None:
    event = Event(type="audio-chunk", data={"rate": 16000, "name": "küche"}, payload=b"\1\2")

    async def run() -> Event | None:
        reader = asyncio.StreamReader()
        reader.feed_data(encode_event(event))
        reader.feed_eof()
        return await async_read_event(reader)

    assert asyncio.run(run()) == event


def test_half_a_character_in_a_text_is_no_crash() -> None:
    assert read(encode_event(Event(type="ping", data={"text": "\ud800"}))) is not None


def test_data_in_the_header_is_merged_with_data_behind_it() -> None:
    raw = b'{"type": "x", "data": {"a": 1, "b": 1}, "data_length": 8}\n{"b": 2}'
    assert read(raw) == Event(type="x", data={"a": 1, "b": 2})


def test_a_peer_that_closes_between_events_is_no_error() -> None:
    assert read(b"") is None


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"GET / HTTP/1.1\r\n", "header_invalid"),
        (b"\x16\x03\x01\x02\x00\n", "header_invalid"),
        (b"[]\n", "header_invalid"),
        (b"{}\n", "header_invalid"),
        (b'{"type": 5}\n', "header_invalid"),
        (b'{"type": ""}\n', "header_invalid"),
        (b'{"type": "x", "data": []}\n'.replace(b"[]", b"[1]"), "header_invalid"),
        (b'{"type": "x", "data_length": "9"}\n', "header_invalid"),
        (b'{"type": "x", "data_length": -1}\n', "header_invalid"),
        (b'{"type": "x", "payload_length": true}\n', "header_invalid"),
        (b'{"type": "x", "payload_length": 1.5}\n', "header_invalid"),
        (b'{"type": "x", "payload_length": 300000000}\n', "payload_too_long"),
        (b'{"type": "x", "data_length": 301}\n', "data_too_long"),
        (b'{"type": "x", "data_length": 2}\n[]', "data_invalid"),
        (b'{"type": "x", "data_length": 3}\n{"a', "data_invalid"),
        (b'{"type": "x", "data_length": 9}\n{"a"', "cut_short"),
        (b'{"type": "x", "payload_length": 9}\nabc', "cut_short"),
        (b'{"type": "x"', "cut_short"),
        (b"[" * 150 + b"\n", "header_invalid"),
        (json.dumps({"type": "x" * 300}).encode() + b"\n", "header_too_long"),
        (b"x" * 70_000, "header_too_long"),
        (b"[" * 190 + b"\n", "header_invalid"),
    ],
)
def test_what_is_no_event_is_refused_by_name(raw: bytes, code: str) -> None:
    with pytest.raises(FrameError) as err:
        read(raw)
    assert err.value.code == code


def test_deep_nesting_is_no_crash() -> None:
    raw = b'{"type": "x", "data_length": 60000}\n' + b"[" * 60_000
    with pytest.raises(FrameError):
        read(raw, ROOM_LIMITS)


@given(st.binary(max_size=600))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    with contextlib.suppress(FrameError):
        read(raw)


async def _stuck_peer() -> None:
    async def never_read(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)
        writer.close()

    server = await asyncio.start_server(never_read, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    big = Event(type="x", payload=bytes(1_000_000))
    try:
        writer.write(bytes(20_000_000))
        with pytest.raises(TimeoutError):
            await write_event(writer, big, timeout_s=0.2)
    finally:
        writer.transport.abort()
        server.close()


def test_a_peer_that_does_not_read_cannot_hold_the_writer() -> None:
    asyncio.run(_stuck_peer())


def test_a_long_event_on_a_slow_network_is_no_silence() -> None:
    event = Event("x", {}, bytes(5 * PIECE))
    raw = encode_event(event)

    async def run(pause_s: float) -> Event | None:
        reader = asyncio.StreamReader()

        async def feed() -> None:
            for start in range(0, len(raw), PIECE):
                reader.feed_data(raw[start : start + PIECE])
                await asyncio.sleep(pause_s)

        feeding = asyncio.create_task(feed())
        try:
            return await read_while_alive(reader, ROOM_LIMITS, 0.5)
        finally:
            feeding.cancel()

    read = asyncio.run(run(0.2))
    assert read is not None
    assert read.payload == event.payload
    with pytest.raises(TimeoutError):
        asyncio.run(run(2.0))
