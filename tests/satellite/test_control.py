"""The door for the command line: one wish, its progress, its answer; whatever else comes in."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from earshot_satellite.control import ControlError, ControlServer, Tell, Wish, ask, follow


class Desk:
    """What is behind the door."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.over = asyncio.Event()
        self.ended: list[str] = []
        self.server = ControlServer(
            path,
            {
                "count": Wish(self.count),
                "slow": Wish(self.wait),
                "held": Wish(self.wait, held=True),
                "late": Wish(self.wait, limit_s=0.05),
            },
        )

    async def count(self, asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
        for number in range(asked["to"]):
            await tell({"progress": number})
        return {"counted": asked["to"]}

    async def wait(self, asked: dict[str, Any], _: Tell) -> dict[str, Any]:
        self.begun.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        else:
            self.ended.append("done")
        finally:
            self.over.set()
        return {}

    async def leave(self, line: bytes) -> None:
        """Ask and go away before the answer."""
        _, writer = await asyncio.open_unix_connection(self.path)
        writer.write(line)
        await self.begun.wait()
        writer.close()
        await writer.wait_closed()

    async def until_ended(self) -> list[str]:
        async with asyncio.timeout(5):
            await self.over.wait()
        return self.ended


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path / "door")
    await made.server.start()
    yield made
    await made.server.close()


async def test_progress_comes_before_the_answer(desk: Desk) -> None:
    told = await asyncio.to_thread(lambda: list(follow(desk.path, "count", to=2)))
    assert told == [{"progress": 0}, {"progress": 1}, {"counted": 2}]
    assert await asyncio.to_thread(lambda: ask(desk.path, "count", to=3)) == {"counted": 3}


async def test_a_wish_is_carried_out_though_nobody_waits_any_more(desk: Desk) -> None:
    """Ctrl-C in `earshot-satellite mute` must not leave half a mute."""
    await desk.leave(b'{"do": "slow"}\n')
    desk.go_on.set()
    assert await desk.until_ended() == ["done"]


async def test_one_that_is_held_ends_with_whoever_holds_it(desk: Desk) -> None:
    await desk.leave(b'{"do": "held"}\n')
    assert await desk.until_ended() == ["cancelled"]


async def test_what_takes_too_long_is_said_by_a_closed_door(desk: Desk) -> None:
    with pytest.raises(ControlError):
        await asyncio.to_thread(ask, desk.path, "late")
    assert not desk.ended


@pytest.mark.parametrize(
    "line",
    [b"\n", b"[]\n", b'{"do": []}\n', b"{" * 10_000 + b"\n", b"x" * 100_000 + b"\n", b"\xff\n"],
)
async def test_what_is_no_wish_gets_none(desk: Desk, line: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(desk.path)
    writer.write(line)
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() in (b"", b'{"error": "unknown wish"}\n')
    writer.close()
    assert await asyncio.to_thread(lambda: ask(desk.path, "count", to=0)) == {"counted": 0}


def test_nobody_behind_the_door(tmp_path: Path) -> None:
    assert ask(tmp_path / "none", "status") is None
    (tmp_path / "file").touch()
    assert ask(tmp_path / "file", "status") is None
