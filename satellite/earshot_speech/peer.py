"""One client's connection: events in and out, within bounds and deadlines."""

from __future__ import annotations

import asyncio
from typing import Any

from wyoming.audio import AudioChunk
from wyoming.error import Error
from wyoming.event import Event

from earshot_wire.framing import read_event, write_event
from earshot_wire.limits import SPEECH_LIMITS

from .recognition.sound import RATE


class PeerError(Exception):
    """The client asked for what cannot be; it is told `code` and the text."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class Peer:
    """Reads and writes Wyoming events."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        paired: bool = False,
        here: bool = False,
    ) -> None:
        self.paired = paired
        """Whether it is the home that the service was paired with."""

        self.may_teach = paired or here
        """Whether it may bring a grammar: the paired home, or a program of this machine."""

        self._reader = reader
        self._writer = writer

    async def read(self, deadline_s: float) -> Event | None:
        """Return the next event or None at the end; raises `FrameError`, TimeoutError, OSError."""
        async with asyncio.timeout(deadline_s):
            return await read_event(self._reader, SPEECH_LIMITS)

    async def write(self, event: Event) -> None:
        """Send an event; raises TimeoutError or OSError."""
        await write_event(self._writer, event)

    def drop(self) -> None:
        """Close the connection at once; who reads finds its end."""
        self._writer.transport.abort()

    async def fail(self, code: str, text: str) -> None:
        """Tell the client that there is no result, and why."""
        await self.write(Error(text=text, code=code).event())


def command_audio(event: Event) -> bytes:
    """Return the PCM of an audio-chunk; raises `PeerError` when it is not 16 kHz, 16 bit, mono."""
    data: dict[str, Any] = event.data
    wanted = {"rate": RATE, "width": 2, "channels": 1}
    pcm = event.payload or b""
    if any(data.get(key) != value for key, value in wanted.items()) or len(pcm) % 2:
        raise PeerError("unsupported_audio", "audio must be 16 kHz, 16 bit, mono")
    return pcm


def is_audio(event: Event) -> bool:
    """Return whether the event carries audio."""
    return AudioChunk.is_type(event.type)
