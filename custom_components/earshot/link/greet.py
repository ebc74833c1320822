"""Meeting a satellite: connect, say hello, be welcomed or learn why not."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from wyoming.info import Describe, Info

from ..wire.framing import FrameError, encode_event, read_event
from ..wire.greeting import Hello, Refused, Welcome
from ..wire.limits import GREETING_S, ROOM_LIMITS, VERSION
from ..wire.message import MessageError
from ..wire.tls import HANDSHAKE_S, SHUTDOWN_S, is_peer
from .keys import Credentials

CONNECT_S: Final = 3.0
"""For TCP; TLS may take `HANDSHAKE_S` more."""

STREAM_BUFFER: Final = 64 * 1024

ANOTHER: Final = "another_satellite"
"""Why a link is refused or given up by us: who answers is not who was paired."""

NOBODY: Final = "nobody_listens"
"""Why a link cannot be made: the machine answers, and no program of it listens."""

NOT_TRUSTED: Final = "not_trusted"
"""Who answers is who was paired, and does not let us in any more."""


class LinkError(Exception):
    """There is no link. `reason` is a translation key of the config flow's errors.

    Of a link: `cannot_connect`, `no_answer`, `version`, `not_earshot`, `another_satellite` or
    `not_trusted`; of a pairing those of `PairingError`, `not_pairing` or `wyoming_satellite`.
    """

    def __init__(self, reason: str, *, deserted: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.deserted = deserted
        """Whether the machine answers, and no program of it listens on that port."""

    @property
    def refused(self) -> bool:
        """Return whether the satellite answered, and does not want this link."""
        return self.reason not in {"cannot_connect", "no_answer", NOT_TRUSTED}


@dataclass(frozen=True)
class Greeted:
    """A link that the satellite welcomed. Whoever holds it closes the writer."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    welcome: Welcome


async def greet(host: str, port: int, owner: str, credentials: Credentials) -> Greeted:
    """Return a welcomed link to the satellite that was paired; raises `LinkError`."""
    reader, writer = await open_stream(host, port, credentials)
    try:
        return Greeted(reader, writer, await _hello(reader, writer, owner))
    except BaseException:
        await close(writer)
        raise


async def identify(host: str, port: int, owner: str, credentials: Credentials) -> Welcome:
    """Return what the satellite says of itself and hang up; raises `LinkError`."""
    greeted = await greet(host, port, owner, credentials)
    await close(greeted.writer)
    return greeted.welcome


async def is_there(host: str, port: int, credentials: Credentials) -> bool:
    """Return whether who was paired answers at an address; it need not take notice of us."""
    try:
        _, writer = await open_stream(host, port, credentials)
    except LinkError:
        return False
    await close(writer)
    return True


async def open_stream(
    host: str, port: int, credentials: Credentials | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return an open connection to who was paired, or a plain one; raises `LinkError`."""
    if credentials is None:
        return await _connect(host, port)
    reader, writer = await _connect(host, port, credentials.context)
    if not is_peer(writer, credentials.trust.peer):
        writer.transport.abort()
        raise LinkError(ANOTHER)
    return reader, writer


async def open_pairing(
    host: str, port: int, context: ssl.SSLContext
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return an open connection to a pairing port, whoever answers; raises `LinkError`."""
    try:
        return await _connect(host, port, context)
    except LinkError as err:
        if err.deserted:
            raise LinkError("not_pairing") from None
        raise LinkError("no_pairing" if err.reason == "not_earshot" else err.reason) from None


async def _connect(
    host: str, port: int, context: ssl.SSLContext | None = None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    tls: dict[str, Any] = {}
    limit_s = CONNECT_S
    if context is not None:
        # No server name: it would tell whoever listens what the host is called.
        tls = {"ssl": context, "server_hostname": "", "ssl_handshake_timeout": HANDSHAKE_S,
               "ssl_shutdown_timeout": SHUTDOWN_S}  # fmt: skip
        limit_s += HANDSHAKE_S
    try:
        async with asyncio.timeout(limit_s):
            return await asyncio.open_connection(
                host, port, limit=STREAM_BUFFER, all_errors=True, **tls
            )
    except ssl.SSLCertVerificationError:
        raise LinkError(ANOTHER) from None
    except ssl.SSLError:
        raise LinkError("not_earshot") from None
    except ConnectionResetError:
        raise LinkError("cannot_connect" if context is None else NOT_TRUSTED) from None
    except ExceptionGroup as each:
        # One for each address that the name has.
        _, others = each.split(ConnectionRefusedError)
        raise LinkError("cannot_connect", deserted=others is None) from None
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
        # In TLS 1.3 a certificate that is not wanted is told only now.
        raise LinkError(NOT_TRUSTED) from None
    if event is None:
        raise LinkError(NOT_TRUSTED)
    try:
        if Refused.is_type(event.type):
            reason = Refused.from_event(event).reason
            raise LinkError("version" if reason == "version" else "not_earshot")
        if not Welcome.is_type(event.type):
            raise LinkError("not_earshot")
        welcome = Welcome.from_event(event)
    except MessageError:
        raise LinkError("not_earshot") from None
    if welcome.version != VERSION:
        raise LinkError("version")
    return welcome


async def is_other_wyoming(host: str, port: int) -> bool:
    """Return whether what listens there is another kind of Wyoming satellite."""
    try:
        reader, writer = await open_stream(host, port, None)
    except LinkError:
        return False
    try:
        async with asyncio.timeout(GREETING_S):
            writer.write(encode_event(Describe().event()))
            await writer.drain()
            while event := await read_event(reader, ROOM_LIMITS):
                if Info.is_type(event.type):
                    about = (event.data.get("satellite") or {}).get("description")
                    return about != "Earshot satellite"
    except OSError, TimeoutError, FrameError, AttributeError:
        pass
    finally:
        await close(writer)
    return False
