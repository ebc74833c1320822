"""The loudspeaker through PortAudio. For the player's thread only."""

from __future__ import annotations

import logging
from typing import Any

from ..capture.devices import DeviceError, choose, devices_of
from ..capture.quiet import quiet_stderr
from .clip import Clip
from .convert import Converter

_LOGGER = logging.getLogger(__name__)

_PIECE_S = 0.02
"""Written at once, in seconds: an interruption waits for no more."""


class Output:
    """Opened on demand in the format of what is played, else in one that the device takes."""

    def __init__(self, device: str, volume: float) -> None:
        self._device = device
        self._volume = volume
        self._audio: Any = None
        self._stream: Any = None
        self._wanted: tuple[int, int] | None = None
        self._taken: tuple[int, int] = (0, 0)
        self._running = False

    def open(self, rate: int, channels: int) -> None:
        """Be ready for this format. Raises `DeviceError`.

        PortAudio's list of devices is as old as its start, so one failure starts it again.
        """
        if self._stream is not None and self._wanted == (rate, channels):
            if not self._running:
                self._stream.start_stream()
                self._running = True
            return
        self.close()
        if self._audio is not None:
            try:
                self._open(rate, channels)
            except DeviceError:
                self._forget()
            else:
                return
        import pyaudio  # noqa: PLC0415 - it loads every sound plug-in of the system

        with quiet_stderr():
            self._audio = pyaudio.PyAudio()
        self._open(rate, channels)

    def play(self, clip: Clip) -> None:
        """Write all of a clip in the format that was opened. Raises `OSError`."""
        convert = Converter((clip.rate, clip.channels), self._taken, self._volume)
        size = int(clip.rate * _PIECE_S) * clip.channels * 2
        while not clip.stopped and (pcm := clip.take(size)) is not None:
            if made := convert(pcm):
                self._stream.write(made)

    def drain(self) -> None:
        """Return when the last sample has left the loudspeaker. Raises `OSError`."""
        if self._running:
            self._running = False
            self._stream.stop_stream()

    def close(self) -> None:
        """Let go of the device at once; what it holds is not played."""
        stream, self._stream, self._wanted, self._running = self._stream, None, None, False
        if stream is not None:
            try:
                stream.close()
            except OSError as err:
                _LOGGER.debug("the loudspeaker did not close: %s", err)

    def shut(self) -> None:
        """Let go of PortAudio as well."""
        self.close()
        self._forget()

    def _forget(self) -> None:
        if self._audio is not None:
            self._audio.terminate()
            self._audio = None

    def _open(self, rate: int, channels: int) -> None:
        import pyaudio  # noqa: PLC0415

        device = choose(devices_of(self._audio), self._device or None, output=True)
        native = int(self._audio.get_device_info_by_index(device.index)["defaultSampleRate"])
        failure: Exception | None = None
        for taken in dict.fromkeys(
            [(rate, channels), (rate, 2), (native, channels), (native, 2), (48_000, 2)]
        ):
            try:
                with quiet_stderr():
                    self._stream = self._audio.open(
                        format=pyaudio.paInt16,
                        rate=taken[0],
                        channels=taken[1],
                        output=True,
                        output_device_index=device.index,
                        frames_per_buffer=int(taken[0] * _PIECE_S),
                    )
            except (OSError, ValueError) as err:
                failure = err
            else:
                self._wanted, self._taken, self._running = (rate, channels), taken, True
                return
        raise DeviceError("speaker_failed", f'"{device.name}" does not open: {failure}')
