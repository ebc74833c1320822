"""A private folder that goes away with its owner, and the traces of owners that were killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "earshot-house-"
_OWNER = "owner"


def open_workspace() -> Path:
    """Make a private temporary folder; sweep abandoned ones first."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / _OWNER).write_text(_identity(os.getpid()))
    return folder


def close_workspace(folder: Path) -> None:
    """Remove the folder and all in it."""
    shutil.rmtree(folder, ignore_errors=True)


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
