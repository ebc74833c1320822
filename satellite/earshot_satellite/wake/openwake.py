"""Stage two: openWakeWord models, run over the ring on demand or as a stream.

The graphs are those of pyopen-wakeword: a mel spectrogram (32 bands, one row every 160 samples,
512 samples wide), Google's speech embedding (76 rows, one every 8 rows), and a head per word
(16 embeddings). None of them looks across the edge of its window, so one run over a long
window gives exactly what many runs over short ones give, at a fifth of the work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .models import ModelError
from .tflite import Interpreter

if TYPE_CHECKING:
    from pathlib import Path

    from earshot_satellite.capture.ring import Ring

_ROW_STEP, _ROW_WIDTH, _BANDS = 160, 512, 32
_EMBEDDING_ROWS, _EMBEDDING_STEP, _EMBEDDING_SIZE = 76, 8, 96
_HEAD_EMBEDDINGS = 16

LOOKS = 7
"""Scores of one second look, 80 ms apart: stage two often peaks before stage one does."""

_WINDOW_ROWS = _EMBEDDING_ROWS + _EMBEDDING_STEP * (_HEAD_EMBEDDINGS + LOOKS - 2)
WINDOW_SAMPLES = _ROW_WIDTH + _ROW_STEP * (_WINDOW_ROWS - 1)
"""Audio one second look needs: 39,392 samples, 2.46 s."""

CHUNK_SAMPLES = _ROW_STEP * _EMBEDDING_STEP
"""80 ms: new audio for one new embedding."""

Embeddings = npt.NDArray[np.float32]


class OpenHead:
    """The last layer of one word: a score, 0 to 1, from 16 embeddings."""

    def __init__(self, path: Path) -> None:
        self._run = Interpreter(path, fast=True)
        if self._run.input.shape != (1, _HEAD_EMBEDDINGS, _EMBEDDING_SIZE):
            raise ModelError(path, "not an openWakeWord model")

    def score(self, embeddings: Embeddings) -> float:
        """Score the newest 16 embeddings, given as rows of 96 values."""
        self._run.input[0] = embeddings[-_HEAD_EMBEDDINGS:]
        self._run.invoke()
        return float(self._run.output.flat[0])

    def scores(self, embeddings: Embeddings) -> list[float]:
        """Score every position of the window, oldest first."""
        ends = range(_HEAD_EMBEDDINGS, len(embeddings) + 1)
        return [self.score(embeddings[:end]) for end in ends]


class _Graphs:
    """The two shared graphs, for `samples` of audio and `rows` of its spectrogram at once."""

    def __init__(self, folder: Path, samples: int, rows: int) -> None:
        mel, embedding = folder / "melspectrogram.tflite", folder / "embedding_model.tflite"
        self._mel = Interpreter(mel, (1, samples), fast=True)
        self._embedding = Interpreter(embedding, (1, rows, _BANDS, 1), fast=True)
        if self._mel.output.size % _BANDS or self._embedding.output.size % _EMBEDDING_SIZE:
            raise ModelError(mel, "does not fit embedding_model.tflite")

    def rows(self, ring: Ring) -> npt.NDArray[np.float32]:
        """Rows of the ring's newest audio, scaled as the embedding wants them."""
        ring.last(self._mel.input[0])
        self._mel.invoke()
        self._mel.input[...] = 0
        rows = self._mel.output.reshape(-1, _BANDS).astype(np.float32)
        return rows / np.float32(10) + np.float32(2)

    def embed(self, rows: npt.NDArray[np.float32]) -> Embeddings:
        """Embeddings of `rows`, one for every 8 of them after the first 76."""
        self._embedding.input[0, :, :, 0] = rows
        self._embedding.invoke()
        return self._embedding.output.reshape(-1, _EMBEDDING_SIZE).copy()


class SecondLook:
    """The ring's last 2.46 s at once: about 10 ms of work, done only on suspicion."""

    def __init__(self, folder: Path) -> None:
        self._graphs = _Graphs(folder, WINDOW_SAMPLES, _WINDOW_ROWS)

    def embeddings(self, ring: Ring) -> Embeddings:
        """Compute what to feed to each head that wants a score."""
        return self._graphs.embed(self._graphs.rows(ring))


class OpenStream:
    """The same features 80 ms at a time, for words that only openWakeWord knows.

    It is never reset: a reset would cost a hundred embeddings.
    """

    def __init__(self, folder: Path) -> None:
        samples = CHUNK_SAMPLES + _ROW_WIDTH - _ROW_STEP
        self._graphs = _Graphs(folder, samples, _EMBEDDING_ROWS)
        self._rows = np.zeros((_EMBEDDING_ROWS, _BANDS), dtype=np.float32)
        self._embeddings = np.zeros((_HEAD_EMBEDDINGS, _EMBEDDING_SIZE), dtype=np.float32)
        self._fed = 0

    @property
    def warm(self) -> bool:
        """Whether enough audio went in for a score to mean something."""
        return self._fed >= _HEAD_EMBEDDINGS + _EMBEDDING_ROWS // _EMBEDDING_STEP

    def process(self, ring: Ring) -> Embeddings:
        """Take the newest 80 ms of the ring; the last 16 embeddings."""
        rows = self._graphs.rows(ring)
        self._rows = np.concatenate((self._rows[len(rows) :], rows))
        new = self._graphs.embed(self._rows)
        self._embeddings = np.concatenate((self._embeddings[len(new) :], new))
        self._fed += 1
        return self._embeddings
