"""The Wyoming server: our own requests, and stock ones for any other client."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
from collections.abc import Awaitable, Callable

from wyoming.asr import Transcribe as StockTranscribe
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize

from earshot_wire.door import Door, DoorLimits, Guest, Key, is_this_machine
from earshot_wire.framing import FrameError
from earshot_wire.identity import Trust
from earshot_wire.limits import VERSION
from earshot_wire.message import MessageError
from earshot_wire.pairing import Unpair
from earshot_wire.regulars import Regulars
from earshot_wire.spate import Spate
from earshot_wire.speech import Transcribe
from earshot_wire.tls import paired_server

from .hearing import Hearing
from .info import info
from .peer import Peer, PeerError
from .places import MAX_CONNECTIONS, Places
from .recognition.engine import Engine
from .recognition.pool import PoolError
from .recognition.utterance import UtteranceError
from .settings import Link
from .speaking import Speaking
from .voice.speaker import Speaker, VoiceError

_LOG = logging.getLogger(__name__)

FIRST_S = 5.0
"""A client that connects wants something; one that says nothing takes another's place."""

IDLE_S = 30.0
"""A connection that asks for no work for so long is closed, whatever else it says."""

LEAVE_S = 2.0
"""A client that has its answer hangs up within it."""

_LIMITS = DoorLimits(strangers=MAX_CONNECTIONS, each_address=MAX_CONNECTIONS // 2)

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

    def __init__(
        self,
        engine: Engine,
        speaker: Speaker,
        link: Link,
        unpair: Callable[[], Awaitable[None]] | None = None,
        regulars: Regulars | None = None,
    ) -> None:
        self._hearing = Hearing(engine)
        self._speaking = Speaking(speaker)
        self._link = link
        self._unpair = unpair
        self._places = Places()
        self._garbage = Spate(_LOG)
        self._refused = Spate(_LOG)
        self._regulars = Regulars() if regulars is None else regulars
        self._door = Door(
            self._accept,
            limits=_LIMITS,
            regulars=self._regulars,
            plain=lambda address: link.open or is_this_machine(address),
        )
        self._listens: tuple[str, int] | None = None
        self._guests: set[Peer] = set()

    async def use(self, trust: Trust | None) -> int:
        """Let in the home that is trusted, and no other over the network; returns the port.

        Raises `ServerError` when the port cannot be had, and `TrustError`.
        """
        self._door.key = None
        for peer in tuple(self._guests):
            if peer.paired:
                peer.drop()
        if trust is not None:
            context = await asyncio.to_thread(paired_server, trust)
            self._door.key = Key(context, trust.peer)
        else:
            self._regulars.forget()
        place = (self._link.address(paired=trust is not None), self._link.port)
        if place != self._listens:
            await self._door.close()
            await self._listen(*place)
            self._listens = place
        return self._door.port

    async def _listen(self, host: str, port: int) -> None:
        try:
            await self._door.open(host, port)
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

    async def stop(self) -> None:
        """Close the port and every connection."""
        await self._door.close()
        self._speaking.close()
        self._garbage.end()
        self._refused.end()

    async def _accept(self, guest: Guest) -> None:
        # Who is let in at all is counted by the places.
        guest.settle()
        if guest.key is not self._door.key and guest.paired:
            return
        peer = Peer(
            guest.reader,
            guest.writer,
            paired=guest.paired,
            here=not guest.paired and is_this_machine(guest.address),
        )
        if not self._places.enter(peer):
            return
        self._guests.add(peer)
        try:
            await self._serve(peer)
            await _let_leave(guest.reader, guest.writer)
        finally:
            self._guests.discard(peer)
            self._places.leave(peer)

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
            self._garbage.tell("Connection closed: no event arrived, but bytes (%s)", err.code)
        except TimeoutError:
            _LOG.debug("Connection closed: nothing came")
        except OSError:
            _LOG.debug("Connection lost")

    async def _answer(self, peer: Peer, event: Event) -> bool:
        """Answer one request; returns whether the connection goes on."""
        try:
            return await self._dispatch(peer, event)
        except PeerError as err:
            self._refused.tell("Request refused: %s", err.code)
            await peer.fail(err.code, err.text)
        except MessageError as err:
            self._refused.tell("Request refused: %s", err)
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
        if Transcribe.is_type(event.type) or Unpair.is_type(event.type):
            await self._ours(peer, event)
            return False
        if StockTranscribe.is_type(event.type):
            await self._hearing.stock(peer)
            return True
        # Clients may say more than we know, but the request that decides has to come.
        return True

    async def _ours(self, peer: Peer, event: Event) -> None:
        """Answer what is no Wyoming of others, for whom it is meant alone."""
        if Unpair.is_type(event.type):
            if peer.paired and self._unpair is not None:
                await self._unpair()
            return
        if not peer.may_teach:
            raise PeerError("not_paired", "only the paired home may bring a grammar")
        request = Transcribe.from_event(event)
        if request.version != VERSION:
            raise PeerError("version", f"this service speaks version {VERSION}")
        await self._hearing.ours(peer, request)


async def _let_leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say that nothing more comes and read on until the client leaves.

    Closing on audio that is still arriving resets the connection, and the client may lose the
    result that was just sent.
    """
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(LEAVE_S):
            if writer.can_write_eof():
                writer.write_eof()
            while await reader.read(64 * 1024):
                pass
