"""What starts before all else: the ear, unless it is muted.

An ear needs a while for its own imports and for the sound server, and the rest of the body can be
loaded meanwhile. So this module imports no more than it takes to know whether and how to hear.
"""

from __future__ import annotations

from collections.abc import Callable

from .ear.settings import EarSettings
from .keeper import Keeper
from .mute.control import MuteControl
from .problems import Problems
from .settings import Settings
from .state import StateFolder
from .tuning import Tuning
from .wake.cascade import Sensitivity
from .words import Words

_BEGUN_S = 1.0


class First:
    """The ear's keeper and what decides about it. The body takes all of it over.

    `closing` and `flipped` are the body's, and called as `MuteControl` says.
    """

    def __init__(self, settings: Settings, folder: StateFolder) -> None:
        self.problems = Problems()
        self.words = Words(settings.wake, folder.words(settings.wake.words))
        if self.words.gone:
            self.problems.begin("wake_word_gone", ", ".join(self.words.gone))
        self.keeper = Keeper(self._ear_settings(settings), self.problems)
        self.tuning = Tuning(folder, settings.microphone, self.keeper, self.problems)
        self.closing: Callable[[], None] = lambda: None
        self.flipped: Callable[[bool], None] = lambda _: None
        self.mute = MuteControl(
            folder,
            self.keeper,
            self.problems,
            floor=settings.floor.mute,
            closing=self._closes,
            flipped=self._flips,
        )

    async def begin(self) -> None:
        """Take up what was kept; return when an ear that may hear starts by itself."""
        self.tuning.load()
        self.mute.begin()
        if not self.mute.muted:
            await self.keeper.wait_begun(_BEGUN_S)

    def _closes(self) -> None:
        self.closing()

    def _flips(self, muted: bool) -> None:
        self.flipped(muted)

    def _ear_settings(self, settings: Settings) -> EarSettings:
        wake = settings.wake
        return EarSettings(
            device=settings.microphone.device or None,
            words=self.words.active,
            sensitivity=Sensitivity(wake.sensitivity),
            sensitivities=self.words.sensitivities,
            stage_two=wake.stage_two,
            stop_word=wake.stop_word or None,
        )
