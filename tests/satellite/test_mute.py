"""P3: mute means closed, on a real satellite and as the sound server sees it."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from room import Home, SatelliteProcess, wait_for

from earshot_wire import turn
from earshot_wire.microphone import Receipt, SetMute


async def mute(home: Home, muted: bool, nonce: str = "ab12") -> Receipt:
    home.send(SetMute(muted=muted, nonce=nonce))
    while True:
        receipt = Receipt.from_event(await home.next("earshot-receipt"))
        if receipt.nonce == nonce:
            return receipt


async def test_mute_closes_and_proves_it(home: Home, satellite: SatelliteProcess) -> None:
    assert len(satellite.sound.recorders()) == 1
    ear = satellite.status()["microphone"]["pid"]
    receipt = await mute(home, muted=True)
    assert satellite.sound.recorders() == []
    with pytest.raises(ProcessLookupError):
        os.kill(ear, 0)
    assert (receipt.state, receipt.reason, receipt.muted_by) == ("closed", "", ("remote",))
    await asyncio.to_thread(satellite.sound.say, "hey jarvis")
    await asyncio.sleep(0.5)
    while not home.events.empty():
        event = home.events.get_nowait()
        assert event is not None
        assert event.type != "earshot-wake"
    opened = await mute(home, muted=False, nonce="cd")
    assert (opened.state, opened.muted_by) == ("open", ())
    assert opened.sequence > receipt.sequence
    assert len(satellite.sound.recorders()) == 1


async def test_a_restart_keeps_the_mute_and_what_was_proved(
    home: Home, satellite: SatelliteProcess
) -> None:
    await mute(home, muted=True)
    satellite.kill()
    satellite.start()
    await home.link()
    receipt = await mute(home, muted=True, nonce="ef")
    assert receipt.state == "closed"
    await asyncio.sleep(2)
    assert satellite.sound.recorders() == []


async def test_home_does_not_lift_a_local_mute(home: Home, satellite: SatelliteProcess) -> None:
    """Local wins: what was closed at the device, Home Assistant cannot open."""
    done = await asyncio.to_thread(satellite.cli, "mute")
    assert done.returncode == 0, done.stderr
    assert "closed" in done.stdout
    await mute(home, muted=True, nonce="01")
    receipt = await mute(home, muted=False, nonce="02")
    assert (receipt.state, receipt.muted_by) == ("closed", ("local",))
    assert satellite.sound.recorders() == []
    done = await asyncio.to_thread(satellite.cli, "unmute")
    assert done.returncode == 0, done.stderr
    assert len(satellite.sound.recorders()) == 1


async def test_a_mute_that_cannot_be_kept_is_told_at_the_device(
    home: Home, satellite: SatelliteProcess
) -> None:
    """It closed, and said nothing: who restarted it did not know what would come."""
    state = satellite.state / "mute.json"
    state.unlink()
    state.mkdir()
    done = await asyncio.to_thread(satellite.cli, "mute")
    assert "closed" in done.stdout
    assert done.returncode == 1
    assert "not kept for the next start" in done.stderr


async def test_nor_does_the_device_lift_home_s(home: Home, satellite: SatelliteProcess) -> None:
    await mute(home, muted=True)
    done = await asyncio.to_thread(satellite.cli, "unmute")
    assert "muted by Home Assistant" in done.stdout
    assert satellite.sound.recorders() == []


async def test_mute_ends_a_command(home: Home, satellite: SatelliteProcess) -> None:
    speaking = asyncio.create_task(
        asyncio.to_thread(satellite.sound.say, "hey jarvis turn on the kitchen light")
    )
    turn_id = (await home.next("earshot-wake")).data["turn"]
    home.send(turn.Listen(turn=turn_id))
    await home.next("audio-chunk")
    home.send(SetMute(muted=True, nonce="aa"))
    end = turn.TurnAudioEnd.from_event(await home.next("audio-stop"))
    assert (end.turn, end.reason) == (turn_id, "muted")
    event = await home.next("earshot-receipt", "audio-chunk")
    assert event.data["state"] == "closed"
    await speaking


async def test_a_frozen_ear_is_closed_all_the_same(home: Home, satellite: SatelliteProcess) -> None:
    """A process that no longer listens to signals is killed, and the receipt waits for it."""
    ear = satellite.status()["microphone"]["pid"]
    os.kill(ear, signal.SIGSTOP)
    receipt = await mute(home, muted=True)
    assert receipt.state == "closed"
    assert satellite.sound.recorders() == []


async def test_a_sound_server_that_does_not_answer_does_not_delay_a_mute(
    satellite: SatelliteProcess, tmp_path: Path
) -> None:
    """The ear ends at once; what cannot be asked is told as unverified afterwards."""
    hung = tmp_path / "bin" / "pactl"
    hung.parent.mkdir()
    hung.write_text("#!/bin/sh\nexec sleep 60\n")
    hung.chmod(0o755)
    satellite.env["PATH"] = f"{hung.parent}:{satellite.env['PATH']}"
    satellite.start()
    satellite.wait_hearing(30)
    home = Home(satellite.port)
    await home.link()
    home.send(SetMute(muted=False, nonce="aa"))
    home.send(SetMute(muted=True, nonce="bb"))
    wait_for(lambda: not satellite.sound.recorders(), "the ear's end", 2.0)
    while (receipt := Receipt.from_event(await home.next("earshot-receipt"))).nonce != "bb":
        assert receipt.state != "closed"
    assert (receipt.state, receipt.reason) == ("unverified", "source_failed")
    await home.close()


async def test_kill_9_leaves_nothing_recording(home: Home, satellite: SatelliteProcess) -> None:
    satellite.kill()
    await asyncio.to_thread(wait_for, lambda: not satellite.sound.recorders(), "the ear's end", 3)


def test_mute_of_a_satellite_that_does_not_run(satellite: SatelliteProcess) -> None:
    satellite.config.write_text(satellite.settings)
    assert satellite.cli("mute").returncode == 0
    satellite.start()
    wait_for(lambda: "stays closed" in satellite.read_log(), "its start")
    assert satellite.sound.recorders() == []
    status = satellite.status()
    assert status["receipt"]["muted_by"] == ["local"]
    # This verifier never saw its own stream since the device started.
    assert (status["receipt"]["state"], status["receipt"]["reason"]) == (
        "unverified",
        "no_positive_control",
    )


async def test_the_floor_is_lifted_by_nobody(satellite: SatelliteProcess) -> None:
    satellite.settings += "[floor]\nmute = true\n"
    satellite.start()
    home = Home(satellite.port)
    await home.link()
    assert (await mute(home, muted=False)).muted_by == ("local",)
    done = await asyncio.to_thread(satellite.cli, "unmute")
    assert done.returncode != 0
    assert "[floor]" in done.stderr
    assert satellite.sound.recorders() == []
    await home.close()


async def test_lost_mute_state_is_a_problem_that_home_sees(satellite: SatelliteProcess) -> None:
    satellite.start()
    satellite.wait_hearing()
    satellite.stop()
    (satellite.state / "mute.json").write_text("{")
    satellite.start()
    home = Home(satellite.port)
    await home.link()
    problems = (await home.next("earshot-problems")).data["problems"]
    assert "mute_state_unreadable" in {problem["code"] for problem in problems}
    assert satellite.sound.recorders() == []
    await home.close()
