"""`doctor`: the machine around the sound, and what is tried by ear."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import time
from pathlib import Path

import pytest
from room import MICROPHONE, SPEAKER, SatelliteProcess, Sound

from earshot_satellite.capture.system import (
    SoundSystem,
    clock_is_set,
    judge_clock,
    judge_sound,
    look_at_sound,
)
from earshot_satellite.cli.doctor import running
from earshot_satellite.settings import Settings


@pytest.mark.parametrize(
    ("found", "status", "remedy"),
    [
        (SoundSystem("up", pactl=True, socket=True, cards=1), "ok", ""),
        (SoundSystem("none", pactl=False, socket=False, cards=1), "ok", ""),
        (SoundSystem("none", pactl=True, socket=False, cards=0), "failed", "PipeWire"),
        (SoundSystem("none", pactl=True, socket=True, cards=1), "failed", "start it"),
        (SoundSystem("none", pactl=False, socket=True, cards=1), "warning", "pulseaudio-utils"),
        (SoundSystem("it does not answer", pactl=True, socket=True, cards=1), "failed", "restart"),
    ],
)
def test_the_sound_server(found: SoundSystem, status: str, remedy: str) -> None:
    check = judge_sound(found)[0]
    assert (check.id, check.status) == ("sound_server", status)
    assert remedy in check.remedy
    assert bool(check.remedy) == (status != "ok")


@pytest.mark.parametrize(
    ("now", "synchronised", "status"),
    [
        (0.0, True, "failed"),
        (1_800_000_000.0, False, "warning"),
        (1_800_000_000.0, None, "ok"),
        (1_800_000_000.0, True, "ok"),
    ],
)
def test_the_clock(now: float, synchronised: bool | None, status: str) -> None:
    check = judge_clock(now, synchronised=synchronised)
    assert (check.status, bool(check.remedy)) == (status, status != "ok")


def test_root_is_not_sent_to_a_user_s_sound_server() -> None:
    bare = SoundSystem("none", pactl=True, socket=False, cards=0, root=True)
    (check,) = judge_sound(bare)
    assert "sound card" in check.remedy
    assert "PipeWire" not in check.remedy


def told_of(*problems: str, hearing: bool = False, said: str = "speaker") -> list[str]:
    """Return the ids of what failed, of a satellite that runs unmuted."""
    status = {
        "pid": 1,
        "state": "idle",
        "muted": False,
        "receipt": {},
        "linked": False,
        "paired": False,
        "open": False,
        "microphone": {"hearing": hearing, "device": "hat", "overruns": 0},
        "problems": [{"code": each, "detail": each, "remedy": "this"} for each in problems],
    }
    found = running(Settings(), status, said)
    return [each.id for each in found if each.status == "failed"]


def test_each_fault_is_told_once() -> None:
    assert told_of("microphone_missing", "speaker_missing", said="speaker_missing") == [
        "microphone_missing"
    ]
    assert told_of("speaker_missing", said="speaker_missing") == ["microphone"]
    assert told_of("wake_model_broken", hearing=True) == ["wake_model_broken"]


def test_this_machine_s_clock_can_be_asked() -> None:
    assert clock_is_set() in {True, False, None}
    assert judge_clock(time.time(), synchronised=None).status == "ok"


def test_a_real_sound_server_and_its_echo_cancelling(
    sound: Sound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sound.env.items():
        monkeypatch.setenv(name, value)
    found = {each.id: each.status for each in judge_sound(look_at_sound(tmp_path))}
    assert found == {"sound_server": "ok", "echo": "skipped"}
    sound.pactl(
        *("load-module", "module-echo-cancel", "aec_method=webrtc", "source_name=clean"),
        *(f"source_master={MICROPHONE}.monitor", f"sink_master={SPEAKER}"),
    )
    found = {each.id: each.status for each in judge_sound(look_at_sound(tmp_path))}
    assert found["echo"] == "ok"
    sound.stop()
    assert judge_sound(look_at_sound(tmp_path))[0].status == "failed"


async def test_speaking_shows_the_scores(satellite: SatelliteProcess) -> None:
    satellite.config.write_text(satellite.settings)
    doctor = asyncio.create_task(asyncio.to_thread(satellite.cli, "doctor", "--scores", "4"))
    while not doctor.done():
        await asyncio.to_thread(satellite.sound.say, "hey jarvis")
        await asyncio.sleep(0.3)
    done = await doctor
    assert done.returncode == 0, done.stderr
    assert "HEARD Hey Jarvis" in done.stdout
    assert "dBFS" in done.stdout


async def test_hear_yourself(satellite: SatelliteProcess) -> None:
    satellite.config.write_text(satellite.settings)

    def listen_and_hear() -> tuple[subprocess.CompletedProcess[str], list[int]]:
        with satellite.sound.recording() as samples:
            done = satellite.cli("doctor", "--hear", "1")
        return done, samples

    hearing = asyncio.create_task(asyncio.to_thread(listen_and_hear))
    while not hearing.done():
        await asyncio.to_thread(satellite.sound.say, "what a lovely morning it is")
    done, samples = await hearing
    assert done.returncode == 0, done.stderr
    assert sum(abs(each) > 1_000 for each in samples) > 2_000


def test_a_muted_microphone_is_not_opened(satellite: SatelliteProcess) -> None:
    satellite.config.write_text(satellite.settings)
    satellite.cli("mute")
    for words in (("--scores", "1"), ("--hear", "1")):
        done = satellite.cli("doctor", *words)
        assert (done.returncode, "muted" in done.stderr) == (3, True)


def test_a_taken_port_is_found(satellite: SatelliteProcess) -> None:
    satellite.config.write_text(satellite.settings)
    satellite.cli("mute")
    with socket.create_server(("127.0.0.1", satellite.port)):
        found = json.loads(satellite.cli("doctor", "--json").stdout)
    (link,) = (each for each in found if each["id"] == "link")
    assert "  " not in link["detail"]
    assert link["status"] == "failed"
    assert "[link]" in link["remedy"]
