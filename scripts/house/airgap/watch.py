"""Run a command in a network of its own, and tell where all its programs went."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .inside import REFUSED, TRACES
from .namespace import HOUSE, HOUSE6, NamespaceError, check_tracing, enter
from .sink import read_asked
from .trace import read_trace
from .verdict import Finding, judge

_END_S = 20.0


@dataclass(frozen=True)
class Watched:
    """What came of a command."""

    status: int
    programs: int
    """How many programs were started, children of children included."""

    findings: tuple[Finding, ...]
    asked: tuple[str, ...]
    """What the sink was asked, if there was one."""

    @property
    def left(self) -> list[Finding]:
        """Return what did not stay in the house."""
        return [finding for finding in self.findings if not finding.stays]

    @property
    def clean(self) -> bool:
        """Tell whether the command worked and nothing left; nothing traced is not clean."""
        return self.status == 0 and not self.left and not self.asked and bool(self.findings)


async def watch(
    command: Sequence[str | Path], folder: Path, *, sink: bool = False, timeout_s: float = 240
) -> Watched:
    """Run a command; NamespaceError where the machine does not allow it, TimeoutError.

    `folder` must be new and empty: traces go there, and so do all temporary files.
    """
    check_tracing()
    inside = [sys.executable, "-m", "house.airgap.inside", folder, "sink" if sink else "nothing"]
    process = await asyncio.create_subprocess_exec(
        *map(str, [*enter(), "setpriv", "--pdeathsig", "TERM", *inside, *command]),
        stdin=asyncio.subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(folder)},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout_s):
            status = await process.wait()
    finally:
        await _end(process)
    if status == REFUSED:
        raise NamespaceError("the namespace could not be made ready", "The reason is above.")
    trace = read_trace(
        {
            int(file.suffix.removeprefix(".")): file.read_text(errors="replace").splitlines()
            for file in (folder / TRACES).iterdir()
        }
    )
    findings = judge(trace.calls, [f"{folder}/"], [HOUSE, HOUSE6] if sink else [])
    return Watched(status, len(trace.commands), tuple(findings), tuple(read_asked(folder)))


async def _end(process: asyncio.subprocess.Process) -> None:
    """End what still runs: the one in the namespace ends what it started."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_END_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
