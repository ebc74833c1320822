"""Meeting a satellite: connect, say hello, be welcomed or learn why not."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from wyoming.info import Describe, Info

from ..wire.framing import FrameError, encode_event, read_event
from ..wire.greeting import Hello, Refused, Welcome
from ..wire.limits import GREETING_S, ROOM_LIMITS, VERSION
from ..wire.message import MessageError

CONNECT_S: Final = 3.0
STREAM_BUFFER: Final = 64 * 1024


class LinkError(Exception):
    """There is no link. `reason` is a translation key of the config flow's errors.

    `cannot_connect`, `no_answer`, `busy`, `version`, `not_earshot` or `wyoming_satellite`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def refused(self) -> bool:
        """Return whether the satellite answered, and does not want this link."""
        return self.reason not in {"cannot_connect", "no_answer"}


@dataclass(frozen=True)
class Greeted:
    """A link that the satellite welcomed. Whoever holds it closes the writer."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    welcome: Welcome


async def greet(host: str, port: int, owner: str) -> Greeted:
    """Return a welcomed link to the satellite; raises `LinkError`."""
    reader, writer = await open_stream(host, port)
    try:
        return Greeted(reader, writer, await _hello(reader, writer, owner))
    except BaseException:
        await close(writer)
        raise


async def identify(host: str, port: int, owner: str) -> Welcome:
    """Return what a satellite says of itself and hang up; raises `LinkError`.

    A peer that is no Earshot satellite is asked whether it is another one that speaks Wyoming, so
    that the user can be told.
    """
    try:
        greeted = await greet(host, port, owner)
    except LinkError as err:
        if err.reason in {"not_earshot", "no_answer"} and await _speaks_wyoming(host, port):
            raise LinkError("wyoming_satellite") from None
        raise
    await close(greeted.writer)
    return greeted.welcome


async def open_stream(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return an open TCP connection; raises `LinkError`."""
    try:
        async with asyncio.timeout(CONNECT_S):
            return await asyncio.open_connection(host, port, limit=STREAM_BUFFER)
    except OSError, TimeoutError, ValueError:
        raise LinkError("cannot_connect") from None


async def close(writer: asyncio.StreamWriter) -> None:
    """Close a connection without waiting long for a peer that is gone."""
    writer.close()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(1.0):
            await writer.wait_closed()


async def _hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, owner: str) -> Welcome:
    try:
        async with asyncio.timeout(GREETING_S):
            writer.write(encode_event(Hello(version=VERSION, owner=owner).event()))
            await writer.drain()
            event = await read_event(reader, ROOM_LIMITS)
    except TimeoutError:
        raise LinkError("no_answer") from None
    except FrameError:
        raise LinkError("not_earshot") from None
    except OSError:
        raise LinkError("cannot_connect") from None
    if event is None:
        raise LinkError("not_earshot")
    try:
        if Refused.is_type(event.type):
            reason = Refused.from_event(event).reason
            raise LinkError(reason if reason in {"busy", "version"} else "not_earshot")
        if not Welcome.is_type(event.type):
            raise LinkError("not_earshot")
        welcome = Welcome.from_event(event)
    except MessageError:
        raise LinkError("not_earshot") from None
    if welcome.version != VERSION:
        raise LinkError("version")
    return welcome


async def _speaks_wyoming(host: str, port: int) -> bool:
    try:
        reader, writer = await open_stream(host, port)
    except LinkError:
        return False
    try:
        async with asyncio.timeout(GREETING_S):
            writer.write(encode_event(Describe().event()))
            await writer.drain()
            while event := await read_event(reader, ROOM_LIMITS):
                if Info.is_type(event.type):
                    return True
    except OSError, TimeoutError, FrameError:
        pass
    finally:
        await close(writer)
    return False
