"""The satellite's pairing: whom it trusts, and the few minutes in which it can be paired anew."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from earshot_wire.code import SATELLITE
from earshot_wire.identity import Trust, TrustError
from earshot_wire.limits import PAIRING_PORT_AFTER
from earshot_wire.pairing_port import PairingPort
from earshot_wire.tls import paired_server
from earshot_wire.trust_file import TrustFile

from ..control import Tell
from ..problems import Problems
from ..settings import LinkSettings
from .new_key import NewKeyError, make_key

_LOGGER = logging.getLogger(__name__)

_TOLD_EVERY_S = 1.0


class Pairing:
    """`changed` is called with whom to trust from now on, after that is on the disk."""

    def __init__(
        self,
        file: TrustFile,
        settings: LinkSettings,
        problems: Problems,
        changed: Callable[[Trust | None], Awaitable[None]],
    ) -> None:
        self.trust: Trust | None = None
        self.pairable = False
        """Whether a code is good now."""

        self._file = file
        self._settings = settings
        self._problems = problems
        self._changed = changed
        self._changing = asyncio.Lock()
        self._listeners: list[Callable[[], None]] = []

    def on_change(self, tell: Callable[[], None]) -> None:
        """Have a function called when it is paired, unpaired, pairable or not any more."""
        self._listeners.append(tell)

    async def load(self) -> None:
        """Read whom to trust. What cannot be read trusts nobody."""
        try:
            trust = await asyncio.to_thread(self._file.load)
            if trust is not None:
                await asyncio.to_thread(paired_server, trust)
        except TrustError as err:
            self._problems.begin("pairing_unreadable", str(err))
        else:
            self.trust = trust

    async def pair(self, tell: Tell) -> dict[str, Any]:
        """Make a code, tell it, and wait until a home was paired with it or it expired.

        For the command line of the same user, which sees how it goes; cancelled when that ends.
        """
        if self.pairable:
            return {"error": "somebody is pairing it already"}
        number = self._settings.port + PAIRING_PORT_AFTER
        self.pairable = True
        port: PairingPort | None = None
        try:
            port = await PairingPort.open(
                self._settings.address, number, role=SATELLITE, keep=self._keep, make=make_key
            )
            _LOGGER.info("can be paired on port %d", number)
            self._tell()
            paired = await self._wait(port, tell)
        except (OSError, UnicodeError) as err:
            why = getattr(err, "strerror", None) or "no address of this machine"
            return {"error": f"port {number}: {why}; set [link] host and port"}
        except NewKeyError as err:
            return {"error": str(err)}
        finally:
            self.pairable = False
            if port is not None:
                # Also when the command line was ended: a home that was just paired may read so.
                await asyncio.shield(port.close())
                if port.desk.tries:
                    _LOGGER.warning("%d tries to pair had a wrong code", port.desk.tries)
                _LOGGER.info("cannot be paired any more")
            self._tell()
        return {"result": "paired" if paired else "expired", "tries": port.desk.tries}

    async def unpair(self) -> bool:
        """Trust nobody any more; return whether somebody was trusted. Raises `OSError`."""
        async with self._changing:
            was = await asyncio.to_thread(self._file.remove)
            self._problems.end("pairing_unreadable")
            trusted, self.trust = self.trust, None
            if trusted is not None:
                _LOGGER.warning("unpaired: nobody is let in until it is paired again")
                await self._changed(None)
        self._tell()
        return was

    async def _wait(self, port: PairingPort, tell: Tell) -> bool:
        waiting = asyncio.create_task(port.wait())
        try:
            while not waiting.done():
                desk = port.desk
                progress = {"code": desk.code, "left_s": int(desk.left_s), "tries": desk.tries}
                await tell({"progress": progress | {"port": self._settings.port}})
                await asyncio.wait([waiting], timeout=_TOLD_EVERY_S)
            return waiting.result()
        finally:
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiting

    async def _keep(self, trust: Trust) -> None:
        """Trust a new home; from here on the old one is trusted no more."""
        # Also shows that the certificate is one.
        await asyncio.to_thread(paired_server, trust)
        async with self._changing:
            await asyncio.to_thread(self._file.save, trust)
            self._problems.end("pairing_unreadable")
            again, self.trust = self.trust is not None, trust
            _LOGGER.warning("paired with %s home", "another" if again else "a")
            await self._changed(trust)

    def _tell(self) -> None:
        for tell in self._listeners:
            tell()
