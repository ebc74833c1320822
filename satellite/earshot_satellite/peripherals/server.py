"""The socket for lights and buttons: a line of JSON for each change, a line for each press.

It can do what a hand at the device can do, and learns what an eye at it can see; no sound and no
word passes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import grp
import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from ..problems import Problems
from .indication import Indication
from .presses import MAX_LINE, PressError, parse

_PROBLEM = "peripherals_failed"
_MAX_CLIENTS = 8
_MAX_UNREAD = 16 * 1024
"""Bytes that a program may leave unread before it is let go."""

_PRESSES_PER_S = 20


class PeripheralServer:
    """Tells every program that connects what to show, and takes its presses.

    `press` does one and returns why it was refused, or nothing.
    """

    def __init__(
        self,
        path: Path,
        group: str,
        press: Callable[[str], Awaitable[str]],
        problems: Problems,
    ) -> None:
        self._path = path
        self._group = group
        self._press = press
        self._problems = problems
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()
        self._shown = b""

    async def start(self) -> None:
        """Open the socket. Without one the satellite works all the same."""
        try:
            self._server = await self._open()
        except (OSError, KeyError) as err:
            why = err.strerror if isinstance(err, OSError) else "there is no such group"
            self._problems.begin(_PROBLEM, f"{self._path}: {why}")

    async def _open(self) -> asyncio.Server:
        group = grp.getgrnam(self._group).gr_gid if self._group else -1
        self._path.unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(self._serve, self._path, limit=2 * MAX_LINE)
        finally:
            os.umask(mask)
        if self._group:
            try:
                os.chown(self._path, -1, group)
                self._path.chmod(0o660)
            except OSError:
                server.close()
                self._path.unlink(missing_ok=True)
                raise
        return server

    async def close(self) -> None:
        """Close it and let everybody go."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
        for client in self._clients:
            client.close()

    def show(self, indication: Indication) -> None:
        """Tell everybody, also what they know already: silence means that nobody knows."""
        self._shown = _line({"event": "state"} | indication.message)
        for client in tuple(self._clients):
            self._tell(client, self._shown)

    def _tell(self, client: asyncio.StreamWriter, line: bytes) -> None:
        if client.transport.get_write_buffer_size() + len(line) > _MAX_UNREAD:
            client.transport.abort()
        else:
            client.write(line)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= _MAX_CLIENTS:
            writer.close()
            return
        self._clients.add(writer)
        try:
            if self._shown:
                writer.write(self._shown)
            # It goes, or sends a line that does not end.
            with contextlib.suppress(OSError, ValueError):
                await self._take(reader, writer)
        finally:
            self._clients.discard(writer)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        second, count = 0, 0
        while line := await reader.readline():
            if (now := int(time.monotonic())) != second:
                second, count = now, 0
            count += 1
            press, refused = "", "too_often"
            if count <= _PRESSES_PER_S:
                try:
                    press = parse(line)
                except PressError as err:
                    refused = str(err)
                else:
                    refused = await self._press(press)
            done = {"event": "done", "press": press, "refused": refused}
            self._tell(writer, _line(done))


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"
