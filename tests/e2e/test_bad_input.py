"""Garbage, oversized and half messages on every port: refused without harm."""

import asyncio
import json

import pytest

from house.house import House
from house.process import Child

from .conftest import works
from .proxy import HOST

HUGE = 10**9
MESSAGES = {
    "garbage": bytes(range(256)) * 40,
    "no line end": b"x" * 100_000,
    "not an object": b"[1, 2, 3]\n",
    "no type": b"{}\n",
    "negative length": b'{"type": "describe", "data_length": -1}\n',
    "huge data": json.dumps({"type": "describe", "data_length": HUGE}).encode() + b"\n{",
    "huge payload": json.dumps({"type": "audio-chunk", "payload_length": HUGE}).encode() + b"\n",
    "half a header": b'{"type": "earshot-he',
    "half a payload": b'{"type": "audio-chunk", "payload_length": 3200}\n' + b"\0" * 100,
    "deep": b'{"type": ' + b"[" * 3_000 + b"\n",
    "bad hello": b'{"type": "earshot-hello", "data": {"version": "one", "owner": 7}}\n',
    "bad transcribe": b'{"type": "earshot-transcribe", "data": {"version": 1, "max_s": "x"}}\n',
}


async def send(port: int, message: bytes) -> None:
    """Send a message, wait a moment for what the server makes of it, and leave."""
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(message)
        await writer.drain()
        async with asyncio.timeout(1):
            while await reader.read(65_536):
                pass
    except OSError, TimeoutError:
        pass
    finally:
        writer.transport.abort()


def log_of(child: Child) -> str:
    return child.log.read_text(errors="replace")


@pytest.mark.parametrize("what", MESSAGES)
async def test_bad_messages_to_the_satellite(house: House, what: str) -> None:
    """A stranger's bad message to the room's port: no traceback, same process, still linked."""
    kitchen = house.rooms["kitchen"]
    before = kitchen.satellite.pid
    await send(kitchen.port, MESSAGES[what])
    kitchen.satellite.check()
    assert kitchen.satellite.pid == before
    assert "Traceback" not in log_of(kitchen.satellite)
    await house.wait_linked(kitchen, 10)


@pytest.mark.parametrize("what", MESSAGES)
async def test_bad_messages_to_the_speech_service(house: House, what: str) -> None:
    """A bad message to the speech service: no traceback, same process."""
    before = house.speech.child.pid
    await send(house.speech.port, MESSAGES[what])
    house.speech.child.check()
    assert house.speech.child.pid == before
    assert "Traceback" not in log_of(house.speech.child)


async def test_strangers_who_stay(house: House) -> None:
    """Many silent connections to both ports do not keep the owner out for long."""
    writers = []
    for port in (house.rooms["kitchen"].port, house.speech.port):
        for _ in range(40):
            try:
                _, writer = await asyncio.open_connection(HOST, port)
            except OSError:
                break
            writers.append(writer)
    try:
        await works(house, tries=6)
    finally:
        for writer in writers:
            writer.transport.abort()


async def test_after_all_that_a_command_works(house: House) -> None:
    """The owner's room was never harmed."""
    await works(house)
