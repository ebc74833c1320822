"""Lets Home Assistant find the satellite on the network, while there is a reason to look for it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from earshot_wire.limits import VERSION

from ..problems import Problems
from ..settings import LinkSettings, is_loopback
from .addresses import reached_at
from .pairing import Pairing

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

Kinds = dict[str, dict[str, str]]
"""By service type: its properties."""

_OURS = "_earshot._tcp.local."
_STOCK = "_wyoming._tcp.local."
_LOOK_S = 15.0
"""Addresses come and change: a device starts before its Wi-Fi does."""


class Discovery:
    """Announces the port by multicast DNS, under the satellite's random id and nothing else.

    Only when the network can reach it at all: then the library is loaded, which takes 17 MB.
    """

    def __init__(
        self, settings: LinkSettings, satellite_id: str, problems: Problems, pairing: Pairing
    ) -> None:
        self._settings = settings
        self._id = satellite_id
        self._problems = problems
        self._pairing = pairing
        self._look = asyncio.Event()
        pairing.on_change(self._look.set)
        self._zeroconf: AsyncZeroconf | None = None

    async def run(self) -> None:
        """Announce it at the addresses that there are, until cancelled."""
        if is_loopback(self._settings.address):
            return
        announced: tuple[list[str], Kinds] = ([], {})
        try:
            while True:
                kinds = self.kinds()
                now = (reached_at(self._settings.address) if kinds else [], kinds)
                if now != announced:
                    await self._close()
                    announced = now if await self._announce(*now) else ([], {})
                self._look.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_S):
                        await self._look.wait()
        finally:
            await self._close()

    async def _announce(self, addresses: list[str], kinds: Kinds) -> bool:
        """Return whether it could; a failure is a problem to tell, and tried again."""
        from zeroconf import Error  # noqa: PLC0415
        from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415

        if not addresses:
            return False
        try:
            self._zeroconf = AsyncZeroconf()
            for info in self._services(addresses, kinds):
                await self._zeroconf.async_register_service(info)
        except (OSError, Error, TimeoutError) as err:
            self._problems.begin("discovery_failed", type(err).__name__)
            return False
        self._problems.end("discovery_failed")
        return True

    async def _close(self) -> None:
        zeroconf, self._zeroconf = self._zeroconf, None
        if zeroconf is not None:
            await zeroconf.async_unregister_all_services()
            await zeroconf.async_close()

    def kinds(self) -> Kinds:
        """Return what is to be announced: nothing while nobody could come in."""
        kinds: Kinds = {}
        if self._pairing.trust is not None or self._pairing.pairable:
            kinds[_OURS] = {"id": self._id, "version": str(VERSION)}
            if self._pairing.pairable:
                kinds[_OURS]["pairing"] = "1"
        if self._settings.open:
            kinds[_STOCK] = {}
        return kinds

    def _services(self, addresses: list[str], kinds: Kinds) -> list[AsyncServiceInfo]:
        from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415

        return [
            AsyncServiceInfo(
                kind,
                f"{self._id}.{kind}",
                port=self._settings.port,
                properties=properties,
                server=f"earshot-{self._id[:12]}.local.",
                parsed_addresses=addresses,
            )
            for kind, properties in kinds.items()
        ]
