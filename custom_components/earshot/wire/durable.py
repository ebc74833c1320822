"""Files that survive a crash: written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_SUFFIX = ".partial"


def write_durable(file: Path, content: bytes) -> None:
    """Replace a file, readable by its owner only; on return it would survive a power cut.

    It belongs to whom the folder belongs to: root writes for a service of another user. Raises
    `OSError`; the old file is then still whole.
    """
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=_SUFFIX)
    try:
        with os.fdopen(handle, "wb") as partial:
            give_to_owner(handle, file.parent)
            partial.write(content)
            partial.flush()
            os.fsync(partial.fileno())
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def give_to_owner(handle: int, folder: Path) -> None:
    """Let an open file of root's belong to whom the folder belongs to. Raises `OSError`."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(handle, owner.st_uid, owner.st_gid)


def remove_partial(folder: Path, name: str = "") -> None:
    """Remove what a crash left half written, of one file or of all."""
    for path in folder.glob(f".{name}*{_SUFFIX}"):
        path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Have what changed in a folder survive a power cut. Raises `OSError`."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
