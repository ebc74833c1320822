"""The addresses that a paired home came from last.

They are no credential: a connection from there has proved nothing and gets nothing. It only waits
in a place of its own, where whoever crowds the door from elsewhere cannot push it out.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from pathlib import Path

from .durable import write_durable

_LOGGER = logging.getLogger(__name__)

_KEPT = 2
"""A home has an address of IPv4 and one of IPv6."""

_MAX_BYTES = 256


class Regulars:
    """Kept in a file, if one is named, so that they count right after a start too."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._addresses: tuple[str, ...] = ()
        self._writing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def __contains__(self, address: str) -> bool:
        return address in self._addresses

    async def load(self) -> None:
        """Take up what an earlier run learnt. A file that cannot be read has learnt nothing."""
        self._addresses = await asyncio.to_thread(self._read)

    def came(self, address: str) -> None:
        """Remember one from which somebody came who has the key; a new one is written down soon."""
        if address in self._addresses:
            return
        self._addresses = (address, *self._addresses)[:_KEPT]
        self._keep()

    def forget(self) -> None:
        """Nobody is at home any more."""
        if self._addresses:
            self._addresses = ()
            self._keep()

    def _keep(self) -> None:
        if self._file is not None:
            task = asyncio.get_running_loop().create_task(self._write(self._file))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _write(self, file: Path) -> None:
        async with self._writing:
            content = "".join(f"{address}\n" for address in self._addresses).encode()
            try:
                if content:
                    await asyncio.to_thread(write_durable, file, content)
                else:
                    await asyncio.to_thread(file.unlink, missing_ok=True)
            except OSError as err:
                _LOGGER.warning("%s cannot be written: %s", file, err.strerror)

    def _read(self) -> tuple[str, ...]:
        if self._file is None:
            return ()
        try:
            with self._file.open("rb") as file:
                lines = file.read(_MAX_BYTES).decode("ascii").splitlines()
            return tuple(str(ipaddress.ip_address(line)) for line in lines[:_KEPT])
        except (OSError, ValueError):
            return ()
