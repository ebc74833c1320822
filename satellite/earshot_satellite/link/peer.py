"""One connection: read with deadlines, written from a bounded queue, alive by pings."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections import deque
from collections.abc import Callable

from wyoming.event import Event
from wyoming.ping import Ping, Pong

from earshot_wire.framing import FrameError, encode_event, read_event, read_while_alive
from earshot_wire.limits import PEER_SILENCE_S, ROOM_LIMITS, WRITE_S
from earshot_wire.message import Message, MessageError
from earshot_wire.spate import Spate

_LOGGER = logging.getLogger(__name__)

_OUTBOX_BYTES = 1024 * 1024
"""Twice the longest utterance: a peer that is so far behind is not coming back."""

_KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}


class Faults:
    """What peers do wrong at one port: those that have not said who they are, and the others."""

    def __init__(self) -> None:
        self.strangers = Spate(_LOGGER)
        self.links = Spate(_LOGGER)

    def end(self) -> None:
        """Tell what is not told yet: the port is closed."""
        self.strangers.end()
        self.links.end()


class Peer:
    """A connected stranger, until it has said who it is."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, faults: Faults
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._faults = faults
        self._outbox: deque[bytes] = deque()
        self._outbox_bytes = 0
        self._outbox_filled = asyncio.Event()
        self._outbox_empty = asyncio.Event()
        self._why = ""
        self.patient = False
        """Whether silence is expected of it: it is not given up then."""
        address = writer.get_extra_info("peername")
        self.name = f"{address[0]}:{address[1]}" if address else "unknown"
        _keep_alive(writer)

    def send(self, message: Message | Event) -> None:
        """Send soon, in order. A peer that does not keep up is dropped."""
        event = message.event() if isinstance(message, Message) else message
        data = encode_event(event)
        if self._outbox_bytes + len(data) > _OUTBOX_BYTES:
            self.drop("it does not read what it is sent")
            return
        self._outbox.append(data)
        self._outbox_bytes += len(data)
        self._outbox_filled.set()
        self._outbox_empty.clear()

    def drop(self, why: str) -> None:
        """Break the connection; `run` returns soon."""
        if not self._why:
            self._why = why
        self._writer.transport.abort()

    async def flush(self, timeout_s: float) -> None:
        """Wait until what was to be sent is sent, but not for long."""
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(timeout_s):
                await self._outbox_empty.wait()
                await self._writer.drain()

    async def first(self, timeout_s: float) -> Event | None:
        """Return the first event, or None when there is none in time or it is none."""
        tell = self._faults.strangers.tell
        try:
            async with asyncio.timeout(timeout_s):
                return await read_event(self._reader, ROOM_LIMITS)
        except TimeoutError:
            tell("%s: said nothing for %.0f s: closed", self.name, timeout_s)
        except FrameError as err:
            self._faults.strangers.tell(
                "%s: does not speak our protocol (%s): closed", self.name, err.code
            )
        except OSError:
            _LOGGER.debug("%s: gone before it said anything", self.name)
        return None

    async def run(self, handle: Callable[[Event], None]) -> None:
        """Exchange events until either end is done. Ours are sent; pings are answered here."""
        writing = asyncio.create_task(self._write())
        try:
            await self._read(handle)
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        _LOGGER.debug("%s: %s", self.name, self._why or "closed")

    async def close(self) -> None:
        """Send what waits, then close; for a peer that is not run (any more)."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                self._writer.write(b"".join(self._outbox))
                self._writer.close()
                await self._writer.wait_closed()
        self._writer.transport.abort()

    async def _read(self, handle: Callable[[Event], None]) -> None:
        try:
            while (event := await self._next()) is not None:
                if Ping.is_type(event.type):
                    self.send(Pong(text=Ping.from_event(event).text).event())
                else:
                    handle(event)
        except TimeoutError:
            self._fault(f"silent for {PEER_SILENCE_S:.0f} s")
        except FrameError as err:
            self._fault(f"sent what is no event ({err.code})")
        except MessageError as err:
            self._fault(f"sent a bad message ({err})")
        except OSError:
            self._fault("the connection broke")

    async def _next(self) -> Event | None:
        while True:
            try:
                return await read_while_alive(self._reader, ROOM_LIMITS, PEER_SILENCE_S)
            except TimeoutError:
                if not self.patient:
                    raise

    async def _write(self) -> None:
        try:
            while True:
                await self._outbox_filled.wait()
                while self._outbox:
                    data = self._outbox.popleft()
                    self._writer.write(data)
                    async with asyncio.timeout(WRITE_S):
                        await self._writer.drain()
                    self._outbox_bytes -= len(data)
                self._outbox_filled.clear()
                self._outbox_empty.set()
        except TimeoutError:
            self.drop("it does not read what it is sent")
        except OSError:
            self.drop("the connection broke")

    def _fault(self, why: str) -> None:
        why = self._why or why
        self._why = why
        self._faults.links.tell("%s: %s: link closed", self.name, why)


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """Let the system notice a half-open connection while nobody is pinged."""
    sock: socket.socket | None = writer.get_extra_info("socket")
    if sock is None:
        return
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for option, value in _KEEPALIVE.items():
            if hasattr(socket, option):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
