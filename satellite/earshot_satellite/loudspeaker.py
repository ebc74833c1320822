"""How loud the satellite is: set by home or by hand, and kept over restarts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from .playback.volume import Volume
from .problems import Problems
from .state import StateFolder

_LOGGER = logging.getLogger(__name__)

_KEEP_S = 2.0
"""A slider that is moved is written once, when it rests."""

STEP = 0.1


class Loudspeaker:
    """The volume of one satellite; what was set holds until the settings name another one."""

    def __init__(self, folder: StateFolder, settings_level: float, problems: Problems) -> None:
        self._folder = folder
        self._settings_level = settings_level
        self._problems = problems
        self._told: list[Callable[[], None]] = []
        self._keeping: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.volume = Volume(settings_level)

    def load(self) -> None:
        """Take up what was set before."""
        kept = self._folder.volume(self._settings_level)
        if kept is not None:
            self.volume.level, self.volume.muted = kept

    def on_change(self, told: Callable[[], None]) -> None:
        """Have a function called with each change."""
        self._told.append(told)

    def set(self, level: float, *, muted: bool) -> None:
        """Be so loud from now on."""
        self.volume.level, self.volume.muted = min(1.0, max(0.0, level)), muted
        if self._keeping is not None:
            self._keeping.cancel()
        self._keeping = asyncio.get_running_loop().call_later(_KEEP_S, self._keep_soon)
        for told in self._told:
            told()

    def step(self, steps: int) -> None:
        """Be louder or softer; whoever turns it by hand wants to hear it."""
        self.set(round(self.volume.level + steps * STEP, 2), muted=False)

    async def close(self) -> None:
        """Keep what was not kept yet."""
        if self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None
            await self._keep()

    def _keep_soon(self) -> None:
        self._keeping = None
        task = asyncio.create_task(self._keep(), name="keep volume")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self) -> None:
        volume = self.volume
        try:
            await asyncio.to_thread(
                self._folder.write_volume, volume.level, volume.muted, self._settings_level
            )
        except OSError as err:
            self._problems.begin("state_not_writable", err.strerror or "")
