"""How the microphone is set: by home, else by the settings; kept over restarts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import partial

from .adjusted import Adjusted
from .keeper import Keeper
from .problems import Problems
from .settings import MicrophoneSettings
from .state import StateFolder


@dataclass(frozen=True)
class Tuned:
    """Gain in dB, and the level of noise suppression."""

    gain_db: float
    noise_suppression: int


class Tuning(Adjusted):
    """What was set holds until the settings name something else."""

    def __init__(
        self,
        folder: StateFolder,
        settings: MicrophoneSettings,
        keeper: Keeper,
        problems: Problems,
    ) -> None:
        super().__init__(problems)
        self._folder = folder
        self._settings = Tuned(settings.gain_db, settings.noise_suppression)
        self._keeper = keeper
        self.now = self._settings

    def load(self) -> None:
        """Take up what was set before."""
        kept = self._folder.tuning((self._settings.gain_db, self._settings.noise_suppression))
        if kept is not None:
            self.now = Tuned(*kept)
        self._keeper.tune(self.now.gain_db, self.now.noise_suppression)

    def set(self, gain_db: float, noise_suppression: int) -> None:
        """Hear like this from now on."""
        self.now = Tuned(gain_db, noise_suppression)
        self._keeper.tune(gain_db, noise_suppression)
        self._changed()

    def _writing(self) -> Callable[[], None]:
        return partial(self._folder.write_tuning, astuple(self.now), astuple(self._settings))
