"""Listens for homes: greets, knows one owner at a time, and refuses the rest."""

from __future__ import annotations

import asyncio
import errno
import logging

from wyoming.event import Event

from earshot_wire.consent import Confirmed
from earshot_wire.greeting import Hello, Refused
from earshot_wire.limits import GREETING_S, VERSION
from earshot_wire.message import MessageError

from ..mute.control import Verified
from ..settings import LinkSettings
from .peer import Peer
from .room import RoomLink
from .satellite import Satellite
from .stock import StockLink

_LOGGER = logging.getLogger(__name__)

_CONNECTIONS = 8
_BUFFER = 64 * 1024


class PortError(Exception):
    """The port cannot be had; the message names the remedy."""


class LinkServer:
    """The satellite's port."""

    def __init__(self, settings: LinkSettings, satellite: Satellite) -> None:
        self._settings = settings
        self._satellite = satellite
        self._owner: RoomLink | StockLink | None = None
        self._strangers: dict[Peer, None] = {}
        self._served = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        satellite.problems.on_change(self._problems_changed)
        satellite.mute.on_receipt(self._verified)
        satellite.session.alarm.on_change(self._timers_changed)
        satellite.loudspeaker.on_change(self._volume_changed)

    @property
    def linked(self) -> bool:
        """Whether a home is there."""
        return self._owner is not None

    async def confirm(self) -> Confirmed | None:
        """Agree, for the room, to what waits there; None when no home of ours answers."""
        if not isinstance(self._owner, RoomLink):
            return None
        try:
            return await self._owner.confirm()
        except TimeoutError:
            return None

    async def start(self) -> None:
        """Listen. Raises `PortError`."""
        host, port = self._settings.address, self._settings.port
        try:
            self._server = await asyncio.start_server(self._accept, host, port, limit=_BUFFER)
        except UnicodeError:
            raise PortError(
                f"[link] host = {host!r} is no address or name of this machine"
            ) from None
        except OSError as err:
            if err.errno == errno.EADDRINUSE:
                raise PortError(
                    f"port {port} is taken by another program: stop it, or set [link] port"
                ) from None
            raise PortError(
                f"cannot listen on {host} port {port} ({err.strerror}): set [link] host and port"
            ) from None

    async def close(self) -> None:
        """Stop listening and end all links."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._strangers) + self._served >= _CONNECTIONS:
            # The one that has kept us waiting longest makes room: nobody is locked out by silence.
            if not self._strangers:
                writer.transport.abort()
                return
            longest = next(iter(self._strangers))
            del self._strangers[longest]
            longest.drop("another one came")
        peer = Peer(reader, writer)
        self._strangers[peer] = None
        task = asyncio.create_task(self._serve(peer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, peer: Peer) -> None:
        try:
            event = await peer.first(GREETING_S)
            self._strangers.pop(peer, None)
            if event is None:
                return
            if Hello.is_type(event.type):
                await self._serve_room(peer, event)
            elif self._settings.open:
                await self._serve_stock(peer, event)
            else:
                peer.send(Refused(reason="hello_expected"))
        finally:
            self._strangers.pop(peer, None)
            await peer.close()

    async def _serve_room(self, peer: Peer, event: Event) -> None:
        try:
            hello = Hello.from_event(event)
        except MessageError as err:
            _LOGGER.debug("%s: %s", peer.name, err)
            peer.send(Refused(reason="hello_expected"))
            return
        if hello.version != VERSION:
            _LOGGER.warning("%s speaks version %d, not %d", peer.name, hello.version, VERSION)
            peer.send(Refused(reason="version"))
            return
        link = RoomLink(peer, hello.owner, self._satellite)
        if not self._own(link, hello.owner):
            peer.send(Refused(reason="busy"))
            return
        await self._run_owner(link)

    async def _serve_stock(self, peer: Peer, event: Event) -> None:
        link = StockLink(peer, self._satellite, claim=lambda: self._own(link, ""))
        await self._run_owner(link, event)

    async def _run_owner(self, link: RoomLink | StockLink, *first: Event) -> None:
        self._served += 1
        try:
            await link.run(*first)
        finally:
            self._served -= 1
            if self._owner is link:
                self._owner = None

    def _own(self, link: RoomLink | StockLink, owner: str) -> bool:
        """Make this link the home's, if it may be; its own older link makes room for it."""
        if self._owner is not None:
            if self._owner is not link and not self._owner.may_replace(owner):
                _LOGGER.info("another home asked for this satellite: refused, it has one")
                return False
            if self._owner is not link:
                self._owner.drop("its home linked anew")
        self._owner = link
        return True

    def _problems_changed(self) -> None:
        if self._owner is not None:
            self._owner.problems_changed()

    def _timers_changed(self) -> None:
        if self._owner is not None:
            self._owner.timers_changed()

    def _volume_changed(self) -> None:
        if self._owner is not None:
            self._owner.volume_changed()

    def _verified(self, verified: Verified) -> None:
        if self._owner is not None:
            self._owner.verified(verified)
