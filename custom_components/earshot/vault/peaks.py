"""The outline of a sound: how loud it was, in a hundred places."""

import sys
from array import array

from .model import PEAKS


def peaks(pcm: bytes) -> bytes:
    """Return 100 values from 0 (silence) to 255 (full scale) of 16 bit mono PCM."""
    samples = array("h", pcm)
    if sys.byteorder == "big":
        samples.byteswap()
    count = len(samples)
    return bytes(
        _peak(samples[at * count // PEAKS : (at + 1) * count // PEAKS]) for at in range(PEAKS)
    )


def _peak(samples: array[int]) -> int:
    if not samples:
        return 0
    highest, lowest = max(samples), min(samples)
    return -(-max(highest, -lowest) * 255 // 32_768)
