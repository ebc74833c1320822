"""The satellite's own sounds, made of sines when they are needed.

Short and soft on purpose: the awake sound may fall on the first word of a command that follows
the wake word without a pause.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class _Tone:
    hertz: float
    seconds: float
    level: float
    """Of full scale."""


_SOUNDS: dict[str, tuple[_Tone, ...]] = {
    "awake": (_Tone(1_320, 0.08, 0.08),),
    "done": (_Tone(880, 0.06, 0.10), _Tone(660, 0.06, 0.08)),
    "muted": (_Tone(660, 0.10, 0.20), _Tone(440, 0.14, 0.20)),
    "unmuted": (_Tone(440, 0.10, 0.20), _Tone(660, 0.14, 0.20)),
    # Told apart from all others with eyes closed: it means that somebody may be listening.
    "remote": (_Tone(587, 0.12, 0.2), _Tone(880, 0.12, 0.2), _Tone(587, 0.12, 0.2)),
    "timer": (
        *(_Tone(988, 0.14, 0.3), _Tone(988, 0.08, 0.0)) * 3,
        _Tone(1_319, 0.3, 0.3),
        _Tone(1_319, 0.86, 0.0),
    ),
    "paired": (
        _Tone(523, 0.14, 0.25),
        _Tone(659, 0.14, 0.25),
        _Tone(784, 0.14, 0.25),
        _Tone(1_047, 0.30, 0.25),
    ),
    "unpaired": (_Tone(1_047, 0.14, 0.25), _Tone(523, 0.30, 0.25)),
    "error": (_Tone(392, 0.16, 0.25), _Tone(294, 0.28, 0.25)),
}

REMOTE_LEAST = 0.35
"""Volume of the sound before listening that nobody here began, however low home sets it."""

TIMER_LEAST = 0.2

_EDGE_S = 0.012


@cache
def make_sound(name: str, rate: int) -> bytes:
    """Return a sound as mono 16 bit PCM. Raises `KeyError` for one that does not exist."""
    samples = array("h")
    for tone in _SOUNDS[name]:
        count = int(tone.seconds * rate)
        edge = _EDGE_S * rate
        for index in range(count):
            # Raised-cosine edges, or the tone would click.
            nearest = min(index, count - index) / edge
            shape = 0.5 - 0.5 * math.cos(math.pi * min(1.0, nearest))
            wave = math.sin(2 * math.pi * tone.hertz * index / rate)
            samples.append(int(32_767 * tone.level * shape * wave))
    return samples.tobytes()
