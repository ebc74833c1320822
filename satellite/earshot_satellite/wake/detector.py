"""Runs the models of every chosen word over the stream and asks the cascade what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from earshot_satellite.capture import SAMPLE_RATE

from . import cascade, gate
from .level import Level
from .micro import MicroFeatures, MicroWord
from .models import ModelError, WakeWord, find_word, open_folder
from .openwake import CHUNK_SAMPLES, LOOKS, OpenHead, OpenStream, SecondLook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from earshot_satellite.capture.ring import Ring, Samples

    from .openwake import Embeddings


REPLAY_SAMPLES = 2 * SAMPLE_RATE
"""What models are given of the quiet before a sound, at most: more than they look back."""


@dataclass(frozen=True)
class Heard:
    """A wake word: its score (0 to 1), how far it stood out of the noise (dB), and that noise.

    `stop`: it was the stop word, which begins no command.
    """

    word: str
    phrase: str
    score: float
    snr_db: float
    stop: bool = False
    floor_dbfs: float = -60.0


@dataclass
class _Listener:
    word: WakeWord
    micro: MicroWord | None
    head: OpenHead | None
    bars: cascade.Bars
    stop: bool = False
    suspicion: cascade.Suspicion = cascade.NONE
    first: float = 0.0
    second: float = 0.0


@dataclass
class Detector:
    """Give it every block after the ring got it. `broken` names the models that do not load.

    `sensitivities` overrides `sensitivity` for single words, by the name they are given here.
    `stop_word` is listened for only while `attention` says so. Raises ModelError when not one of
    the words can be heard.
    """

    names: Sequence[str]
    ring: Ring
    sensitivity: cascade.Sensitivity = cascade.Sensitivity.MEDIUM
    stage_two: bool = True
    sensitivities: Mapping[str, cascade.Sensitivity] = field(default_factory=dict)
    stop_word: str | None = None
    broken: list[ModelError] = field(default_factory=list)
    attention: cascade.Attention = cascade.NOTHING
    """May be set by another thread."""

    def __post_init__(self) -> None:
        self._listeners = [self._load(name) for name in dict.fromkeys(self.names)]
        self._listeners = [each for each in self._listeners if each.micro or each.head]
        if not self._listeners:
            raise self.broken[0]
        if self.stop_word:
            stop = self._load(self.stop_word, stop=True)
            self._listeners += [stop] if stop.micro or stop.head else []
        self._stopping = False
        self._features = MicroFeatures()
        self._look = self._stream = None
        try:
            if any(each.micro and each.head for each in self._listeners):
                self._look = SecondLook(open_folder())
            if any(not each.micro for each in self._listeners):
                self._stream = OpenStream(open_folder())
        except ModelError as err:
            self.broken.append(err)
            self._listeners = [each for each in self._listeners if each.micro]
            if not self.words:
                raise
        self._level = Level()
        self._gate = gate.Gate()
        self._replay: Samples = np.zeros(REPLAY_SAMPLES, np.int16)
        self._samples = self._unheard = self._missed = 0
        self._quiet_until = 0.0

    def _load(self, name: str, *, stop: bool = False) -> _Listener:
        micro = head = None
        word = WakeWord(name, name)
        try:
            word = find_word(name)
            micro = MicroWord(word.micro) if word.micro else None
        except ModelError as err:
            self.broken.append(err)
        try:
            if word.head and (self.stage_two or not word.micro):
                head = OpenHead(word.head)
        except ModelError as err:
            self.broken.append(err)
        bars = cascade.BARS[self.sensitivities.get(name, self.sensitivity)]
        return _Listener(word, micro, head, bars, stop)

    @property
    def words(self) -> list[WakeWord]:
        """The wake words that are listened for."""
        return [each.word for each in self._listeners if not each.stop]

    @property
    def scores(self) -> dict[str, tuple[float, float]]:
        """The newest scores of each word: stage one, stage two (0 where not looked)."""
        return {each.word.id: (each.first, each.second) for each in self._listeners}

    @property
    def floor_dbfs(self) -> float:
        """The noise floor, dB below full scale."""
        return self._level.floor_dbfs()

    @property
    def resting(self) -> bool:
        """Whether it is so quiet that no model runs."""
        return not self._gate.is_open

    def process(self, block: Samples) -> Heard | None:
        """Take a block of whole 20 ms frames; the wake word that ended in it, if one did."""
        self._samples += len(block)
        self._unheard += len(block)
        self._gate = gate.step(self._gate, self._level.process(block), self._level.floor)
        if not self._gate.is_open:
            self._missed = min(self._missed + len(block), REPLAY_SAMPLES)
            self._unheard = min(self._unheard, REPLAY_SAMPLES)
            return None
        rows = self._features.process(self._unseen(block))
        listening = self._listening()
        for each in listening:
            each.first = each.micro.process(rows) if each.micro else 0.0
            each.second = 0.0
        stream: Embeddings | None = None
        while self._unheard >= CHUNK_SAMPLES:
            self._unheard -= CHUNK_SAMPLES
            if self._stream:
                stream = self._stream.process(self.ring, self._unheard)
        verdicts = self._judge(listening, stream)
        fired = [(verdict.score, each) for verdict, each in verdicts if verdict.fired]
        if not fired:
            return None
        score, each = max(fired, key=lambda pair: pair[0])
        self._quiet_until = self._now + cascade.REFRACTORY_SECONDS
        for other in self._listeners:
            other.suspicion = cascade.NONE
        word, level = each.word, self._level
        return Heard(word.id, word.phrase, score, level.snr_db(), each.stop, level.floor_dbfs())

    def forget(self) -> None:
        """Overwrite what was made of the sound of late, where nothing needs it to go on."""
        if self._look:
            self._look.forget()

    def _unseen(self, block: Samples) -> bytes:
        """Return the audio of a block and of what went before it while it was quiet."""
        if not self._missed:
            return block.tobytes()
        replay = self._replay[: min(self._missed + len(block), REPLAY_SAMPLES)]
        self._missed = 0
        self.ring.last(replay)
        audio = replay.tobytes()
        replay[:] = 0
        return audio

    @property
    def _now(self) -> float:
        return self._samples / SAMPLE_RATE

    def _listening(self) -> list[_Listener]:
        """Return whom this block concerns; a stop word that begins to be listened for is new."""
        stopping, before = self.attention.stop, self._stopping
        self._stopping = stopping
        if stopping and not before:
            for each in self._listeners:
                if each.stop:
                    each.suspicion = cascade.NONE
                    if each.micro:
                        each.micro.reset()
        return [each for each in self._listeners if stopping or not each.stop]

    def _judge(
        self, listening: Sequence[_Listener], stream: Embeddings | None
    ) -> list[tuple[cascade.Verdict, _Listener]]:
        verdicts = []
        frames = self.attention.frames
        looked: Embeddings | None = None
        now, quiet_until = self._now, self._quiet_until
        for each in listening:
            if each.micro and each.head and self._look:
                verdict = cascade.suspect(each.suspicion, now, each.first, each.bars, quiet_until)
                if verdict.look:
                    if looked is None:
                        looked = self._look.embeddings(self.ring, self._samples)
                    looks = each.head.scores(looked)[-LOOKS:]
                    each.second = max(looks)
                    verdict = cascade.confirm(verdict.suspicion, looks, each.bars, frames=frames)
            elif each.micro and each.word.micro:
                bar = each.bars.alone_first or each.word.micro.cutoff
                verdict = cascade.alone(
                    each.suspicion, now, each.first, bar, quiet_until, frames=frames
                )
            elif each.head and stream is not None and self._stream and self._stream.warm:
                each.second = each.head.score(stream)
                bar = each.bars.alone_second
                verdict = cascade.alone(
                    each.suspicion, now, each.second, bar, quiet_until, frames=frames
                )
            else:
                continue
            each.suspicion = verdict.suspicion
            verdicts.append((verdict, each))
        return verdicts
