"""The loudspeaker through PortAudio. For the player's thread only."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import time
from typing import Any

from ..capture.devices import DeviceError, choose, devices_of, load_pyaudio
from ..capture.quiet import quiet_stderr
from .clip import Clip
from .convert import Converter
from .volume import Volume

_LOGGER = logging.getLogger(__name__)

PIECE_S = 0.02
"""Written at once, in seconds: an interruption waits for no more."""

_PERIOD_S = 0.04
_BUFFER_S = 3 * _PERIOD_S
"""PortAudio makes three periods. Through PulseAudio, less than 0.1 s in all runs dry (measured:
with 0.06 s a reply of 1 s took up to 2.7 s)."""

_ALSA_SILENCE = ctypes.CFUNCTYPE(None)(lambda: None)


class Output:
    """Opened on demand in the format of what is played, else in one that the device takes."""

    def __init__(self, device: str, volume: Volume) -> None:
        self._device = device
        self._volume = volume
        self._audio: Any = None
        self._stream: Any = None
        self._wanted: tuple[int, int] | None = None
        self._taken: tuple[int, int] = (0, 0)
        self._running = False
        self._ends_at = 0.0

    def open(self, rate: int, channels: int) -> None:
        """Be ready for this format. Raises `DeviceError`.

        PortAudio's list of devices is as old as its start, so one failure starts it again.
        """
        if self._stream is not None and self._wanted == (rate, channels):
            if not self._running:
                self._stream.start_stream()
                self._running = True
            return
        self.settle()
        self.close()
        if self._audio is not None:
            try:
                self._open(rate, channels)
            except DeviceError:
                self._forget()
            else:
                return
        with quiet_stderr():
            self._audio = load_pyaudio().PyAudio()
        _silence_alsa()
        self._open(rate, channels)

    def play(self, clip: Clip) -> None:
        """Write all of a clip in the format that was opened. Raises `OSError`."""
        convert = self.converter(clip.rate, clip.channels, clip.least)
        size = int(clip.rate * PIECE_S) * clip.channels * 2
        while not clip.stopped and (pcm := clip.take(size)) is not None:
            self.write(convert(pcm))

    @property
    def taken(self) -> tuple[int, int]:
        """Rate and channels that the device was opened with."""
        return self._taken

    def converter(self, rate: int, channels: int, least: float = 0.0) -> Converter:
        """Return what makes of a sound what the device takes, as loud as it is to be."""
        return Converter((rate, channels), self._taken, lambda: self._volume.of(least))

    @property
    def heard_at(self) -> float:
        """When what was written so far will have left the loudspeaker, on the monotonic clock."""
        return self._ends_at + _BUFFER_S

    def drain(self, clip: Clip) -> None:
        """Return when the clip's last sample has left the loudspeaker. Raises `OSError`.

        Stopping the stream would not wait (measured through PulseAudio: it cuts what is buffered),
        so the buffer is filled up with silence first, and the clock asked as well.
        """
        end = self._ends_at
        silence = bytes(int(self._taken[0] * PIECE_S) * self._taken[1] * 2)
        for _ in range(round(_BUFFER_S / PIECE_S)):
            if clip.stopped:
                return
            self._stream.write(silence)
        while not clip.stopped and (left := end + _PERIOD_S - time.monotonic()) > 0:
            time.sleep(min(left, PIECE_S))
        self._stop()

    @property
    def rest_s(self) -> float | None:
        """How long to wait before what was written last has been played, or None."""
        return max(0.0, self._ends_at + _BUFFER_S - time.monotonic()) if self._running else None

    def settle(self) -> None:
        """Wait until what was written last has been played, then let the device rest."""
        if (left := self.rest_s) is not None:
            time.sleep(left)
            self._stop()

    def write(self, pcm: bytes) -> None:
        """Write PCM as the device takes it, waiting while its buffer is full. Raises `OSError`."""
        if pcm:
            length_s = len(pcm) / (self._taken[0] * self._taken[1] * 2)
            self._ends_at = max(self._ends_at, time.monotonic()) + length_s
            self._stream.write(pcm)

    def _stop(self) -> None:
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
        pyaudio = load_pyaudio()

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
                        frames_per_buffer=int(taken[0] * _PERIOD_S),
                    )
            except (OSError, ValueError) as err:
                failure = err
            else:
                self._wanted, self._taken, self._running = (rate, channels), taken, True
                return
        raise DeviceError("speaker_failed", f'"{device.name}" does not open: {failure}')


def _silence_alsa() -> None:
    """Keep the ALSA library from printing about every buffer that ran dry."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_ALSA_SILENCE)
