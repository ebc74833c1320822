"""Whom the running service trusts: what the command line wrote down, as soon as it did."""

from __future__ import annotations

import asyncio
import logging

from earshot_wire.identity import Trust, TrustError
from earshot_wire.trust_file import TrustFile

from .server import ServerError, SpeechServer

_LOG = logging.getLogger(__name__)

FILE = "pairing.pem"
_LOOK_S = 1.0


class Trusting:
    """Follows the file: `earshot-speech pair` and `unpair` are programs of their own."""

    def __init__(self, file: TrustFile) -> None:
        self._file = file
        self._stamp: object = None

    async def load(self) -> Trust | None:
        """Return whom to trust now; what cannot be read trusts nobody."""
        self._stamp = await asyncio.to_thread(self._file.stamp)
        try:
            return await asyncio.to_thread(self._file.load)
        except TrustError as err:
            _LOG.error("%s: %s; pair again: earshot-speech pair", self._file.file, err)
            return None

    async def unpair(self) -> None:
        """Trust nobody any more: the home wants it so."""
        try:
            await asyncio.to_thread(self._file.remove)
        except OSError as err:
            _LOG.error("%s cannot be removed: %s", self._file.file, err.strerror)

    async def follow(self, server: SpeechServer) -> None:
        """Have the server let in whoever is trusted, at each change, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_S)
            if await asyncio.to_thread(self._file.stamp) == self._stamp:
                continue
            trust = await self.load()
            try:
                await server.use(trust)
            except (ServerError, TrustError) as err:
                _LOG.error("%s", err)
                continue
            _LOG.warning("Paired with a home" if trust else "Unpaired: this machine only")
