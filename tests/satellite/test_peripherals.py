"""Lights and buttons: a real satellite, its socket and its hook; and what a rude program gets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from room import Home, SatelliteProcess, wait_for

from earshot_satellite.peripherals.indication import Facts, indicate
from earshot_satellite.peripherals.presses import PRESSES
from earshot_satellite.peripherals.server import PeripheralServer
from earshot_satellite.problems import Problems
from earshot_wire.microphone import SetMute

LIT = indicate(Facts(muted=False, verified="open", verified_age_s=1, linked=True))


class Board:
    """A program with a light and a button."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def __aenter__(self) -> Board:
        async with asyncio.timeout(10):
            while True:
                try:
                    self._reader, self._writer = await asyncio.open_unix_connection(self.path)
                    break
                except OSError:
                    await asyncio.sleep(0.02)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(15):
            line = await self._reader.readline()
        assert line, "the socket closed"
        return dict(json.loads(line))

    async def until(self, **wanted: Any) -> dict[str, Any]:
        while True:
            told = await self.next()
            if told["event"] == "state" and wanted.items() <= told.items():
                return told

    async def press(self, name: str) -> str:
        self._writer.write(json.dumps({"press": name}).encode() + b"\n")
        while (told := await self.next())["event"] != "done":
            pass
        assert told["press"] == name
        return str(told["refused"])

    async def gone(self) -> None:
        """Wait until it closes, whatever comes before."""
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError):
                while await self._reader.readline():
                    pass

    def send_raw(self, data: bytes) -> None:
        self._writer.write(data)


async def seen_open(satellite: SatelliteProcess) -> None:
    """Wait until the sound server has shown our stream: what never did proves nothing."""

    def shown() -> bool:
        evidence = satellite.status()["receipt"]["evidence"]
        return {"sound_server": "open"} in [{each["source"]: each["state"]} for each in evidence]

    await asyncio.to_thread(wait_for, shown, "positive control", 30)


async def test_the_light_and_the_button_of_a_room(satellite: SatelliteProcess) -> None:
    """The whole way of a mute at the device: pressed, closed, verified, shown; and back."""
    hooked = satellite.state.parent / "hooked"
    hook = satellite.state.parent / "hook.sh"
    hook.write_text(f'#!/bin/sh\necho "$1 $EARSHOT_MICROPHONE" >>{hooked}\n')
    hook.chmod(0o755)
    satellite.settings += f"[hooks]\ncommand = [{json.dumps(str(hook))}]\n"
    satellite.start()
    async with Board(satellite.state / "peripherals.sock") as board:
        await board.until(state="unlinked", microphone="open")
        home = Home(satellite.port)
        await home.link()
        await board.until(state="idle", microphone="open", muted=False)
        await seen_open(satellite)
        assert await board.press("mute_toggle") == ""
        assert satellite.sound.recorders() == []
        status = await asyncio.to_thread(satellite.status)
        assert status["receipt"]["muted_by"] == ["local"]
        await home.close()
        shown = await board.until(linked=False)
        assert (shown["state"], shown["microphone"]) == ("muted_verified", "closed")
        assert await board.press("mute_toggle") == ""
        await board.until(state="unlinked", microphone="open")
        assert len(satellite.sound.recorders()) == 1
    wait_for(lambda: "muted_verified closed" in hooked.read_text(), "the hook")
    lines = hooked.read_text().splitlines()
    # Nothing between the two says closed before it was, or after.
    assert {line for line in lines if line.endswith("closed")} == {"muted_verified closed"}
    assert "Traceback" not in satellite.read_log()


async def test_no_button_lifts_what_home_muted(home: Home, satellite: SatelliteProcess) -> None:
    await seen_open(satellite)
    home.send(SetMute(muted=True, nonce="ab"))
    async with Board(satellite.state / "peripherals.sock") as board:
        await board.until(state="muted_verified")
        assert await board.press("mute_toggle") == "muted_by_home"
        assert await board.press("unmute") == "muted_by_home"
        assert satellite.sound.recorders() == []
        # A mute at the device goes on top, and home's end does not lift that one.
        assert await board.press("mute") == ""
        home.send(SetMute(muted=False, nonce="cd"))
        assert (await board.next())["state"] == "muted_verified"
        assert satellite.sound.recorders() == []


