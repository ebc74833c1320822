"""Stage one: microWakeWord models, always on, with as little around them as they allow."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np
from pymicro_features import MicroFrontend  # type: ignore[import-untyped]

from .models import ModelError
from .tflite import Interpreter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .models import MicroModel

FEATURE_SAMPLES = 160
"""10 ms: the step of the front end every microWakeWord version 2 model was trained with."""

_FEATURES = 40


class MicroFeatures:
    """The adaptive front end, one for all words. It is never reset: its noise estimate is warm."""

    def __init__(self) -> None:
        self._front_end = MicroFrontend()

    def process(self, audio: bytes) -> list[list[float]]:
        """Feature rows of 40 values, one for every 10 ms of 16-bit audio.

        `audio` is a whole number of 10 ms steps; the first two rows of a stream are missing.
        """
        rows = []
        for start in range(0, len(audio), FEATURE_SAMPLES * 2):
            step = audio[start : start + FEATURE_SAMPLES * 2]
            features = self._front_end.process_samples(step).features
            if features:
                rows.append(features)
        return rows


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
        self._stride = self._run.input.shape[1]
        self._rows: list[list[float]] = []
        self._outputs: deque[float] = deque(maxlen=model.window)

    def process(self, rows: Sequence[list[float]]) -> float:
        """Take new feature rows; the highest score any of them led to (0 if none did)."""
        best = 0.0
        for row in rows:
            self._rows.append(row)
            if len(self._rows) < self._stride:
                continue
            best = max(best, self._score())
            self._rows.clear()
        return best

    def reset(self) -> None:
        """Begin anew: it has not been given the audio of late."""
        self._run.reset()
        self._rows.clear()
        self._outputs.clear()

    def _score(self) -> float:
        run = self._run
        scale, zero = run.input_scale
        rounded = np.round(np.array(self._rows) / scale + zero)
        run.input[0] = rounded.astype(run.input.dtype)
        run.invoke()
        scale, zero = run.output_scale
        self._outputs.append((float(run.output.flat[0]) - zero) * scale)
        if len(self._outputs) < (self._outputs.maxlen or 1):
            return 0.0
        return sum(self._outputs) / len(self._outputs)
