"""What is spoken, over what goes on in the background."""

from __future__ import annotations

from collections.abc import Callable

from .clip import Clip
from .convert import Converter
from .media import Media
from .output import PIECE_S, Output

FADE_STEP = 0.1
"""Of full volume, per piece of 20 ms: a change of volume that jumps is heard as a click."""


class Ducking:
    """How loud the background is beside what is spoken or listened to."""

    def __init__(self) -> None:
        self.wanted = 1.0
        self._now = 1.0

    def step(self) -> float:
        """Return the volume for the next piece, a step nearer to what is wanted."""
        gap = self.wanted - self._now
        self._now += max(-FADE_STEP, min(FADE_STEP, gap))
        return self._now


class Feed:
    """One sound, piece by piece in the format of the loudspeaker."""

    def __init__(self, take: Callable[[int], bytes | None], frame: int, convert: Converter) -> None:
        self._take = take
        self._frame = frame
        self._convert = convert
        self._waiting = b""
        self._source_over = False

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self._source_over and not self._waiting

    def piece(self, size: int, source_frames: int) -> bytes:
        """Return up to `size` bytes, whole frames, of what there is now."""
        while len(self._waiting) < size and not self._source_over:
            pcm = self._take(source_frames * self._frame)
            if pcm is None:
                self._source_over = True
            elif not pcm:
                break
            else:
                self._waiting += self._convert(pcm)
        piece, self._waiting = self._waiting[:size], self._waiting[size:]
        return piece


class Mixer:
    """Plays a background and, over it, one clip after another. For the player's thread only."""

    def __init__(self, output: Output, media: Media, ducking: Ducking) -> None:
        """Open the loudspeaker in the format of the background. Raises `DeviceError`."""
        output.open(media.rate, media.channels)
        self._output = output
        self._ducking = ducking
        rate, channels = output.taken
        self._frames = int(rate * PIECE_S)
        self._size = self._frames * channels * 2
        volume = output.converter(media.rate, media.channels)
        convert = _Ducked(volume, ducking)
        self._background = Feed(media.take, media.channels * 2, convert)
        self._media_frames = int(media.rate * PIECE_S)
        self._voice: Feed | None = None
        self._voice_frames = 0

    def speak(self, clip: Clip) -> None:
        """Put a clip over the background."""
        convert = self._output.converter(clip.rate, clip.channels, clip.least)
        self._voice = Feed(clip.take_now, clip.channels * 2, convert)
        self._voice_frames = max(1, int(clip.rate * PIECE_S))

    def step(self) -> bool:
        """Write one piece; return whether the clip that was put over it is over now.

        Raises `OSError`.
        """
        voice = self._voice.piece(self._size, self._voice_frames) if self._voice else b""
        background = self._background.piece(self._size, self._media_frames)
        self._output.write(_sum(background, voice, self._size))
        if self._voice is None or not self._voice.is_over:
            return False
        self._voice = None
        return True


class _Ducked(Converter):
    def __init__(self, convert: Converter, ducking: Ducking) -> None:
        volume = convert.volume
        super().__init__(*convert.formats, lambda: volume() * ducking.step())


def _sum(background: bytes, voice: bytes, size: int) -> bytes:
    if not voice:
        return background + bytes(size - len(background))
    # Imported on use, see `convert`.
    import numpy as np  # noqa: PLC0415

    mixed = np.zeros(size // 2, dtype=np.int32)
    for pcm in (background, voice):
        samples = np.frombuffer(pcm, dtype="<i2")
        mixed[: len(samples)] += samples
    return bytes(np.clip(mixed, -32_768, 32_767).astype("<i2").tobytes())
