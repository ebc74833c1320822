"""A room of the house: microphone, loudspeaker, and the satellite that stands there."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from .audio import Samples
from .microphone import Ambience, Listener, play
from .pairing import shown_code
from .ports import HOST, free_port
from .process import Child, ChildError
from .programs import ROOM_BIN
from .sound import Recorder, SoundServer

_UP_S = 30.0


@dataclass(frozen=True)
class RoomPlan:
    """What a household decides about a room."""

    name: str
    kind: str = "other"
    audio: str = "as_house"
    transcript: str = "as_house"
    lights: tuple[str, ...] = ()
    port: int = 0

    @property
    def key(self) -> str:
        """Return the name for devices, folders and entity ids."""
        return self.name.lower().replace(" ", "_")


class Room:
    """One satellite process with its own sound devices; `sound` None means the machine's own."""

    def __init__(
        self,
        plan: RoomPlan,
        folder: Path,
        sound: SoundServer | None,
        env: Mapping[str, str] | None = None,
        inside: Sequence[str] = (),
    ) -> None:
        """`inside` are the words before a command that run it in another network."""
        self.plan = plan
        self.key = plan.key
        self.microphone = f"{plan.key}_mic"
        self.loudspeaker = f"{plan.key}_speaker"
        self.port = free_port(plan.port)
        self.entry_id = ""
        self.folder = folder
        folder.mkdir(parents=True)
        self._sound = sound
        given = dict(env or {})
        if sound is not None:
            given |= sound.env
            given |= {"PULSE_SOURCE": f"{self.microphone}.monitor", "PULSE_SINK": self.loudspeaker}
            self._ambience = Ambience(sound.env, self.microphone)
            self.in_microphone = Listener(sound.env, self.microphone)
            self.from_loudspeaker = Listener(sound.env, self.loudspeaker)
        self._env = given
        self.satellite = Child(
            f"satellite of the {plan.name.lower()}",
            [*inside, ROOM_BIN / "earshot-satellite", "run", "--config", self.settings_file],
            log=folder / "satellite.log",
            env=given,
        )

    @property
    def settings_file(self) -> Path:
        """Return the satellite's settings file."""
        return self.folder / "satellite.toml"

    def write_settings(self, **more: dict[str, object]) -> None:
        """Write the satellite's settings; keyword arguments are sections that add or replace."""
        sections: dict[str, dict[str, object]] = {
            "satellite": {"name": self.plan.name, "area": self.plan.name},
            "link": {"host": HOST, "port": self.port},
            # Its own awake and done sounds would be taken for the first sound of the reply.
            "sounds": {"awake": False, "done": False},
            "state": {"folder": str(self.folder / "state")},
        }
        for name, values in more.items():
            sections[name] = sections.get(name, {}) | values
        lines = []
        for name, values in sections.items():
            lines.append(f"[{name}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
        self.settings_file.write_text("\n".join(lines) + "\n")

    async def plug_in(self, *, microphone: bool = True, loudspeaker: bool = True) -> None:
        """Give the room its devices and begin to listen to them."""
        if self._sound is None:
            return
        if microphone:
            await self._sound.plug_in(self.microphone)
            await self._ambience.start()
            await self.in_microphone.start()
        if loudspeaker:
            await self._sound.plug_in(self.loudspeaker)
            await self.from_loudspeaker.start()

    async def unplug(self, *, microphone: bool = False, loudspeaker: bool = False) -> None:
        """Take devices away."""
        if self._sound is None:
            return
        if microphone:
            await self._ambience.stop()
            await self.in_microphone.stop()
            await self._sound.unplug(self.microphone)
        if loudspeaker:
            await self.from_loudspeaker.stop()
            await self._sound.unplug(self.loudspeaker)

    async def start_satellite(self) -> None:
        """Start the satellite and wait until it can be asked; its port is open if it is paired."""
        await self.satellite.start()
        await _wait_door(self.satellite, self.folder / "state" / "control.sock")

    @asynccontextmanager
    async def shown_code(self) -> AsyncIterator[str]:
        """Have the satellite show a pairing code while the body types it."""
        command = (ROOM_BIN / "earshot-satellite", "pair", "--config", self.settings_file)
        name = f"pairing of the {self.plan.name.lower()}"
        async with shown_code(name, command, self.folder / "pair.log", self._env) as code:
            yield code

    async def say(self, samples: Samples) -> float:
        """Play into the microphone; return the wall clock time from which to look for it."""
        if self._sound is None:
            raise ChildError(f"the {self.plan.name.lower()} has a real microphone: speak into it")
        before = time.time() - 0.05
        await play(self._sound.env, self.microphone, samples)
        return before

    async def recorders(self) -> list[Recorder]:
        """Return the programs that record from this room's microphone, our own listener apart."""
        if self._sound is None:
            return []
        return [
            recorder
            for recorder in await self._sound.recorders(self.microphone)
            if recorder.pid not in self._own_pids()
        ]

    def _own_pids(self) -> set[int | None]:
        return {self.in_microphone.pid}

    async def stop(self) -> None:
        """Stop the satellite and what listens to the room."""
        await self.satellite.stop()
        if self._sound is not None:
            await self._ambience.stop()
            await self.in_microphone.stop()
            await self.from_loudspeaker.stop()


async def _wait_door(child: Child, path: Path) -> None:
    """Wait until a satellite's command line would be answered; ChildError as below."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _UP_S
    while True:
        child.check()
        try:
            _, writer = await asyncio.open_unix_connection(path)
        except OSError:
            if loop.time() > deadline:
                raise ChildError(f"{child.name} does not start:\n{child.tail()}") from None
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return


async def wait_port(child: Child, port: int, timeout_s: float = _UP_S) -> None:
    """Wait until a program listens on its port; ChildError when it ends or takes too long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    while True:
        child.check()
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            if loop.time() > deadline:
                raise ChildError(
                    f"{child.name} does not listen on port {port}:\n{child.tail()}"
                ) from None
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
