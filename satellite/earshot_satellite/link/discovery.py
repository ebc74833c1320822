"""Lets Home Assistant find the satellite on the network."""

from __future__ import annotations

import ipaddress
import logging
from typing import TYPE_CHECKING

from earshot_wire.limits import VERSION

from ..problems import Problems
from ..settings import LinkSettings, is_loopback

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

_LOGGER = logging.getLogger(__name__)


class Discovery:
    """Announces the port by multicast DNS, under the satellite's random id and nothing else.

    Only when the network can reach it at all: then the library is loaded, which takes 17 MB.
    """

    def __init__(self, settings: LinkSettings, satellite_id: str, problems: Problems) -> None:
        self._settings = settings
        self._id = satellite_id
        self._problems = problems
        self._zeroconf: AsyncZeroconf | None = None

    async def start(self) -> None:
        """Announce it; a failure is a problem to tell, not the end."""
        if is_loopback(self._settings.host):
            return
        from zeroconf import Error  # noqa: PLC0415
        from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415

        try:
            self._zeroconf = AsyncZeroconf()
            for info in self._services():
                await self._zeroconf.async_register_service(info)
        except (OSError, Error, TimeoutError) as err:
            self._problems.begin("discovery_failed", type(err).__name__)

    async def close(self) -> None:
        """Take it back."""
        if self._zeroconf is not None:
            await self._zeroconf.async_unregister_all_services()
            await self._zeroconf.async_close()

    def _services(self) -> list[AsyncServiceInfo]:
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
                parsed_addresses=self._addresses(),
            )
            for kind, properties in kinds.items()
        ]

    def _addresses(self) -> list[str]:
        import ifaddr  # noqa: PLC0415 - comes with zeroconf

        try:
            address = ipaddress.ip_address(self._settings.host)
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
        return [each for each in usable if not ipaddress.ip_address(each).is_link_local]
