"""What the machine around the sound is like, for `doctor`: the sound server, echo, the clock.

Asking is apart from judging: what was found goes in as plain data, findings come out.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .checks import Check
from .sound_server import PACTL_SECONDS, SoundServerError, recordings_of

_BUILT = 1_764_000_000
"""November 2025: no clock that is right shows less."""

_TIME_ERROR = 5
"""What `adjtimex` returns while nothing sets the clock."""


@dataclass(frozen=True)
class SoundSystem:
    """What there is to hear and to play with."""

    server: str
    """`up`, `none`, or why it does not answer."""

    pactl: bool
    socket: bool
    """Whether there is a server's socket, answered or not."""

    cards: int
    modules: tuple[str, ...] = ()
    root: bool = False
    """Whether it is root who asks: a sound server is a user's."""


def look_at_sound(proc: Path = Path("/proc")) -> SoundSystem:
    """Ask the sound server, and ALSA which cards there are. Takes a few seconds at most."""
    pactl = _have("pactl")
    try:
        server = "none" if asyncio.run(recordings_of()) is None else "up"
    except SoundServerError as err:
        server = str(err)
    return SoundSystem(
        server=server,
        pactl=pactl,
        socket=_socket(),
        cards=len(list((proc / "asound").glob("card[0-9]*"))),
        modules=_modules() if server == "up" else (),
        root=os.geteuid() == 0,
    )


def judge_sound(found: SoundSystem) -> list[Check]:
    """Say whether the sound system is up, whether a mute can be proved, and what echo there is."""
    checks = []
    if found.server == "up":
        checks.append(Check("sound_server", "ok", "a sound server answers"))
    elif found.server != "none":
        remedy = "restart it: systemctl --user restart pipewire-pulse (or pulseaudio)"
        checks.append(Check("sound_server", "failed", found.server, remedy))
    elif found.socket and not found.pactl:
        remedy = "apt install pulseaudio-utils: without pactl no mute can be proved"
        checks.append(Check("sound_server", "warning", "a sound server cannot be asked", remedy))
    elif found.socket:
        remedy = "start it: systemctl --user start pipewire-pulse (or pulseaudio)"
        checks.append(Check("sound_server", "failed", "the sound server is not up", remedy))
    elif found.cards:
        checks.append(Check("sound_server", "ok", "none: ALSA alone"))
    else:
        remedy = "connect a sound card; arecord -l lists what the system sees of it"
        if not found.root:
            remedy = f"start PipeWire or PulseAudio as this user, or {remedy}"
        detail = "no sound server, and no sound card"
        checks.append(Check("sound_server", "failed", detail, remedy))
    if found.server == "up":
        cancels = any("echo-cancel" in module for module in found.modules)
        detail = (
            "the sound server cancels echo" if cancels else "no echo cancelling: see hardware.md"
        )
        checks.append(Check("echo", "ok" if cancels else "skipped", detail))
    return checks


def judge_clock(now: float, *, synchronised: bool | None) -> Check:
    """Say whether the clock is right, as far as this machine can know."""
    said = time.strftime("%Y-%m-%d %H:%M", time.gmtime(now))
    remedy = "timedatectl set-ntp true, and a network that reaches a time server"
    if now < _BUILT:
        return Check("clock", "failed", f"it shows {said} UTC, which is past", remedy)
    if synchronised is False:
        return Check("clock", "warning", f"{said} UTC, and nothing sets it", remedy)
    return Check("clock", "ok", f"{said} UTC{', set by a time server' if synchronised else ''}")


def clock_is_set() -> bool | None:
    """Return whether something keeps the clock right; None when the kernel does not tell."""
    buffer = ctypes.create_string_buffer(512)
    try:
        state = ctypes.CDLL(None).adjtimex(buffer)
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR


def _have(program: str) -> bool:
    return any((Path(each) / program).exists() for each in os.get_exec_path())


def _socket() -> bool:
    named = os.environ.get("PULSE_SERVER", "")
    path = named.removeprefix("unix:") if named.startswith(("unix:", "/")) else ""
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    return bool(named and not path) or Path(path or f"{runtime}/pulse/native").exists()


def _modules() -> tuple[str, ...]:
    try:
        told = subprocess.run(
            ["pactl", "--format=json", "list", "short", "modules"],
            capture_output=True,
            timeout=PACTL_SECONDS,
            check=True,
        ).stdout
        return tuple(str(each.get("name", "")) for each in json.loads(told))
    except (OSError, ValueError, AttributeError, TypeError, subprocess.SubprocessError):
        return ()
