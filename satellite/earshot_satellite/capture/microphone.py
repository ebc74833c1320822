"""The microphone as a blocking source of samples."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Protocol

import numpy as np

from . import SAMPLE_RATE
from .devices import Device, DeviceError, choose, devices_of, load_pyaudio
from .quiet import quiet_stderr

if TYPE_CHECKING:
    from .ring import Samples

PERIOD = 1280
"""Samples between two wake-ups of the sound system: 80 ms. Measured on PulseAudio with nothing
else running: 20 ms costs 31 CPU seconds an hour, 40 ms 17, 80 ms 10. A detection is decided on
blocks of this length anyway; a command's last words arrive 20 ms later on average than with 40."""

FIRST_AUDIO_SECONDS = 4.0
"""A sound server that was idle hands out the first block up to two seconds late."""


class Source(Protocol):
    """Anything that gives 16 kHz mono samples in real time."""

    @property
    def overruns(self) -> int:
        """How often the sound system said that it lost audio before we read it."""

    def read(self, count: int) -> Samples:
        """Exactly `count` samples; blocks. Raises DeviceError when the device is gone."""


class Microphone:
    """One open PortAudio capture stream.

    Raises DeviceError `microphone_missing` (no such device), `microphone_failed` (it does not
    open, or gives nothing).
    """

    def __init__(self, wanted: str | None) -> None:
        # Plain hw devices refuse 16 kHz where the hardware only does 48; plughw converts.
        os.environ.setdefault("PA_ALSA_PLUGHW", "1")
        with quiet_stderr():
            pyaudio = load_pyaudio()
            self._overflowed: int = pyaudio.paInputOverflowed
            try:
                self._audio = pyaudio.PyAudio()
            except OSError as err:
                raise DeviceError("microphone_missing", f"no sound system: {err}") from err
            devices = devices_of(self._audio)
            self.device: Device = choose(devices, wanted)
            try:
                self._stream = self._audio.open(
                    rate=SAMPLE_RATE,
                    channels=1,
                    format=pyaudio.paInt16,
                    input=True,
                    input_device_index=self.device.index,
                    frames_per_buffer=PERIOD,
                )
            except OSError as err:
                raise DeviceError("microphone_failed", self._failure(err)) from err
        self.overruns = 0
        self._wait_for_first_block()

    def _failure(self, err: OSError) -> str:
        reason = err.args[-1] if err.args else err
        return (
            f'"{self.device.name}" does not work ({reason}); check that it is connected, that no '
            "other program holds it, and that the sound server runs"
        )

    def _wait_for_first_block(self) -> None:
        # A blocking read spins on a stream that has not begun: a second of CPU at each start.
        deadline = time.monotonic() + FIRST_AUDIO_SECONDS
        try:
            while self._stream.get_read_available() < PERIOD:
                if time.monotonic() > deadline:
                    raise DeviceError(
                        "microphone_failed",
                        f'"{self.device.name}" opens but gives no audio; is it unplugged?',
                    )
                time.sleep(0.01)
        except OSError as err:
            raise DeviceError("microphone_failed", self._failure(err)) from err

    def read(self, count: int) -> Samples:
        """Exactly `count` samples; blocks. Raises DeviceError when the device is gone."""
        try:
            raw = self._stream.read(count, exception_on_overflow=False)
        except OSError as err:
            raise DeviceError("microphone_failed", self._failure(err)) from err
        return np.frombuffer(raw, dtype=np.int16)

    def close(self) -> None:
        """Give the device back."""
        with quiet_stderr():
            self._stream.close()
            self._audio.terminate()
