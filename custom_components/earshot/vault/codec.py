"""Audio as a file in memory: FLAC where PyAV is there, else WAV. Neither loses a sample."""

import io
import wave
from typing import Any

RATE = 16_000
_FRAMES = 16_000
"""Samples handed to the encoder at once."""


def encode(pcm: bytes) -> bytes:
    """Return 16 kHz, 16 bit, mono PCM as a whole file."""
    try:
        import av  # noqa: PLC0415 - a large library that not every Home Assistant has
    except ImportError:
        return _wav(pcm)
    try:
        return _flac(av, pcm)
    except av.FFmpegError:
        return _wav(pcm)


def media_type(audio: bytes) -> str:
    """Return the media type of what `encode` made."""
    return "audio/flac" if audio.startswith(b"fLaC") else "audio/wav"


def _flac(av: Any, pcm: bytes) -> bytes:
    target = io.BytesIO()
    with av.open(target, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=RATE, layout="mono")
        stream.format = "s16"
        for at in range(0, len(pcm), 2 * _FRAMES):
            chunk = pcm[at : at + 2 * _FRAMES]
            frame = av.AudioFrame(format="s16", layout="mono", samples=len(chunk) // 2)
            frame.sample_rate = RATE
            frame.pts = at // 2
            # A plane may be padded beyond its samples.
            frame.planes[0].update(chunk.ljust(frame.planes[0].buffer_size, b"\0"))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


def _wav(pcm: bytes) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(pcm)
    return target.getvalue()
