"""What the machine is like that we are to be installed on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_CARD = re.compile(r"^\s*\d+ \[(\S+)\s*\]", re.MULTILINE)
_QUERY_S = 30.0


@dataclass(frozen=True)
class Card:
    """A sound card of ALSA."""

    name: str
    captures: bool
    plays: bool


@dataclass(frozen=True)
class Machine:
    """All that the plan depends on."""

    root: bool
    user: str
    home: Path
    program: Path
    """The folder of `earshot-satellite` and its Python."""

    reachable: bool
    """Whether any user may run what is in there."""

    writable: bool
    """Whether we may put a Python package beside us."""

    debian: bool
    installed: frozenset[str]
    """Debian packages."""

    pyaudio: bool
    recogniser: bool
    """Whether the speech service's libraries are beside us."""

    systemd: bool
    """Whether it runs here; a root that is being built has it, but not as its first process."""

    cards: tuple[Card, ...]


def look(proc: Path = Path("/proc")) -> Machine:
    """Look at this machine."""
    program = Path(sys.executable).parent
    installed = _packages()
    return Machine(
        root=os.geteuid() == 0,
        user=os.environ.get("USER") or str(os.getuid()),
        home=Path.home(),
        program=program,
        reachable=_reachable(program),
        writable=os.access(sysconfig.get_path("platlib"), os.W_OK | os.X_OK),
        debian=installed is not None,
        installed=installed or frozenset(),
        pyaudio=find_spec("pyaudio") is not None,
        recogniser=find_spec("pocketsphinx") is not None,
        systemd=Path("/run/systemd/system").is_dir(),
        cards=_cards(proc),
    )


def _packages() -> frozenset[str] | None:
    if shutil.which("dpkg-query") is None:
        return None
    try:
        told = subprocess.run(
            ["dpkg-query", "-W", "-f=${db:Status-Status} ${Package}\n"],
            capture_output=True,
            text=True,
            timeout=_QUERY_S,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = (line.split() for line in told.splitlines())
    return frozenset(words[1] for words in lines if len(words) == 2 and words[0] == "installed")


def _reachable(folder: Path) -> bool:
    return all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents))


def _cards(proc: Path) -> tuple[Card, ...]:
    try:
        names = _CARD.findall((proc / "asound/cards").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return ()
    return tuple(
        Card(
            name,
            captures=any((proc / "asound" / name).glob("pcm*c")),
            plays=any((proc / "asound" / name).glob("pcm*p")),
        )
        for name in names
    )
