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
        self._played_s = 0.0
        self._ended = False

    async def async_play(self, url: str) -> bool:
        """Play a medium in place of what was there; return whether it began.

        Waits until the satellite plays it, or it is clear that it will not.
        """
        self.stop()
        began: asyncio.Future[bool] = self._hass.loop.create_future()
        self._stream = secrets.token_hex(8)
        self._played_s, self._ended = 0.0, False
        self._set(Playback.BUFFERING)
        self._task = self._entry.async_create_background_task(
            self._hass, self._play(self._stream, url, began), f"earshot media {self._room.name}"
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
    def link_down(self) -> None:
        """Take notice that nothing can be played any more."""
        self._end()

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

    async def _play(self, stream: str, url: str, began: asyncio.Future[bool]) -> None:
        try:
            await self._send(stream, url, began)
        except (DecodeError, OSError, TimeoutError) as err:
            _LOGGER.debug("Media in %s ended: %s", self._room.name, type(err).__name__)
            self._room.link.send(MediaStop(stream=stream))
        finally:
            if not began.done():
                began.set_result(self._played_s > 0)
            if self._stream == stream:
                self._task = None
                self._set(Playback.IDLE)

    async def _send(self, stream: str, url: str, began: asyncio.Future[bool]) -> None:
        waiting, sent_s = b"", 0.0
        # Closed whatever happens: ffmpeg would wait behind a pipe that nobody reads.
        async with aclosing(decode(self._hass, url, FORMAT)) as pieces:
            async for pcm in pieces:
                if not sent_s and not waiting:
                    self._room.link.send(
                        MediaStart(stream=stream, rate=FORMAT.rate, channels=FORMAT.channels)
                    )
                waiting += pcm
                while len(waiting) >= _PIECE:
                    piece, waiting = waiting[:_PIECE], waiting[_PIECE:]
                    await self._room.link.send_patiently(MediaAudio(stream=stream, pcm=piece))
                    sent_s += FORMAT.seconds(len(piece))
                    await self._keep_pace(sent_s, began)
        if waiting:
            await self._room.link.send_patiently(MediaAudio(stream=stream, pcm=waiting))
        elif not sent_s:
            raise DecodeError
        self._room.link.send(MediaEnd(stream=stream))
        while not self._ended:
            await self._wait(began)

    async def _keep_pace(self, sent_s: float, began: asyncio.Future[bool]) -> None:
        while sent_s - self._played_s > MEDIA_LEAD_S and not self._ended:
            await self._wait(began)
        if self._ended:
            raise DecodeError

    async def _wait(self, began: asyncio.Future[bool]) -> None:
        """Wait for the satellite's next word; raises `TimeoutError`."""
        self._heard.clear()
        # Its first word may have come before anybody waited for it.
        self._tell_begun(began)
        async with asyncio.timeout(PAUSE_S if self.playback is Playback.PAUSED else STALL_S):
            await self._heard.wait()
        self._tell_begun(began)

    def _tell_begun(self, began: asyncio.Future[bool]) -> None:
        if not began.done() and self.playback is Playback.PLAYING:
            began.set_result(True)

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
