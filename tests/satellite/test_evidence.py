"""Who holds the microphone: a made-up /proc for ALSA, a real sound server and real recorders."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest
from room import MICROPHONE, SPEAKER, Sound, wait_for

from earshot_satellite.ear.process import EarExit, EarProcess
from earshot_satellite.ear.settings import EarSettings
from earshot_satellite.mute.evidence import Witness, _family
from earshot_satellite.mute.verdict import ALSA, EAR, SOUND_SERVER, Evidence, Reason, Shows, judge

EXIT = EarExit(100, 0, "asked")


class FakeProc:
    """A /proc with sound cards and processes, since test machines have no sound card."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.process(100, "python", [100, 101])

    def process(self, pid: int, name: str, threads: list[int], children: str = "") -> None:
        for thread in threads:
            task = self.root / str(pid) / "task" / str(thread)
            task.mkdir(parents=True)
            (task / "children").write_text(children)
            folder = self.root / str(thread)
            folder.mkdir(exist_ok=True)
            (folder / "status").write_text(f"Name:\t{name}\nTgid:\t{pid}\nPid:\t{thread}\n")

    def stream(self, owner: int | None, card: int = 0, kind: str = "c") -> None:
        folder = self.root / "asound" / f"card{card}" / f"pcm0{kind}" / "sub0"
        folder.mkdir(parents=True, exist_ok=True)
        told = "closed\n" if owner is None else f"state: RUNNING\nowner_pid   : {owner}\n"
        (folder / "status").write_text(told)

    def witness(self) -> Witness:
        return Witness(proc=self.root, pactl="no-such-program")


@pytest.fixture
def proc(tmp_path: Path) -> FakeProc:
    return FakeProc(tmp_path)


async def test_alsa_closed_after_it_showed_our_thread_is_closed(proc: FakeProc) -> None:
    """ALSA names the thread that opened the device, 101, not the process."""
    witness = proc.witness()
    proc.stream(101)
    found = await witness.look(100, None)
    assert Evidence(ALSA, Shows.OPEN, "python") in found
    assert witness.shown == {ALSA}
    proc.stream(None)
    found = await witness.look(100, EXIT)
    assert judge(found, witness.shown).state == "closed"


async def test_a_stream_of_an_ear_that_ended_is_still_open(proc: FakeProc) -> None:
    witness = proc.witness()
    proc.stream(101)
    await witness.look(100, None)
    (proc.root / "101" / "status").unlink()
    assert judge(await witness.look(100, EXIT), witness.shown).state == "open"


async def test_a_child_of_the_ear_is_the_ear(proc: FakeProc) -> None:
    (proc.root / "100/task/101/children").write_text("200 ")
    proc.process(200, "helper", [200])
    witness = proc.witness()
    proc.stream(200)
    found = await witness.look(100, None)
    assert Evidence(ALSA, Shows.OPEN, "helper") in found


async def test_a_sound_server_that_holds_the_device_is_named(proc: FakeProc) -> None:
    witness = proc.witness()
    proc.stream(101)
    await witness.look(100, None)
    proc.process(300, "pulseaudio", [300, 301])
    proc.stream(301)
    verdict = judge(await witness.look(100, EXIT), witness.shown)
    assert (verdict.state, verdict.holder) == ("unverified", "pulseaudio")


async def test_a_second_card_that_somebody_records_counts(proc: FakeProc) -> None:
    witness = proc.witness()
    proc.stream(101)
    await witness.look(100, None)
    proc.stream(None)
    proc.process(300, "arecord", [300])
    proc.stream(300, card=1)
    assert judge(await witness.look(100, EXIT), witness.shown).holder == "arecord"


async def test_without_any_source_nothing_is_verified(proc: FakeProc) -> None:
    witness = proc.witness()
    await witness.look(100, None)
    verdict = judge(await witness.look(100, EXIT), witness.shown)
    assert (verdict.state, verdict.reason) == ("unverified", Reason.NO_SOURCE)


async def test_playback_is_no_recording_and_no_control(proc: FakeProc) -> None:
    witness = proc.witness()
    proc.stream(101, kind="p")
    found = await witness.look(100, None)
    assert [each.source for each in found] == [EAR]


async def test_a_source_that_vanishes_is_lost_not_closed(proc: FakeProc) -> None:
    witness = proc.witness()
    proc.stream(101)
    await witness.look(100, None)
    (proc.root / "asound/card0/pcm0c/sub0/status").unlink()
    verdict = judge(await witness.look(100, EXIT), witness.shown)
    assert (verdict.state, verdict.reason) == ("unverified", Reason.SOURCE_LOST)


async def test_an_unreadable_status_is_unknown(proc: FakeProc) -> None:
    proc.stream(None)
    (proc.root / "asound/card0/pcm0c/sub0/status").write_text("state: RUNNING\n")
    found = await proc.witness().look(100, EXIT)
    assert found[1].state is Shows.UNKNOWN


async def test_a_sound_server_that_hangs_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "pactl"
    slow.write_text("#!/bin/sh\nexec sleep 30\n")
    slow.chmod(0o755)
    monkeypatch.setattr("earshot_satellite.capture.sound_server.PACTL_SECONDS", 0.3)
    found = await Witness(proc=tmp_path, pactl=str(slow)).look(None, None)
    assert found[1:] == (Evidence(SOUND_SERVER, Shows.UNKNOWN, "the sound server does not answer"),)


