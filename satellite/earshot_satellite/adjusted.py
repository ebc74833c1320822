"""What home or a hand sets while it runs: told to whoever shows it, and kept once it rests."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable

from .problems import Problems

_KEEP_S = 2.0
"""A slider that is moved is written once, when it rests."""


class Adjusted(ABC):
    """Something that can be set, and is kept over restarts."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._told: list[Callable[[], None]] = []
        self._keeping: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def on_change(self, told: Callable[[], None]) -> None:
        """Have a function called with each change."""
        self._told.append(told)

    async def close(self) -> None:
        """Keep what was not kept yet."""
        if self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None
            await self._keep()

    @abstractmethod
    def _writing(self) -> Callable[[], None]:
        """Return what writes down how it is set now: called in a thread, it may raise `OSError`."""

    def _changed(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
        self._keeping = asyncio.get_running_loop().call_later(_KEEP_S, self._keep_soon)
        for told in self._told:
            told()

    def _keep_soon(self) -> None:
        self._keeping = None
        task = asyncio.create_task(self._keep(), name="keep what was set")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self) -> None:
        try:
            await asyncio.to_thread(self._writing())
        except OSError as err:
            self._problems.begin("state_not_writable", err.strerror or "")
