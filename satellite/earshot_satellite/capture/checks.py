"""What is wrong with the sound, for `doctor`: each finding has a remedy.

These open the microphone in the calling process: only on the user's own command, never while
muted (the caller's duty), and the audio is forgotten when the numbers are known.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from . import SAMPLE_RATE
from .devices import DeviceError, choose, list_devices
from .microphone import PERIOD, Microphone
from .ring import Ring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from earshot_satellite.wake.cascade import Sensitivity
    from earshot_satellite.wake.detector import Heard

    from .microphone import Source
    from .ring import Samples

_QUIET_DBFS, _NOISY_DBFS, _CLIPPED_SHARE = -70.0, -35.0, 0.001
_RATE_TOLERANCE = 0.03


@dataclass(frozen=True)
class Check:
    """One finding. `status` is `ok`, `warning` or `failed`; `remedy` is empty when it is ok."""

    id: str
    status: str
    detail: str
    remedy: str = ""


@dataclass(frozen=True)
class Measured:
    """What a microphone gave: levels in dB of full scale, and how fast."""

    peak_dbfs: float
    floor_dbfs: float
    clipped: float
    only_zeros: bool
    rate: float
    overruns: int


def check_microphone(wanted: str | None, seconds: float = 3.0) -> list[Check]:
    """Listen and tell what is wrong with the microphone; blocks for `seconds` and its start."""
    try:
        microphone = Microphone(wanted)
    except DeviceError as err:
        return [Check(err.code, "failed", "the microphone cannot be used", err.detail)]
    try:
        measured = measure(microphone, seconds)
    except DeviceError as err:
        return [Check(err.code, "failed", "the microphone stopped", err.detail)]
    finally:
        microphone.close()
    return [Check("microphone", "ok", f'"{microphone.device.name}" opens'), *judge(measured)]


def check_speaker(wanted: str | None) -> Check:
    """Tell whether the loudspeaker is there; nothing is played."""
    try:
        device = choose(list_devices(), wanted, output=True)
    except DeviceError as err:
        # The whole sound system is told once, here.
        whole = err.code == "sound_system"
        what = "no sound can be used" if whole else "the loudspeaker cannot be used"
        return Check(err.code, "failed", what, err.detail)
    return Check("speaker", "ok", f'"{device.name}" is there')


def measure(
    source: Source, seconds: float, clock: Callable[[], float] = time.monotonic
) -> Measured:
    """Read `seconds` of audio and keep only numbers."""
    # What was buffered before comes faster than real time.
    for _ in range(4):
        source.read(PERIOD)
    count = max(1, int(seconds * SAMPLE_RATE / PERIOD))
    peak, clipped, powers = 0, 0, []
    begun = clock()
    for _ in range(count):
        block = source.read(PERIOD).astype(np.int32)
        peak = max(peak, int(np.abs(block).max()))
        clipped += int(np.count_nonzero(np.abs(block) >= 32_767))
        powers.append(float(np.mean(np.square(block, dtype=np.float64))))
    took = max(clock() - begun, 1e-6)
    return Measured(
        peak_dbfs=_dbfs(peak**2),
        floor_dbfs=_dbfs(float(np.percentile(powers, 10))),
        clipped=clipped / (count * PERIOD),
        only_zeros=peak == 0,
        rate=count * PERIOD / took,
        overruns=source.overruns,
    )


def judge(measured: Measured) -> list[Check]:
    """Turn numbers into findings: pure."""
    if measured.only_zeros:
        remedy = "unmute the microphone in the mixer, or choose another one (see `devices`)"
        return [Check("microphone_silent", "failed", "only digital silence arrives", remedy)]
    checks = []
    level = f"peak {measured.peak_dbfs:.0f} dBFS, noise floor {measured.floor_dbfs:.0f} dBFS"
    if measured.clipped > _CLIPPED_SHARE:
        share = f"{measured.clipped:.1%} of the samples are at full scale"
        checks.append(Check("microphone_clipping", "warning", share, "turn the gain down"))
    if measured.peak_dbfs < _QUIET_DBFS:
        checks.append(Check("microphone_quiet", "warning", level, "turn the gain up"))
    elif measured.floor_dbfs > _NOISY_DBFS:
        remedy = "turn the gain down, or move the microphone away from what hums"
        checks.append(Check("microphone_noisy", "warning", level, remedy))
    else:
        checks.append(Check("microphone_level", "ok", level))
    rate = f"{measured.rate:.0f} samples a second"
    if abs(measured.rate / SAMPLE_RATE - 1) > _RATE_TOLERANCE:
        remedy = f"the device must give {SAMPLE_RATE}; use it through the sound server or plughw"
        checks.append(Check("microphone_rate", "failed", rate, remedy))
    else:
        checks.append(Check("microphone_rate", "ok", rate))
    return checks


@dataclass(frozen=True)
class Scores:
    """The newest wake scores: by word (stage one, stage two where it looked), and the level."""

    at: float
    words: dict[str, tuple[float, float]]
    floor_dbfs: float
    heard: Heard | None


def live_scores(
    wanted: str | None, words: Sequence[str], sensitivity: Sensitivity, *, stage_two: bool = True
) -> Iterator[Scores]:
    """Run the live wake path and give its scores every 80 ms, until closed.

    Raises DeviceError and ModelError.
    """
    ring = Ring()
    microphone = Microphone(wanted)
    try:
        yield from scores_of(microphone, ring, words, sensitivity, stage_two=stage_two)
    finally:
        ring.wipe()
        microphone.close()


def scores_of(
    source: Source,
    ring: Ring,
    words: Sequence[str],
    sensitivity: Sensitivity,
    *,
    stage_two: bool = True,
) -> Iterator[Scores]:
    """Run the wake path over any source; `at` is in seconds of its audio."""
    from earshot_satellite.wake.detector import Detector  # noqa: PLC0415 - it loads the models

    detector = Detector(words, ring, sensitivity, stage_two)
    samples = 0
    while True:
        block: Samples = source.read(PERIOD)
        samples += len(block)
        ring.write(block)
        heard = detector.process(block)
        yield Scores(samples / SAMPLE_RATE, detector.scores, detector.floor_dbfs, heard)


def _dbfs(power: float) -> float:
    return 10 * math.log10(max(power, 0.1) / 32_768.0**2)
