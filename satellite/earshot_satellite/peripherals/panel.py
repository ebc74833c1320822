"""Brings together what is to be shown, whoever shows it, and what is pressed."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Protocol

from ..mute.control import Verified
from ..problems import Problems
from ..settings import HookSettings, PeripheralSettings
from .hooks import Hook
from .indication import VALID_S, Facts, Indication, indicate
from .server import PeripheralServer

SOCKET = "peripherals.sock"


class Seen(Protocol):
    """What a panel looks at."""

    @property
    def activity(self) -> str:
        """What the satellite is doing."""

    @property
    def muted(self) -> bool:
        """Whether the microphone is to be closed."""

    @property
    def verified(self) -> Verified | None:
        """What was seen of it last."""

    @property
    def linked(self) -> bool:
        """Whether there is a home."""


Presses = Mapping[str, Callable[[], Coroutine[Any, Any, str]]]
"""By name; each returns why it was refused, or nothing."""


class Panel:
    """Lights and buttons of one satellite. `changed` is to be called whenever anything may have."""

    def __init__(
        self,
        seen: Seen,
        presses: Presses,
        problems: Problems,
        *,
        settings: PeripheralSettings,
        hooks: HookSettings,
        folder: Path,
    ) -> None:
        self._seen = seen
        self._presses = presses
        self._problems = problems
        self._hook = Hook(hooks.command, hooks.timeout_s, problems)
        path = Path(settings.socket).expanduser() if settings.socket else folder / SOCKET
        self._server = PeripheralServer(path, settings.group, self._press, problems)
        self._shown: tuple[Indication, float] | None = None
        self._pressing: set[asyncio.Task[str]] = set()
        self._changed = asyncio.Event()
        problems.on_change(self.changed)

    @property
    def shown(self) -> Indication:
        """What is to be shown now."""
        verified = self._seen.verified
        return indicate(
            Facts(
                activity=self._seen.activity,
                muted=self._seen.muted,
                verified=verified.state if verified else "",
                verified_age_s=time.monotonic() - verified.monotonic if verified else 0.0,
                linked=self._seen.linked,
                problems=tuple(each.code for each in self._problems.now),
            )
        )

    def changed(self) -> None:
        """Look again, once all that changes at this moment has."""
        self._changed.set()

    async def run(self) -> None:
        """Show what changes, and what has become too old to be true, for ever."""
        await self._server.start()
        hook = asyncio.create_task(self._hook.run(), name="hook")
        try:
            while True:
                self._show()
                verified = self._seen.verified
                left = VALID_S
                if verified is not None and time.monotonic() - verified.monotonic <= VALID_S:
                    left = verified.monotonic + VALID_S - time.monotonic() + 0.01
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._changed.wait()
                self._changed.clear()
        finally:
            hook.cancel()
            await asyncio.gather(hook, return_exceptions=True)
            await self._server.close()

    def _show(self) -> None:
        """Show it. A new receipt is shown although it says the same: it is newer."""
        indication, verified = self.shown, self._seen.verified
        now = (indication, verified.monotonic if verified else 0.0)
        if now != self._shown:
            self._shown = now
            self._server.show(indication)
            self._hook.show(indication)

    async def _press(self, name: str) -> str:
        press = self._presses.get(name)
        if press is None:
            return "not_here"
        # Whoever pressed may go away; what was begun is done.
        doing = asyncio.create_task(press(), name=f"press {name}")
        self._pressing.add(doing)
        doing.add_done_callback(self._pressing.discard)
        return await asyncio.shield(doing)
