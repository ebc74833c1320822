"""A room for tests: a private sound server, a satellite process, and a home that speaks to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import re
import secrets
import signal
import socket
import struct
import subprocess
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wyoming.event import Event
from wyoming.ping import Ping, Pong

from earshot_satellite.control import ask
from earshot_satellite.state import SOCKET
from earshot_wire.framing import encode_event, read_event
from earshot_wire.greeting import Hello, Welcome
from earshot_wire.identity import Trust, make_identity
from earshot_wire.limits import PING_INTERVAL_S, ROOM_LIMITS, VERSION
from earshot_wire.message import Message
from earshot_wire.tls import paired_client

MICROPHONE, SPEAKER = "test_mic", "test_speaker"
NULL_SINK = "channels=1 norewinds=1"
"""Without `norewinds` it works 2 s ahead while nobody listens: so late it begins to be heard."""


def free_port() -> int:
    """Return a port that is free, as is the next one, and that no outgoing connection takes."""
    while True:
        port = random.randrange(12_000, 32_000)
        with socket.socket() as link, socket.socket() as pairing, contextlib.suppress(OSError):
            link.bind(("127.0.0.1", port))
            pairing.bind(("127.0.0.1", port + 1))
            return port


class Sound:
    """A private PulseAudio with one microphone and one loudspeaker, both null sinks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.joinpath("run").mkdir(parents=True, mode=0o700)
        alsa = self.folder / "asound.conf"
        alsa.write_text(
            "</usr/share/alsa/alsa.conf>\n"
            "pcm.!default { type pulse }\n"
            "ctl.!default { type pulse }\n"
        )
        self.env = os.environ | {
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "PULSE_SERVER": f"unix:{self.folder}/run/native",
            "ALSA_CONFIG_PATH": str(alsa),
            "PULSE_SOURCE": f"{MICROPHONE}.monitor",
            "PULSE_SINK": SPEAKER,
        }
        self._server: subprocess.Popen[bytes] | None = None
        self._fresh: list[str] = []

    def start(self) -> None:
        self._server = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1"),
                *("--use-pid-file=no", "--log-level=error"),
                "--load=module-native-protocol-unix auth-anonymous=1"
                f" socket={self.folder}/run/native",
                f"--load=module-null-sink sink_name={MICROPHONE} rate=16000 {NULL_SINK}",
                f"--load=module-null-sink sink_name={SPEAKER} rate=22050 {NULL_SINK}",
            ],
            env=self.env,
        )
        wait_for(lambda: self.pactl("info", check=False).returncode == 0, "the sound server")
        self._fresh = self._look()

    def restore(self) -> None:
        """Be as right after the start, for the next test."""
        with contextlib.suppress(AssertionError, subprocess.SubprocessError):
            if self._look() == self._fresh:
                wait_for(self._is_quiet, "the end of all sound", 1.0)
                return
        self.stop()
        self.start()

    def _is_quiet(self) -> bool:
        streams = ("sink-inputs", "source-outputs")
        return not any(self.pactl("list", "short", kind).stdout for kind in streams)

    def _look(self) -> list[str]:
        """Return its modules and devices."""
        told = [
            self.pactl("list", "short", kind).stdout for kind in ("modules", "sinks", "sources")
        ]
        told += re.findall(r"Default S.*", self.pactl("info").stdout)
        # Whether a device that is not suspended was ever used does not matter.
        return [line.replace("RUNNING", "IDLE") for line in told]

    def stop(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None
            self.folder.joinpath("run/native").unlink(missing_ok=True)

    def pactl(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pactl", *words],
            env=self.env,
            check=check,
            capture_output=True,
            text=True,
            timeout=10,
        )

    def recorders(self) -> list[str]:
        return self.pactl("list", "short", "source-outputs").stdout.splitlines()

    def unplug(self, sink: str) -> None:
        for line in self.pactl("list", "short", "modules").stdout.splitlines():
            number, _, rest = line.partition("\t")
            if f"sink_name={sink} " in rest:
                self.pactl("unload-module", number)

    def plug_in(self, sink: str, rate: int) -> None:
        self.pactl(
            *("load-module", "module-null-sink", f"sink_name={sink}", f"rate={rate}"),
            *NULL_SINK.split(),
        )

    def echo(self, db: int) -> None:
        """Have the microphone hear the loudspeaker, so much softer, from now on."""
        self.pactl(
            *("load-module", "module-loopback", f"source={SPEAKER}.monitor", f"sink={MICROPHONE}"),
            *("latency_msec=30", "source_dont_move=true", "sink_dont_move=true"),
        )
        for line in self.pactl("list", "short", "sink-inputs").stdout.splitlines():
            self.pactl("set-sink-input-volume", line.split("\t")[0], f"-{db}dB")

    def say(self, text: str) -> None:
        """Speak into the microphone and return when it was said."""
        speech = self.folder / f"{secrets.token_hex(4)}.wav"
        subprocess.run(["flite", "-voice", "rms", "-t", text, "-o", speech], check=True)
        self.play(speech)

    def play(self, speech: Path) -> None:
        subprocess.run(
            ["paplay", f"--device={MICROPHONE}", speech], env=self.env, check=True, timeout=60
        )

    @contextlib.contextmanager
    def recording(self) -> Any:
        """Record the loudspeaker: yields a list that holds its samples afterwards."""
        file = self.folder / f"{secrets.token_hex(4)}.raw"
        process = subprocess.Popen(
            [
                *("parec", f"--device={SPEAKER}.monitor", "--raw", "--latency-msec=20"),
                *("--rate=22050", "--channels=1", "--format=s16le", str(file)),
            ],
            env=self.env,
        )
        samples: list[int] = []
        wait_for(lambda: file.exists() and file.stat().st_size, "the first of the recording")
        try:
            yield samples
            time.sleep(0.5)
        finally:
            process.terminate()
            process.wait(timeout=5)
            raw = file.read_bytes()
            samples.extend(struct.unpack(f"<{len(raw) // 2}h", raw[: len(raw) // 2 * 2]))


def wait_for(true: Callable[[], Any], what: str, timeout_s: float = 15.0) -> Any:
    deadline = time.monotonic() + timeout_s
    while not (found := true()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout_s:.0f} s")
        time.sleep(0.05)
    return found


class SatelliteProcess:
    """`earshot-satellite run` as a process of its own; it has an owner unless told otherwise."""

    def __init__(self, sound: Sound, folder: Path, *, paired: bool = True, **link: Any) -> None:
        self.sound = sound
        self.state = folder / "state"
        self.port = free_port()
        self.log = folder / "satellite.log"
        self.config = folder / "satellite.toml"
        placed = {"host": "127.0.0.1", "port": self.port} | link
        self.settings = '[satellite]\nname = "Test"\narea = "Kitchen"\n[link]\n'
        self.settings += "".join(f"{key} = {json.dumps(value)}\n" for key, value in placed.items())
        self.settings += f'[state]\nfolder = "{self.state}"\n'
        self.env = dict(sound.env)
        self.process: subprocess.Popen[bytes] | None = None
        if paired:
            pair_beforehand(self.state, self.port)

    def start(self) -> None:
        self.config.write_text(self.settings)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command("run", "--debug"), env=self.env, stdout=log, stderr=log
            )

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "earshot_satellite", *words, "--config", str(self.config)]

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            env=self.sound.env,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def status(self) -> dict[str, Any]:
        """Return what `earshot-satellite status --json` prints; asked many times, so by itself."""
        answer = ask(self.state / SOCKET, "status")
        return answer or dict(json.loads(self.cli("status", "--json").stdout))

    def wait_hearing(self, timeout_s: float = 40.0) -> None:
        wait_for(lambda: "listening on" in self.read_log(), "listening", timeout_s)

    def read_log(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def wait_seen_open(self) -> None:
        """Wait until the sound server's list was seen to have its stream."""
        wait_for(
            lambda: [
                each
                for each in self.status()["receipt"]["evidence"]
                if (each["source"], each["state"]) == ("sound_server", "open")
            ],
            "seen to be open",
        )

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(number)
        return process.wait(timeout=10)


HOMES: dict[int, Trust] = {}
"""By the port of a satellite: what the home that it was paired with has."""


def pair_beforehand(state: Path, port: int) -> None:
    """Leave behind what pairing does, without it: a satellite with an owner and a mute state."""
    device, home = make_identity(), make_identity()
    state.mkdir(mode=0o700, parents=True)
    (state / "pairing.pem").write_bytes(Trust(device, home.certificate).pem)
    (state / "mute.json").write_text('{"local": false, "remote": false, "paused": false}')
    HOMES[port] = Trust(home, device.certificate)


class Home:
    """Home Assistant's end of a room link; `plain` comes without a certificate and TLS."""

    def __init__(self, port: int, owner: str = "home1", *, plain: bool = False) -> None:
        self.port = port
        self.owner = owner
        trust = None if plain else HOMES.get(port)
        self.context = paired_client(trust) if trust is not None else None
        self.events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter
        self._task: asyncio.Task[None] | None = None

    async def connect(self, first: Event | None = None) -> None:
        self.events = asyncio.Queue()
        async with asyncio.timeout(10):
            while True:
                try:
                    self._reader, self._writer = await self.open()
                    break
                except OSError:
                    await asyncio.sleep(0.05)
        self.send(first or Hello(version=VERSION, owner=self.owner))
        self._task = asyncio.create_task(self._stay())

    async def _stay(self) -> None:
        """Read, and ping as a home does, until the link ends."""
        pinging = asyncio.create_task(self._ping())
        try:
            await self._read(self._reader, self.events)
        finally:
            pinging.cancel()

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_INTERVAL_S)
            self.send(Ping().event())

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        tls = {"ssl": self.context, "server_hostname": ""} if self.context else {}
        return await asyncio.open_connection("127.0.0.1", self.port, **tls)

    async def link(self) -> Welcome:
        await self.connect()
        return Welcome.from_event(await self.next("earshot-welcome"))

    def send(self, message: Message | Event) -> None:
        event = message.event() if isinstance(message, Message) else message
        self._writer.write(encode_event(event))

    def send_raw(self, data: bytes) -> None:
        self._writer.write(data)

    async def next(self, *kinds: str, timeout_s: float = 15.0) -> Event:
        """Return the next event of these kinds; others are left out."""
        async with asyncio.timeout(timeout_s):
            while (event := await self.events.get()) is not None:
                if event.type in kinds:
                    return event
        raise AssertionError(f"the link closed before {kinds}")

    async def closed(self, timeout_s: float = 10.0) -> None:
        async with asyncio.timeout(timeout_s):
            while await self.events.get() is not None:
                pass

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(2):
                await self._writer.wait_closed()
        self._writer.transport.abort()

    async def _read(
        self, reader: asyncio.StreamReader, events: asyncio.Queue[Event | None]
    ) -> None:
        with contextlib.suppress(OSError):
            while (event := await read_event(reader, ROOM_LIMITS)) is not None:
                if not Pong.is_type(event.type):
                    events.put_nowait(event)
        events.put_nowait(None)


def wav_of(text: str, file: Path, rate: int = 22_050) -> tuple[int, bytes]:
    """Speak with another voice, for a reply: its rate and PCM."""
    subprocess.run(["flite", "-voice", "rms", "-t", text, "-o", file], check=True)
    with wave.open(str(file)) as speech:
        return speech.getframerate(), speech.readframes(speech.getnframes())
