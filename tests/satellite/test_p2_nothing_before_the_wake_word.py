"""P2: before the wake word nothing leaves the device, and nothing is written."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from hearing_tools import VOICES, Pipe, Samples, Tape, noise, say, scene, write_wav
from room import HOMES, MICROPHONE, Home, SatelliteProcess, free_port, wait_for

from earshot_satellite.capture.ring import Ring
from earshot_satellite.ear.frames import Frame, Kind
from earshot_satellite.ear.hearing import PREROLL_MS, Hearing
from earshot_satellite.wake.detector import Detector

TALK = (
    "what a lovely morning it is",
    "the harvest was rather marvellous this year",
    "could you tell me where the keys are",
    "we have seven apples and nine pears left",
)
MINUTES = 3


def talk() -> Samples:
    parts: list[Samples | float] = []
    for text in TALK:
        for voice in VOICES:
            parts += [say(text, voice), 0.3]
    return scene(*parts)


def heard_of(sound: Samples) -> tuple[list[Frame], int]:
    """Run it through a listening ear; return the frames that left it, and their bytes."""
    pipe, ring = Pipe(), Ring()
    hearing = Hearing(Tape(sound), Detector(["hey_jarvis"], ring), ring, pipe.writer)
    hearing.clock = lambda: hearing.frames * 62_500
    frames: list[Frame] = []
    while hearing.frames + 2560 <= len(sound):
        hearing.step()
        frames += pipe.drain()
    return frames, pipe.count


def test_minutes_of_talk_leave_the_ear_as_minutes_of_silence_do() -> None:
    """Heartbeats, the same number of them and of bytes: not even how much is said shows."""
    count = MINUTES * 60 * 16_000
    spoken, spoken_bytes = heard_of(np.tile(talk(), 20)[:count])
    silent, silent_bytes = heard_of(noise(MINUTES * 60))
    assert {frame.kind for frame in spoken} == {frame.kind for frame in silent} == {Kind.HEALTH}
    assert abs(len(spoken) - len(silent)) <= 1
    assert abs(spoken_bytes - silent_bytes) <= 200


def test_a_sentence_right_before_the_wake_word_is_absent_to_the_sample() -> None:
    """With the real detector: what leaves begins at most 400 ms before the detection."""
    secret, word = say("the secret number is seven"), say("hey jarvis", "rms")
    sound = scene(5.0, secret, word, say("turn on the light"), 1.5)
    frames, _ = heard_of(sound)
    (detection,) = [frame for frame in frames if frame.kind is Kind.DETECTION]
    pieces = [frame for frame in frames if frame.kind is Kind.AUDIO]
    got = np.frombuffer(b"".join(piece.pcm for piece in pieces), np.int16)
    at = sound.tobytes().find(got[:1600].tobytes()) // 2
    assert detection.facts["turn"] == 1
    assert pieces[0].offset == -PREROLL_MS * 16
    assert at >= 5 * 16_000 + len(secret), "some of the sentence left the ear"
    assert (got == sound[at : at + len(got)]).all()


class Wire:
    """Stands between a home and a satellite and counts what the satellite sends."""

    def __init__(self, to: int) -> None:
        self._to = to
        self.port = free_port()
        self.sent = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Wire:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", self._to)
        with contextlib.suppress(OSError):
            await asyncio.gather(self._copy(reader, outer), self._copy(inner, writer, counts=True))

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counts: bool = False
    ) -> None:
        while data := await reader.read(65_536):
            if counts:
                self.sent += len(data)
            writer.write(data)
        writer.close()


@pytest.fixture
async def wire(satellite: SatelliteProcess) -> AsyncIterator[Wire]:
    satellite.start()
    satellite.wait_hearing()
    async with Wire(satellite.port) as between:
        HOMES[between.port] = HOMES[satellite.port]
        yield between


async def told(home: Home, seconds: float) -> list[str]:
    """Return the kinds of all that comes in so long, pings aside."""
    came: list[str] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (event := await home.events.get()) is not None:
                came.append(event.type)
    return came


async def test_talk_and_silence_are_the_same_on_the_wire_and_nothing_is_written(
    satellite: SatelliteProcess, wire: Wire, tmp_path: Path
) -> None:
    """As long each: no audio, the same bytes but for a ping, not a byte on a disk."""
    # A microphone that gives nothing but zeros is a problem, and told.
    hiss = write_wav(tmp_path / "hiss.wav", noise(90))
    background = await asyncio.create_subprocess_exec(
        *("paplay", f"--device={MICROPHONE}", hiss), env=satellite.sound.env
    )
    home = Home(wire.port)
    await home.link()
    pids = [satellite.status()["pid"], satellite.status()["microphone"]["pid"]]
    # Linking and asking for the state made some; after them they come by the clock alone.
    with contextlib.suppress(TimeoutError):
        while True:
            async with asyncio.timeout(1.5):
                await home.events.get()
    written = [write_bytes(pid) for pid in pids]
    talking = write_wav(tmp_path / "talk.wav", talk()[: 4 * 16_000])
    while True:
        sent = wire.sent
        quiet = await told(home, 4.0)
        quiet_sent, sent = wire.sent - sent, wire.sent
        speaking = asyncio.create_task(asyncio.to_thread(satellite.sound.play, talking))
        spoken = await told(home, 4.0)
        spoken_sent = wire.sent - sent
        await speaking
        assert set(quiet + spoken) <= {"earshot-receipt"}
        if quiet == spoken:
            break
        # A receipt comes every ten seconds, and came in one of them only: again.
    assert [write_bytes(pid) for pid in pids] == written
    await home.close()
    background.kill()
    await background.wait()
    assert quiet_sent > 0
    assert abs(spoken_sent - quiet_sent) < 400


def write_bytes(pid: int) -> int:
    found = re.search(r"^write_bytes: (\d+)$", Path(f"/proc/{pid}/io").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


@pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace")
def test_a_trace_of_the_ear_while_people_talk(satellite: SatelliteProcess, tmp_path: Path) -> None:
    """It opens no socket, connects nowhere, opens no file to write, and writes to none."""
    satellite.start()
    satellite.wait_hearing()
    ear = satellite.status()["microphone"]["pid"]
    trace = tmp_path / "trace"
    calls = "socket,connect,bind,sendto,openat,open,creat,write,pwrite64,writev"
    strace = subprocess.Popen(
        ["strace", "-f", "-y", "-p", str(ear), "-e", f"trace={calls}", "-o", str(trace)],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: trace.exists() and trace.stat().st_size, "the trace")
        satellite.sound.play(write_wav(tmp_path / "talk.wav", talk()[: 2 * 16_000]))
    finally:
        strace.terminate()
        strace.wait(timeout=10)
    lines = trace.read_text().splitlines()
    assert any(" write(" in line for line in lines), "the trace saw nothing"
    assert not [line for line in lines if re.search(r" (socket|connect|bind|creat)\(", line)]
    assert not [line for line in lines if re.search(r"O_(WRONLY|RDWR|CREAT)", line)]
    written = {
        found[1] for line in lines if (found := re.search(r" p?writev?6?4?\(\d+<(.*?)>", line))
    }
    assert not [place for place in written if place.startswith("/") and "memfd" not in place]
