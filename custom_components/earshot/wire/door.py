"""A port that strangers can reach: who may come in, how many may wait, and for how long.

Each connection is a stranger until it has shown the pinned certificate or, where plain connections
are allowed, until whoever serves it says so. Only strangers are counted and made to leave: they
cannot take the place of somebody who is known, and of the strangers one leaves whose neighbourhood
has the most of them, so that nobody keeps another one out by holding connections. Which one is
chance: the oldest would be a home in its handshake as soon as somebody has addresses enough.

The addresses that the paired home came from last have places of their own, for the same reason. An
address is no credential. It opens nothing; it only decides beside whom one waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import logging
import secrets
import socket
import ssl
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from .limits import PAIRING_LIMITS, ROOM_LIMITS, SPEECH_LIMITS
from .regulars import Regulars
from .tls import HANDSHAKE_S, SHUTDOWN_S, is_peer

_LOGGER = logging.getLogger(__name__)

FIRST_S = 5.0
"""A connection that has not sent a byte by then is closed."""

_TLS_HANDSHAKE = 0x16
_BACKLOG = 256
"""A connection that finds no room in the kernel's queue is tried again after a second only."""

_NOT_SPOKEN = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}
_LINE = max(each.header for each in (ROOM_LIMITS, SPEECH_LIMITS, PAIRING_LIMITS)) + 1
"""What a stream takes in before the end of a line: one that never ends is known at once for what it
is, and not only when its time is over."""

_NEIGHBOURHOODS = 256
_V6_NEIGHBOURHOOD = 64
"""So many bits of an address of IPv6 a network has been given; the others its machines choose."""

_BREATH_S = 0.5
"""When the system has no more files for connections, for a moment none is taken."""


@dataclass(frozen=True)
class DoorLimits:
    """How many strangers there may be."""

    strangers: int = 8
    each_address: int = 4
    """Of one neighbourhood: an address of IPv4, a network of IPv6."""

    regulars: int = 8
    """Beside them, of each address that the paired home came from last."""

    failures: int = 30
    """A neighbourhood that failed so often is turned away unheard, but for `mended_s` each once."""

    mended_s: float = 0.2


@dataclass(frozen=True, eq=False)
class Key:
    """Whom a TLS port lets in."""

    context: ssl.SSLContext
    peer: bytes | None
    """The certificate of the only one that is known; None where the peer shows none."""


@dataclass(eq=False)
class _Arrival:
    """A connection as it comes in."""

    sock: socket.socket
    address: str
    neighbourhood: str
    regular: bool
    """Whether the paired home came from there."""

    handed: bool = False
    """Whether the socket is a transport's, which closes it, and nobody else."""

    writer: asyncio.StreamWriter | None = None


@dataclass(eq=False)
class Guest:
    """A connection that came in. `settle` is called when it is known to be no stranger."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    address: str
    key: Key | None
    """By which it came in, which may not be the door's any more; None for a plain connection."""

    settle: Callable[[], None]

    @property
    def paired(self) -> bool:
        """Whether it showed the pinned certificate."""
        return self.key is not None and self.key.peer is not None


