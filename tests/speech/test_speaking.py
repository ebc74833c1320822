"""Replies to clients that read slowly, or not at all: they cost nobody else the voice."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
from wyoming.audio import AudioChunk, AudioStop
from wyoming.tts import Synthesize

from earshot_speech import speaking
from earshot_speech.recognition.engine import Engine
from earshot_speech.recognition.pool import Pool
from earshot_speech.server import SpeechServer
from earshot_speech.settings import Link
from earshot_speech.voice.speaker import About, Sound, VoiceError
from earshot_wire.framing import FrameError, read_event, write_event
from earshot_wire.limits import SPEECH_LIMITS

LONG = "a"
"""Two minutes, and more than the system keeps for a connection that nobody reads."""

SHORT = "b"
BROKEN = "c"


class Hum:
    """A voice that speaks at once, so that only the reading takes time."""

    about = About("hum", "", "", "")

    async def say(self, sentence: str) -> AsyncIterator[Sound]:
        """Yield two minutes or a moment of it."""
        if sentence == BROKEN:
            raise VoiceError("voice_failed", "it does not hum")
        for _ in range(90 if sentence == LONG else 1):
            await asyncio.sleep(0)
            yield Sound(48_000, b"\1\0" * 64_000)


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[int]:
    server = SpeechServer(Engine(Pool()), Hum(), Link(port=0))
    port = await server.use(None)
    try:
        yield port
    finally:
        await server.stop()


@contextlib.asynccontextmanager
async def asking(port: int, text: str) -> AsyncIterator[asyncio.StreamReader]:
    """Ask for a reply; the reader takes in little by itself."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=sock, limit=64 * 1024)
    try:
        await write_event(writer, Synthesize(text=text).event())
        yield reader
    finally:
        writer.transport.abort()


async def whole(reader: asyncio.StreamReader) -> int:
    """Return the bytes of a reply that comes whole."""
    length = 0
    async with asyncio.timeout(20.0):
        while (event := await read_event(reader, SPEECH_LIMITS)) is not None:
            length += len(event.payload or b"")
            if AudioStop.is_type(event.type):
                return length
    raise AssertionError("broken off")


async def broken_off(reader: asyncio.StreamReader) -> bool:
    """Return whether the connection ends in the middle of a reply."""
    with contextlib.suppress(OSError, FrameError):
        try:
            await whole(reader)
        except AssertionError:
            return True
        return False
    return True


async def begun(reader: asyncio.StreamReader) -> None:
    """Wait for the first sound."""
    async with asyncio.timeout(5.0):
        while (event := await read_event(reader, SPEECH_LIMITS)) is not None:
            if AudioChunk.is_type(event.type):
                return
    raise AssertionError("no sound")


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line for line in caplog.messages if "Reply broken" in line or "happened" in line]


async def let_go(caplog: pytest.LogCaptureFixture) -> None:
    """Wait until the service says that it was not read."""
    async with asyncio.timeout(5.0):
        while not told(caplog):  # noqa: ASYNC110 - what is waited for is a line of the log
            await asyncio.sleep(0.01)


async def test_clients_that_do_not_read_hold_nobody_up() -> None:
    """Four of them took all the places, and everybody else waited for them."""
    async with serving() as port, contextlib.AsyncExitStack() as stack:
        for _ in range(speaking.AT_ONCE):
            await begun(await stack.enter_async_context(asking(port, LONG)))
        async with asyncio.timeout(3.0), asking(port, SHORT) as reader:
            assert await whole(reader) == 128_000


async def test_who_reads_slower_than_it_is_spoken_is_let_go(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And it is logged once, however many do."""
    # Whenever the connection takes in no more, its client lags behind by more than this.
    monkeypatch.setattr(speaking, "LAG_S", -1_000.0)
    async with serving() as port, asking(port, LONG) as one, asking(port, LONG) as other:
        await asyncio.gather(begun(one), begun(other))
        await let_go(caplog)
        assert all(await asyncio.gather(broken_off(one), broken_off(other)))
    assert len(told(caplog)) == 2
    assert "happened 1 more times" in told(caplog)[1]


async def test_the_reply_of_which_most_is_unread_makes_room(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(speaking, "HELD_BYTES", 1_000_000)
    async with serving() as port, asking(port, LONG) as idle:
        await begun(idle)
        await let_go(caplog)
        async with asking(port, SHORT) as reader:
            assert await whole(reader) == 128_000
        assert await broken_off(idle)


async def test_a_fault_of_the_voice_is_told() -> None:
    async with serving() as port, asking(port, BROKEN) as reader:
        event = await read_event(reader, SPEECH_LIMITS)
    assert event is not None
    assert (event.type, event.data["code"]) == ("error", "voice_failed")
