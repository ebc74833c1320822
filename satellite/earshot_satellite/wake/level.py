"""How loud it is: the noise floor, and how far a word stood out of it."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from earshot_satellite.capture.ring import Samples

FRAME = 320
"""20 ms: the unit of every power here."""

_WORD_FRAMES = 50
_MINIMUM_FRAMES, _MINIMA = 25, 8
_SPEECH_OVER_FLOOR = 4.0
_LEAST_POWER = (32768 * 10 ** (-96 / 20)) ** 2


class Level:
    """Tracks the noise floor as the smallest 20 ms power of the last 4 s (minimum statistics)."""

    def __init__(self) -> None:
        self._powers: deque[float] = deque(maxlen=_WORD_FRAMES)
        self._minima: deque[float] = deque(maxlen=_MINIMA)
        self._minimum, self._counted = math.inf, 0

    def process(self, block: Samples) -> list[float]:
        """Take audio, a whole number of 20 ms frames; return their powers."""
        frames = block.reshape(-1, FRAME).astype(np.float32)
        powers: list[float] = (np.einsum("ij,ij->i", frames, frames) / FRAME).tolist()
        self._powers.extend(powers)
        for power in powers:
            self._minimum = min(self._minimum, power)
            self._counted += 1
            if self._counted == _MINIMUM_FRAMES:
                self._minima.append(self._minimum)
                self._minimum, self._counted = math.inf, 0
        return powers

    @property
    def floor(self) -> float | None:
        """The power of the noise floor; None before all of its time has been heard."""
        return self._floor if len(self._minima) == _MINIMA else None

    @property
    def _floor(self) -> float:
        return max(_LEAST_POWER, min([*self._minima, self._minimum]))

    def floor_dbfs(self) -> float:
        """Tell the noise floor, dB of full scale (-96 at least)."""
        return 10 * math.log10(min(self._floor, 32768.0**2) / 32768.0**2)

    def snr_db(self) -> float:
        """How far the speech of the last second stands above the floor, 0 dB at least.

        The mean power of its frames that are 6 dB over the floor, against the floor.
        """
        floor = self._floor
        loud = [power for power in self._powers if power > _SPEECH_OVER_FLOOR * floor]
        return 10 * math.log10(sum(loud) / len(loud) / floor) if loud else 0.0
