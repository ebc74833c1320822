"""Sound that goes on in the background: music, a radio, a long message."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from .clip import MAX_S

STALL_S = 30.0
"""A stream that is not over and brings nothing for so long has failed."""

TELL_S = 0.5
AHEAD_S = 0.3
"""So much must wait before it is begun, or gone on with after it ran dry."""

_WIDTH = 2


class Media:
    """PCM, 16 bit, little endian; fed in the event loop, taken by the player's thread.

    `told` is called in that thread with `playing` while it is heard, at least every `TELL_S`, with
    `paused`, and once at the end with `ended`, `stopped` or `failed`.
    """

    def __init__(self, rate: int, channels: int, told: Callable[[str, float], None]) -> None:
        self.rate = rate
        self.channels = channels
        self._told = told
        self._lock = threading.Lock()
        self._pieces: deque[bytes] = deque()
        self._bytes = 0
        self._frame = channels * _WIDTH
        self._rest = b""
        self._finished = False
        self._paused = False
        self._dry = True
        self._result = ""
        self._taken = 0
        self._told_at = 0.0
        self._told_state = ""
        self._fed_at = time.monotonic()

    @property
    def played_s(self) -> float:
        """How much of it was taken, in seconds."""
        return self._taken / (self.rate * self._frame)

    @property
    def left_s(self) -> float:
        """How much of it waits, in seconds."""
        return self._bytes / (self.rate * self._frame)

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is left to be heard."""
        return bool(self._result) or (self._finished and not self._bytes)

    @property
    def sounds(self) -> bool:
        """Whether the loudspeaker is wanted for it now."""
        return self.is_over or (not self._paused and (not self._dry or self._is_stalled))

    @property
    def paused(self) -> bool:
        """Whether it waits to be gone on with."""
        return self._paused

    def feed(self, pcm: bytes) -> bool:
        """Append PCM; False when more waits than may: it then ends as `failed`."""
        with self._lock:
            if self._finished:
                return True
            if self.left_s > MAX_S:
                self._end("failed")
                return False
            pcm = self._rest + pcm
            whole = len(pcm) - len(pcm) % self._frame
            pcm, self._rest = pcm[:whole], pcm[whole:]
            if pcm:
                self._pieces.append(pcm)
                self._bytes += len(pcm)
                self._fed_at = time.monotonic()
                self._dry = self._dry and self.left_s < AHEAD_S
        return True

    def finish(self) -> None:
        """Say that nothing more will be fed."""
        self._finished = True
        self._dry = False

    def pause(self, paused: bool) -> None:
        """Hold it, or go on; what waits is kept."""
        self._paused = paused
        self._fed_at = time.monotonic()

    def stop(self, result: str = "stopped") -> None:
        """Give it up; what was not heard is dropped."""
        with self._lock:
            self._end(result)

    def take(self, size: int) -> bytes:
        """Return what there is now, up to `size` bytes."""
        with self._lock:
            if self._is_stalled and not self._finished:
                self._end("failed")
            if self._paused or not self._pieces:
                self._dry = not self._finished
                return b""
            piece = self._pieces.popleft()
            if len(piece) > size:
                self._pieces.appendleft(piece[size:])
                piece = piece[:size]
            self._bytes -= len(piece)
            self._taken += len(piece)
        return piece

    def tell(self) -> None:
        """Tell how it stands, when that is new or some time has passed; by the player's thread."""
        if self._told_state in {"ended", "stopped", "failed"}:
            return
        going = "paused" if self._paused else "playing"
        state = self._result or ("ended" if self.is_over else going)
        now = time.monotonic()
        if state != self._told_state or (state == "playing" and now - self._told_at >= TELL_S):
            self._told_state, self._told_at = state, now
            self._told(state, self.played_s)

    @property
    def _is_stalled(self) -> bool:
        return not self._bytes and not self._paused and time.monotonic() - self._fed_at > STALL_S

    def _end(self, result: str) -> None:
        self._pieces.clear()
        self._bytes = 0
        self._finished = True
        self._result = self._result or result
