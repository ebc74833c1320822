"""The door: whoever crowds it keeps the home that is known out from nowhere, and breaks nothing."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from earshot_wire.door import Door, Guest, Key, neighbourhood
from earshot_wire.identity import Trust, make_identity
from earshot_wire.regulars import Regulars
from earshot_wire.tls import paired_client, paired_server, pairing_client

HERE = "127.0.0.1"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class House:
    """A door, and the context of the home that it is paired with."""

    door: Door
    home: ssl.SSLContext

    async def come(self, address: str = HERE) -> Streams:
        """Come without a word."""
        return await asyncio.open_connection(HERE, self.door.port, local_addr=(address, 0))

    async def link(self, port: int | None = None) -> None:
        """Come as the home does, and be greeted at the first try."""
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(
                HERE, port or self.door.port, ssl=self.home, server_hostname=""
            )
            assert await reader.read(5) == b"hello"
            writer.transport.abort()


async def greet(guest: Guest) -> None:
    guest.writer.write(b"hello")
    await guest.reader.read()


@pytest.fixture(scope="module")
def pair() -> tuple[Trust, Trust]:
    device, home = make_identity(), make_identity()
    return Trust(device, home.certificate), Trust(home, device.certificate)


@pytest.fixture
async def house(pair: tuple[Trust, Trust]) -> AsyncIterator[House]:
    ours, theirs = pair
    door = Door(greet)
    door.key = Key(paired_server(ours), ours.peer)
    await door.open(HERE, 0)
    yield House(door, paired_client(theirs))
    await door.close()


class Cable:
    """To a port, and held on the way there from the first answer on until it is let go."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.answered = asyncio.Event()
        self.go = asyncio.Event()

    @contextlib.asynccontextmanager
    async def laid(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._carry, HERE, 0)
        yield server.sockets[0].getsockname()[1]
        server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, there = await asyncio.open_connection(HERE, self._port)

        async def answers() -> None:
            while data := await back.read(65_536):
                writer.write(data)
                self.answered.set()
            writer.close()

        answering = asyncio.create_task(answers())
        there.write(await reader.read(65_536))
        await self.go.wait()
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                there.write(data)
        answering.cancel()
        there.close()


async def until_sent_away(crowd: list[Streams], count: int) -> set[int]:
    """Wait until so many of a crowd were sent away; return which, by their place in it."""
    gone: set[int] = set()

    async def wait(at: int) -> None:
        with contextlib.suppress(OSError):
            await crowd[at][0].read()
        gone.add(at)

    waiting = [asyncio.create_task(wait(at)) for at in range(len(crowd))]
    try:
        async with asyncio.timeout(4):
            while len(gone) < count:
                await asyncio.wait(
                    [task for task in waiting if not task.done()],
                    return_when=asyncio.FIRST_COMPLETED,
                )
    finally:
        for task in waiting:
            task.cancel()
    return gone


async def test_many_addresses_push_no_known_home_out_of_its_handshake(house: House) -> None:
    """A hundred strangers, each from an address of his own, between its first word and its last."""
    await house.link()
    cable = Cable(house.door.port)
    async with cable.laid() as port:
        linking = asyncio.create_task(house.link(port))
        await cable.answered.wait()
        crowd = [await house.come(f"127.0.1.{at + 1}") for at in range(100)]
        await until_sent_away(crowd, 92)
        cable.go.set()
        await linking


async def test_a_program_beside_the_home_keeps_it_out_by_no_failures(house: House) -> None:
    """It comes from the home's own address, and leaves at once."""
    await house.link()
    for _ in range(60):
        _, writer = await house.come()
        writer.transport.abort()
    for _ in range(3):
        await house.link()


async def test_others_are_turned_away_when_they_failed_too_often(house: House) -> None:
    """What counts for everybody but the home's address."""
    for _ in range(60):
        _, writer = await house.come("127.0.0.2")
        writer.transport.abort()
    crowd = [await house.come("127.0.0.2")]
    # Long before its five seconds without a word are over.
    assert await until_sent_away(crowd, 1) == {0}


