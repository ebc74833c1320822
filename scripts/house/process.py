"""Child processes that never outlive the house."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

_STOP_S = 10.0


class ChildError(Exception):
    """A program of the house did not start or ended by itself; the text has its last log lines."""


class Child:
    """One program in a process group of its own, its output in a log file.

    The kernel ends it when this process dies, however that happens.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: bool = False,
    ) -> None:
        self.name = name
        self.log = log
        self._command = [str(word) for word in command]
        self._env = {**os.environ, **(env or {})}
        self._cwd = cwd
        self._stdin = stdin
        self.process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Return the process id; ChildError when it does not run."""
        if self.process is None:
            raise ChildError(f"{self.name} does not run")
        return self.process.pid

    @property
    def running(self) -> bool:
        """Tell whether it was started and has not ended."""
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Start the program."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "TERM", *self._command),
                stdin=asyncio.subprocess.PIPE if self._stdin else asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it at once, as a crash would; its children are left to notice by themselves."""
        if self.process is not None and self.running:
            self.process.kill()

    def signal(self, number: Signals) -> None:
        """Send a signal to the program itself."""
        if self.process is not None and self.running:
            self.process.send_signal(number)

    async def wait(self, timeout_s: float | None) -> int:
        """Return the exit status; TimeoutError when it goes on for longer."""
        if self.process is None:
            raise ChildError(f"{self.name} does not run")
        async with asyncio.timeout(timeout_s):
            return await self.process.wait()

    async def stop(self, timeout_s: float = _STOP_S) -> None:
        """Ask it to end, then end its whole group."""
        process = self.process
        if process is None:
            return
        if process.returncode is None:
            self._signal_group(SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await process.wait()
        self._signal_group(SIGKILL)
        await process.wait()
        self.process = None

    def tail(self, lines: int = 12) -> str:
        """Return the last lines of its log."""
        try:
            text = self.log.read_text(errors="replace")
        except OSError:
            return ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])

    def check(self) -> None:
        """Raise ChildError when it has ended."""
        if self.process is not None and self.process.returncode is not None:
            raise ChildError(
                f"{self.name} ended with status {self.process.returncode}:\n{self.tail()}"
            )

    def _signal_group(self, number: Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)