class Door:
    """Listens on one port and serves each that comes in, in a task of its own."""

    def __init__(
        self,
        serve: Callable[[Guest], Awaitable[None]],
        *,
        limits: DoorLimits | None = None,
        plain: Callable[[str], bool] = lambda _: False,
        regulars: Regulars | None = None,
    ) -> None:
        """`serve` returns when the guest may go; `plain` tells which address needs no TLS."""
        self.key: Key | None = None
        """Changing it concerns the connections that come from then on."""

        self._regulars = Regulars() if regulars is None else regulars
        self._serve = serve
        self._limits = limits or DoorLimits()
        self._plain = plain
        self._listening: list[asyncio.Task[None]] = []
        self._sockets: list[socket.socket] = []
        self._strangers: dict[asyncio.Task[None], _Arrival] = {}
        self._guests: set[asyncio.Task[None]] = set()
        self._failures = _Failures(self._limits)

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return bool(self._sockets)

    @property
    def port(self) -> int:
        """The port it listens on."""
        number: int = self._sockets[0].getsockname()[1]
        return number

    async def open(self, host: str, port: int) -> None:
        """Listen on every address of a host, or of this machine where it is empty.

        Raises `OSError`, or `UnicodeError` for no name.
        """
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        fault: OSError | None = None
        for family, _, _, _, (address, asked, *more) in dict.fromkeys(found):
            number = self.port if self._sockets else asked
            try:
                self._sockets.append(_listen(family, (address, number, *more)))
            except OSError as err:
                fault = err
                # Where the machine speaks only one of IPv4 and IPv6, that one is enough.
                if host or err.errno not in _NOT_SPOKEN:
                    break
        if fault is not None and (not self._sockets or fault.errno not in _NOT_SPOKEN):
            self._close_sockets()
            raise fault
        self._listening = [loop.create_task(self._accept(each)) for each in self._sockets]

    async def close(self) -> None:
        """Listen no more and send everybody away."""
        tasks = [*self._listening, *self._guests]
        self._listening = []
        for task in tasks:
            task.cancel()
        self._close_sockets()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _close_sockets(self) -> None:
        for sock in self._sockets:
            sock.close()
        self._sockets = []

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, address = await loop.sock_accept(listener)
            except ConnectionError:
                continue
            except OSError as err:
                _LOGGER.warning("no connection can be taken: %s", err.strerror)
                await asyncio.sleep(_BREATH_S)
                continue
            self._admit(sock, plain_address(address[0]))

    def _admit(self, sock: socket.socket, address: str) -> None:
        regular = address in self._regulars
        arrival = _Arrival(sock, address, neighbourhood(address), regular)
        # Where the home comes from its own failures, or those of a program beside it, count not:
        # they would keep it out.
        if not regular and not self._failures.may_come(arrival.neighbourhood):
            sock.close()
            return
        self._make_room(arrival)
        task = asyncio.get_running_loop().create_task(self._receive(arrival))
        self._strangers[task] = arrival
        self._guests.add(task)
        task.add_done_callback(lambda task: self._left(task, arrival))

    def _left(self, task: asyncio.Task[None], arrival: _Arrival) -> None:
        # Here, as one that leaves before its task began has done nothing by itself.
        if not arrival.handed:
            arrival.sock.close()
        self._guests.discard(task)
        if self._strangers.pop(task, None) is not None:
            self._failures.count(arrival.neighbourhood)

    def _make_room(self, arrival: _Arrival) -> None:
        """Have one of the strangers leave that keep others waiting."""
        crowd = self._crowd(arrival)
        if crowd:
            leaves = secrets.choice(crowd)
            stranger = self._strangers.pop(leaves)
            self._failures.count(stranger.neighbourhood)
            leaves.cancel()
            if stranger.writer is not None:
                # Its place is another one's now: there is nothing to be told, and no time for it.
                stranger.writer.transport.abort()

    def _crowd(self, arrival: _Arrival) -> list[asyncio.Task[None]]:
        """Return of whom one has to leave before this one has a place; nobody if there is one."""
        if arrival.regular:
            beside = {task: each.address for task, each in self._strangers.items() if each.regular}
            full = Counter(beside.values())[arrival.address] >= self._limits.regulars
            fullest = {arrival.address} if full else set()
        else:
            beside = {
                task: each.neighbourhood
                for task, each in self._strangers.items()
                if not each.regular
            }
            counted = Counter(beside.values())
            if counted[arrival.neighbourhood] >= self._limits.each_address:
                fullest = {arrival.neighbourhood}
            elif len(beside) >= self._limits.strangers:
                most = max(counted.values())
                fullest = {whose for whose, count in counted.items() if count == most}
            else:
                fullest = set()
        return [task for task, whose in beside.items() if whose in fullest]

    async def _receive(self, arrival: _Arrival) -> None:
        task = asyncio.current_task()
        assert task is not None

        def settle() -> None:
            self._strangers.pop(task, None)

        try:
            arrival.sock.setblocking(False)
            async with asyncio.timeout(FIRST_S):
                is_tls = await _first_byte(arrival.sock) == _TLS_HANDSHAKE
            key = self.key
            if not (key is not None if is_tls else self._plain(arrival.address)):
                return
            arrival.handed = True
            reader, writer = await _streams(arrival.sock, key.context if is_tls and key else None)
            arrival.writer = writer
            guest = Guest(reader, writer, arrival.address, key if is_tls else None, settle)
            if guest.key is not None and guest.key.peer is not None:
                if not is_peer(writer, guest.key.peer):
                    return
                settle()
                if guest.key is self.key:
                    self._regulars.came(arrival.address)
            await self._serve(guest)
        except (OSError, TimeoutError) as err:
            _LOGGER.debug("%s: let go: %s", arrival.address, type(err).__name__)
        finally:
            if arrival.writer is not None:
                await _close(arrival.writer)


