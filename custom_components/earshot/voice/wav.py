"""Raw PCM out of a WAV file that is still being made."""

import struct
from array import array
from dataclasses import dataclass
from typing import Final

HEADER_LIMIT: Final = 64 * 1024
SILENCE: Final = 64
"""Samples up to this amplitude, -54 dB of full scale, are silence."""

HEAD_S: Final = 0.5
MARGIN_S: Final = 0.005
_PCM = 1
_EXTENSIBLE = 0xFFFE


class WavError(Exception):
    """The bytes are no WAV of 16 bit PCM with one or two channels."""


@dataclass(frozen=True)
class PcmFormat:
    """The format of 16 bit little endian PCM."""

    rate: int
    channels: int

    def seconds(self, size: int) -> float:
        """Return how long so many bytes sound."""
        return size / (2 * self.channels * self.rate)


class WavReader:
    """Takes a WAV in pieces of any size and gives whole frames of PCM.

    The length in the header is not believed: a header written before its audio says 0 or 2^32 - 1.
    """

    def __init__(self) -> None:
        self.format: PcmFormat | None = None
        self._buffer = b""

    def feed(self, data: bytes) -> bytes:
        """Return the PCM that is complete with this piece, perhaps none; raises `WavError`."""
        self._buffer += data
        if self.format is None:
            self._read_header()
        if self.format is None:
            return b""
        whole = len(self._buffer) - len(self._buffer) % (2 * self.format.channels)
        pcm, self._buffer = self._buffer[:whole], self._buffer[whole:]
        return pcm

    def _read_header(self) -> None:
        head = self._buffer
        if len(head) < 12:
            return
        if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
            raise WavError("not a WAV file")
        at, found = 12, None
        while len(head) >= at + 8:
            size = int.from_bytes(head[at + 4 : at + 8], "little")
            if head[at : at + 4] == b"data":
                if found is None:
                    raise WavError("the format is missing")
                self.format, self._buffer = found, head[at + 8 :]
                return
            if len(head) < at + 8 + size:
                break
            if head[at : at + 4] == b"fmt ":
                found = _read_format(head[at + 8 : at + 8 + size])
            at += 8 + size + size % 2
        if len(head) > HEADER_LIMIT:
            raise WavError("the header is too long")


class HeadTrimmer:
    """Leaves out the silence that a sound begins with.

    Home Assistant's acknowledgement begins with 218 ms of it (2026.11), which a person who waits
    for an answer hears as slowness.
    """

    def __init__(self, pcm_format: PcmFormat) -> None:
        self._frame = 2 * pcm_format.channels
        self._left = int(HEAD_S * pcm_format.rate) * self._frame
        self._margin = int(MARGIN_S * pcm_format.rate) * self._frame

    def feed(self, pcm: bytes) -> bytes:
        """Return what is left of the next piece."""
        if not self._left:
            return pcm
        head = array("h", pcm[: self._left])
        loud = next((at for at, value in enumerate(head) if abs(value) > SILENCE), None)
        if loud is None:
            self._left -= len(head) * 2
            return pcm[len(head) * 2 :]
        self._left = 0
        begin = max(2 * loud - self._margin, 0)
        return pcm[begin - begin % self._frame :]


def wav_header(rate: int, width: int, channels: int) -> bytes:
    """Return the header of a WAV whose length is not known yet."""
    frame = width * channels
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", 0xFFFFFFFF, b"WAVE",
        b"fmt ", 16, _PCM, channels, rate, rate * frame, frame, 8 * width,
        b"data", 0xFFFFFFFF,
    )  # fmt: skip


def _read_format(chunk: bytes) -> PcmFormat:
    if len(chunk) < 16:
        raise WavError("the format is cut short")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag not in (_PCM, _EXTENSIBLE) or bits != 16 or channels not in (1, 2):
        raise WavError("only 16 bit PCM with one or two channels can be played")
    if not 8_000 <= rate <= 48_000:
        raise WavError("only rates from 8 to 48 kHz can be played")
    return PcmFormat(rate, channels)
