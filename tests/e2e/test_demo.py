"""`scripts/demo` does what it says and leaves nothing behind, however it ends."""

import asyncio
import os
import tempfile
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM, Signals

import pytest

from house.programs import ROOT
from house.usage import tree

BEGUN = "rooms linked"


async def start(*options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        ROOT / "scripts" / "demo", *options,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip


def alive(pids: list[int]) -> list[int]:
    """Return those that run still; a zombie does not."""
    found = []
    for pid in pids:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue
        if stat.rpartition(")")[2].split()[0] != "Z":
            found.append(pid)
    return found


def folders(pid: int) -> list[Path]:
    """Return the temporary folders of a house; others may stand on the same machine."""
    found = []
    for owner in Path(tempfile.gettempdir()).glob("earshot-house-*/owner"):
        try:
            if owner.read_text().split()[0] == str(pid):
                found.append(owner.parent)
        except OSError:
            continue
    return found


async def test_once_is_the_happy_path() -> None:
    """Every turn right, captures kept where the rule says, one deleted and not found: status 0."""
    process = await start("--once")
    async with asyncio.timeout(240):
        output, _ = await process.communicate()
    text = output.decode()
    assert process.returncode == 0, text
    assert "synthetic" in text
    assert "WRONG" not in text
    for told in ("question and answer are not kept", "somebody listened", "the command is gone"):
        assert told in text
    assert "the vault's all among them" in text
    for room in ("Kitchen", "Bedroom"):
        assert f"right  {room}: the microphone is verified closed" in text


@pytest.mark.parametrize("number", [SIGINT, SIGTERM, SIGKILL])
async def test_nothing_is_left(number: Signals) -> None:
    """Ctrl-C, terminate or kill: every program ends and the temporary folder goes."""
    process = await start()
    assert process.stdout is not None
    async with asyncio.timeout(120):
        while line := await process.stdout.readline():
            if BEGUN in line.decode():
                break
    pids, mine = tree(process.pid), folders(process.pid)
    assert len(pids) > 4
    assert len(mine) == 1
    os.kill(process.pid, number)
    async with asyncio.timeout(60):
        await process.stdout.read()
        await process.wait()
        while True:
            if not alive(pids) and not mine[0].exists():
                return
            await asyncio.sleep(0.2)
