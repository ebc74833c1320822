"""A fault that nobody thought of ends neither hearing nor verifying, and its words are not told."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from earshot_satellite import keeper as keeper_module
from earshot_satellite.ear.settings import EarSettings
from earshot_satellite.keeper import Keeper
from earshot_satellite.mute import control as control_module
from earshot_satellite.mute.control import MuteControl
from earshot_satellite.problems import Problems
from earshot_satellite.state import StateFolder

SECRET = "the words of somebody"


@pytest.fixture(autouse=True)
def no_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no sound server: an ear comes as far as looking for one."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    monkeypatch.setenv("ALSA_CONFIG_PATH", "/dev/null")


class Listener:
    """Is told of something, and cannot bear it the first times."""

    def __init__(self, faults: int) -> None:
        self.faults = faults
        self.calls = 0
        self.borne = asyncio.Event()

    def __call__(self, *_: object) -> None:
        self.calls += 1
        if self.calls <= self.faults:
            raise RuntimeError(SECRET)
        self.borne.set()


async def test_a_fault_while_an_ear_is_kept_starts_another(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever is told of the ear's problem fails: its process is ended, and a new one comes."""
    monkeypatch.setattr(keeper_module, "_RETRY_S", (0.05,))
    problems, lost, pids = Problems(), Listener(faults=0), []
    keeper = Keeper(EarSettings(), problems, lost=lost)
    listener = Listener(faults=1)

    def changed() -> None:
        pids.append(keeper.trace[0])
        # The next ear finds the same fault, which is then no change any more.
        problems._now.clear()
        listener()

    problems.on_change(changed)
    keeper.open()
    async with asyncio.timeout(20):
        await listener.borne.wait()
    await keeper.close()
    first, second = pids[:2]
    assert first is not None
    assert second is not None
    assert first != second
    assert not await asyncio.to_thread(Path(f"/proc/{first}").exists)
    assert lost.calls == 1
    (line,) = [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    assert line == "the ear is started again after RuntimeError"
    assert SECRET not in caplog.text


async def test_a_fault_while_verifying_is_told_once_and_receipts_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(control_module, "RECEIPT_INTERVAL_S", 0.05)
    folder, problems = StateFolder(tmp_path), Problems()
    keeper = Keeper(EarSettings(), problems)
    mute = MuteControl(
        *(folder, keeper, problems),
        floor=True,
        closing=lambda: None,
        flipped=lambda _: None,
    )
    listener = Listener(faults=3)
    mute.on_receipt(listener)
    mute.begin()
    watching = asyncio.create_task(mute.watch())
    try:
        async with asyncio.timeout(20):
            await listener.borne.wait()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    assert listener.calls == 4
    (line,) = [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    assert line == "the microphone cannot be verified: RuntimeError"
    assert SECRET not in caplog.text
