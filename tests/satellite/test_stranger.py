"""What a stranger on the network can do to a paired satellite: nothing, and not for long.

The home is at 127.0.0.1. The stranger has another address in each test: the satellite remembers who
failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import ssl
import sys
import time

import pytest
from room import HOMES, Home, SatelliteProcess

from earshot_wire import turn
from earshot_wire.framing import encode_event
from earshot_wire.greeting import Hello, SetWakeWords
from earshot_wire.identity import Trust, make_identity
from earshot_wire.limits import VERSION
from earshot_wire.microphone import SetMute
from earshot_wire.pairing import PairHello, Unpair
from earshot_wire.tls import paired_client, pairing_client

ADDRESSES = itertools.count(2)
address = ""
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

HELLO = encode_event(Hello(version=VERSION, owner="home1").event())
WISHES = [
    HELLO,
    encode_event(SetMute(muted=False, nonce="aa").event()),
    encode_event(turn.Announce(turn="a" * 16).event()),
    encode_event(Unpair().event()),
    encode_event(PairHello(version=VERSION, nonce="00" * 32, certificate=b"x").event()),
    b'{"type": "describe"}\n',
    b'{"type": "run-satellite"}\n',
    b"GET / HTTP/1.1\r\n\r\n",
]


@pytest.fixture(autouse=True)
def stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "address", f"127.0.0.{next(ADDRESSES)}")


async def connect(satellite: SatelliteProcess, context: ssl.SSLContext | None = None) -> Streams:
    tls = {} if context is None else {"ssl": context, "server_hostname": ""}
    return await asyncio.open_connection(
        "127.0.0.1", satellite.port, local_addr=(address, 0), **tls
    )


async def told(streams: Streams, said: bytes) -> bytes:
    """Return all that a stranger is told who says something."""
    reader, writer = streams
    heard = b""
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            writer.write(said)
            heard = await reader.read()
    writer.close()
    return heard


def contexts() -> dict[str, ssl.SSLContext | None]:
    """Return the ways to come that are not the home's."""
    trust = next(reversed(HOMES.values()))
    own = make_identity()
    old = pairing_client()
    old.minimum_version = ssl.TLSVersion.TLSv1_2
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    return {
        "plain": None,
        "no certificate": pairing_client(),
        "a certificate of his own": paired_client(Trust(own, trust.peer)),
        "TLS 1.2": old,
    }


async def test_nobody_else_learns_or_does_anything(
    shared_home: Home, shared: SatelliteProcess
) -> None:
    """However he comes, whatever he asks for: not a byte of ours, and the home notices nothing."""
    for way, context in contexts().items():
        for wish in WISHES:
            with contextlib.suppress(ssl.SSLError, ConnectionError):
                assert await told(await connect(shared, context), wish) == b"", (way, wish)
    shared_home.send(SetWakeWords(words=("hey_jarvis",)))
    await shared_home.next("earshot-welcome")
    status = await asyncio.to_thread(shared.status)
    assert (status["state"], status["paired"], status["muted"]) == ("idle", True, False)
    assert "Traceback" not in shared.read_log()


async def test_the_certificate_that_he_sees_tells_nothing(
    shared_home: Home, shared: SatelliteProcess
) -> None:
    """All that a handshake shows is a key."""
    _, writer = await connect(shared, pairing_client())
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    for word in (b"Test", b"Kitchen", b"earshot", shared.status()["satellite_id"].encode()):
        assert word not in shown


async def test_the_homes_own_words_replayed_are_noise(
    shared_home: Home, shared: SatelliteProcess
) -> None:
    """What he recorded on the wire opens nothing: it was for another handshake."""
    recorded = await recorded_handshake(shared)
    assert len(recorded) > 300
    again = Home(shared.port)
    await again.link()
    assert b"earshot" not in await told(await connect(shared), recorded)
    again.send(SetWakeWords(words=("hey_jarvis",)))
    await again.next("earshot-welcome")
    await again.close()


async def recorded_handshake(shared: SatelliteProcess) -> bytes:
    """Return what the home sends, from its first byte on, as a cable in between sees it."""
    sent = b""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        there, back = await asyncio.open_connection("127.0.0.1", shared.port)

        async def answers() -> None:
            while data := await there.read(65_536):
                writer.write(data)

        answering = asyncio.create_task(answers())
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                sent += data
                back.write(data)
        answering.cancel()
        back.close()

    cable = await asyncio.start_server(carry, "127.0.0.1", 0)
    port = cable.sockets[0].getsockname()[1]
    HOMES[port] = HOMES[shared.port]
    through = Home(port)
    await through.link()
    await through.close()
    cable.close()
    return sent


@pytest.mark.parametrize("way", ["silent", "half a handshake", "whole handshakes"])
async def test_a_crowd_does_not_keep_the_home_out(
    shared_home: Home, shared: SatelliteProcess, way: str
) -> None:
    """Sixty connections that hang, and come again: the home links within a second or two."""
    hello = client_hello()
    crowd: list[Streams] = []

    async def come() -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            context = pairing_client() if way == "whole handshakes" else None
            streams = await connect(shared, context)
            if way == "half a handshake":
                streams[1].write(hello[: len(hello) // 2])
            crowd.append(streams)

    async def press() -> None:
        while True:
            await asyncio.gather(*(come() for _ in range(20)))
            await asyncio.sleep(0.05)

    pressing = asyncio.create_task(press())
    try:
        await asyncio.sleep(1.0)
        for _ in range(3):
            again = Home(shared.port)
            began = time.monotonic()
            await again.link()
            assert time.monotonic() - began < 5.0
            await again.close()
    finally:
        pressing.cancel()
        for _, writer in crowd:
            writer.transport.abort()
    assert "Traceback" not in shared.read_log()


def client_hello() -> bytes:
    """Return the first bytes of a handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        pairing_client().wrap_bio(incoming, outgoing).do_handshake()
    return outgoing.read()
