"""The ear as a real process on a real sound server: what it does, gives up, and survives."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from hearing_tools import Samples, noise, say, scene, write_wav
from room import MICROPHONE, SPEAKER, Sound, wait_for

from earshot_satellite.ear import process
from earshot_satellite.ear.frames import HEADER_SIZE, Kind, header
from earshot_satellite.ear.hearing import PREROLL_MS
from earshot_satellite.ear.process import (
    CommandAsked,
    CommandAudio,
    CommandEnd,
    Detection,
    EarError,
    EarGone,
    EarProcess,
    Health,
)
from earshot_satellite.ear.settings import EarSettings


@pytest.fixture
def sound(sound: Sound, monkeypatch: pytest.MonkeyPatch) -> Sound:
    """Have this process's own children use the sound server."""
    for name, value in sound.env.items():
        monkeypatch.setenv(name, value)
    return sound


@pytest.fixture
async def ear(sound: Sound) -> AsyncIterator[EarProcess]:
    started = EarProcess(EarSettings())
    await started.start()
    yield started
    await started.stop()


async def until(ear: EarProcess, *kinds: type, seconds: float = 15.0) -> object:
    async with asyncio.timeout(seconds):
        while not isinstance(told := await ear.read(), kinds):
            pass
    return told


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


async def gone(pid: int) -> None:
    await asyncio.to_thread(wait_for, lambda: not alive(pid), "the ear's end", 5.0)


def proc(ear: EarProcess, name: str) -> str:
    return Path(f"/proc/{ear.pid}/{name}").read_text()


def written_files(ear: EarProcess) -> list[str]:
    """List the regular files with a name that it has open for writing."""
    found = []
    for link in Path(f"/proc/{ear.pid}/fd").iterdir():
        flags = proc(ear, f"fdinfo/{link.name}").split("flags:")[1].split()[0]
        about = link.stat()
        regular = stat.S_ISREG(about.st_mode) and about.st_nlink
        if regular and int(flags, 8) & os.O_ACCMODE != os.O_RDONLY:
            found.append(str(link.readlink()))
    return found


async def test_a_command_without_a_pause_arrives_whole(
    ear: EarProcess, sound: Sound, tmp_path: Path
) -> None:
    """Not one sample is lost, doubled or changed, from 400 ms before the detection on."""
    word, command = say("hey jarvis"), say("turn on the kitchen light in the hall")
    said = scene(1.0, word, command, 1.5)
    playing = asyncio.create_task(
        asyncio.to_thread(sound.play, write_wav(tmp_path / "a.wav", said))
    )
    detection = await until(ear, Detection)
    assert isinstance(detection, Detection)
    assert (detection.word, detection.phrase) == ("hey_jarvis", "Hey Jarvis")
    assert detection.snr_db > 20
    assert abs(time.monotonic_ns() - detection.monotonic_ns) < 2e9
    parts: list[CommandAudio] = []
    while not parts or parts[-1].offset_ms < 2500:
        part = await until(ear, CommandAudio)
        assert isinstance(part, CommandAudio)
        parts.append(part)
    ear.hush()
    await playing
    assert parts[0].offset_ms == -PREROLL_MS
    assert max(len(part.pcm) for part in parts) <= 1280
    for before, after in itertools.pairwise(parts):
        assert after.offset_ms == before.offset_ms + len(before.pcm) // 32
    got = np.frombuffer(b"".join(part.pcm for part in parts), np.int16)
    start = 16_000 + len(word)
    place = find(got[: PREROLL_MS * 16], said)
    assert place <= start, "the head of the command is cut"
    length = min(len(got), len(said) - place)
    assert length > len(command)
    assert (got[:length] == said[place : place + length]).all()


async def test_a_command_can_be_asked_for_without_a_wake_word(ear: EarProcess) -> None:
    """What was heard before it was asked for stays in the ear."""
    await until(ear, Health)
    ear.listen()
    asked = await until(ear, CommandAsked)
    assert isinstance(asked, CommandAsked)
    first = await until(ear, CommandAudio)
    assert isinstance(first, CommandAudio)
    assert (first.turn_seq, first.offset_ms) == (asked.turn_seq, 0)
    ear.hush()
    async with asyncio.timeout(5):
        while not isinstance(await ear.read(), Health):
            pass


def find(needle: Samples, haystack: Samples) -> int:
    """Tell where `needle` is in `haystack`, to the sample."""
    wanted = needle.tobytes()
    place = haystack.tobytes().find(wanted)
    assert place >= 0, "the pre-roll is not what was played"
    return place // 2


async def test_speech_without_the_wake_word_leaves_nothing(
    ear: EarProcess, sound: Sound, tmp_path: Path
) -> None:
    """P2: only heartbeats on the pipe, not a byte on a disk, no file open for writing."""
    said = scene(say("what a lovely morning it is"), 0.5, say("close the curtains please", "rms"))
    playing = asyncio.create_task(
        asyncio.to_thread(sound.play, write_wav(tmp_path / "a.wav", said))
    )
    told = []
    while not playing.done():
        told.append(await ear.read())
    assert told
    assert all(isinstance(each, Health) for each in told)
    assert "\nwrite_bytes: 0\n" in proc(ear, "io")
    assert written_files(ear) == []


