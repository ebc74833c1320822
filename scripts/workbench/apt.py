"""Debian packages: install the missing ones, or say how."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from .shell import SetupError, ask, run

PACKAGES = (
    "espeak-ng",  # the speech service's voice that always works
    "ffmpeg",  # Home Assistant turns its acknowledge sound into WAV with it
    "flite",  # speaks the commands of the demo, the bench and the tests
    "g++",  # two of Home Assistant's requirements have no wheel for Python 3.14
    "gcc",
    "iproute2",  # the air gap's network
    "libasound2-plugins",  # PortAudio reaches PulseAudio through ALSA
    "patchelf",
    "portaudio19-dev",  # PyAudio is built from source
    "pulseaudio",
    "pulseaudio-utils",
    "strace",  # tests and the air gap trace files and sockets
)


def wanted() -> list[str]:
    """Name every package that this machine must have."""
    names = list(PACKAGES)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if not (Path(sysconfig.get_path("include")) / "Python.h").exists():
        names.append(f"{version}-dev")
    if find_spec("ensurepip") is None:
        names.append(f"{version}-venv")
    return names


def missing(names: Sequence[str]) -> list[str]:
    """Return the packages that are not installed."""
    listing = ask(["dpkg-query", "-W", "-f=${db:Status-Status} ${Package}\n"])
    if listing is None:
        raise SetupError(
            "this is not a Debian-family machine (dpkg-query is missing)",
            f"Use Debian, Ubuntu or Raspberry Pi OS, or install by hand: {' '.join(names)}.",
        )
    installed = {line.split()[1] for line in listing.splitlines() if line.startswith("installed ")}
    return [name for name in names if name not in installed]


def install(names: Sequence[str]) -> None:
    """Install packages as root or through sudo."""
    by_hand = f"apt-get install --no-install-recommends {' '.join(names)}"
    root: list[str] = []
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            raise SetupError(
                "Debian packages are missing and this is neither root nor is there sudo",
                f"As root, run: {by_hand}",
            )
        prompt = sys.stdin.isatty()
        run(
            ["sudo", "-v"] if prompt else ["sudo", "-n", "true"],
            what="sudo",
            remedy=f"As root, run: {by_hand}",
            timeout_s=120,
        )
        root = ["sudo", "-n"]
    tool = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    remedy = f"Look at the network and apt's sources, or run as root: {by_hand}"
    # A third-party source that is down must not stop us: only the installation counts.
    run([*tool, "update"], what="apt-get update", remedy=remedy, must=False)
    run(
        [*tool, "install", "--no-install-recommends", *names],
        what="installing Debian packages",
        remedy=remedy,
    )
