"""One thing to be played: fed in the event loop, taken by the player's thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

MAX_S = 60.0
"""How much may wait to be played. A home sends no more than half of it ahead."""

_WIDTH = 2


class Clip:
    """PCM, 16 bit, little endian, that may still be growing.

    `done` is called once, in the player's thread, with `ended` after the last sample left the
    loudspeaker, `interrupted`, or `failed`.
    """

    def __init__(
        self,
        rate: int,
        channels: int = 1,
        done: Callable[[str], None] | None = None,
        least: float = 0.0,
    ) -> None:
        """`least` is the volume below which nobody may turn it down."""
        self.rate = rate
        self.channels = channels
        self.least = least
        self._done = done
        self._changed = threading.Condition()
        self._pieces: deque[bytes] = deque()
        self._bytes = 0
        self._frame = channels * _WIDTH
        self._rest = b""
        self._finished = False
        self._cut_short = False
        self._result = ""

    @property
    def awaited(self) -> bool:
        """Whether somebody wants to know when it ended."""
        return self._done is not None

    @property
    def left_s(self) -> float:
        """How much of it waits to be played, in seconds."""
        return self._bytes / (self.rate * self._frame)

    def feed(self, pcm: bytes) -> bool:
        """Append PCM; False when too much waits already: it then ends as `failed`."""
        with self._changed:
            if self._cut_short or self.left_s > MAX_S:
                self._cut_short = True
                return False
            pcm = self._rest + pcm
            whole = len(pcm) - len(pcm) % self._frame
            pcm, self._rest = pcm[:whole], pcm[whole:]
            if pcm and not self._finished:
                self._pieces.append(pcm)
                self._bytes += len(pcm)
                self._changed.notify()
        return True

    def finish(self) -> None:
        """Say that nothing more will be fed."""
        with self._changed:
            self._finished = True
            self._changed.notify()

    def stop(self, result: str = "interrupted") -> None:
        """Give it up; what was not played is dropped."""
        with self._changed:
            self._pieces.clear()
            self._bytes = 0
            self._finished = True
            self._result = self._result or result
            self._changed.notify()

    @property
    def stopped(self) -> bool:
        """Whether it was given up."""
        return bool(self._result)

    def take(self, size: int) -> bytes | None:
        """Return up to `size` bytes, waiting for them; None when there are no more."""
        with self._changed:
            while not self._pieces:
                if self._finished:
                    return None
                self._changed.wait()
            piece = self._pieces.popleft()
            if len(piece) > size:
                self._pieces.appendleft(piece[size:])
                piece = piece[:size]
            self._bytes -= len(piece)
            return piece

    def take_now(self, size: int) -> bytes | None:
        """Return what there is up to `size` bytes, perhaps none; None when there are no more."""
        with self._changed:
            if not self._pieces:
                return None if self._finished else b""
        return self.take(size)

    def settle(self) -> None:
        """Tell how it ended; to be called once by the player."""
        if self._done is not None:
            whole = "failed" if self._cut_short else "ended"
            self._done(self._result or whole)