async def test_it_is_not_the_oldest_stranger_that_leaves(house: House) -> None:
    """Who is new takes the place of any other: waiting longest is what a home does."""
    crowd = [await house.come(f"127.0.1.{at + 1}") for at in range(16)]
    gone = await until_sent_away(crowd, 8)
    assert len(gone) == 8
    assert gone != set(range(8))


async def test_who_leaves_as_his_handshake_ends_takes_nothing_along(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No transport is left with a socket that is closed, whose number the next connection gets."""
    made = asyncio.StreamReaderProtocol.connection_made
    evicted = asyncio.Event()

    def evict(self: asyncio.StreamReaderProtocol, transport: asyncio.BaseTransport) -> None:
        made(self, transport)
        if transport.get_extra_info("sslcontext") is house.home:
            return
        for task in asyncio.all_tasks():
            if task.get_coro().__qualname__ == "Door._receive":  # type: ignore[union-attr]
                task.cancel()
                evicted.set()

    for _ in range(3):
        with monkeypatch.context() as patch:
            patch.setattr(asyncio.StreamReaderProtocol, "connection_made", evict)
            with pytest.raises((AssertionError, OSError)):
                await house.link()
        assert evicted.is_set()
        evicted.clear()
        await house.link()


async def test_a_stranger_who_left_leaves_no_socket_behind(house: House) -> None:
    """Those of whom another one took the place before they said a word are closed too."""
    before = len(open_sockets())
    async with asyncio.TaskGroup() as coming:
        come = [coming.create_task(house.come(f"127.0.1.{at + 1}")) for at in range(60)]
    crowd = [task.result() for task in come]
    await until_sent_away(crowd, 52)
    # Each that is still there has one at either end, and each other one at its own at most.
    assert len(open_sockets()) - before <= 60 + 8
    for _, writer in crowd:
        writer.transport.abort()


def open_sockets() -> list[str]:
    found = []
    for number in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.append(number.readlink().name)
    return [name for name in found if name.startswith("socket:")]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.168.1.2", "192.168.1.3", False),
        ("fd12:3456:789a:1::2", "fd12:3456:789a:1:ffff::3", True),
        ("fd12:3456:789a:1::2", "fd12:3456:789a:2::2", False),
        ("not an address", "not an address", True),
    ],
)
def test_a_network_of_ipv6_counts_as_one_address(one: str, other: str, same: bool) -> None:
    """Whoever has one address in it can take another one for each connection."""
    assert (neighbourhood(one) == neighbourhood(other)) is same


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - it is about files
            await asyncio.sleep(0.01)


async def test_where_the_home_came_from_is_known_after_a_restart(
    tmp_path: Path, pair: tuple[Trust, Trust]
) -> None:
    file = tmp_path / "pairing.regulars"
    ours, theirs = pair
    door = Door(greet, regulars=Regulars(file))
    door.key = Key(paired_server(ours), ours.peer)
    await door.open(HERE, 0)
    stranger = House(door, pairing_client())
    with contextlib.suppress(OSError, AssertionError):
        await stranger.link()
    assert not file.exists()
    await House(door, paired_client(theirs)).link()
    await door.close()
    await until(file.exists)
    again = Regulars(file)
    await again.load()
    assert HERE in again
    assert file.stat().st_mode & 0o777 == 0o600
    again.forget()
    await until(lambda: not file.exists())
    assert HERE not in again


async def test_the_last_two_addresses_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "pairing.regulars"
    regulars = Regulars(file)
    for address in ("192.168.1.2", "fd00::2", "192.168.1.2", "192.168.1.3"):
        regulars.came(address)
    await until(lambda: file.exists() and file.read_text() == "192.168.1.3\nfd00::2\n")
    assert "192.168.1.2" not in regulars


@pytest.mark.parametrize("content", [b"\xff\xfe", b"../../etc\n", b"127.0.0.1\nnonsense", b""])
async def test_a_file_that_cannot_be_read_has_learnt_nothing(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "pairing.regulars"
    file.write_bytes(content)
    regulars = Regulars(file)
    await regulars.load()
    assert HERE not in regulars
