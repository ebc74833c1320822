"""The examples for boards and speakerphones, against the real socket and stand-ins for hardware."""

from __future__ import annotations

import asyncio
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from room import wait_for

from earshot_satellite.peripherals.indication import Facts, State, indicate
from earshot_satellite.peripherals.presses import PRESSES
from earshot_satellite.peripherals.server import PeripheralServer
from earshot_satellite.problems import Problems

EXAMPLES = Path(__file__).parents[2] / "satellite/examples"

LIT = indicate(Facts(muted=False, verified="open", verified_age_s=1, linked=True))
MUTED = indicate(Facts(muted=True, verified="closed", verified_age_s=1, linked=True))


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return __import__


class Desk:
    """The satellite's socket, in a loop of its own thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pressed: list[str] = []
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        self.server = PeripheralServer(path, "", self.press, Problems())
        self.call(self.server.start())

    async def press(self, name: str) -> str:
        self.pressed.append(name)
        return ""

    def call(self, doing: Any) -> None:
        asyncio.run_coroutine_threadsafe(doing, self.loop).result(5)

    def show(self, indication: Any) -> None:
        self.loop.call_soon_threadsafe(self.server.show, indication)

    def close(self) -> None:
        self.call(self.server.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "socket")
    yield made
    made.close()


def test_a_board_shows_and_presses(
    desk: Desk, example: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after the satellite was away: then nobody knows, and the light says so."""
    board_module = example("board")
    monkeypatch.setattr(board_module, "RETRY_S", 0.05)
    board = board_module.Board(desk.path)
    shown: list[str] = []
    threading.Thread(
        target=board_module.show_for_ever, args=(board, shown.append), daemon=True
    ).start()
    desk.show(LIT)
    wait_for(lambda: shown[-1:] == ["idle"], "idle")
    board.press("mute_toggle")
    wait_for(lambda: desk.pressed == ["mute_toggle"], "the press")
    desk.show(MUTED)
    wait_for(lambda: shown[-1:] == ["muted_verified"], "muted")
    desk.call(desk.server.close())
    wait_for(lambda: shown[-1:] == ["unknown"], "unknown")
    desk.call(desk.server.start())
    wait_for(lambda: shown[-1:] == ["muted_verified"], "muted again")
    assert shown == ["unknown", "idle", "muted_verified", "unknown", "muted_verified"]


def test_a_satellite_that_hangs_is_not_believed_for_longer_than_it_said(
    tmp_path: Path, example: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    board_module = example("board")
    monkeypatch.setattr(board_module, "RETRY_S", 0.05)
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(str(tmp_path / "hung"))
        hung.listen()
        states = board_module.Board(tmp_path / "hung").states()

        def answer() -> None:
            line, _ = hung.accept()
            line.send(b'{"event": "state", "state": "muted_verified", "valid_s": 0.3}\n')
            time.sleep(2)

        threading.Thread(target=answer, daemon=True).start()
        assert next(states) == "muted_verified"
        began = time.monotonic()
        assert next(states) == "unknown"
        assert time.monotonic() - began >= 0.25


def test_the_hat_has_a_look_for_every_state(example: Callable[[str], ModuleType]) -> None:
    hat = example("two_mic_hat")
    assert set(hat.SHOWN) == {*State, "unknown"}
    assert all(len(colours) == hat.LEDS for colours in hat.SHOWN.values())
    looks = list(hat.SHOWN.values())
    assert all(looks.count(look) == 1 for look in looks), "two states look alike"


def test_the_hat_s_bytes_are_those_of_apa102(example: Callable[[str], ModuleType]) -> None:
    """From its data sheet: 32 zero bits, then 111 + brightness, blue, green, red."""
    hat = example("two_mic_hat")
    sent = hat.frame(((1, 2, 3), (4, 5, 6), (7, 8, 9)), 31)
    assert sent[:4] == bytes(4)
    assert sent[4:16] == bytes((255, 3, 2, 1, 255, 6, 5, 4, 255, 9, 8, 7))
    # Half a clock for each LED after them.
    assert len(sent[16:]) * 8 >= 3 / 2


def test_the_hat_s_button(example: Callable[[str], ModuleType]) -> None:
    pressed: list[str] = []
    button = example("two_mic_hat").Button(pressed.append)
    button.released()
    button.held()
    button.released()
    button.released()
    assert pressed == ["listen", "mute_toggle", "listen"]
    assert set(pressed) <= set(PRESSES)


def test_a_speakerphone_s_keys_and_light(desk: Desk, tmp_path: Path) -> None:
    """The whole program; the device is a socket that carries the kernel's events."""
    ours, its = socket.socketpair()
    number = its.fileno()
    phone = tmp_path / "phone.py"
    phone.write_text(
        "import os, sys\n"
        f"sys.path.insert(0, {str(EXAMPLES)!r})\n"
        "import speakerphone\n"
        "real = os.open\n"
        f"NUMBER = {number}\n"
        "os.open = lambda path, *rest: NUMBER if str(path) == 'phone' else real(path, *rest)\n"
        "speakerphone.main()\n"
    )
    with subprocess.Popen(
        [sys.executable, str(phone), "phone", "--socket", str(desk.path)],
        pass_fds=(number,),
    ) as program:
        try:
            ours.settimeout(10)
            assert _led(ours) == 0
            desk.show(MUTED)
            assert _led(ours) == 1
            ours.send(_event(1, 248, 1) + _event(1, 248, 0) + _event(1, 115, 1) + _event(1, 30, 1))
            wait_for(lambda: desk.pressed == ["mute_toggle", "volume_up"], "the keys")
        finally:
            program.kill()


def _event(kind: int, code: int, value: int) -> bytes:
    return struct.pack("llHHi", 0, 0, kind, code, value)


def _led(device: socket.socket) -> int:
    _, _, kind, code, value, *_ = struct.unpack("llHHillHHi", device.recv(48))
    assert (kind, code) == (0x11, 7)
    return int(value)


def test_the_hook_lights_up_unless_it_is_proved_closed(tmp_path: Path) -> None:
    light = tmp_path / "ACT"
    light.mkdir()
    script = (EXAMPLES / "led_hook.sh").read_text().replace("/sys/class/leds", str(tmp_path))
    for state in State:
        subprocess.run(["sh", "-c", script, "hook", "ACT", state], check=True)
        dark = (light / "brightness").read_text().strip() == "0"
        assert dark == (state is State.MUTED_VERIFIED)
