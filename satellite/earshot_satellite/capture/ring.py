"""The ring: the only place where audio lives, in memory that never reaches a disk."""

from __future__ import annotations

import ctypes
import mmap

import numpy as np
import numpy.typing as npt

from . import SAMPLE_RATE

Samples = npt.NDArray[np.int16]

RING_SECONDS = 2.5
"""Enough for one second look (2.43 s of audio) and for the pre-roll."""


class Ring:
    """The last `capacity` samples, in one allocation that is locked into memory where allowed.

    One thread writes. `locked` tells whether the kernel agreed never to swap it out.
    """

    def __init__(self, capacity: int = int(RING_SECONDS * SAMPLE_RATE)) -> None:
        self._map = mmap.mmap(-1, capacity * 2, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._samples: Samples = np.frombuffer(self._map, dtype=np.int16)
        self._next = 0
        for advice in ("MADV_DONTDUMP", "MADV_WIPEONFORK"):
            if hasattr(mmap, advice):
                self._map.madvise(getattr(mmap, advice))
        libc = ctypes.CDLL(None)
        address = ctypes.c_void_p(self._samples.ctypes.data)
        self.locked = libc.mlock(address, ctypes.c_size_t(capacity * 2)) == 0

    @property
    def capacity(self) -> int:
        """How many samples it holds."""
        return len(self._samples)

    def write(self, block: Samples) -> None:
        """Add a block; the oldest samples go."""
        block = block[-self.capacity :]
        head = min(len(block), self.capacity - self._next)
        self._samples[self._next : self._next + head] = block[:head]
        self._samples[: len(block) - head] = block[head:]
        self._next = (self._next + len(block)) % self.capacity

    def last(self, into: npt.NDArray[np.int16] | npt.NDArray[np.float32], before: int = 0) -> None:
        """Fill `into` with the newest `len(into)` samples, oldest first.

        With `before`, the newest but that many. The caller owns the copy and wipes it: `into` and
        `before` must not be longer than the ring.
        """
        count = len(into)
        if count + before > self.capacity:
            raise ValueError(f"the ring holds {self.capacity} samples, not {count + before}")
        start = (self._next - count - before) % self.capacity
        head = min(count, self.capacity - start)
        into[:head] = self._samples[start : start + head]
        into[head:] = self._samples[: count - head]

    def wipe(self) -> None:
        """Overwrite every sample with zero."""
        self._samples[:] = 0
