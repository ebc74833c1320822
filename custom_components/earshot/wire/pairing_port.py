"""The pairing port of a device: open for as long as one code is good, and for one pairing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from .door import Door, DoorLimits, Guest, Key
from .identity import Identity, make_identity
from .pairing import Desk, Keep
from .tls import pairing_server

_LIMITS = DoorLimits(strangers=8, each_address=2)
_TOLD_S = 2.0
"""For the home to read that it is paired before the port is closed."""

Make = Callable[[], Awaitable[Identity]]
"""Makes the key for one pairing."""


async def _make_here() -> Identity:
    return await asyncio.to_thread(make_identity)


class PairingPort:
    """Opened once; `wait` returns when somebody was paired, or the code expired."""

    def __init__(self, desk: Desk, key: Key) -> None:
        self.desk = desk
        self._door = Door(self._serve, limits=_LIMITS)
        self._door.key = key
        self._busy: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(
        cls, host: str, port: int, *, role: str, keep: Keep, make: Make = _make_here
    ) -> PairingPort:
        """Make a code and a key, and listen; raises `OSError`, and what `make` raises."""
        identity = await make()
        context = await asyncio.to_thread(pairing_server, identity)
        opened = cls(Desk(identity, role, keep), Key(context, None))
        await opened.listen(host, port)
        return opened

    @property
    def number(self) -> int:
        """The port's number."""
        return self._door.port

    async def listen(self, host: str, port: int) -> None:
        """Open the port; raises `OSError`."""
        await self._door.open(host, port)

    async def wait(self) -> bool:
        """Return whether somebody was paired with the code while it was good."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.desk.left_s):
                await self.desk.used.wait()
        return self.desk.used.is_set()

    async def close(self) -> None:
        """Close the port; a home that was just paired may still read so."""
        if self.desk.used.is_set() and self._busy:
            await asyncio.wait(self._busy, timeout=_TOLD_S)
        await self._door.close()

    async def _serve(self, guest: Guest) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._busy.add(task)
        try:
            if await self.desk.serve(guest.reader, guest.writer):
                guest.settle()
        finally:
            self._busy.discard(task)
