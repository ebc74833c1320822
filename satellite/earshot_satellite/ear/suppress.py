"""Takes steady noise - a fan, a hob, rain - out of the audio of a command.

A Wiener filter over short spectra, with the decision-directed estimate of Ephraim and Malah (1984)
so that what is left does not warble. What is noise is learnt from the ring when a command begins:
so the first word is already clean, and nothing is processed while nobody speaks to us. The wake
word models hear the sound as it is.

Exact to the sample: what comes out is what went in, `HOP` samples late, with nothing before the
first sample that was given to `process`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from earshot_satellite.capture.ring import Samples

    Spectrum = NDArray[np.float32]

HOP = 160
"""10 ms at 16 kHz; a spectrum covers two of them."""

FLOORS_DB = (0.0, -6.0, -12.0, -18.0, -24.0)
"""By level: how far noise is lowered at most. Level 0 leaves everything as it is."""

LEARN_S = 2.0
"""Of what was heard before a command."""

_QUIET_SHARE = 0.2
_QUIET_MEAN = 0.223
"""Of noise, the power below which the quietest fifth of all spectra lies, by its mean: -ln(0.8)."""

_SMOOTH = 0.98
_NOISE_SMOOTH = 0.95
_SPEECH = 3.0
"""Times the noise: what is louder than that is not noise."""

_EPSILON = 1e-3
_WINDOW = np.sqrt(np.hanning(2 * HOP + 1)[:-1]).astype(np.float32)


class Suppressor:
    """For one command; made anew for the next one."""

    def __init__(self, level: int, before: Samples) -> None:
        """Learn from what was heard `before`. Raises IndexError for a level that does not exist."""
        self._floor = np.float32(10 ** (FLOORS_DB[level] / 20))
        self._noise = _learn(before)
        self._clean = np.zeros(HOP + 1, dtype=np.float32)
        self._before = np.zeros(HOP, dtype=np.float32)
        self._tail = np.zeros(HOP, dtype=np.float32)
        self._waiting = np.zeros(0, dtype=np.int16)
        self._begun = False

    def process(self, block: Samples) -> Samples:
        """Return what is ready; all of it but the last `HOP` samples and a rest below `HOP`."""
        self._waiting = np.concatenate((self._waiting, block))
        hops = len(self._waiting) // HOP
        ready = [self._hop(self._waiting[at * HOP : (at + 1) * HOP]) for at in range(hops)]
        self._waiting = self._waiting[hops * HOP :]
        if ready and not self._begun:
            self._begun = True
            # It covers the time before the first sample, of which nothing was given to us.
            ready = ready[1:]
        return np.concatenate(ready) if ready else np.zeros(0, dtype=np.int16)

    def _hop(self, samples: Samples) -> Samples:
        now = samples.astype(np.float32)
        spectrum = np.fft.rfft(np.concatenate((self._before, now)) * _WINDOW)
        self._before = now
        cleaned = np.fft.irfft(spectrum * self._gain(spectrum)).astype(np.float32) * _WINDOW
        out = self._tail + cleaned[:HOP]
        self._tail = cleaned[HOP:]
        return np.clip(np.rint(out), -32_768, 32_767).astype(np.int16)

    def _gain(self, spectrum: NDArray[np.complexfloating]) -> Spectrum:
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        noise = self._noise
        prior = _SMOOTH * self._clean / noise
        prior += (1 - _SMOOTH) * np.maximum(power / noise - 1, 0)
        gain = np.maximum(prior / (1 + prior), self._floor)
        self._clean = gain**2 * power
        still = power < _SPEECH * noise
        noise[still] = _NOISE_SMOOTH * noise[still] + (1 - _NOISE_SMOOTH) * power[still]
        np.maximum(noise, _EPSILON, out=noise)
        return gain


def _learn(before: Samples) -> Spectrum:
    """Return the power of the noise in each band; next to nothing where nothing was heard."""
    count = len(before) // HOP - 1
    if count < 1:
        return np.full(HOP + 1, _EPSILON, dtype=np.float32)
    starts = np.arange(count)[:, None] * HOP + np.arange(2 * HOP)
    spectra = np.fft.rfft(before[starts].astype(np.float32) * _WINDOW)
    power = spectra.real**2 + spectra.imag**2
    quiet = np.quantile(power, _QUIET_SHARE, axis=0) / _QUIET_MEAN
    return np.maximum(quiet, _EPSILON).astype(np.float32)
