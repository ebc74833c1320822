"""What was muted stays muted over a restart, whatever goes wrong while it is closed or written."""

from __future__ import annotations

import asyncio
import errno
import threading
from pathlib import Path
from typing import Any

import pytest

from earshot_satellite.ear.settings import EarSettings
from earshot_satellite.keeper import Keeper
from earshot_satellite.mute.control import MuteControl, Source
from earshot_satellite.problems import Problems
from earshot_satellite.state import MuteState, StateFolder


class BrokenKeeper(Keeper):
    """An ear whose end raises, once."""

    broken = False

    def open(self) -> None:
        """Nothing hears in these tests."""

    async def close(self) -> None:
        if self.broken:
            self.broken = False
            raise RuntimeError
        await super().close()


def control(path: Path) -> tuple[MuteControl, BrokenKeeper, StateFolder]:
    folder = StateFolder(path)
    folder.satellite_id()
    folder.write_mute(MuteState())
    problems = Problems()
    keeper = BrokenKeeper(
        EarSettings(device=None, words=("hey_jarvis",)),
        problems,
        lambda _: None,
        lambda: None,
    )
    made = MuteControl(
        folder,
        keeper,
        problems,
        floor=False,
        closing=lambda: None,
        flipped=lambda _: None,
    )
    made.begin()
    return made, keeper, folder


async def test_a_mute_that_cannot_be_written_still_starts_muted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk the old file said open, and so did the satellite after a restart."""
    mute, _, folder = control(tmp_path)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(folder, "write_mute", full)
        await mute.set(Source.REMOTE, muted=True)
    assert folder.peek_mute().muted
    watch = asyncio.create_task(mute.watch())
    async with asyncio.timeout(10):
        while folder.peek_mute() != MuteState(remote=True):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    watch.cancel()


async def test_a_mute_is_kept_though_closing_fails(tmp_path: Path) -> None:
    """It was muted in memory only, and never written again."""
    mute, keeper, folder = control(tmp_path)
    keeper.broken = True
    with pytest.raises(RuntimeError):
        await mute.set(Source.LOCAL, muted=True)
    assert folder.peek_mute() == MuteState(local=True)


async def test_a_disk_that_hangs_keeps_no_mute_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unmute was being written when somebody muted: the ear went on until the disk answered."""
    mute, keeper, folder = control(tmp_path)
    await mute.set(Source.LOCAL, muted=True)
    answers, closed = threading.Event(), asyncio.Event()
    write = folder.write_mute

    def hangs(state: MuteState) -> None:
        answers.wait(10)
        write(state)

    async def close() -> None:
        closed.set()

    monkeypatch.setattr(folder, "write_mute", hangs)
    opening = asyncio.create_task(mute.set(Source.LOCAL, muted=False))
    while mute.muted:  # noqa: ASYNC110
        await asyncio.sleep(0)
    monkeypatch.setattr(keeper, "close", close)
    closing = asyncio.create_task(mute.set(Source.REMOTE, muted=True))
    async with asyncio.timeout(5):
        await closed.wait()
    answers.set()
    await asyncio.gather(opening, closing)
    assert folder.peek_mute() == MuteState(remote=True)
