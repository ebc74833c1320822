"""Who holds the microphone, as this system shows it: the ear's exit, ALSA, the sound server."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from earshot_satellite.capture.sound_server import SoundServerError, recordings_of

from .verdict import ALSA, EAR, SOUND_SERVER, Evidence, Shows

if TYPE_CHECKING:
    from earshot_satellite.ear.process import EarExit

_MAX_HOLDERS = 4
_OWNER = re.compile(r"^owner_pid\s*:\s*(\d+)", re.MULTILINE)
_STATUS = re.compile(r"^(Name|Tgid):\s*(\S.*)$", re.MULTILINE)


@dataclass
class Witness:
    """Looks at every source and remembers which of them have shown our own stream.

    One per running body: `shown` is the positive control that `verdict.judge` wants. `proc` is
    the root of procfs.
    """

    proc: Path = Path("/proc")
    pactl: str = "pactl"
    shown: set[str] = field(default_factory=set)
    microphones: set[str] = field(default_factory=set)
    _ours: set[int] = field(default_factory=set)

    async def look(self, pid: int | None, ended: EarExit | None) -> tuple[Evidence, ...]:
        """Gather the evidence now. `pid` is the newest ear's, `ended` its exit if it ended.

        Look also while the ear hears (after its start, and now and then): what a source never
        showed, it cannot show to be closed. Takes at most `PACTL_SECONDS`.
        """
        running = pid is not None and ended is None
        if running and pid is not None:
            self._ours |= await asyncio.to_thread(_family, self.proc, pid)
        found = [_ear_evidence(pid, ended)]
        found += await asyncio.to_thread(self._alsa)
        found += await self._sound_server()
        if running:
            self.shown |= {each.source for each in found[1:] if each.state is Shows.OPEN}
        return tuple(found)

    def _alsa(self) -> list[Evidence]:
        streams = sorted((self.proc / "asound").glob("card*/pcm*c/sub*/status"))
        found = []
        for stream in streams:
            try:
                with stream.open(encoding="utf-8", errors="replace") as file:
                    told = file.read(4096)
            except OSError as err:
                found.append(Evidence(ALSA, Shows.UNKNOWN, (err.strerror or "")[:128]))
                continue
            if told.strip() == "closed":
                continue
            owner = _OWNER.search(told)
            if not owner:
                found.append(Evidence(ALSA, Shows.UNKNOWN, stream.parent.parent.name))
                continue
            ours, holder = self._owner(int(owner[1]))
            found.append(Evidence(ALSA, Shows.OPEN if ours else Shows.OTHER, holder))
        if streams and not found:
            return [Evidence(ALSA, Shows.CLOSED)]
        found.sort(key=lambda each: each.state is not Shows.OPEN)
        return found[:_MAX_HOLDERS]

    def _owner(self, thread: int) -> tuple[bool, str]:
        # ALSA names the thread that opened the device, not its process.
        try:
            status = dict(_STATUS.findall(_read(self.proc / str(thread) / "status")))
        except OSError:
            return thread in self._ours, f"process {thread}"
        ours = thread in self._ours or int(status.get("Tgid", 0)) in self._ours
        return ours, status.get("Name", f"process {thread}")[:128]

    async def _sound_server(self) -> list[Evidence]:
        try:
            recordings = await recordings_of(self.pactl)
        except SoundServerError as err:
            return [Evidence(SOUND_SERVER, Shows.UNKNOWN, str(err)[:128])]
        if recordings is None:
            return []
        ours = [each for each in recordings if each.pid in self._ours]
        self.microphones |= {each.source for each in ours}
        found = [Evidence(SOUND_SERVER, Shows.OPEN, each.source[:128]) for each in ours]
        for each in recordings:
            # What a loudspeaker plays is no microphone, unless it is the one we listened to.
            loudspeaker = each.monitor and each.source not in self.microphones
            if each.pid not in self._ours and not loudspeaker:
                found.append(Evidence(SOUND_SERVER, Shows.OTHER, each.holder[:128]))
        return found[:_MAX_HOLDERS] or [Evidence(SOUND_SERVER, Shows.CLOSED)]


def _ear_evidence(pid: int | None, ended: EarExit | None) -> Evidence:
    if pid is None:
        return Evidence(EAR, Shows.CLOSED, "not started")
    if ended is None:
        return Evidence(EAR, Shows.OPEN, f"process {pid}")
    return Evidence(EAR, Shows.CLOSED if ended.gone else Shows.UNKNOWN, ended.how)


def _family(proc: Path, pid: int) -> set[int]:
    """Find the process, its threads, and all that descends from it."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        found.add(each)
        # It may end while it is looked at.
        with contextlib.suppress(OSError):
            for task in (proc / str(each) / "task").glob("*"):
                found.add(int(task.name))
                with contextlib.suppress(OSError, ValueError):
                    children = {int(child) for child in _read(task / "children").split()}
                    waiting += children - found
    return found


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(65_536)