class _Failures:
    """How often who is where failed, mending with time. What is not remembered has not failed."""

    def __init__(self, limits: DoorLimits) -> None:
        self._limits = limits
        self._until: OrderedDict[str, float] = OrderedDict()

    def may_come(self, where: str) -> bool:
        most = self._limits.failures * self._limits.mended_s
        return self._until.get(where, 0.0) - time.monotonic() < most

    def count(self, where: str) -> None:
        since = max(self._until.pop(where, 0.0), time.monotonic())
        self._until[where] = since + self._limits.mended_s
        while len(self._until) > _NEIGHBOURHOODS:
            self._until.popitem(last=False)


def plain_address(text: str) -> str:
    """Return an address as one that came by IPv4 and one that came by IPv6 have in common."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)


def neighbourhood(address: str) -> str:
    """Return where an address is: who has one of IPv6 has its whole network to choose from."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((found, _V6_NEIGHBOURHOOD), strict=False))


def is_this_machine(address: str) -> bool:
    """Return whether a connection from there comes from this machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _listen(family: int, address: tuple[object, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


async def _first_byte(sock: socket.socket) -> int | None:
    """Return the first byte that the peer sent, and leave it there; None when it left."""
    loop = asyncio.get_running_loop()
    came: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        loop.remove_reader(sock)
        if not came.done():
            came.set_result(None)

    loop.add_reader(sock, tell)
    try:
        await came
    finally:
        loop.remove_reader(sock)
    first = sock.recv(1, socket.MSG_PEEK)
    return first[0] if first else None


class _Protocol(asyncio.StreamReaderProtocol):
    """Knows its transport, also when nobody has been given the streams yet."""

    transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        super().connection_made(transport)


async def _streams(
    sock: socket.socket, context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a connection's streams, after the handshake if there is to be one.

    From the call on the socket is the loop's: closed by anybody else, its number would be another
    connection's while a transport still watches it. When this fails nothing is left open.
    """
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LINE)
    protocol = _Protocol(reader)
    deadlines = {}
    if context is not None:
        deadlines = {"ssl_handshake_timeout": HANDSHAKE_S, "ssl_shutdown_timeout": SHUTDOWN_S}
    try:
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol, sock, ssl=context, **deadlines
        )
    except asyncio.CancelledError:
        # The handshake may just have ended: the loop would take its time over a farewell then.
        if isinstance(protocol.transport, asyncio.WriteTransport):
            protocol.transport.abort()
        raise
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def _close(writer: asyncio.StreamWriter) -> None:
    """Close it as it should be, or at once when that takes long."""
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(SHUTDOWN_S):
            await writer.wait_closed()
    writer.transport.abort()
