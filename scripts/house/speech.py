"""The speech service of the house."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .ports import HOST, free_port
from .process import Child
from .programs import ROOM_BIN
from .room import wait_port


class Speech:
    """One `earshot-speech` process on loopback."""

    def __init__(self, folder: Path, port: int = 0, env: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True)
        self.port = free_port(port)
        self.child = Child(
            "speech service",
            [ROOM_BIN / "earshot-speech", "run", "--host", HOST, "--port", str(self.port)],
            log=folder / "speech.log",
            env={"HOME": str(folder), **(env or {})},
        )

    async def start(self) -> None:
        """Start it and wait until its port answers."""
        await self.child.start()
        await wait_port(self.child, self.port, 60)

    async def stop(self) -> None:
        """Stop it."""
        await self.child.stop()
