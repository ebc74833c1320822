"""The link of one room: kept up for as long as its config entry is loaded."""

import asyncio
import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

from wyoming.event import Event
from wyoming.ping import Ping, Pong

from ..wire.consent import Confirm
from ..wire.framing import FrameError, encode_event, read_while_alive
from ..wire.greeting import Problems, Welcome
from ..wire.limits import PEER_SILENCE_S, PING_INTERVAL_S, ROOM_LIMITS, WRITE_S
from ..wire.media import MediaState, Volume
from ..wire.message import Message, MessageError, parser
from ..wire.microphone import Receipt
from ..wire.pairing import Unpair
from ..wire.timers import Timers
from ..wire.tuning import Tuning
from ..wire.turn import Invited, Played, TurnAudio, TurnAudioEnd, Wake
from ..wire.witness import WitnessHeads
from .backoff import retry_delay
from .greet import ANOTHER, NOBODY, Greeted, LinkError, close, greet
from .keys import Credentials

_LOGGER = logging.getLogger(__name__)

OUTBOX_LIMIT: Final = 2 * 1024 * 1024
"""Bytes a satellite may leave unread before its link is given up."""

SETTLED_S: Final = 10.0
"""A link that broke sooner counts as one more failure, so that a crash loop is not hurried."""

UNPAIRED: Final = "unpaired"
"""Why a link ended: the satellite does not trust us any more, and said so."""

_parse: Callable[[Event], Message | None] = parser(
    Wake,
    TurnAudio,
    TurnAudioEnd,
    Played,
    Receipt,
    Problems,
    Welcome,
    WitnessHeads,
    Confirm,
    Invited,
    MediaState,
    Timers,
    Tuning,
    Volume,
    Unpair,
)


class LinkState(StrEnum):
    """Where the link stands; for the log and for diagnostics."""

    CONNECTING = "connecting"
    UP = "up"
    WAITING = "waiting"
    STOPPED = "stopped"


class LinkListener(Protocol):
    """Who is told; all of these are called in the event loop and must not block."""

    def link_up(self, welcome: Welcome) -> None:
        """Take notice that the satellite welcomed us."""

    def link_down(self, reason: str) -> None:
        """Take notice that the link is gone, or that the first try failed."""

    def message(self, message: Message) -> None:
        """Handle what the satellite sent."""


class RoomLink:
    """A connection to the satellite that was paired, made again whenever it breaks.

    States: connecting -> up -> waiting -> connecting ..., until `run` is cancelled. A break and a
    return are each logged once.
    """

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        *,
        owner: str,
        satellite_id: str,
        listener: LinkListener,
    ) -> None:
        self.state = LinkState.STOPPED
        self.reason = ""
        self._name = name
        self._host = host
        self._port = port
        self._owner = owner
        self._satellite_id = satellite_id
        self._listener = listener
        self._writer: asyncio.StreamWriter | None = None
        self._told_down = False

    @property
    def is_up(self) -> bool:
        """Return whether messages can be sent."""
        return self._writer is not None

    async def run(self, credentials: Credentials) -> None:
        """Keep the link up until cancelled."""
        failures = 0
        try:
            while True:
                self.state = LinkState.CONNECTING
                try:
                    greeted = await self._meet(credentials)
                except LinkError as err:
                    failures += 1
                    self._down(NOBODY if err.deserted else err.reason)
                    self.state = LinkState.WAITING
                    await asyncio.sleep(retry_delay(failures, refused=err.refused))
                    continue
                since = asyncio.get_running_loop().time()
                reason = await self._hold(greeted)
                held = asyncio.get_running_loop().time() - since
                failures = 1 if held > SETTLED_S else failures + 1
                self._down(reason)
                self.state = LinkState.WAITING
                await asyncio.sleep(retry_delay(failures))
        finally:
            self.state = LinkState.STOPPED

    def send(self, message: Message) -> bool:
        """Send a message now; return False when there is no link to send it on.

        Never blocks: a satellite that leaves too much unread loses its link.
        """
        return self._send(message.event())

    async def send_patiently(self, message: Message) -> None:
        """Send a message and wait until the satellite keeps up; raises `OSError` if it is gone."""
        writer = self._writer
        if writer is None or not self.send(message):
            raise ConnectionResetError
        async with asyncio.timeout(WRITE_S):
            await writer.drain()

    def _send(self, event: Event) -> bool:
        if (writer := self._writer) is None:
            return False
        if writer.transport.get_write_buffer_size() > OUTBOX_LIMIT:
            writer.transport.abort()
            return False
        writer.write(encode_event(event))
        return True

    async def _meet(self, credentials: Credentials) -> Greeted:
        """Return a link to the room's own satellite, and to no other at its address."""
        greeted = await greet(self._host, self._port, self._owner, credentials)
        if greeted.welcome.satellite_id != self._satellite_id:
            await close(greeted.writer)
            raise LinkError(ANOTHER)
        return greeted

    async def _hold(self, greeted: Greeted) -> str:
        """Serve a welcomed link until it ends, and return why it did."""
        self._writer = greeted.writer
        self.state = LinkState.UP
        pings = asyncio.create_task(self._ping(), name=f"earshot ping {self._name}")
        try:
            if self._told_down:
                _LOGGER.info("The satellite of %s is back", self._name)
                self._told_down = False
            self.reason = ""
            self._listener.link_up(greeted.welcome)
            return await self._read(greeted.reader)
        except Exception:
            # A fault in what is told of the link must not end it for good.
            _LOGGER.exception("The link to the satellite of %s failed", self._name)
            return "fault"
        finally:
            self._writer = None
            pings.cancel()
            await close(greeted.writer)

    async def _read(self, reader: asyncio.StreamReader) -> str:
        strange = False
        while True:
            try:
                event = await read_while_alive(reader, ROOM_LIMITS, PEER_SILENCE_S)
            except TimeoutError:
                return "silent"
            except FrameError, OSError:
                return "broken"
            if event is None:
                return "closed"
            if Pong.is_type(event.type):
                continue
            try:
                message = _parse(event)
            except MessageError as err:
                if not strange:
                    strange = True
                    _LOGGER.warning(
                        "The satellite of %s sent what is not valid: %s", self._name, err
                    )
                continue
            if isinstance(message, Welcome) and message.satellite_id != self._satellite_id:
                return ANOTHER
            if isinstance(message, Unpair):
                return UNPAIRED
            if message is not None:
                self._listener.message(message)

    async def _ping(self) -> None:
        ping = Ping().event()
        while self._send(ping):  # noqa: ASYNC110 - a clock, not a wait for something
            await asyncio.sleep(PING_INTERVAL_S)

    def _down(self, reason: str) -> None:
        self.reason = reason
        if not self._told_down:
            self._told_down = True
            _LOGGER.warning(
                "The satellite of %s (%s:%s) cannot be reached (%s); it is tried again",
                self._name,
                self._host,
                self._port,
                reason,
            )
        self._listener.link_down(reason)
