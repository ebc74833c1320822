"""Where an end keeps its pairing: one file, for its owner's eyes only."""

from __future__ import annotations

import contextlib
from pathlib import Path

from .durable import remove_partial, sync_folder, write_durable
from .identity import Trust, TrustError

_MAX_BYTES = 16 * 1024


class TrustFile:
    """A pairing on disk. Its methods block."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.regulars = file.with_suffix(".regulars")
        """Beside it, where the other end came from last: see `Regulars`."""

    def load(self) -> Trust | None:
        """Return the pairing, or None when there is none; raises `TrustError` for an unreadable."""
        try:
            with self.file.open("rb") as file:
                return Trust.from_pem(file.read(_MAX_BYTES))
        except FileNotFoundError:
            return None
        except OSError as err:
            raise TrustError(f"it cannot be read ({err.strerror})") from None

    def save(self, trust: Trust) -> None:
        """Keep it in place of an older one; it survives a power cut then. Raises `OSError`."""
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durable(self.file, trust.pem)

    def remove(self) -> bool:
        """Forget it, for certain; returns whether there was one. Raises `OSError`."""
        remove_partial(self.file.parent, self.file.name)
        with contextlib.suppress(OSError):
            self.regulars.unlink()
        try:
            self.file.unlink()
        except FileNotFoundError:
            return False
        sync_folder(self.file.parent)
        return True

    def stamp(self) -> tuple[int, int, int] | None:
        """Return what changes when the file does; None when there is none."""
        try:
            found = self.file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
