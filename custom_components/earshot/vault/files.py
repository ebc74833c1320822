"""Files that are private, and there for good once a call returns."""

import os
from pathlib import Path

PART = ".part"
"""Ending of a file that is still being written."""


def make_folder(folder: Path) -> None:
    """Make a folder that only we can enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: aside, to the disk, then into its place."""
    part = path.with_name(path.name + PART)
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)  # noqa: PTH105 - beside the other calls on descriptors
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def remove_parts(folder: Path) -> None:
    """Remove what was never finished."""
    for part in folder.glob("*" + PART):
        part.unlink(missing_ok=True)


def shred(path: Path) -> None:
    """Overwrite a file in place, then remove it. Flash may still hold the old cells."""
    try:
        with path.open("r+b", buffering=0) as file:
            file.write(bytes(path.stat().st_size))
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have names that were added or removed reach the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
