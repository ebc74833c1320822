"""How the microphone is set: by home, else by the settings; kept over restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from .keeper import Keeper
from .problems import Problems
from .settings import MicrophoneSettings
from .state import StateFolder

_KEEP_S = 2.0
"""A slider that is moved is written once, when it rests."""


@dataclass(frozen=True)
class Tuned:
    """Gain in dB, and the level of noise suppression."""

    gain_db: float
    noise_suppression: int


class Tuning:
    """What was set holds until the settings name something else."""

    def __init__(
        self,
        folder: StateFolder,
        settings: MicrophoneSettings,
        keeper: Keeper,
        problems: Problems,
    ) -> None:
        self._folder = folder
        self._settings = Tuned(settings.gain_db, settings.noise_suppression)
        self._keeper = keeper
        self._problems = problems
        self._told: list[Callable[[], None]] = []
        self._keeping: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.now = self._settings

    def load(self) -> None:
        """Take up what was set before."""
        kept = self._folder.tuning((self._settings.gain_db, self._settings.noise_suppression))
        if kept is not None:
            self.now = Tuned(*kept)
        self._keeper.tune(self.now.gain_db, self.now.noise_suppression)

    def on_change(self, told: Callable[[], None]) -> None:
        """Have a function called with each change."""
        self._told.append(told)

    def set(self, gain_db: float, noise_suppression: int) -> None:
        """Hear like this from now on."""
        self.now = Tuned(gain_db, noise_suppression)
        self._keeper.tune(gain_db, noise_suppression)
        if self._keeping is not None:
            self._keeping.cancel()
        self._keeping = asyncio.get_running_loop().call_later(_KEEP_S, self._keep_soon)
        for told in self._told:
            told()

    async def close(self) -> None:
        """Keep what was not kept yet."""
        if self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None
            await self._keep()

    def _keep_soon(self) -> None:
        self._keeping = None
        task = asyncio.create_task(self._keep(), name="keep tuning")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self) -> None:
        now, settings = self.now, self._settings
        try:
            await asyncio.to_thread(
                self._folder.write_tuning,
                (now.gain_db, now.noise_suppression),
                (settings.gain_db, settings.noise_suppression),
            )
        except OSError as err:
            self._problems.begin("state_not_writable", err.strerror or "")
