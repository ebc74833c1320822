"""A real Home Assistant in a folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from .client import Client, HomeError
from .ports import HOST, free_port
from .process import Child

USER = "resident"
PASSWORD = "earshot"  # noqa: S105 - the login of a house on loopback that lives for minutes
_CLIENT_ID = "http://127.0.0.1/"
_STORED = (
    # The welcome page's step of these names would add integrations that use the internet.
    {
        "version": 4,
        "minor_version": 1,
        "key": "onboarding",
        "data": {"done": ["core_config", "analytics"]},
    },
    # Home Assistant sets its marketplace up by itself, which asks the internet for its catalogue.
    {
        "version": 1,
        "minor_version": 1,
        "key": "core.config_entries",
        "data": {
            "entries": [
                {
                    "domain": "marketplace",
                    "entry_id": "marketplace",
                    "title": "Marketplace",
                    "version": 1,
                    "data": {},
                    "source": "system",
                    "disabled_by": "user",
                }
            ]
        },
    },
)
_RESTART = 100
"""The exit status with which Home Assistant asks its supervisor to start it again."""
_START_S = 120.0
_STOP_S = 25.0

_CONFIG = Path(__file__).parent / "home_config"
_INTEGRATION = Path(__file__).resolve().parents[2] / "custom_components" / "earshot"


class Home:
    """Configuration, process, and the first user's client."""

    def __init__(self, folder: Path, port: int = 0, env: Mapping[str, str] | None = None) -> None:
        self.config = folder / "config"
        self._temporary = folder / "tmp"
        self.port = free_port(port)
        self.base = f"http://{HOST}:{self.port}"
        self.client = Client(self.base)
        self._keeper: asyncio.Task[None] | None = None
        self.child = Child(
            "Home Assistant",
            [sys.executable, "-m", "homeassistant", "--skip-pip", "-c", self.config],
            log=folder / "home-assistant.log",
            env={
                "HOME": str(folder),
                # The check of what was deleted looks through all temporary files.
                "TMPDIR": str(self._temporary),
                **(env or {}),
            },
        )

    def write_config(self) -> None:
        """Copy the committed configuration and add the port."""
        shutil.copytree(_CONFIG, self.config)
        self._temporary.mkdir()
        components = self.config / "custom_components"
        components.mkdir()
        (components / "earshot").symlink_to(_INTEGRATION)
        with (self.config / "configuration.yaml").open("a") as file:
            file.write(f"\nhttp:\n  server_host: {HOST}\n  server_port: {self.port}\n")
        storage = self.config / ".storage"
        storage.mkdir(mode=0o700)
        for stored in _STORED:
            (storage / str(stored["key"])).write_text(json.dumps(stored))

    async def start(self) -> None:
        """Start it and wait until it serves its page."""
        await self.child.start()
        self._keeper = asyncio.create_task(self._keep())
        await self.wait_page(_START_S)

    async def _keep(self) -> None:
        while await self.child.wait(None) == _RESTART:
            await self.child.start()

    async def wait_page(self, timeout_s: float) -> None:
        """Wait until the web page is served."""
        async with asyncio.timeout(timeout_s):
            while not await self.client.reachable():
                if self._keeper is None or self._keeper.done():
                    self.child.check()
                await asyncio.sleep(0.1)

    async def wait_page_gone(self) -> None:
        """Wait until the web page is not served any more."""
        while True:
            if not await self.client.reachable():
                return
            await asyncio.sleep(0.02)

    async def wait_running(self, timeout_s: float = 60.0) -> None:
        """Wait until start-up is over, with the websocket open."""
        async with asyncio.timeout(timeout_s):
            while True:
                if self._keeper is None or self._keeper.done():
                    self.child.check()
                try:
                    if not self.client.connected:
                        await self.client.connect()
                    config = await self.client.command("get_config")
                except (HomeError, OSError):
                    await asyncio.sleep(0.2)
                    continue
                if config["state"] == "RUNNING":
                    return
                await asyncio.sleep(0.1)

    async def onboard(self) -> None:
        """Make the first user, as the welcome page would, and keep the settings of the port."""
        client = self.client
        answer = await client.rest(
            "POST",
            "/api/onboarding/users",
            {
                "client_id": _CLIENT_ID,
                "name": "Resident",
                "username": USER,
                "password": PASSWORD,
                "language": "en",
            },
        )
        tokens = await client.rest(
            "POST",
            "/auth/token",
            {
                "grant_type": "authorization_code",
                "code": answer["auth_code"],
                "client_id": _CLIENT_ID,
            },
            form=True,
        )
        client.token = tokens["access_token"]
        await client.rest(
            "POST",
            "/api/onboarding/integration",
            {"client_id": _CLIENT_ID, "redirect_uri": _CLIENT_ID + "?auth_callback=1"},
        )
        await self.wait_running()
        # A port other than the usual one must be confirmed, or Home Assistant goes back to it.
        await client.command("http/config/promote")
        # It has them in its own store now, and the file need not be spoken of in Repairs.
        shutil.copy(_CONFIG / "configuration.yaml", self.config)
        await client.command(
            "repairs/ignore_issue", domain="http", issue_id="deprecated_yaml", ignore=True
        )
        # The session's token lives for half an hour; a house may stay up longer.
        client.token = await client.command(
            "auth/long_lived_access_token", client_name="house", lifespan=1
        )
        await client.connect()

    async def restart(self) -> None:
        """Restart it as the user interface does; return when the page was gone and is back."""
        with contextlib.suppress(HomeError, OSError):  # it may hang up before it answers
            await self.client.call("homeassistant.restart")
        async with asyncio.timeout(_STOP_S):
            await self.client.closed()
            await self.wait_page_gone()
        await self.wait_page(_START_S)

    async def stop(self) -> None:
        """Close the client and stop the program."""
        if self._keeper is not None:
            self._keeper.cancel()
            self._keeper = None
        await self.client.close()
        await self.child.stop(_STOP_S)
