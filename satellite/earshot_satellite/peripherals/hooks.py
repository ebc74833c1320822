"""Runs the household's own command at each change of what is to be shown.

It gets the state and nothing else: no word that was said, no sound, none of our environment and
none of our files. One runs at a time; changes that come meanwhile are left out but for the last.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence

from ..problems import Problems
from .indication import Indication

_PROBLEM = "hook_failed"
_KILLED_S = 2.0
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Hook:
    """The command of `[hooks]`; an empty one is never run."""

    def __init__(self, command: Sequence[str], timeout_s: float, problems: Problems) -> None:
        self._command = tuple(command)
        self._timeout_s = timeout_s
        self._problems = problems
        self._newest: Indication | None = None
        self._came = asyncio.Event()

    def show(self, indication: Indication) -> None:
        """Have it run for this one, when the one before has ended."""
        if self._command:
            self._newest = indication
            self._came.set()

    async def run(self) -> None:
        """Run it for ever."""
        shown: dict[str, str] = {}
        while True:
            await self._came.wait()
            self._came.clear()
            newest = self._newest
            if newest is None or (environment := _environment(newest)) == shown:
                continue
            shown = environment
            failed = await self._once(newest.state, environment)
            if failed:
                self._problems.begin(_PROBLEM, failed)
            else:
                self._problems.end(_PROBLEM)

    async def _once(self, state: str, environment: dict[str, str]) -> str:
        """Run it; return why it failed, or nothing."""
        try:
            process = await asyncio.create_subprocess_exec(
                *(*self._command, state),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        except OSError as err:
            return f"{self._command[0]}: {err.strerror}"
        try:
            async with asyncio.timeout(self._timeout_s):
                status = await process.wait()
        except TimeoutError:
            return f"{self._command[0]}: not done within {self._timeout_s:g} s"
        finally:
            await _end(process)
        return f"{self._command[0]}: status {status}" if status else ""


def _environment(indication: Indication) -> dict[str, str]:
    return {
        "PATH": _PATH,
        "LANG": "C.UTF-8",
        "EARSHOT_STATE": indication.state,
        "EARSHOT_ACTIVITY": indication.activity,
        "EARSHOT_MICROPHONE": indication.microphone,
        "EARSHOT_MUTED": "1" if indication.muted else "0",
        "EARSHOT_LINKED": "1" if indication.linked else "0",
    }


async def _end(process: asyncio.subprocess.Process) -> None:
    """End it and all that it started, so that nothing piles up."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_KILLED_S):
            await process.wait()
