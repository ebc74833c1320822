"""How loud the satellite is: set by home or by hand, and kept over restarts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .adjusted import Adjusted
from .playback.volume import Volume
from .problems import Problems
from .state import StateFolder

STEP = 0.1


class Loudspeaker(Adjusted):
    """The volume of one satellite; what was set holds until the settings name another one."""

    def __init__(self, folder: StateFolder, settings_level: float, problems: Problems) -> None:
        super().__init__(problems)
        self._folder = folder
        self._settings_level = settings_level
        self.volume = Volume(settings_level)

    def load(self) -> None:
        """Take up what was set before."""
        kept = self._folder.volume(self._settings_level)
        if kept is not None:
            self.volume.level, self.volume.muted = kept

    def set(self, level: float, *, muted: bool) -> None:
        """Be so loud from now on."""
        self.volume.level, self.volume.muted = min(1.0, max(0.0, level)), muted
        self._changed()

    def step(self, steps: int) -> None:
        """Be louder or softer; whoever turns it by hand wants to hear it."""
        self.set(round(self.volume.level + steps * STEP, 2), muted=False)

    def _writing(self) -> Callable[[], None]:
        level, muted = self.volume.level, self.volume.muted
        return partial(self._folder.write_volume, level, muted, self._settings_level)
