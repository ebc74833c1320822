"""Whether the awake sound may be made: pure, the first moment of a command in, a verdict out.

Without it the sound falls on the first word of whoever goes on without a pause, and the microphone
hears both.
"""

from __future__ import annotations

from array import array

from earshot_wire.turn import COMMAND_RATE

from .command import Piece

QUIET_MS = 200
"""After the detection, which itself comes about 0.15 s after the word."""

_FRAME = COMMAND_RATE // 50
_OVER_FLOOR_DB, _LEAST_DBFS = 12.0, -55.0
"""The word's echo in the room may still be there; speech is louder than that."""


class FirstMoment:
    """Listens to the first `QUIET_MS` of a command, over a noise floor in dB of full scale."""

    def __init__(self, floor_dbfs: float) -> None:
        bar = max(floor_dbfs + _OVER_FLOOR_DB, _LEAST_DBFS)
        self._loud = (32_768 * 10 ** (bar / 20)) ** 2
        self._ends_at = QUIET_MS * COMMAND_RATE // 1_000
        self.verdict: bool | None = None
        """Whether it was quiet; None before it is over."""

    def add(self, piece: Piece) -> None:
        """Take the next piece of the command."""
        if self.verdict is not None:
            return
        samples = array("h", piece.pcm)
        begin = piece.offset_ms * COMMAND_RATE // 1_000
        heard = samples[max(0, -begin) : max(0, self._ends_at - begin)]
        for at in range(0, len(heard), _FRAME):
            frame = heard[at : at + _FRAME]
            if sum(sample * sample for sample in frame) > self._loud * len(frame):
                self.verdict = False
                return
        if begin + len(samples) >= self._ends_at:
            self.verdict = True