async def test_the_ear_has_no_network_and_cannot_write(ear: EarProcess) -> None:
    assert ear.ready
    assert ear.ready.preroll_ms == PREROLL_MS
    if not ear.ready.sandbox["network"]:
        pytest.skip("this system allows no network namespace")
    interfaces = proc(ear, "net/dev").splitlines()[2:]
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
    assert "NoNewPrivs:\t1" in proc(ear, "status")
    assert "Max core file size        0" in proc(ear, "limits")


def test_the_sandbox_forbids_writing_and_connecting() -> None:
    """What the sandbox claims, tried from inside; the sound server's shared memory is let be."""
    with tempfile.TemporaryDirectory() as folder:
        done = try_in_the_sandbox(Path(folder) / "written")
    assert done["privileges"]
    assert done["dumps"]
    assert done["wrote"] is not done["files"]
    assert done["connected"] is not done["network"]


def try_in_the_sandbox(file: Path) -> dict[str, bool]:
    """Return what a process that went into the sandbox could do afterwards."""
    tried = subprocess.run(
        [
            sys.executable,
            "-c",
            "import json, pathlib, socket, sys\n"
            "from earshot_satellite.ear.sandbox import enter\n"
            "done = enter()\n"
            "try: pathlib.Path(sys.argv[1]).write_text('x'); done['wrote'] = True\n"
            "except OSError: done['wrote'] = False\n"
            "try: socket.create_connection(('127.0.0.1', 9), 2); done['connected'] = True\n"
            "except ConnectionRefusedError: done['connected'] = True\n"
            "except OSError: done['connected'] = False\n"
            "print(json.dumps(done))",
            str(file),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    result: dict[str, bool] = json.loads(tried.stdout)
    return result


def test_no_network_module_is_imported_by_the_ear(sound: Sound) -> None:
    """A listening ear, its modules listed from inside after it told that it hears."""
    spied = (
        "import os, runpy, sys, threading, time\n"
        "def tell():\n"
        "    while 'earshot_satellite.ear.hearing' not in sys.modules: time.sleep(0.1)\n"
        "    os.read(int(sys.argv[2]), 1)\n"
        "    os.write(int(sys.argv[1]), ' '.join(sys.modules).encode()); os._exit(0)\n"
        "threading.Thread(target=tell, daemon=True).start()\n"
        "runpy.run_module('earshot_satellite.ear', run_name='__main__')\n"
    )
    settings = {
        "body": os.getpid(),
        "device": None,
        "words": ["hey_jarvis"],
        "sensitivity": "medium",
        "stage_two": True,
        "sensitivities": {},
        "stop_word": None,
        "attention": 0,
        "gain_db": 0.0,
        "noise_suppression": 0,
    }
    reading, writing = os.pipe()
    asked, asking = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", spied, str(writing), str(asked)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=sound.env,
        pass_fds=(writing, asked),
    ) as child:
        assert child.stdin
        assert child.stdout
        child.stdin.write(json.dumps(settings).encode() + b"\n")
        child.stdin.flush()
        os.close(writing)
        kind = None
        while kind is not Kind.READY:
            kind, length = header(child.stdout.read(HEADER_SIZE))
            child.stdout.read(length)
        os.write(asking, b"?")
        modules = set(os.read(reading, 1 << 20).decode().split())
    assert "earshot_satellite.wake.detector" in modules
    assert "pyaudio" in modules
    banned = {"asyncio", "socket", "_socket", "ssl", "_ssl", "http", "urllib.request", "wyoming"}
    assert not modules & banned


async def test_stop_is_certain_and_may_be_repeated(sound: Sound) -> None:
    ear = EarProcess(EarSettings())
    assert (await ear.stop()).how == "not_started"
    ear = EarProcess(EarSettings())
    await ear.start()
    pid = ear.pid
    assert pid
    first, second = await asyncio.gather(ear.stop(), ear.stop())
    assert first == second == await ear.stop()
    assert (first.how, first.gone) == ("asked", True)
    assert not alive(pid)
    assert await asyncio.to_thread(sound.recorders) == []
    told = await until(ear, EarGone)
    assert told == await ear.read()


async def test_a_cancelled_stop_still_ends_the_ear(ear: EarProcess) -> None:
    assert ear.pid
    stopping = asyncio.create_task(ear.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    await gone(ear.pid)


async def test_a_hung_ear_is_noticed_and_killed(
    ear: EarProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PortAudio can block for ever: no beat for a while, and it is over."""
    monkeypatch.setattr(process, "SILENCE_SECONDS", 1.5)
    assert ear.pid
    os.kill(ear.pid, signal.SIGSTOP)
    told = await until(ear, EarGone)
    assert isinstance(told, EarGone)
    assert told.code == "ear_hung"
    assert told.exit.how == "killed"
    assert not alive(ear.pid)


async def test_a_killed_ear_is_noticed(ear: EarProcess) -> None:
    assert ear.pid
    os.kill(ear.pid, signal.SIGKILL)
    told = await until(ear, EarGone, seconds=3)
    assert isinstance(told, EarGone)
    assert (told.code, told.exit.returncode) == ("ear_failed", -signal.SIGKILL)


async def test_an_unplugged_microphone_is_told(ear: EarProcess, sound: Sound) -> None:
    """PulseAudio moves the stream to the loudspeaker's monitor, with hardly a gap: not with us."""
    for _ in range(4):
        await until(ear, Health)
    await asyncio.to_thread(sound.unplug, MICROPHONE)
    told = await until(ear, EarGone)
    assert isinstance(told, EarGone)
    assert told.code == "microphone_failed"


async def test_a_sound_server_that_ends_is_told(ear: EarProcess, sound: Sound) -> None:
    await asyncio.to_thread(sound.stop)
    told = await until(ear, EarGone)
    assert isinstance(told, EarGone)
    assert told.code == "microphone_failed"


async def test_a_suspended_microphone_is_told(ear: EarProcess, sound: Sound) -> None:
    await asyncio.to_thread(sound.pactl, "suspend-sink", MICROPHONE, "1")
    told = await until(ear, EarGone)
    assert isinstance(told, EarGone)
    assert told.code == "microphone_failed"


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        (EarSettings(device="no such thing"), "microphone_missing", "default"),
        (EarSettings(device="99"), "microphone_missing", "pulse"),
        (EarSettings(words=("hey_nobody",)), "wake_model_broken", "hey_jarvis"),
        (EarSettings(words=("/nowhere/own.tflite",)), "wake_model_broken", "/nowhere/own.tflite"),
    ],
)
async def test_what_cannot_start_names_the_remedy(
    sound: Sound, settings: EarSettings, code: str, words: str
) -> None:
    ear = EarProcess(settings)
    with pytest.raises(EarError) as caught:
        await ear.start()
    assert caught.value.code == code
    assert words in caught.value.detail
    assert ear.pid
    assert not alive(ear.pid)


async def test_without_a_sound_server_the_microphone_is_missing(sound: Sound) -> None:
    await asyncio.to_thread(sound.stop)
    with pytest.raises(EarError) as caught:
        await EarProcess(EarSettings()).start()
    assert caught.value.code in {"microphone_missing", "microphone_failed"}


async def test_one_broken_model_does_not_stop_the_others(sound: Sound, tmp_path: Path) -> None:
    broken = tmp_path / "own.tflite"
    broken.write_bytes(b"not a model")
    ear = EarProcess(EarSettings(words=(str(broken), "alexa")))
    ready = await ear.start()
    await ear.stop()
    assert [word for word, _ in ready.words] == ["alexa"]
    assert [(each.code, str(broken) in each.detail) for each in ready.problems] == [
        ("wake_model_broken", True)
    ]


async def test_the_ear_does_not_outlive_its_body(sound: Sound) -> None:
    body = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import asyncio\n"
        "from earshot_satellite.ear.process import EarProcess\n"
        "from earshot_satellite.ear.settings import EarSettings\n"
        "async def main():\n"
        "    ear = EarProcess(EarSettings()); await ear.start(); print(ear.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())",
        stdout=asyncio.subprocess.PIPE,
    )
    assert body.stdout
    pid = int(await asyncio.wait_for(body.stdout.readline(), 15))
    assert alive(pid)
    body.kill()
    await body.wait()
    await gone(pid)


