"""Pairing as a household does it: the program shows a code, and somebody types it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from .process import Child, ChildError

_SHOWN_S = 30.0
_DONE_S = 20.0


@asynccontextmanager
async def shown_code(
    name: str, command: Sequence[str | Path], log: Path, env: Mapping[str, str]
) -> AsyncIterator[str]:
    """Have a program show its code while the body types it; ChildError if nobody was paired."""
    await asyncio.to_thread(log.unlink, missing_ok=True)
    child = Child(name, [*command, "--json"], log=log, env=env)
    await child.start()
    try:
        yield await _code(child)
        status = await child.wait(_DONE_S)
        if status:
            raise ChildError(f"{name} ended with {status}:\n{child.tail()}")
    finally:
        await child.stop()


async def _code(child: Child) -> str:
    async with asyncio.timeout(_SHOWN_S):
        while True:
            for line in child.log.read_text(errors="replace").splitlines():
                if line.startswith("{") and line.endswith("}") and "code" in line:
                    return str(json.loads(line)["code"])
            child.check()
            await asyncio.sleep(0.05)