async def test_a_frozen_satellite_shows_nothing_new(satellite: SatelliteProcess) -> None:
    """Each line says how long it holds: a light that hears no more goes to unverified by itself."""
    satellite.start()
    async with Board(satellite.state / "peripherals.sock") as board:
        shown = await board.until(microphone="open")
        assert shown["valid_s"] == 30.0
        assert satellite.process is not None
        os.kill(satellite.process.pid, signal.SIGSTOP)
        try:
            async with asyncio.timeout(1):
                while True:
                    await board.next()
        except TimeoutError:
            pass
        finally:
            os.kill(satellite.process.pid, signal.SIGCONT)


class Desk:
    """A socket with nothing behind it."""

    def __init__(self, folder: Path) -> None:
        self.pressed: list[str] = []
        self.problems = Problems()
        self.path = folder / "socket"
        self.server = PeripheralServer(self.path, "", self.press, self.problems)

    async def press(self, name: str) -> str:
        self.pressed.append(name)
        return ""


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path)
    await made.server.start()
    made.server.show(LIT)
    yield made
    await made.server.close()


async def test_every_press_has_a_name(desk: Desk) -> None:
    async with Board(desk.path) as board:
        assert (await board.next())["state"] == "idle"
        for name in PRESSES:
            assert await board.press(name) == ""
    assert desk.pressed == list(PRESSES)


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        (b"\n", "not_json"),
        (b"mute\n", "not_json"),
        (b"\xff\xfe\n", "not_json"),
        (b"[" * 200 + b"\n", "not_json"),
        (b'{"press": "reboot"}\n', "unknown_press"),
        (b'{"press": ["mute"]}\n', "unknown_press"),
        (b'["mute"]\n', "unknown_press"),
        (b'{"press": "mute", "and": "' + b"x" * 256 + b'"}\n', "too_long"),
    ],
)
async def test_what_is_no_press_is_refused(desk: Desk, line: bytes, refused: str) -> None:
    async with Board(desk.path) as board:
        await board.next()
        board.send_raw(line)
        assert (await board.next())["refused"] == refused
        assert await board.press("mute") == ""
    assert desk.pressed == ["mute"]


async def test_a_line_without_an_end_closes_the_socket_for_that_program(desk: Desk) -> None:
    async with Board(desk.path) as rude, Board(desk.path) as board:
        rude.send_raw(b"x" * 10_000)
        await rude.gone()
        assert await board.press("stop") == ""


async def test_pressing_for_ever_is_slowed(desk: Desk) -> None:
    async with Board(desk.path) as board:
        board.send_raw(b'{"press": "mute"}\n' * 100)
        await board.next()
        refused = [(await board.next())["refused"] for _ in range(100)]
    assert "too_often" in refused
    # A second may pass in the middle of it.
    assert len(desk.pressed) <= 40


async def test_one_that_does_not_read_is_let_go(desk: Desk) -> None:
    async with Board(desk.path) as board:
        await board.next()
        for _ in range(3_000):
            desk.server.show(LIT)
        await board.gone()
    async with Board(desk.path) as board:
        assert await board.press("stop") == ""


async def test_no_more_programs_than_a_board_has(desk: Desk) -> None:
    boards = [Board(desk.path) for _ in range(8)]
    for board in boards:
        await board.__aenter__()
        await board.next()
    async with Board(desk.path) as one_more:
        with pytest.raises(AssertionError):
            await one_more.next()
    await boards[0].__aexit__()
    assert await boards[1].press("stop") == ""


async def test_the_socket_is_for_this_user_or_one_group(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await desk.server.start()
    assert desk.path.stat().st_mode & 0o777 == 0o600
    await desk.server.close()
    problems = Problems()
    shared = PeripheralServer(tmp_path / "shared", "users", desk.press, problems)
    await shared.start()
    if not problems.now:
        assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o660
    await shared.close()
    missing = PeripheralServer(tmp_path / "missing", "no-such-group", desk.press, problems)
    await missing.start()
    assert "no such group" in problems.now[-1].detail
    assert not (tmp_path / "missing").exists()
