"""Open mode: Wyoming's own satellite protocol, as Home Assistant's stock integration speaks it.

The real integration is in the end-to-end tests; here is what it sends, event by event.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from room import Home, SatelliteProcess, Sound, wait_for
from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.info import Describe, Info
from wyoming.pipeline import RunPipeline
from wyoming.satellite import PauseSatellite, RunSatellite
from wyoming.timer import TimerCancelled, TimerFinished, TimerStarted

from earshot_wire.greeting import Hello, SetWakeWords

COMMAND = "hey jarvis turn on the kitchen light"


@pytest.fixture
def satellite(sound: Sound, tmp_path: Path) -> SatelliteProcess:
    return SatelliteProcess(sound, tmp_path, open=True)


@pytest.fixture
async def stock(satellite: SatelliteProcess) -> AsyncIterator[Home]:
    satellite.start()
    satellite.wait_hearing()
    home = Home(satellite.port, plain=True)
    await home.connect(RunSatellite().event())
    home.send(Describe().event())
    yield home
    await home.close()
    satellite.kill()


async def wake(home: Home, satellite: SatelliteProcess) -> asyncio.Task[None]:
    for _ in range(3):
        speaking = asyncio.create_task(asyncio.to_thread(satellite.sound.say, COMMAND))
        try:
            event = await home.next("detection", "audio-chunk", timeout_s=7)
        except TimeoutError:
            await speaking
            continue
        assert (event.type, event.data["name"]) == ("detection", "hey_jarvis")
        return speaking
    raise AssertionError("the wake word was not heard")


def send_speech(home: Home) -> None:
    home.send(AudioStart(rate=22_050, width=2, channels=1).event())
    for _ in range(10):
        chunk = AudioChunk(rate=22_050, width=2, channels=1, audio=b"\x00\x20" * 1_024)
        home.send(chunk.event())
    home.send(AudioStop().event())


async def test_a_stock_turn(stock: Home, satellite: SatelliteProcess) -> None:
    info = Info.from_event(await stock.next("info"))
    assert info.satellite is not None
    assert (info.satellite.name, info.satellite.area) == ("Test", "Kitchen")
    assert "hey_jarvis" in {model.name for model in info.wake[0].models}
    assert "OPEN" in satellite.read_log()

    speaking = await wake(stock, satellite)
    run = RunPipeline.from_event(await stock.next("run-pipeline"))
    assert (run.start_stage, run.end_stage, run.restart_on_end) == ("asr", "tts", False)
    pcm = b""
    while len(pcm) < 32_000:
        pcm += (await stock.next("audio-chunk")).payload or b""
    stock.send(Transcript(text="turn on the kitchen light").event())
    await stock.next("audio-stop")
    send_speech(stock)
    await stock.next("played")
    await speaking
    assert satellite.status()["state"] == "idle"
    assert "kitchen light" not in satellite.read_log()


async def test_an_error_ends_the_turn_and_an_announcement_is_played(
    stock: Home, satellite: SatelliteProcess
) -> None:
    speaking = await wake(stock, satellite)
    stock.send(Error(text="no", code="stt-no-text-recognized").event())
    await stock.next("played")
    await speaking
    wait_for(lambda: satellite.status()["state"] == "idle", "idle")
    send_speech(stock)
    await stock.next("played")
    wait_for(lambda: satellite.status()["state"] == "idle", "idle")


async def test_pausing_closes_the_microphone_and_only_lifts_itself(
    stock: Home, satellite: SatelliteProcess
) -> None:
    """The stock mute is only a pause; here it ends the ear, also when the home hangs up at once."""
    stock.send(PauseSatellite().event())
    await stock.close()
    wait_for(lambda: not satellite.sound.recorders(), "the ear's end")
    assert satellite.status()["receipt"]["state"] == "closed"
    await stock.connect(RunSatellite().event())
    wait_for(satellite.sound.recorders, "hearing again")
    assert satellite.cli("mute").returncode == 0
    stock.send(PauseSatellite().event())
    stock.send(RunSatellite().event())
    await asyncio.sleep(1)
    assert not satellite.sound.recorders()
    assert satellite.status()["receipt"]["muted_by"] == ["local"]


async def test_a_paused_home_is_silent_and_may_be_replaced(
    stock: Home, satellite: SatelliteProcess
) -> None:
    stock.send(PauseSatellite().event())
    assert stock._task is not None
    stock._task.cancel()
    await asyncio.sleep(6)
    assert satellite.status()["linked"]
    again = Home(satellite.port, plain=True)
    await again.connect(RunSatellite().event())
    wait_for(satellite.sound.recorders, "hearing again")
    await again.close()


async def test_one_home_of_either_kind(stock: Home, satellite: SatelliteProcess) -> None:
    await stock.next("info")
    ours = Home(satellite.port, plain=True)
    await ours.connect(Hello(version=1, owner="ours").event())
    assert (await ours.next("earshot-refused")).data["reason"] == "not_paired"
    asking = Home(satellite.port, plain=True)
    await asking.connect(Describe().event())
    await asking.next("info")
    asking.send(RunSatellite().event())
    await asking.closed()
    stock.send(Describe().event())
    await stock.next("info")


async def test_the_paired_home_comes_before_any_other(
    stock: Home, satellite: SatelliteProcess
) -> None:
    """Open mode lets others in; it takes nothing from the one that is paired."""
    ours = Home(satellite.port)
    assert (await ours.link()).paired
    await stock.closed()
    other = Home(satellite.port, plain=True)
    await other.connect(RunSatellite().event())
    await other.closed()
    ours.send(SetWakeWords(words=("hey_jarvis",)))
    await ours.next("earshot-welcome")
    await ours.close()


async def test_stock_timers_ring(stock: Home, satellite: SatelliteProcess) -> None:
    """As Home Assistant's stock integration tells of them; one that is none ends the link."""
    stock.send(TimerStarted(id="01JDQ", total_seconds=300, name="pizza").event())
    await asyncio.to_thread(wait_for, lambda: satellite.status()["timers"] == 1, "a timer")
    stock.send(TimerFinished(id="01JDQ").event())
    await asyncio.to_thread(wait_for, lambda: satellite.status()["ringing"], "ringing")
    stock.send(TimerCancelled(id="01JDQ").event())
    await asyncio.to_thread(wait_for, lambda: not satellite.status()["ringing"], "silence")
    stock.send(TimerStarted(id="../x", total_seconds=5).event())
    await stock.closed()
