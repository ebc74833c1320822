"""The Wyoming server: our own requests, and stock ones for any other client."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging

from wyoming.asr import Transcribe as StockTranscribe
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize

from earshot_wire.framing import FrameError
from earshot_wire.limits import SPEECH_LIMITS, VERSION
from earshot_wire.message import MessageError
from earshot_wire.speech import Transcribe

from .hearing import Hearing
from .info import info
from .peer import Peer, PeerError
from .places import Places
from .recognition.engine import Engine
from .recognition.pool import PoolError
from .recognition.utterance import UtteranceError
from .speaking import Speaking
from .voice.speaker import Speaker, VoiceError

_LOG = logging.getLogger(__name__)

FIRST_S = 5.0
"""A client that connects wants something; one that says nothing takes another's place."""

IDLE_S = 30.0
"""A connection that asks for no work for so long is closed, whatever else it says."""

LEAVE_S = 2.0
"""A client that has its answer hangs up within it."""

_WORK = (Transcribe, StockTranscribe, Synthesize)

_TEXTS = {
    "busy": "too many requests at a time; try again",
    "recogniser_failed": "the recogniser failed and is started again; try again",
    "no_grammar": "the grammar that was named was not sent in time",
}


class ServerError(Exception):
    """The server cannot start; the message names the remedy."""


class SpeechServer:
    """Serves recognition and voice on one TCP port."""

    def __init__(self, engine: Engine, speaker: Speaker) -> None:
        self._hearing = Hearing(engine)
        self._speaking = Speaking(speaker)
        self._server: asyncio.Server | None = None
        self._places = Places()
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port. Raises `ServerError` when it cannot be had."""
        try:
            self._server = await asyncio.start_server(
                self._accept, host, port, limit=SPEECH_LIMITS.header + 1
            )
        except OSError as err:
            reason = err.strerror or "not possible"
            remedy = "Choose another address with --host, or another port with --port."
            if err.errno == errno.EADDRINUSE:
                remedy = "Is another earshot-speech running? Choose another port with --port."
            raise ServerError(f"cannot listen on {host} port {port}: {reason}. {remedy}") from None
        except ValueError:
            # Not even looked up: a part of it is empty or too long, or it has a null character.
            raise ServerError(
                f"cannot listen on {host!r}: that is no host name. "
                "Give an address of this machine with --host."
            ) from None
        port_taken: int = self._server.sockets[0].getsockname()[1]
        return port_taken

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        peer = Peer(reader, writer)
        if not self._places.enter(peer):
            writer.close()
            return
        self._connections.add(task)
        try:
            await self._serve(peer)
            await _let_leave(reader, writer)
        finally:
            self._connections.discard(task)
            self._places.leave(peer)
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await writer.wait_closed()

    async def _serve(self, peer: Peer) -> None:
        """Answer until the client leaves or sends what is no request. Logs no contents."""
        clock = asyncio.get_running_loop().time
        until, first = clock() + FIRST_S, True
        try:
            while (event := await peer.read(until - clock())) is not None:
                work = any(kind.is_type(event.type) for kind in _WORK)
                with self._places.busy(peer) if work else contextlib.nullcontext():
                    if not await self._answer(peer, event):
                        return
                if work or first:
                    until, first = clock() + IDLE_S, False
        except FrameError as err:
            _LOG.warning("Connection closed: the bytes that arrived are no event (%s)", err.code)
        except TimeoutError:
            _LOG.debug("Connection closed: nothing came")
        except OSError:
            _LOG.debug("Connection lost")

    async def _answer(self, peer: Peer, event: Event) -> bool:
        """Answer one request; returns whether the connection goes on."""
        try:
            return await self._dispatch(peer, event)
        except PeerError as err:
            _LOG.warning("Request refused: %s", err.code)
            await peer.fail(err.code, err.text)
        except MessageError as err:
            _LOG.warning("Request refused: %s", err)
            await peer.fail("bad_message", str(err))
        except (PoolError, UtteranceError) as err:
            await peer.fail(err.code, _TEXTS[err.code])
        except VoiceError as err:
            _LOG.error("No speech: %s", err)
            await peer.fail(err.code, err.detail)
        return False

    async def _dispatch(self, peer: Peer, event: Event) -> bool:
        if Describe.is_type(event.type):
            await peer.write(info(self._speaking.speaker.about).event())
            return True
        if Ping.is_type(event.type):
            await peer.write(Pong().event())
            return True
        if Synthesize.is_type(event.type):
            await self._speaking.answer(peer, event)
            return True
        if Transcribe.is_type(event.type):
            request = Transcribe.from_event(event)
            if request.version != VERSION:
                raise PeerError("version", f"this service speaks version {VERSION}")
            await self._hearing.ours(peer, request)
            return False
        if StockTranscribe.is_type(event.type):
            await self._hearing.stock(peer)
            return True
        # Clients may say more than we know, but the request that decides has to come.
        return True


async def _let_leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say that nothing more comes and read on until the client leaves.

    Closing on audio that is still arriving resets the connection, and the client may lose the
    result that was just sent.
    """
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(LEAVE_S):
            writer.write_eof()
            while await reader.read(64 * 1024):
                pass
