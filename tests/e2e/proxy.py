"""A cable that can be cut: a TCP proxy on loopback."""

import asyncio
from contextlib import suppress
from functools import partial

from house.ports import HOST, free_port


class Cable:
    """Carry bytes between a port of its own and another, until it is cut; so with the next ones."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._carries = asyncio.Event()
        self._carries.set()

    async def start(self) -> None:
        """Connect: take connections, at the same port as before if there was one."""
        for next_ in (0, 1):
            carry = partial(self._carry, self._target + next_)
            self._servers.append(await asyncio.start_server(carry, HOST, self.port + next_))

    async def cut(self) -> None:
        """Cut: reset every connection and refuse new ones."""
        while self._servers:
            self._servers.pop().close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        self._writers.clear()

    def swallow(self) -> None:
        """Take in all that is sent and pass none of it on; the connections stay."""
        self._carries.clear()

    def deliver(self) -> None:
        """Pass on what was held, and all that comes."""
        self._carries.set()

    async def _carry(
        self, target: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._writers.add(writer)
        with suppress(OSError):
            there, back = await asyncio.open_connection(HOST, target)
            self._writers.add(back)
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self._carries.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
