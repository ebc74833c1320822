"""How many clients there may be at a time, and who makes room for another one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator

from .peer import Peer

_LOG = logging.getLogger(__name__)

MAX_CONNECTIONS = 32

TELL_S = 60.0
"""That clients are refused is logged this often at most: they may come fast."""


class Places:
    """The connections. A new one takes the place of the one that has asked for nothing longest."""

    def __init__(self) -> None:
        self._idle: dict[Peer, None] = {}
        self._busy: set[Peer] = set()
        self._told: float | None = None

    def enter(self, peer: Peer) -> bool:
        """Take a place; returns False when every one is taken by a client that is being served."""
        if len(self._idle) + len(self._busy) >= MAX_CONNECTIONS:
            if not self._idle:
                self._tell()
                return False
            longest = next(iter(self._idle))
            del self._idle[longest]
            longest.drop()
            _LOG.debug("Connection closed: another client wants its place")
        self._idle[peer] = None
        return True

    @contextlib.contextmanager
    def busy(self, peer: Peer) -> Iterator[None]:
        """Keep the place while the client is served."""
        self._idle.pop(peer, None)
        self._busy.add(peer)
        try:
            yield
        finally:
            self._busy.discard(peer)
            self._idle[peer] = None

    def leave(self, peer: Peer) -> None:
        """Give the place back."""
        self._idle.pop(peer, None)

    def _tell(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._told is None or now - self._told >= TELL_S:
            self._told = now
            _LOG.warning("Connections are refused: %d clients are being served", MAX_CONNECTIONS)
