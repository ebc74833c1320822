"""The capture loop: read, remember, detect, and stream the one command that was asked for."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from earshot_satellite.capture import SAMPLE_RATE

from .frames import MAX_AUDIO, FrameWriter, Kind, pack, pack_audio
from .suppress import LEARN_S, Suppressor

if TYPE_CHECKING:
    from collections.abc import Callable

    from earshot_satellite.capture.microphone import Source
    from earshot_satellite.capture.ring import Ring, Samples
    from earshot_satellite.wake.detector import Detector, Heard

IDLE_BLOCK = 1280
"""80 ms while nobody speaks to us: the fewest wake-ups that do not delay a detection much. Of 160
ms, two rooms that hear one word would tell of it more than `arbitration.WINDOW_S` apart in 5 % of
cases instead of 1 %."""

RESTING_BLOCK = 2560
"""160 ms while it is quiet: a word that begins meanwhile takes longer than that."""

COMMAND_BLOCK = 640
"""40 ms while a command is streamed: half of what the device gives at a time."""

PREROLL_MS = 400
"""Audio before the detection that leaves the ear with a command: at most this, and nothing else
ever does. It covers the time the detector takes (p90 272 ms), so that a command spoken without
a pause keeps its first word."""

LIMIT_SECONDS = 15
"""A command is cut this long after its detection, whoever forgot to end it."""

HEARTBEAT_SECONDS = 1.0

GAP_SECONDS = 0.3
"""A block this late is a gap: the sound server may have moved us to another device."""

_SILENT_SECONDS, _CLIPPED_SECONDS = 10.0, 5.0
_CLIPPED_SHARE = 0.01
_FULL_SCALE = 32_767


class _Quality:
    """Notices a microphone that gives nothing but zeros, or that is far too loud."""

    def __init__(self) -> None:
        self._zeros = 0
        self._counted = self._clipped = 0
        self._too_loud = False

    def process(self, block: Samples) -> None:
        low, high = int(block.min()), int(block.max())
        self._zeros = 0 if low or high else self._zeros + len(block)
        self._counted += len(block)
        if high >= _FULL_SCALE or low <= -_FULL_SCALE:
            self._clipped += int(np.count_nonzero((block >= _FULL_SCALE) | (block <= -_FULL_SCALE)))
        if self._counted >= _CLIPPED_SECONDS * SAMPLE_RATE:
            self._too_loud = self._clipped > _CLIPPED_SHARE * self._counted
            self._counted = self._clipped = 0

    def problems(self) -> list[tuple[str, str]]:
        found = []
        if self._zeros >= _SILENT_SECONDS * SAMPLE_RATE:
            found.append(("microphone_silent", "only digital silence; is it muted or unplugged?"))
        if self._too_loud:
            found.append(("microphone_clipping", "too loud; turn its gain down"))
        return found


def block_size(detector: Detector) -> int:
    """Return how many samples to read next while nobody speaks to us."""
    return RESTING_BLOCK if detector.resting else IDLE_BLOCK


@dataclass
class Hearing:
    """One thread calls `step` for ever; `hush` and `listen` may come from another.

    `frames` counts samples since the start: it stands still when the microphone does.
    """

    source: Source
    detector: Detector
    ring: Ring
    out: FrameWriter
    clock: Callable[[], int] = time.monotonic_ns
    suppression: int = 0
    """Of steady noise in the audio of commands: a level of `suppress.FLOORS_DB`."""

    frames: int = 0
    turn: int = 0
    gaps: int = 0
    _left: int = 0
    _offset: int = 0
    _hushed: int = 0
    _asked: int = 0
    _listened: int = 0
    _ending: str = ""
    _beat_at: int = 0
    _read_at: int = 0
    _suppressor: Suppressor | None = None
    _quality: _Quality = field(default_factory=_Quality)

    def hush(self, turn: int) -> None:
        """Stop streaming this turn and wipe the ring; an older turn's hush does nothing."""
        self._hushed = max(self._hushed, turn)

    def listen(self, request: int) -> None:
        """Stream a command from the next block on, without a wake word and without a pre-roll.

        `request` counts upwards; the newest counts.
        """
        self._asked = max(self._asked, request)

    def step(self) -> None:
        """Read one block and do everything it asks for. Raises DeviceError."""
        block = self.source.read(COMMAND_BLOCK if self._left else block_size(self.detector))
        now = self.clock()
        if self._read_at and (now - self._read_at) / 1e9 > GAP_SECONDS + len(block) / SAMPLE_RATE:
            self.gaps += 1
        self._read_at = now
        self.frames += len(block)
        self.ring.write(block)
        self._quality.process(block)
        if self._hushed >= self.turn > 0 and (self._left or self._ending):
            self._left, self._ending = 0, ""
            self._suppressor = None
            self.ring.wipe()
            self.detector.forget()
        if self._left:
            self._stream(block)
        heard = self.detector.process(block)
        if heard and heard.stop:
            self.out.write(pack(Kind.STOP, _facts_of(heard, now)))
        elif heard:
            self._begin(Kind.DETECTION, _facts_of(heard, now), PREROLL_MS)
            self._listened = self._asked
        elif self._asked > self._listened:
            self._listened = self._asked
            self._begin(Kind.ASKED, {"request": self._asked, "at": now}, 0)
        if self._ending and self.out.write(
            pack(Kind.END, {"turn": self.turn, "reason": self._ending})
        ):
            self._ending = ""
        period = int(HEARTBEAT_SECONDS * 1e9)
        if now - self._beat_at >= period:
            # By the clock: how often it beats must not tell how large the blocks are, and so
            # whether it is quiet.
            self._beat_at = max(self._beat_at + period, now - period)
            self.out.write(pack(Kind.HEALTH, self.health()))

    def health(self) -> dict[str, Any]:
        """Counters and what is wrong with the sound; nothing that says what was heard."""
        return {
            "frames": self.frames,
            "overruns": self.source.overruns,
            "gaps": self.gaps,
            "problems": [{"code": c, "detail": d} for c, d in self._quality.problems()],
        }

    def _begin(self, kind: Kind, facts: dict[str, Any], preroll_ms: int) -> None:
        self.turn += 1
        self._left = self._offset = 0
        self._ending = ""
        if not self.out.write(pack(kind, {"turn": self.turn} | facts)):
            return
        preroll = np.empty(min(self.frames, preroll_ms * SAMPLE_RATE // 1000), dtype=np.int16)
        self.ring.last(preroll)
        self._offset = -len(preroll)
        self._left = LIMIT_SECONDS * SAMPLE_RATE + len(preroll)
        self._suppressor = self._learn(len(preroll)) if self.suppression else None
        for start in range(0, len(preroll), COMMAND_BLOCK):
            self._stream(preroll[start : start + COMMAND_BLOCK])
        preroll[:] = 0

    def _learn(self, before: int) -> Suppressor:
        """Know the room's noise from what was heard before the command; that stays here."""
        most = min(self.frames, self.ring.capacity) - before
        heard = np.empty(max(0, min(most, int(LEARN_S * SAMPLE_RATE))), dtype=np.int16)
        self.ring.last(heard, before)
        suppressor = Suppressor(self.suppression, heard)
        heard[:] = 0
        return suppressor

    def _stream(self, block: Samples) -> None:
        if self._suppressor is not None:
            block = self._suppressor.process(block)
        block = block[: self._left]
        for start in range(0, len(block), MAX_AUDIO // 2):
            part = block[start : start + MAX_AUDIO // 2]
            if not self._left:
                return
            if not self.out.write(pack_audio(self.turn, self._offset, part.tobytes())):
                # A command with a hole could mean something else: end it instead.
                self._left, self._ending = 0, "not_read"
                return
            self._offset += len(part)
            self._left -= len(part)
        if not self._left:
            self._ending = "limit"


def _facts_of(heard: Heard, at: int) -> dict[str, Any]:
    return {
        "word": heard.word,
        "phrase": heard.phrase,
        "score": round(heard.score, 4),
        "snr_db": round(heard.snr_db, 1),
        "floor_dbfs": round(heard.floor_dbfs, 1),
        "at": at,
    }
