"""Make a fresh Debian-family machine ready for the demo, the tests and the bench."""

from __future__ import annotations

import fcntl
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import apt, node, python314, stamps, venvs
from .paths import ROOT, SETUP_LOG, STATE
from .progress import Progress
from .shell import SetupError

_FREE_BYTES = 3 * 1024**3  # both environments, the private Python and the download cache


def main(*, quiet: bool = False) -> int:
    """Do every step that is not done yet; return an exit status."""
    try:
        STATE.mkdir(exist_ok=True)
        with _alone():
            _steps(Progress(7, quiet=quiet))
    except SetupError as err:
        print(f"\nSet-up stopped: {err}\n  What to do: {err.remedy}", file=sys.stderr)
        return 1
    except OSError as err:
        print(
            f"\nSet-up stopped: {err}\n  What to do: check disk space and rights.", file=sys.stderr
        )
        return 1
    except KeyboardInterrupt:
        print("\nSet-up stopped; run it again to go on.", file=sys.stderr)
        return 130
    return 0


def _steps(progress: Progress) -> None:
    with progress.step("Debian packages"):
        names = apt.missing(apt.wanted()) + node.missing()
        if names:
            apt.install(names)
    with progress.step("uv, the installer"):
        venvs.install_uv()
    with progress.step("Python 3.14"):
        home_python = _home_python()
    with progress.step("Home Assistant and test tools (.venv/home)"):
        venvs.build("home", home_python)
    with progress.step("satellite and speech (.venv/room)"):
        venvs.build("room", Path(sys.executable), editable=ROOT / "satellite")
    with progress.step("the satellite on Python 3.14 (.venv/satellite)"):
        venvs.build("satellite", home_python, editable=ROOT / "satellite")
    with progress.step("the cards' tools (card/node_modules)"):
        node.install()


def _home_python() -> Path:
    found = STATE / "stamps" / "python3.14.path"
    wanted = stamps.key(sys.executable, *map(str, python314.MINIMUM))
    if found.exists():
        known = Path(found.read_text())
        if stamps.fresh("python3.14", wanted, [known]):
            return known
    _check_disk()
    python = python314.find_or_fetch(venvs.UV)
    stamps.write("python3.14.path", str(python))
    stamps.write("python3.14", wanted)
    return python


def _check_disk() -> None:
    free = shutil.disk_usage(STATE).free
    if free < _FREE_BYTES:
        raise SetupError(
            f"only {free / 1024**3:.1f} GB are free here",
            f"Make {_FREE_BYTES / 1024**3:.0f} GB free and run this again.",
        )


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock that keeps two set-ups from building the same folders."""
    with (STATE / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is running here; waiting for it.", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        SETUP_LOG.write_text(f"Set-up of {time.strftime('%Y-%m-%d %H:%M:%S %z')}\n")
        yield
