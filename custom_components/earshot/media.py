"""What is played in a room beside what is spoken there."""

import asyncio
import logging
import secrets
from contextlib import aclosing
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .voice.decode import DecodeError, decode
from .voice.wav import PcmFormat
from .wire.media import (
    MEDIA_LEAD_S,
    MediaAudio,
    MediaEnd,
    MediaPause,
    MediaStart,
    MediaState,
    MediaStop,
    SetVolume,
    Volume,
)

if TYPE_CHECKING:
    from .room import Room

_LOGGER = logging.getLogger(__name__)

FORMAT: Final = PcmFormat(rate=44_100, channels=2)
BEGIN_S: Final = 20.0
"""From asking for a medium to hearing it."""

STALL_S: Final = 40.0
"""From one word of the satellite to the next, while it plays."""

PAUSE_S: Final = 3_600.0
"""What is paused for longer is stopped: a server would not wait either."""

RESUME_S: Final = 90.0
"""For so long what was playing waits for a link that broke, as when the Wi-Fi goes for a minute.

Then it goes on where it was; a room that has been silent for longer is left so.
"""

_PIECE: Final = 16 * 1024


class Playback(StrEnum):
    """How the room's media stand."""

    IDLE = "idle"
    BUFFERING = "buffering"
    PLAYING = "playing"
    PAUSED = "paused"


class RoomMedia:
    """One stream at a time, decoded here and sent as it is heard."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, room: Room) -> None:
        self.playback = Playback.IDLE
        self.volume: Volume | None = None
        self._hass = hass
        self._entry = entry
        self._room = room
        self._stream = ""
        self._task: asyncio.Task[None] | None = None
        self._heard = asyncio.Event()
        self._linked = asyncio.Event()
        self._broken = False
        """Whether the satellite has forgotten the stream: the link broke since it was begun."""

        self._began: asyncio.Future[bool] = hass.loop.create_future()
        self._sent_s = self._played_s = 0.0
        """Of the stream as it was last begun."""

        self._ended = False

    async def async_play(self, url: str) -> bool:
        """Play a medium in place of what was there; return whether it began.

        Waits until the satellite plays it, or it is clear that it will not.
        """
        self.stop()
        began: asyncio.Future[bool] = self._hass.loop.create_future()
        self._began = began
        self._new_stream()
        self._set(Playback.BUFFERING)
        self._task = self._entry.async_create_background_task(
            self._hass, self._play(url), f"earshot media {self._room.name}"
        )
        try:
            async with asyncio.timeout(BEGIN_S):
                return await began
        except TimeoutError:
            self.stop()
            return False

    @callback
    def pause(self, *, paused: bool) -> None:
        """Hold what is played, or go on with it."""
        if self._task is not None:
            self._room.link.send(MediaPause(stream=self._stream, paused=paused))

    @callback
    def stop(self) -> None:
        """Play nothing any more."""
        if self._task is not None:
            self._room.link.send(MediaStop(stream=self._stream))
            self._end()

    @callback
    def set_volume(self, level: float, *, muted: bool) -> bool:
        """Have the loudspeaker so loud; return whether it could be told."""
        return self._room.link.send(SetVolume(level=level, muted=muted))

    @callback
    def link_up(self) -> None:
        """Go on with what was playing, if it is not too long ago."""
        self._linked.set()

    @callback
    def link_down(self) -> None:
        """Take notice that nothing can be played: the satellite ends after what it has.

        What somebody had paused, and what was not heard yet, does not begin by itself.
        """
        self._linked.clear()
        self._broken = True
        if self._task is None or self.playback is Playback.PAUSED or not self._began.done():
            self._end()
        else:
            self._set(Playback.BUFFERING)
            self._heard.set()

    @callback
    def told(self, message: MediaState | Volume) -> None:
        """Take what the satellite says."""
        if isinstance(message, Volume):
            self.volume = message
            self._room.changed()
            return
        if message.stream != self._stream or self._task is None:
            return
        self._played_s = message.played_ms / 1_000
        self._ended = message.state not in {"playing", "paused"}
        self._heard.set()
        if not self._ended:
            self._set(Playback(message.state))
        elif message.state == "stopped":
            self._end()

    async def _play(self, url: str) -> None:
        began = self._began
        try:
            await self._send(url)
        except (DecodeError, OSError, TimeoutError) as err:
            _LOGGER.debug("Media in %s ended: %s", self._room.name, type(err).__name__)
            self._room.link.send(MediaStop(stream=self._stream))
        finally:
            if not began.done():
                began.set_result(self._played_s > 0)
            if self._task is asyncio.current_task():
                self._task = None
                self._set(Playback.IDLE)

    async def _send(self, url: str) -> None:
        waiting = b""
        # Closed whatever happens: ffmpeg would wait behind a pipe that nobody reads.
        async with aclosing(decode(self._hass, url, FORMAT)) as pieces:
            async for pcm in pieces:
                waiting += pcm
                while len(waiting) >= _PIECE:
                    piece, waiting = waiting[:_PIECE], waiting[_PIECE:]
                    await self._send_piece(piece)
        if waiting:
            await self._send_piece(waiting)
        elif not self._sent_s:
            raise DecodeError
        self._room.link.send(MediaEnd(stream=self._stream))
        while not self._ended:
            await self._wait()

    async def _send_piece(self, piece: bytes) -> None:
        """Send a piece when it is time for it; after an outage as the begin of a new stream."""
        while True:
            try:
                while self._sent_s - self._played_s > MEDIA_LEAD_S and not self._ended:
                    await self._wait()
                if self._ended:
                    raise DecodeError
                if self._broken:
                    raise ConnectionResetError
                if not self._sent_s:
                    start = MediaStart(
                        stream=self._stream, rate=FORMAT.rate, channels=FORMAT.channels
                    )
                    self._room.link.send(start)
                await self._room.link.send_patiently(MediaAudio(stream=self._stream, pcm=piece))
            except ConnectionResetError:
                if not self._began.done():
                    raise
                async with asyncio.timeout(RESUME_S):
                    await self._linked.wait()
                self._new_stream()
                continue
            self._sent_s += FORMAT.seconds(len(piece))
            return

    async def _wait(self) -> None:
        """Wait for the satellite's next word; raises `TimeoutError`, and `ConnectionResetError`."""
        self._heard.clear()
        # Its first word may have come before anybody waited for it.
        self._tell_begun()
        async with asyncio.timeout(PAUSE_S if self.playback is Playback.PAUSED else STALL_S):
            await self._heard.wait()
        if self._broken:
            raise ConnectionResetError
        self._tell_begun()

    def _new_stream(self) -> None:
        self._stream = secrets.token_hex(8)
        self._sent_s = self._played_s = 0.0
        self._broken = self._ended = False

    def _tell_begun(self) -> None:
        if not self._began.done() and self.playback is Playback.PLAYING:
            self._began.set_result(True)

    def _end(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        self._stream = ""
        self._set(Playback.IDLE)

    def _set(self, playback: Playback) -> None:
        if self.playback is not playback:
            self.playback = playback
            self._room.changed()
