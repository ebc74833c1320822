"""Clients that only hold a connection lock nobody out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from wyoming.asr import Transcribe as StockTranscribe
from wyoming.audio import AudioStop
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.ping import Ping

from earshot_speech import hearing, places, server
from earshot_speech.recognition.engine import Engine
from earshot_speech.recognition.pool import Pool
from earshot_speech.server import SpeechServer
from earshot_speech.settings import Link
from earshot_speech.voice.espeak import Espeak
from earshot_wire.limits import VERSION
from earshot_wire.speech import Transcribe

from .client import Connection, connect
from .conftest import Service


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[int]:
    """Yield the port of a server in this process; nothing is decoded."""
    engine = Engine(Pool())
    await engine.start()
    speech = SpeechServer(engine, Espeak(), Link(port=0))
    port = await speech.use(None)
    try:
        yield port
    finally:
        await speech.stop()


def test_connections_that_never_said_a_byte_make_room(service: Service) -> None:
    """The door sends any of them away, before their time is over."""

    async def crowd() -> Event | None:
        async with contextlib.AsyncExitStack() as stack:
            silent = [
                await stack.enter_async_context(connect(service.port))
                for _ in range(places.MAX_CONNECTIONS)
            ]
            late = await stack.enter_async_context(connect(service.port))
            await late.send(Ping().event())
            ends = [asyncio.create_task(first_end(each.reader)) for each in silent]
            gone, waiting = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
            assert [task.result() for task in gone] == [None] * len(gone)
            return await late.receive()

    service.new_lines()
    assert asyncio.run(crowd()) is not None
    assert service.new_lines() == []


def test_the_connection_that_is_idle_longest_makes_room(service: Service) -> None:
    """As many idle ones as there may be used to lock out everybody, and each refusal was told."""

    async def crowd() -> tuple[Event | None, Event | None, Event | None]:
        async with contextlib.AsyncExitStack() as stack:
            for_nothing: list[Connection] = []
            for _ in range(places.MAX_CONNECTIONS):
                idle = await stack.enter_async_context(connect(service.port))
                for_nothing.append(idle)
                await idle.send(Ping().event())
                assert await idle.receive() is not None
            late = await stack.enter_async_context(connect(service.port))
            await late.send(Ping().event())
            answered = await late.receive()
            await for_nothing[-1].send(Ping().event())
            return answered, await for_nothing[-1].receive(), await first_end(for_nothing[0].reader)

    service.new_lines()
    answered, kept, dropped = asyncio.run(crowd())
    assert answered is not None
    assert kept is not None
    assert dropped is None
    assert service.new_lines() == []


async def first_end(reader: asyncio.StreamReader) -> Event | None:
    """Return None when the connection ends, before the server would have closed it anyway."""
    async with asyncio.timeout(server.FIRST_S / 2):
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    return None


def test_describing_again_and_again_keeps_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """One `describe` every 29 s used to hold a connection for ever."""
    monkeypatch.setattr(server, "IDLE_S", 0.5)

    async def describe() -> None:
        async with serving() as port, connect(port) as connection, asyncio.timeout(10.0):
            with contextlib.suppress(OSError):
                while True:
                    await connection.send(Describe().event())
                    if await connection.receive() is None:
                        return
                    await asyncio.sleep(0.1)

    asyncio.run(describe())


def test_that_clients_are_refused_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Who is being served is not disturbed; the others cannot fill the log."""
    monkeypatch.setattr(places, "MAX_CONNECTIONS", 2)

    async def crowd() -> None:
        async with serving() as port, contextlib.AsyncExitStack() as stack:
            served = [await stack.enter_async_context(connect(port)) for _ in range(2)]
            for connection in served:
                await connection.send(Ping().event())
                await connection.send(StockTranscribe(language="en").event())
                assert await connection.receive() is not None
            for _ in range(5):
                async with connect(port) as late:
                    # Who says nothing is still at the door, and takes no place.
                    with contextlib.suppress(ConnectionError):
                        await late.send(Ping().event())
                        assert await late.receive(5.0) is None
            for connection in served:
                with pytest.raises(TimeoutError):
                    await connection.receive(0.05)
            await served[0].send(AudioStop().event())
            assert await served[0].receive() is not None
            async with connect(port) as late:
                await late.send(Ping().event())
                assert await late.receive(5.0) is not None

    asyncio.run(crowd())
    refusals = [line for line in caplog.messages if "refused" in line]
    assert len(refusals) == 1


async def test_garbage_is_told_when_it_begins_and_when_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever reaches the port could write a line of the log with every connection."""
    async with serving() as port:
        for _ in range(5):
            async with connect(port) as connection:
                connection.writer.write(b"GET / HTTP/1.1\r\n\r\n")
                assert await connection.receive(5.0) is None
            async with connect(port) as connection:
                connection.writer.write(b'{"type": "synthesize", "data": {"text": 5}}\n')
                assert await connection.receive(5.0) is not None
    assert [line.partition(":")[0] for line in caplog.messages] == [
        "Connection closed",
        "Request refused",
        *["It happened 4 more times, and has stopped"] * 2,
    ]


async def test_more_requests_than_it_takes_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than left waiting; those that came before are not disturbed."""
    monkeypatch.setattr(hearing, "WAIT_S", 0.2)
    async with serving() as port, contextlib.AsyncExitStack() as stack:
        holders = []
        for _ in range(hearing.AT_ONCE):
            holder = await stack.enter_async_context(connect(port))
            await holder.send(StockTranscribe(language="en").event())
            holders.append(holder)
        late = await stack.enter_async_context(connect(port))
        await late.send(Transcribe(version=VERSION, grammar="ab" * 32).event())
        event = await late.receive()
        assert event is not None
        assert (event.type, event.data.get("code")) == ("error", "busy")
        for holder in holders:
            await holder.send(AudioStop().event())
            assert await holder.receive() is not None
