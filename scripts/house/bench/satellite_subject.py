"""One satellite to be measured: its sound, its home, and what it uses."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from custom_components.earshot.wire.identity import Trust, make_identity

from ..audio import Samples, silence
from ..microphone import Ambience, Listener, play
from ..process import Child
from ..programs import ROOM_BIN
from ..room import Room, RoomPlan
from ..sound import SoundServer
from ..usage import usage
from ..voice import Voices

CORE = max(os.sched_getaffinity(0))
_READY_S = 30.0
_POLL_S = 0.005
_SETTLE_S = 6.0
_IMPORTS = "; ".join(
    f"import {module}"
    for module in (
        *("earshot_satellite.cli.run", "earshot_satellite.cli.mute", "earshot_satellite.body"),
        *("earshot_satellite.capture.microphone", "earshot_satellite.capture.gain"),
        *("earshot_satellite.ear.hearing", "earshot_satellite.ear.sandbox"),
        *(
            "earshot_satellite.ear.suppress",
            "earshot_satellite.link.new_key",
            "cryptography.x509",
            "pyaudio",
            "zeroconf.asyncio",
        ),
    )
)
"""What the body and the ear import, early or late. The ear itself writes no file."""

_SENTENCES = (
    ("slt", "what a lovely morning it is"),
    ("rms", "close the curtains please"),
    ("awb", "the harvest was rather marvellous this year"),
    ("kal16", "I think we should go to the market before noon and buy some fish"),
    ("slt", "could you tell me where the keys are"),
    ("rms", "my brother plays the trumpet in a band every other friday"),
    ("awb", "we have seven apples and nine pears left in the basket"),
    ("kal16", "nobody knows what the weather will be like in august"),
)


@dataclass(frozen=True)
class Studio:
    """A private sound server, voices, and a folder for everything."""

    folder: Path
    sound: SoundServer
    voices: Voices

    @property
    def compiled(self) -> dict[str, str]:
        """Where compiled code is: an installed satellite has it beside its source.

        That of numpy and of Python itself as well, which is looked for nowhere else then; so it
        must be allowed to be written, whatever the caller's environment says.
        """
        return {
            "PYTHONPYCACHEPREFIX": str(self.folder / "compiled"),
            "PYTHONDONTWRITEBYTECODE": "",
        }

    async def compile(self) -> None:
        """Compile the satellite and all that it imports, as installing them does."""
        process = await asyncio.create_subprocess_exec(
            *(str(ROOM_BIN / "python"), "-c", _IMPORTS), env={**os.environ, **self.compiled}
        )
        async with asyncio.timeout(_READY_S):
            if await process.wait():
                raise OSError("the satellite cannot be imported")

    async def speech(self, seconds: float) -> Samples:
        """Return talk without a wake word in it, with short pauses, this long."""
        parts: list[Samples] = []
        for voice, text in _SENTENCES:
            parts += [await self.voices.say(text, voice), silence(0.3)]
        talk = np.concatenate(parts)
        count = round(seconds * 16_000)
        return np.tile(talk, count // len(talk) + 1)[:count]


class Subject:
    """A satellite in a room of its own, on one core."""

    def __init__(self, studio: Studio, name: str, **wake: object) -> None:
        self._studio = studio
        self.room = Room(RoomPlan(name), studio.folder / name.lower(), studio.sound)
        self.room.write_settings(wake=wake)
        self.trust = _pair_beforehand(self.room.folder / "state")
        self.child = Child(
            f"satellite {name}",
            [
                *("taskset", "--cpu-list", str(CORE), ROOM_BIN / "earshot-satellite", "run"),
                *("--config", self.room.settings_file),
            ],
            log=self.room.satellite.log,
            env=self._env,
        )
        self._ambience = Ambience(studio.sound.env, self.room.microphone)
        self.in_microphone = Listener(studio.sound.env, self.room.microphone)

    @property
    def _env(self) -> dict[str, str]:
        return {
            **self._studio.compiled,
            **self._studio.sound.env,
            "PULSE_SOURCE": f"{self.room.microphone}.monitor",
            "PULSE_SINK": self.room.loudspeaker,
        }

    async def plug_in(self) -> None:
        """Give it a microphone with a quiet hiss in it, and a loudspeaker."""
        await self._studio.sound.plug_in(self.room.microphone)
        await self._studio.sound.plug_in(self.room.loudspeaker)
        await self._ambience.start()

    async def start(self) -> float:
        """Start it; return the seconds until it listened."""
        before = self._listening_lines()
        began = time.monotonic()
        await self.child.start()
        await self.listening(before + 1)
        return time.monotonic() - began

    async def listening(self, times: int) -> None:
        """Wait until its log says so often that it listens."""
        async with asyncio.timeout(_READY_S):
            while self._listening_lines() < times:
                self.child.check()
                await asyncio.sleep(_POLL_S)

    def _listening_lines(self) -> int:
        with suppress(FileNotFoundError):
            return len(re.findall(r"listening on", self.child.log.read_text(errors="replace")))
        return 0

    @property
    def listened(self) -> int:
        """How often it began to listen so far."""
        return self._listening_lines()

    async def cpu(self, seconds: float, talk: Samples | None = None) -> float:
        """Return CPU seconds an hour of all its processes, over so many seconds of sound."""
        playing: asyncio.Task[None] | None = None
        if talk is not None:
            playing = asyncio.create_task(
                play(self._studio.sound.env, self.room.microphone, talk), name="talk"
            )
        await asyncio.sleep(_SETTLE_S)
        before, began = usage(self.child.pid).cpu_s, time.monotonic()
        await asyncio.sleep(seconds)
        used = usage(self.child.pid).cpu_s - before
        hours = (time.monotonic() - began) / 3600
        if playing is not None:
            playing.cancel()
            with suppress(asyncio.CancelledError):
                await playing
        return used / hours

    def pss(self) -> float:
        """Return the memory of all its processes, MiB."""
        return usage(self.child.pid).pss_mib

    async def say(self, samples: Samples) -> None:
        """Play into its microphone."""
        await play(self._studio.sound.env, self.room.microphone, samples)

    async def command(self, *words: str) -> None:
        """Run a command of it."""
        process = await asyncio.create_subprocess_exec(
            *(str(ROOM_BIN / "earshot-satellite"), *words),
            *("--config", str(self.room.settings_file)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            env={**os.environ, **self._env},
        )
        async with asyncio.timeout(_READY_S):
            if await process.wait():
                raise OSError(f"earshot-satellite {' '.join(words)} failed")

    async def stop(self) -> None:
        """Stop it and what is in its room."""
        await self.child.stop()
        await self._ambience.stop()
        await self.in_microphone.stop()
        await self._studio.sound.unplug(self.room.microphone)
        await self._studio.sound.unplug(self.room.loudspeaker)


def _pair_beforehand(state: Path) -> Trust:
    """Leave in a state folder what pairing does; return what the home has then."""
    device, home = make_identity(), make_identity()
    state.mkdir(mode=0o700)
    (state / "pairing.pem").write_bytes(Trust(device, home.certificate).pem)
    (state / "mute.json").write_text('{"local": false, "remote": false, "paused": false}')
    return Trust(home, device.certificate)


@asynccontextmanager
async def subject(
    studio: Studio, name: str, words: Sequence[str] = ("hey_jarvis",), *, stage_two: bool = True
) -> AsyncIterator[Subject]:
    """Have a satellite that is not started yet, and stop it at the end."""
    made = Subject(studio, name, words=list(words), stage_two=stage_two)
    await made.plug_in()
    try:
        yield made
    finally:
        await made.stop()
