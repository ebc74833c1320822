"""Lets Home Assistant find the satellite on the network."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING

from earshot_wire.limits import VERSION

from ..problems import Problems
from ..settings import LinkSettings, is_loopback

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

_LOOK_S = 15.0
"""Addresses come and change: a device starts before its Wi-Fi does."""


class Discovery:
    """Announces the port by multicast DNS, under the satellite's random id and nothing else.

    Only when the network can reach it at all: then the library is loaded, which takes 17 MB.
    """

    def __init__(self, settings: LinkSettings, satellite_id: str, problems: Problems) -> None:
        self._settings = settings
        self._id = satellite_id
        self._problems = problems
        self._zeroconf: AsyncZeroconf | None = None

    async def run(self) -> None:
        """Announce it at the addresses that there are, until cancelled."""
        if is_loopback(self._settings.address):
            return
        announced: list[str] = []
        try:
            while True:
                addresses = self._addresses()
                if addresses != announced:
                    await self._close()
                    announced = addresses if await self._announce(addresses) else []
                await asyncio.sleep(_LOOK_S)
        finally:
            await self._close()

    async def _announce(self, addresses: list[str]) -> bool:
        """Return whether it could; a failure is a problem to tell, and tried again."""
        from zeroconf import Error  # noqa: PLC0415
        from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415

        if not addresses:
            return False
        try:
            self._zeroconf = AsyncZeroconf()
            for info in self._services(addresses):
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

    def _services(self, addresses: list[str]) -> list[AsyncServiceInfo]:
        from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415

        kinds = {"_earshot._tcp.local.": {"id": self._id, "version": str(VERSION)}}
        if self._settings.open:
            kinds["_wyoming._tcp.local."] = {}
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

    def _addresses(self) -> list[str]:
        import ifaddr  # noqa: PLC0415 - comes with zeroconf

        try:
            address = ipaddress.ip_address(self._settings.address)
        except ValueError:
            address = None
        if address is not None and not address.is_unspecified:
            return [str(address)]
        found = [
            ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            for adapter in ifaddr.get_adapters()
            for ip in adapter.ips
        ]
        usable = [each for each in found if not ipaddress.ip_address(each).is_loopback]
        return sorted(each for each in usable if not ipaddress.ip_address(each).is_link_local)
