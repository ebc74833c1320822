"""The vault as the rest of the integration uses it: asynchronous, and one writer behind it."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import batched
from pathlib import Path
from typing import Self

from ..policy.retention import Verdict
from .errors import StoreDamagedError, VaultBusyError, VaultClosedError
from .model import Capture, NewCapture, PurgeReport, RoomUsage, VaultState
from .purge import Policy
from .records import Part
from .store import Store

_MAX_WAITING = 128
"""Captures in memory until they are written: at most 60 MB, of turns of the greatest length."""

_BATCH = 500
"""Captures destroyed in one go, so that new ones need not wait for a large purge."""


class Vault:
    """What is kept of what was heard, and nothing else that could hold it.

    One thread does all the reading and writing. Every method raises `VaultError`, never an error
    of the disk or the database, and no error names what was heard.
    """

    def __init__(self, store: Store, writer: ThreadPoolExecutor) -> None:
        self._store = store
        self._writer = writer
        self._waiting = 0
        self._damaged = False
        self._closed = False

    @classmethod
    async def async_open(cls, folder: Path) -> Self:
        """Open the vault in `folder`, or make one there; a damaged one opens too: see `state`.

        Raises `VaultUnavailableError` and `VaultFullError`.
        """
        writer = ThreadPoolExecutor(1, thread_name_prefix="earshot-vault")
        try:
            loop = asyncio.get_running_loop()
            store = await loop.run_in_executor(writer, Store.open, folder)
        except BaseException:
            writer.shutdown(wait=False)
            raise
        return cls(store, writer)

    @property
    def state(self) -> VaultState:
        """How it is."""
        return VaultState.DAMAGED if self._damaged else self._store.state

    @property
    def lost(self) -> int:
        """How many parts of captures were found unreadable at the start, and removed."""
        return self._store.lost

    async def async_keep(self, capture: NewCapture, verdict: Verdict) -> str | None:
        """Keep what the verdict allows and return its id.

        None when that is nothing: then not a byte is written. On an error nothing is kept.
        """
        if not verdict.allows:
            return None
        if self._waiting >= _MAX_WAITING:
            raise VaultBusyError("too many captures wait to be written")
        self._waiting += 1
        try:
            return await self._run(self._store.keep, capture, verdict)
        finally:
            self._waiting -= 1

    async def async_read(self, capture_id: str, now: datetime) -> Capture:
        """Open a capture, without what is past its ceiling at `now`."""
        return await self._run(self._store.read, capture_id, now)

    async def async_usage(self) -> dict[str, RoomUsage]:
        """Return what is kept, by room; rooms of which nothing is kept are left out."""
        return await self._run(self._store.usage)

    async def async_purge(
        self, now: datetime, policies: Mapping[str, Policy] | None = None
    ) -> PurgeReport:
        """Destroy what is past the ceiling it was kept under, or past that of today's policy.

        `policies` says, by room, what would be kept today; a room that is not in it keeps to the
        ceilings of then.
        """
        return await self._destroy(await self._run(self._store.due, now, dict(policies or {})))

    async def async_delete_room(self, room_id: str) -> PurgeReport:
        """Destroy everything kept of a room."""
        return await self._destroy(await self._run(self._store.of_room, room_id))

    async def async_delete_all(self) -> None:
        """Destroy everything and the house key, and begin anew. Mends a damaged vault."""
        await self._run(self._store.delete_all)
        self._damaged = False

    async def async_destroy(self) -> None:
        """Destroy everything, the folder too, and close."""
        await self._run(self._store.destroy_all)
        await self.async_close()

    async def async_close(self) -> None:
        """Close, after what waits to be written is. Twice is once."""
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, self._store.close)
        self._writer.shutdown()

    async def _destroy(self, parts: dict[str, Part]) -> PurgeReport:
        report = PurgeReport()
        for batch in batched(parts.items(), _BATCH, strict=False) if parts else [()]:
            report += await self._run(self._store.destroy, dict(batch))
        return report

    async def _run[**P, R](self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        if self._closed:
            raise VaultClosedError("the vault is closed")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._writer, lambda: function(*args, **kwargs))
        except StoreDamagedError:
            self._damaged = True
            raise