@pytest.mark.parametrize("told", ["", "[]", "{}", '{"sources": [], "source_outputs": [1]}', "x"])
async def test_an_answer_nobody_understands_is_unknown(tmp_path: Path, told: str) -> None:
    odd = tmp_path / "pactl"
    odd.write_text(f"#!/bin/sh\necho '{told}'\n")
    odd.chmod(0o755)
    found = await Witness(proc=tmp_path, pactl=str(odd)).look(None, None)
    assert [each.state for each in found[1:]] == [Shows.UNKNOWN]


@pytest.fixture
def sound(sound: Sound, monkeypatch: pytest.MonkeyPatch) -> Sound:
    """Have this process's own children use the sound server."""
    for name, value in sound.env.items():
        monkeypatch.setenv(name, value)
    return sound


def record(sink: str, name: str) -> subprocess.Popen[bytes]:
    command = ["parec", f"--device={sink}.monitor", f"--client-name={name}"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


async def test_a_real_mute_is_verified_and_a_second_recorder_is_named(sound: Sound) -> None:
    witness = Witness(proc=sound.folder)
    ear = EarProcess(EarSettings())
    await ear.start()
    found = await witness.look(ear.pid, None)
    assert Evidence(SOUND_SERVER, Shows.OPEN, f"{MICROPHONE}.monitor") in found
    ended = await ear.stop()
    found = await witness.look(ear.pid, ended)
    assert judge(found, witness.shown).state == "closed"

    spy = record(MICROPHONE, "spy")
    try:
        await asyncio.to_thread(wait_for, sound.recorders, "the spy")
        verdict = judge(await witness.look(ear.pid, ended), witness.shown)
        assert (verdict.state, verdict.reason) == ("unverified", Reason.HELD_BY_OTHER)
        assert verdict.holder == "spy"
    finally:
        spy.kill()
        spy.wait()
    await asyncio.to_thread(wait_for, lambda: not sound.recorders(), "the spy's end")
    assert judge(await witness.look(ear.pid, ended), witness.shown).state == "closed"

    sound.stop()
    verdict = judge(await witness.look(ear.pid, ended), witness.shown)
    assert (verdict.state, verdict.reason) == ("unverified", Reason.SOURCE_LOST)


async def test_a_module_that_listens_is_named_and_a_loudspeakers_recorder_is_not(
    sound: Sound,
) -> None:
    """Echo cancelling and loopbacks hold a microphone without being a client."""
    witness = Witness(proc=sound.folder)
    ear = EarProcess(EarSettings())
    await ear.start()
    await witness.look(ear.pid, None)
    ended = await ear.stop()
    listener = record(SPEAKER, "listener")
    try:
        await asyncio.to_thread(wait_for, sound.recorders, "the loudspeaker's recorder")
        assert judge(await witness.look(ear.pid, ended), witness.shown).state == "closed"
        sound.pactl(
            "load-module", "module-loopback", f"source={MICROPHONE}.monitor", f"sink={SPEAKER}"
        )
        verdict = judge(await witness.look(ear.pid, ended), witness.shown)
        assert verdict.state == "unverified"
        assert "Loopback" in verdict.holder
    finally:
        listener.kill()
        listener.wait()


async def test_echo_cancelling_holds_the_microphone_until_the_server_closes_it(
    sound: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module records for whoever listens to its clean source, and a while longer."""
    sound.pactl("load-module", "module-suspend-on-idle", "timeout=1")
    # No loudspeaker's monitor, as a real microphone is none.
    sound.pactl("load-module", "module-null-source", "source_name=real", "rate=16000")
    sound.pactl(
        *("load-module", "module-echo-cancel", "aec_method=webrtc", "source_name=clean"),
        *("source_master=real", f"sink_master={SPEAKER}"),
    )
    monkeypatch.setenv("PULSE_SOURCE", "clean")
    witness = Witness(proc=sound.folder)
    ear = EarProcess(EarSettings())
    await ear.start()
    await witness.look(ear.pid, None)
    assert SOUND_SERVER in witness.shown
    ended = await ear.stop()
    verdict = judge(await witness.look(ear.pid, ended), witness.shown)
    assert (verdict.state, verdict.reason) == ("unverified", Reason.HELD_BY_OTHER)
    assert "Echo-Cancel" in verdict.holder
    async with asyncio.timeout(15):
        while verdict.state != "closed":
            await asyncio.sleep(0.2)
            verdict = judge(await witness.look(ear.pid, ended), witness.shown)


def test_a_process_that_ends_while_it_is_looked_at(tmp_path: Path) -> None:
    """Its child is counted, though neither it nor its list of threads is there any more."""
    (tmp_path / "10/task/10").mkdir(parents=True)
    (tmp_path / "10/task/10/children").write_text("11 12")
    (tmp_path / "12/task/12").mkdir(parents=True)
    assert _family(tmp_path, 10) == {10, 11, 12}
    assert _family(tmp_path, 99) == {99}
