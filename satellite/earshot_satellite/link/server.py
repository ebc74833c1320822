"""Listens for homes: lets in the paired one, has one owner at a time, and refuses the rest."""

from __future__ import annotations

import asyncio
import errno
import logging

from wyoming.event import Event

from earshot_wire.consent import Confirmed
from earshot_wire.door import Door, DoorLimits, Guest, Key
from earshot_wire.greeting import Hello, Refused
from earshot_wire.identity import Trust
from earshot_wire.limits import GREETING_S, VERSION
from earshot_wire.message import MessageError
from earshot_wire.regulars import Regulars
from earshot_wire.tls import paired_server

from ..mute.control import Verified
from ..settings import LinkSettings
from .peer import Faults, Peer
from .room import RoomLink
from .satellite import Satellite
from .stock import StockLink

_LOGGER = logging.getLogger(__name__)

_LIMITS = DoorLimits(strangers=32, each_address=4)


class PortError(Exception):
    """The port cannot be had; the message names the remedy."""


class LinkServer:
    """The satellite's port: open for the paired home, and in open mode for anybody."""

    def __init__(self, settings: LinkSettings, satellite: Satellite, regulars: Regulars) -> None:
        self._settings = settings
        self._satellite = satellite
        self._owner: RoomLink | StockLink | None = None
        self._faults = Faults()
        self._regulars = regulars
        self._door = Door(
            self._serve, limits=_LIMITS, plain=lambda _: settings.open, regulars=regulars
        )
        satellite.problems.on_change(self._problems_changed)
        satellite.mute.on_receipt(self._verified)
        satellite.session.alarm.on_change(self._timers_changed)
        satellite.loudspeaker.on_change(self._volume_changed)
        satellite.tuning.on_change(self._tuning_changed)

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

    async def use(self, trust: Trust | None) -> None:
        """Let this home in and no other any more; listen only if anybody may come.

        Raises `PortError`.
        """
        self._door.key = None
        if trust is not None:
            context = await asyncio.to_thread(paired_server, trust)
            self._door.key = Key(context, trust.peer)
        else:
            self._regulars.forget()
        if isinstance(self._owner, RoomLink):
            await self._owner.unpaired()
        if trust is None and not self._settings.open:
            await self._door.close()
        elif not self._door.is_open:
            await self._listen()

    async def _listen(self) -> None:
        host, port = self._settings.address, self._settings.port
        try:
            await self._door.open(host, port)
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
        await self._door.close()
        self._faults.end()

    async def _serve(self, guest: Guest) -> None:
        peer = Peer(guest.reader, guest.writer, self._faults)
        try:
            event = await peer.first(GREETING_S)
            if event is None:
                return
            if guest.key is not None and guest.key is not self._door.key:
                # It came in before the satellite was paired with another one.
                return
            if guest.paired:
                await self._serve_room(peer, event)
            elif Hello.is_type(event.type):
                peer.send(Refused(reason="not_paired"))
            else:
                await self._serve_stock(peer, guest, event)
        finally:
            await peer.close()

    async def _serve_room(self, peer: Peer, event: Event) -> None:
        if not Hello.is_type(event.type):
            peer.send(Refused(reason="hello_expected"))
            return
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
        link = RoomLink(peer, self._satellite)
        self._own(link)
        await self._run_owner(link)

    async def _serve_stock(self, peer: Peer, guest: Guest, event: Event) -> None:
        def claim() -> bool:
            if self._owner not in {None, link} and not self._may_replace():
                _LOGGER.info("another home asked for this satellite: refused, it has one")
                return False
            guest.settle()
            self._own(link)
            return True

        link = StockLink(peer, self._satellite, claim=claim)
        await self._run_owner(link, event)

    async def _run_owner(self, link: RoomLink | StockLink, *first: Event) -> None:
        try:
            await link.run(*first)
        finally:
            if self._owner is link:
                self._owner = None

    def _may_replace(self) -> bool:
        """Return whether a stock home may take the owner's place: never that of a paired one."""
        return isinstance(self._owner, StockLink) and self._owner.may_be_replaced

    def _own(self, link: RoomLink | StockLink) -> None:
        """Make this link the home's; its older one, or one that is not paired, makes room."""
        if self._owner is not None and self._owner is not link:
            self._owner.drop("its home linked anew")
        self._owner = link

    def _problems_changed(self) -> None:
        if self._owner is not None:
            self._owner.problems_changed()

    def _timers_changed(self) -> None:
        if self._owner is not None:
            self._owner.timers_changed()

    def _volume_changed(self) -> None:
        if self._owner is not None:
            self._owner.volume_changed()

    def _tuning_changed(self) -> None:
        if self._owner is not None:
            self._owner.tuning_changed()

    def _verified(self, verified: Verified) -> None:
        if self._owner is not None:
            self._owner.verified(verified)
