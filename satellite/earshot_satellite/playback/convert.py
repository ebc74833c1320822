"""From the format a sound has to the one a loudspeaker takes, piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt


class Converter:
    """Volume, channels and rate of 16 bit PCM. Pieces must hold whole frames.

    Rates are changed by linear interpolation, which carries the last frame from piece to piece so
    that no click is heard between them; it is only for devices that take a single rate.
    """

    def __init__(
        self,
        source: tuple[int, int],
        target: tuple[int, int],
        volume: Callable[[], float],
    ) -> None:
        """`volume` is asked for each piece, since it may be turned meanwhile."""
        self.formats = (source, target)
        self.volume = volume
        self._source_rate, self._source_channels = source
        self._target_rate, self._target_channels = target
        self._last: Any = None
        self._position = 0.0
        self._differs = source != target

    def __call__(self, pcm: bytes) -> bytes:
        """Return the piece as the loudspeaker takes it."""
        volume = self.volume()
        if not self._differs and volume >= 1.0:
            return pcm
        # Imported on use: most loudspeakers take what comes, and numpy is 12 MB of memory.
        import numpy as np  # noqa: PLC0415

        frames = np.frombuffer(pcm, dtype="<i2").reshape(-1, self._source_channels)
        samples = frames.astype(np.float32)
        if self._target_channels == 1 < self._source_channels:
            samples = samples.mean(axis=1, keepdims=True)
        elif self._target_channels > self._source_channels == 1:
            samples = np.repeat(samples, self._target_channels, axis=1)
        if self._source_rate != self._target_rate:
            samples = self._resampled(samples)
        scaled = np.clip(samples * volume, -32_768, 32_767)
        return bytes(scaled.round().astype("<i2").tobytes())

    def _resampled(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        import numpy as np  # noqa: PLC0415

        if self._last is not None:
            samples = np.concatenate((self._last, samples))
        step = self._source_rate / self._target_rate
        count = max(0, int(np.ceil((len(samples) - 1 - self._position) / step)))
        at = self._position + step * np.arange(count)
        before = at.astype(np.int64)
        share = (at - before).astype(np.float32)[:, None]
        made = samples[before] * (1 - share) + samples[before + 1] * share
        self._position = self._position + step * count - (len(samples) - 1)
        self._last = samples[-1:]
        return np.asarray(made, dtype=np.float32)
