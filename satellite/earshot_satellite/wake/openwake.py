"""Stage two: openWakeWord models, run over the ring on demand or as a stream.

The graphs are those of pyopen-wakeword: a mel spectrogram (32 bands, 8 rows from 1,760 samples
every 80 ms; it clips relative to the loudest value of its window, so the window must stay that
long), Google's speech embedding (76 rows, one every 8 rows) and a head per word (16 embeddings).
The embedding does not look across the edge of its window, so one run over many rows gives what
many runs over 76 give, at a fifth of the work.
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

CHUNK_SAMPLES = 1280
"""80 ms: new audio for 8 new rows and one new embedding."""

_MEL_SAMPLES, _MEL_ROWS, _BANDS = 1760, 8, 32
_EMBEDDING_ROWS, _EMBEDDING_SIZE = 76, 96
_HEAD_EMBEDDINGS = 16

LOOKS = 6
"""Scores of one second look, 80 ms apart: stage two often peaks before stage one does."""

_LOOK_ROWS = _EMBEDDING_ROWS + _MEL_ROWS * (_HEAD_EMBEDDINGS + LOOKS - 2)
_LOOK_CHUNKS = -(-_LOOK_ROWS // _MEL_ROWS)
LOOK_SAMPLES = _MEL_SAMPLES + CHUNK_SAMPLES * (_LOOK_CHUNKS - 1)
"""Audio one second look needs: 38,880 samples, 2.43 s."""

_CONTINUED = 4
"""Missing 80 ms steps up to which going on is cheaper than beginning anew."""

Embeddings = npt.NDArray[np.float32]


class OpenHead:
    """The last layer of one word: a score, 0 to 1, from 16 embeddings."""

    def __init__(self, path: Path) -> None:
        self._run = Interpreter(path)
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


class _Mel:
    """The spectrogram."""

    def __init__(self, folder: Path) -> None:
        path = folder / "melspectrogram.tflite"
        self._run = Interpreter(path, (1, _MEL_SAMPLES), fast=True)
        if self._run.output.size != _MEL_ROWS * _BANDS:
            raise ModelError(path, "not openWakeWord's spectrogram")

    def rows(self, audio: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Compute 8 rows from 1,760 samples, scaled as the embedding wants them."""
        self._run.input[0] = audio
        self._run.invoke()
        self._run.input[...] = 0
        rows = self._run.output.reshape(-1, _BANDS).astype(np.float32)
        return rows / np.float32(10) + np.float32(2)


class _Embedding:
    """The embedding of `rows` rows at once."""

    def __init__(self, folder: Path, rows: int) -> None:
        path = folder / "embedding_model.tflite"
        self._run = Interpreter(path, (1, rows, _BANDS, 1), fast=True)
        if self._run.output.size % _EMBEDDING_SIZE:
            raise ModelError(path, "not openWakeWord's embedding")

    def embed(self, rows: npt.NDArray[np.float32]) -> Embeddings:
        """Compute one embedding for every 8 rows after the first 76."""
        self._run.input[0, :, :, 0] = rows
        self._run.invoke()
        return self._run.output.reshape(-1, _EMBEDDING_SIZE).copy()


class SecondLook:
    """The ring's last 2.43 s: about 8 ms of work at first, 1 ms for each 80 ms that it goes on.

    A suspicion is looked at for a second, so most looks continue the one before.
    """

    def __init__(self, folder: Path) -> None:
        self._mel = _Mel(folder)
        self._embed_all = _Embedding(folder, _LOOK_ROWS)
        self._embed_newest = _Embedding(folder, _EMBEDDING_ROWS)
        self._audio = np.zeros(LOOK_SAMPLES, dtype=np.float32)
        self._rows = np.zeros((0, _BANDS), dtype=np.float32)
        self._embeddings = np.zeros((0, _EMBEDDING_SIZE), dtype=np.float32)
        self._at: int | None = None

    def embeddings(self, ring: Ring, at: int) -> Embeddings:
        """Compute what to feed to each head that wants a score.

        `at` counts the samples that ever went into the ring.
        """
        new = at - self._at if self._at is not None else -1
        if not 0 <= new < (_CONTINUED + 1) * CHUNK_SAMPLES:
            self._begin(ring)
            self._at = at
            return self._embeddings
        # What is not yet a whole step waits for the next look.
        rest = new % CHUNK_SAMPLES
        for before in range(new - CHUNK_SAMPLES, -1, -CHUNK_SAMPLES):
            self._continue(ring, before)
        self._at = at - rest
        return self._embeddings

    def forget(self) -> None:
        """Overwrite what was made of the sound."""
        self._rows[:] = 0
        self._embeddings[:] = 0
        self._at = None

    def _begin(self, ring: Ring) -> None:
        ring.last(self._audio)
        rows = [
            self._mel.rows(self._audio[start : start + _MEL_SAMPLES])
            for start in range(0, LOOK_SAMPLES - CHUNK_SAMPLES, CHUNK_SAMPLES)
        ]
        self._audio[:] = 0
        # The newest rows: the library embeds every 8 rows from the first and so lags by four.
        self._rows = np.concatenate(rows)[-_LOOK_ROWS:]
        self._embeddings = self._embed_all.embed(self._rows)

    def _continue(self, ring: Ring, before: int) -> None:
        audio = self._audio[:_MEL_SAMPLES]
        ring.last(audio, before)
        self._rows = np.concatenate((self._rows[_MEL_ROWS:], self._mel.rows(audio)))
        audio[:] = 0
        newest = self._embed_newest.embed(self._rows[-_EMBEDDING_ROWS:])
        self._embeddings = np.concatenate((self._embeddings[1:], newest))


class OpenStream:
    """The same features 80 ms at a time, for words that only openWakeWord knows.

    It is never reset: a reset would cost a hundred embeddings.
    """

    def __init__(self, folder: Path) -> None:
        self._mel = _Mel(folder)
        self._embedding = _Embedding(folder, _EMBEDDING_ROWS)
        self._audio = np.zeros(_MEL_SAMPLES, dtype=np.float32)
        self._rows = np.zeros((_EMBEDDING_ROWS, _BANDS), dtype=np.float32)
        self._embeddings = np.zeros((_HEAD_EMBEDDINGS, _EMBEDDING_SIZE), dtype=np.float32)
        self._fed = 0

    @property
    def warm(self) -> bool:
        """Whether enough audio went in for a score to mean something."""
        return self._fed >= _HEAD_EMBEDDINGS + _EMBEDDING_ROWS // _MEL_ROWS

    def process(self, ring: Ring, before: int = 0) -> Embeddings:
        """Take the newest 80 ms of the ring, or those before so many samples; 16 embeddings."""
        ring.last(self._audio, before)
        rows = self._mel.rows(self._audio)
        self._audio[:] = 0
        self._rows = np.concatenate((self._rows[_MEL_ROWS:], rows))
        new = self._embedding.embed(self._rows)
        self._embeddings = np.concatenate((self._embeddings[1:], new))
        self._fed += 1
        return self._embeddings
