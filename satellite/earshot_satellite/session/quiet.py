"""Whether the awake sound may be made: pure, the first moment of a command in, a verdict out.

Without it the sound falls on the first word of whoever goes on without a pause, and the microphone
hears both.
"""

from __future__ import annotations

from array import array

from earshot_wire.turn import COMMAND_RATE

from .command import Piece

QUIET_MS = 200
"""So long must it be quiet after the detection."""

TAIL_MS = 120
"""Sound that ends so soon after the detection is the wake word's own end: a detector can be sure
before the word is over. Then it must be quiet for `QUIET_MS` from there."""

_FRAME = COMMAND_RATE // 50
_QUIET, _TAIL = (ms * COMMAND_RATE // 1_000 for ms in (QUIET_MS, TAIL_MS))
_OVER_FLOOR_DB, _LEAST_DBFS = 12.0, -55.0
"""The word's echo in the room may still be there; speech is louder than that."""


class FirstMoment:
    """Listens to the first moment of a command, over a noise floor in dB of full scale."""

    def __init__(self, floor_dbfs: float) -> None:
        bar = max(floor_dbfs + _OVER_FLOOR_DB, _LEAST_DBFS)
        self._loud = (32_768 * 10 ** (bar / 20)) ** 2
        self._quiet_since = 0
        self.verdict: bool | None = None
        """Whether it was quiet; None before it is over."""

    def add(self, piece: Piece) -> None:
        """Take the next piece of the command."""
        samples = array("h", piece.pcm)
        begin = piece.offset_ms * COMMAND_RATE // 1_000
        for at in range(max(0, -begin), len(samples), _FRAME):
            if self.verdict is not None:
                return
            frame = samples[at : at + _FRAME]
            end = begin + at + len(frame)
            if sum(sample * sample for sample in frame) > self._loud * len(frame):
                self._quiet_since = end
                self.verdict = False if end > _TAIL else None
            elif end - self._quiet_since >= _QUIET:
                self.verdict = True
