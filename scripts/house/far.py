"""The far end of a cable: a network of its own that can go away and come back, as Wi-Fi does.

While it is away, what either end sends is lost, and neither is told.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
from pathlib import Path
from typing import Self

from .airgap.namespace import NamespaceError, enter, ip
from .process import Child

_BLOCK = ipaddress.ip_network("198.18.0.0/15")
"""Set aside for measuring networks (RFC 2544); each process has four addresses of it."""

_NAME = re.compile(r"earfar(\d+)")
_UP_S = 10.0


class FarEnd:
    """There while it is entered, for whoever may make networks: root.

    The programs in it end with this one, and the kernel removes it then, or when it has given up
    the connections of one that was killed; what is still there of such is removed by the next one.
    """

    def __init__(self, folder: Path) -> None:
        if os.geteuid() != 0:
            raise NamespaceError("no cable can be laid", "Run it as root.")
        # Whoever holds the network does nothing else.
        self._holder = Child("far end", [*enter(), "sleep", "infinity"], log=folder / "far.log")
        self._cable = f"earfar{os.getpid()}"
        own = _BLOCK[4 * (os.getpid() % (_BLOCK.num_addresses // 4))]
        self._near, self.address = str(own + 1), str(own + 2)

    async def __aenter__(self) -> Self:
        await self._holder.start()
        try:
            await self._wait_apart()
            await asyncio.to_thread(self._connect)
        except BaseException:
            await self._holder.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(ip, f"link delete {self._cable}")
        await self._holder.stop()

    @property
    def inside(self) -> tuple[str, ...]:
        """The words before a command that run it there."""
        return ("nsenter", f"--net=/proc/{self._holder.pid}/ns/net")

    async def go_away(self) -> None:
        """Lose all that is sent from now on."""
        await asyncio.to_thread(self._ip_there, "link set lan down")

    async def come_back(self) -> None:
        """Carry what is sent from now on."""
        await asyncio.to_thread(self._ip_there, "link set lan up")

    async def _wait_apart(self) -> None:
        async with asyncio.timeout(_UP_S):
            while _network_of(self._holder.pid) == _network_of(os.getpid()):
                self._holder.check()
                await asyncio.sleep(0.01)

    def _connect(self) -> None:
        _sweep()
        ip(f"link add {self._cable} type veth peer name lan netns {self._holder.pid}")
        ip(f"addr add {self._near}/30 dev {self._cable}")
        ip(f"link set {self._cable} up")
        self._ip_there("link set lo up")
        self._ip_there(f"addr add {self.address}/30 dev lan")
        self._ip_there("link set lan up")

    def _ip_there(self, words: str) -> None:
        ip(words, self.inside)


def _network_of(pid: int) -> Path:
    return Path(f"/proc/{pid}/ns/net").readlink()


def _sweep() -> None:
    """Remove the cables of those that were killed."""
    for link in Path("/sys/class/net").iterdir():
        if (found := _NAME.fullmatch(link.name)) and not Path("/proc", found[1]).exists():
            ip(f"link delete {link.name}")
