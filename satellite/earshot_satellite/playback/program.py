"""What home plays in the background: one stream at a time, and what is told of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .media import Media
from .player import Player

HEARING, SPEAKING, NOTHING = 0.08, 0.25, 1.0
"""How loud the background stays while a command is heard, while somebody speaks or a timer rings,
and else."""


class Program:
    """The background of one satellite, in the event loop.

    `told` is called with the stream, its state and how many seconds of it were heard. Of one that a
    newer one took the place of, nothing more is told.
    """

    def __init__(self, player: Player) -> None:
        self._player = player
        self._loop = asyncio.get_running_loop()
        self._stream = ""
        self._media: Media | None = None
        self._told: Callable[[str, str, float], None] | None = None
        self._changed: Callable[[], None] = lambda: None
        self._played = False

    def on_change(self, changed: Callable[[], None]) -> None:
        """Have a function called when it begins, rests or ends."""
        self._changed = changed

    @property
    def plays(self) -> bool:
        """Whether the background is heard now."""
        return self._media is not None and self._media.sounds and not self._media.is_over

    def attach(self, told: Callable[[str, str, float], None]) -> None:
        """Tell this home from now on; what an older one began is over, and none of its business."""
        self.stop()
        self._stream = ""
        self._told = told

    def detach(self, told: Callable[[str, str, float], None]) -> None:
        """Take notice that a home is gone: what it sent is heard to its end, a pause is none."""
        if self._told == told:
            self._told = None
            if self._media is not None:
                self._media.finish()
                if self._media.paused:
                    self._media.stop()
                self._player.media_changed()

    def start(self, stream: str, rate: int, channels: int) -> None:
        """Begin a stream in place of an older one."""
        self._stream = stream

        def told(state: str, played_s: float) -> None:
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._tell, stream, state, played_s)

        self._media = Media(rate, channels, told)
        self._player.begin_media(self._media)

    def audio(self, stream: str, pcm: bytes) -> None:
        """Take the next piece of it."""
        if (media := self._of(stream)) is not None:
            media.feed(pcm)
            self._player.media_changed()

    def end(self, stream: str) -> None:
        """Take that it is complete."""
        if (media := self._of(stream)) is not None:
            media.finish()
            self._player.media_changed()

    def pause(self, stream: str, *, paused: bool) -> None:
        """Hold it, or go on."""
        if (media := self._of(stream)) is not None:
            media.pause(paused)
            self._player.media_changed()
            # Not only from the player's thread: it has nothing to do with what is held.
            media.tell()

    def stop(self, stream: str | None = None) -> bool:
        """Give it up, whichever it is when none is named; return whether there was any."""
        media = self._media if stream is None else self._of(stream)
        if media is None or media.is_over:
            return False
        media.stop()
        self._player.media_changed()
        return True

    def _of(self, stream: str) -> Media | None:
        return self._media if stream == self._stream else None

    def _tell(self, stream: str, state: str, played_s: float) -> None:
        if self.plays != self._played:
            self._played = self.plays
            self._changed()
        if self._told is not None and stream == self._stream:
            self._told(stream, state, played_s)
