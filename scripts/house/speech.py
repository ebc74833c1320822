"""The speech service of the house."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from .pairing import shown_code
from .ports import HOST, free_port
from .process import Child
from .programs import ROOM_BIN
from .room import wait_port


class Speech:
    """One `earshot-speech` process on loopback."""

    def __init__(self, folder: Path, port: int = 0, env: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True)
        self.port = free_port(port)
        self._folder = folder
        self._env = {"HOME": str(folder), **(env or {})}
        self._settings = folder / "speech.toml"
        self._settings.write_text(
            f'[link]\nhost = "{HOST}"\nport = {self.port}\n[state]\nfolder = "{folder}/state"\n'
        )
        self.child = Child(
            "speech service",
            [ROOM_BIN / "earshot-speech", "run", "--config", self._settings],
            log=folder / "speech.log",
            env=self._env,
        )

    async def start(self) -> None:
        """Start it and wait until its port answers."""
        await self.child.start()
        await wait_port(self.child, self.port, 60)

    @asynccontextmanager
    async def shown_code(self) -> AsyncIterator[str]:
        """Have it show a pairing code while the body types it."""
        command = (ROOM_BIN / "earshot-speech", "pair", "--config", self._settings)
        log = self._folder / "pair.log"
        async with shown_code("pairing of the speech service", command, log, self._env) as code:
            yield code

    async def stop(self) -> None:
        """Stop it."""
        await self.child.stop()
