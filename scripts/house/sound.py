"""A PulseAudio server of our own, where null sinks are microphones and loudspeakers."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .process import Child, ChildError

_START_S = 15.0
_COMMAND_S = 10.0

_ALSA = """\
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
ctl.!default { type pulse }
"""


@dataclass(frozen=True)
class Recorder:
    """A program that records from a device right now."""

    pid: int
    program: str
    source: str
    corked: bool


class SoundServer:
    """One private server; nothing of the machine's own sound is touched."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._modules: dict[str, int] = {}
        self.child = Child("sound server", self._command(), log=folder / "pulse.log", env=self.env)

    @property
    def env(self) -> dict[str, str]:
        """Return what a program needs to find this server, through PulseAudio or ALSA."""
        return {
            "XDG_RUNTIME_DIR": str(self._folder / "run"),
            "XDG_CONFIG_HOME": str(self._folder / "config"),
            "PULSE_RUNTIME_PATH": str(self._folder / "run" / "pulse"),
            "PULSE_SERVER": f"unix:{self._socket}",
            "ALSA_CONFIG_PATH": str(self._folder / "asound.conf"),
        }

    @property
    def _socket(self) -> Path:
        return self._folder / "run" / "pulse" / "native"

    def _command(self) -> list[str]:
        return [
            *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disallow-exit"),
            *("--use-pid-file=no", "--log-level=warning", "--realtime=no", "--high-priority=no"),
            f"--load=module-native-protocol-unix auth-anonymous=1 socket={self._socket}",
        ]

    async def start(self) -> None:
        """Start it and wait until it answers."""
        for folder in ("run/pulse", "config"):
            (self._folder / folder).mkdir(parents=True, mode=0o700, exist_ok=True)
        (self._folder / "run").chmod(0o700)
        (self._folder / "asound.conf").write_text(_ALSA)
        await self.child.start()
        deadline = asyncio.get_running_loop().time() + _START_S
        while not self._socket.exists() or await self._pactl("info", check=False) is None:
            self.child.check()
            if asyncio.get_running_loop().time() > deadline:
                raise ChildError(f"the sound server does not answer:\n{self.child.tail()}")
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Stop it."""
        await self.child.stop(timeout_s=3)
        self._modules.clear()

    async def plug_in(self, device: str) -> None:
        """Add a device; what is played into it can be recorded from its monitor."""
        if device in self._modules:
            return
        number = await self._pactl(
            *("load-module", "module-null-sink", f"sink_name={device}", "rate=16000", "channels=1"),
            # Else it works 2 s ahead while nobody listens, and who begins to hears nothing so long.
            "norewinds=1",
            f"sink_properties=device.description={device}",
        )
        self._modules[device] = int(number or 0)

    async def unplug(self, device: str) -> None:
        """Remove a device, if it is there, as pulling its cable would."""
        if device in self._modules:
            await self._pactl("unload-module", str(self._modules.pop(device)))

    async def recorders(self, microphone: str | None = None) -> list[Recorder]:
        """Return who records, from one microphone or from any."""
        names = {entry["index"]: entry["name"] for entry in await self._list("sources")}
        found = []
        for entry in await self._list("source-outputs"):
            properties = entry["properties"]
            source = names.get(entry["source"], "")
            if microphone is None or source == f"{microphone}.monitor":
                found.append(
                    Recorder(
                        pid=int(properties.get("application.process.id", 0)),
                        program=properties.get("application.process.binary", ""),
                        source=source,
                        corked=bool(entry["corked"]),
                    )
                )
        return found

    async def _list(self, what: str) -> list[dict[str, Any]]:
        text = await self._pactl("--format=json", "list", what)
        listing = json.loads(text or "[]")
        return listing if isinstance(listing, list) else []

    async def _pactl(self, *words: str, check: bool = True) -> str | None:
        process = await asyncio.create_subprocess_exec(
            *("pactl", *words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", **self.env},
        )
        try:
            async with asyncio.timeout(_COMMAND_S):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
        if process.returncode == 0:
            return out.decode().strip()
        if check:
            raise ChildError(f"pactl {' '.join(words)}: {err.decode().strip()}")
        return None
