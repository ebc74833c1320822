"""A microphone that is too soft or too loud, put right before anything looks at its sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earshot_wire.limits import GAIN_LEAST_DB as LEAST_DB
from earshot_wire.limits import GAIN_MOST_DB as MOST_DB

if TYPE_CHECKING:
    from .devices import Device
    from .microphone import Microphone
    from .ring import Samples

__all__ = ["LEAST_DB", "MOST_DB", "Amplified", "amplify"]


class Amplified:
    """A source whose samples are multiplied; what does not fit is cut off, and counts as clipped.

    `gain_db` may be changed from another thread.
    """

    def __init__(self, source: Microphone, gain_db: float) -> None:
        self._source = source
        self.gain_db = gain_db

    @property
    def device(self) -> Device:
        """What is recorded from."""
        return self._source.device

    @property
    def overruns(self) -> int:
        """How often audio was lost before it was read."""
        return self._source.overruns

    def read(self, count: int) -> Samples:
        """Exactly `count` samples; blocks. Raises DeviceError when the device is gone."""
        return amplify(self._source.read(count), self.gain_db)


def amplify(block: Samples, gain_db: float) -> Samples:
    """Return a block so many dB louder, or the block itself."""
    if gain_db == 0.0:
        return block
    # Imported on use: the body, which has no sound in it, knows the bounds from here.
    import numpy as np  # noqa: PLC0415

    louder = block.astype(np.float32) * np.float32(10 ** (gain_db / 20))
    fitting: Samples = np.clip(np.rint(louder), -32_768, 32_767).astype(np.int16)
    return fitting
