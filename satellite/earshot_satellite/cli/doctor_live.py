"""`doctor --scores` and `doctor --hear`: what the microphone hears now, for whoever stands there.

Sound stays in memory and is wiped; a muted microphone is not opened.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from ..capture import SAMPLE_RATE
from ..capture.checks import Scores, live_scores
from ..capture.devices import DeviceError
from ..capture.microphone import PERIOD, Microphone
from ..playback.clip import Clip
from ..playback.output import Output
from ..playback.volume import Volume
from ..settings import Settings
from ..wake.cascade import Sensitivity
from ..wake.models import ModelError
from .command import EXIT_FAULT, fail

_BAR = 30


def show_scores(settings: Settings, seconds: float) -> int:
    """Print the wake scores while somebody speaks; 1 when nothing was detected."""
    wake = settings.wake
    print(f"Say {' or '.join(wake.words)}; {seconds:.0f} s.", flush=True)
    heard = shown = 0.0
    try:
        for scores in live_scores(
            settings.microphone.device or None,
            wake.words,
            Sensitivity(wake.sensitivity),
            stage_two=wake.stage_two,
        ):
            if scores.heard is not None:
                heard += 1
                score = scores.heard.score
                print(f"{scores.at:6.1f} s  HEARD {scores.heard.phrase} ({score:.2f})", flush=True)
            elif scores.at - shown >= 0.4:
                shown = scores.at
                print(score_line(scores, wake.words), flush=True)
            if scores.at >= seconds:
                break
    except (DeviceError, ModelError) as err:
        return fail(getattr(err, "detail", str(err)))
    print(f"{heard:.0f} detections")
    return 0 if heard else EXIT_FAULT


def score_line(scores: Scores, words: Sequence[str]) -> str:
    """Return one line: the level, and each word's highest stage as a bar."""
    parts = []
    for word in words:
        first, second = scores.words.get(word, (0.0, 0.0))
        best = min(1.0, max(first, second))
        bar = "#" * round(best * _BAR)
        parts.append(f"{word} {first:.2f}/{second:.2f} |{bar:<{_BAR}}|")
    return f"{scores.at:6.1f} s  floor {scores.floor_dbfs:4.0f} dBFS  {'  '.join(parts)}"


def hear_yourself(settings: Settings, seconds: float) -> int:
    """Listen, then play what was heard."""
    print(f"Speak now, {seconds:.0f} s.", flush=True)
    blocks = int(seconds * SAMPLE_RATE / PERIOD)
    sound = np.zeros(blocks * PERIOD, dtype=np.int16)
    try:
        microphone = Microphone(settings.microphone.device or None)
        try:
            for at in range(blocks):
                sound[at * PERIOD : (at + 1) * PERIOD] = microphone.read(PERIOD)
        finally:
            microphone.close()
        peak = int(np.abs(sound.astype(np.int32)).max())
        print(f"Peak {20 * np.log10(max(peak, 1) / 32_768):.0f} dBFS. This is what was heard:")
        output = Output(settings.speaker.device, Volume(settings.speaker.volume))
        try:
            clip = Clip(SAMPLE_RATE)
            output.open(SAMPLE_RATE, 1)
            for at in range(0, len(sound), SAMPLE_RATE):
                clip.feed(sound[at : at + SAMPLE_RATE].tobytes())
            clip.finish()
            output.play(clip)
            output.drain(clip)
            time.sleep(0.1)
        finally:
            output.shut()
    except (DeviceError, OSError) as err:
        return fail(getattr(err, "detail", str(err)))
    finally:
        sound[:] = 0
    return 0
