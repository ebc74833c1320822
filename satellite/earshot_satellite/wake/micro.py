"""Stage one: microWakeWord models, always on, with as little around them as they allow."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from pymicro_features import MicroFrontend  # type: ignore[import-untyped]

from .models import ModelError
from .tflite import Interpreter

if TYPE_CHECKING:
    from .models import MicroModel

FEATURE_SAMPLES = 160
"""10 ms: the step of the front end every microWakeWord version 2 model was trained with."""

_FEATURES = 40


class Rows:
    """Feature rows, quantized once for all the models that want them the same way."""

    def __init__(self, values: list[list[float]]) -> None:
        self._values = np.array(values).reshape(-1, _FEATURES)
        self._made: dict[tuple[object, ...], npt.NDArray[np.generic]] = {}

    def quantized(self, scale: tuple[float, int], kind: np.dtype[Any]) -> npt.NDArray[np.generic]:
        """Return the rows as a model takes them."""
        key = (scale, kind)
        if key not in self._made:
            rounded = np.round(self._values / scale[0] + scale[1])
            self._made[key] = rounded.astype(kind)
        return self._made[key]


class MicroFeatures:
    """The adaptive front end, one for all words. It is never reset: its noise estimate is warm."""

    def __init__(self) -> None:
        self._front_end = MicroFrontend()

    def process(self, audio: bytes) -> Rows:
        """Feature rows of 40 values, one for every 10 ms of 16-bit audio.

        `audio` is a whole number of 10 ms steps; the first two rows of a stream are missing.
        """
        process, rows = self._front_end.process_samples, []
        for start in range(0, len(audio), FEATURE_SAMPLES * 2):
            features = process(audio[start : start + FEATURE_SAMPLES * 2]).features
            if features:
                rows.append(features)
        return Rows(rows)


class MicroWord:
    """One stage-one model. `process` tells the highest score since the last call, 0 to 1.

    The score is the mean of the model's last `window` outputs, as its makers use it.
    """

    def __init__(self, model: MicroModel) -> None:
        self._run = Interpreter(model.path)
        if self._run.input.ndim != 3 or self._run.input.shape[2] != _FEATURES:
            raise ModelError(model.path, "not a microWakeWord model")
        if self._run.input.dtype == np.float32 or self._run.output.size != 1:
            raise ModelError(model.path, "not a quantized microWakeWord model")
        self._into, self._out = self._run.input[0], self._run.output.reshape(-1)
        self._stride = len(self._into)
        self._none: npt.NDArray[np.generic] = self._into[:0].copy()
        self._left = self._none
        self._outputs: deque[float] = deque(maxlen=model.window)

    def process(self, rows: Rows) -> float:
        """Take new feature rows; the highest score any of them led to (0 if none did)."""
        new = rows.quantized(self._run.input_scale, self._into.dtype)
        waiting = np.concatenate((self._left, new))
        best, at = 0.0, 0
        while at + self._stride <= len(waiting):
            self._into[...] = waiting[at : at + self._stride]
            best = max(best, self._score())
            at += self._stride
        self._left = waiting[at:]
        return best

    def reset(self) -> None:
        """Begin anew: it has not been given the audio of late."""
        self._run.reset()
        self._left = self._none
        self._outputs.clear()

    def _score(self) -> float:
        self._run.invoke()
        scale, zero = self._run.output_scale
        self._outputs.append((float(self._out[0]) - zero) * scale)
        if len(self._outputs) < (self._outputs.maxlen or 1):
            return 0.0
        return sum(self._outputs) / len(self._outputs)
