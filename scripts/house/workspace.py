"""A private folder that goes away with its owner, even one that is killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "earshot-house-"
_OWNER = "owner"
# Twice, because a program that is being ended may write once more.
_SWEEPER = 'read _; sleep 1; rm -rf -- "$1"; sleep 10; rm -rf -- "$1"'


@contextmanager
def workspace() -> Iterator[Path]:
    """Make a private temporary folder and remove it at the end; sweep abandoned ones first."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / _OWNER).write_text(_identity(os.getpid()))
    # It reads from a pipe that only we can write to: whatever ends us, it sees the end of file.
    sweeper = subprocess.Popen(
        ["sh", "-c", _SWEEPER, "sweeper", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        sweeper.kill()
        sweeper.wait()


def sweep() -> list[Path]:
    """Remove folders whose owner was killed without a chance to clean up; return them."""
    swept = []
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            identity = (folder / _OWNER).read_text()
            pid = int(identity.split()[0])
        except (OSError, ValueError, IndexError):
            continue
        if folder.stat().st_uid == os.getuid() and _identity(pid) != identity:
            shutil.rmtree(folder, ignore_errors=True)
            swept.append(folder)
    return swept


def _identity(pid: int) -> str:
    """Return a process id with its start time, so that a reused id is another process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return f"{pid} gone"
    return f"{pid} {stat.rpartition(')')[2].split()[19]}"