async def test_a_body_that_reads_late_is_told_and_hearing_goes_on(
    ear: EarProcess, sound: Sound, tmp_path: Path
) -> None:
    said = scene(0.5, say("hey jarvis"), 8.0)
    await asyncio.to_thread(sound.play, write_wav(tmp_path / "a.wav", said))
    told = await until(ear, CommandEnd)
    assert isinstance(told, CommandEnd)
    assert told.reason == "not_read"
    assert isinstance(await until(ear, Health), Health)


async def test_a_word_under_noise_still_beats(
    ear: EarProcess, sound: Sound, tmp_path: Path
) -> None:
    """Beats come while speech does: a busy detector must not look like a hung one."""
    await asyncio.to_thread(sound.play, write_wav(tmp_path / "a.wav", noise(2, -20)))
    first, second = await until(ear, Health), await until(ear, Health)
    assert isinstance(first, Health)
    assert isinstance(second, Health)
    assert second.frames > first.frames


async def test_a_stream_that_somebody_moves_is_told(ear: EarProcess, sound: Sound) -> None:
    """A move leaves no gap; it was found up to 30 s later, at the next look by the clock."""
    for _ in range(4):
        await until(ear, Health)
    (recorder,) = await asyncio.to_thread(sound.recorders)
    number = recorder.split("\t")[0]
    await asyncio.to_thread(sound.pactl, "move-source-output", number, f"{SPEAKER}.monitor")
    told = await until(ear, EarGone)
    assert isinstance(told, EarGone)
    assert told.code == "microphone_failed"
