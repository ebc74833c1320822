"""Sealed audio, one file a capture."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import crypto, files
from .errors import CaptureDamagedError

_HEAD = 16
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Blobs:
    """The folder of sealed audio. Ids are ours, and safe as names."""

    folder: Path

    def prepare(self) -> None:
        """Make the folder, and remove what was never finished."""
        files.make_folder(self.folder)
        files.remove_parts(self.folder)

    def write(self, capture_id: str, sealed: bytes) -> None:
        """Write one, whole or not at all."""
        files.write(self.folder / capture_id, sealed)

    def read(self, capture_id: str) -> bytes:
        """Read one; raises `CaptureDamagedError` when it is not there."""
        try:
            return (self.folder / capture_id).read_bytes()
        except FileNotFoundError:
            raise CaptureDamagedError("the audio of this capture is missing") from None

    def size(self, capture_id: str) -> int | None:
        """Return the size of one; None if it is not there."""
        if not _ID.fullmatch(capture_id):
            return None
        try:
            return (self.folder / capture_id).stat().st_size
        except FileNotFoundError:
            return None

    def fingerprint(self, capture_id: str) -> list[bytes]:
        """Return the nonce of one; nothing if it is not there."""
        try:
            with (self.folder / capture_id).open("rb", buffering=0) as file:
                return [crypto.fingerprint(file.read(_HEAD))]
        except FileNotFoundError:
            return []

    def all(self, beginning: str) -> set[str]:
        """Return the ids of those there are that begin in a way."""
        return {name for name in self._names() if name.startswith(beginning)}

    def strange(self) -> set[str]:
        """Return the names that are no ids."""
        return {name for name in self._names() if not _ID.fullmatch(name)}

    def _names(self) -> Iterator[str]:
        with os.scandir(self.folder) as entries:
            for entry in entries:
                yield entry.name

    def remove(self, capture_ids: Iterable[str]) -> None:
        """Remove some; those not there are gone already."""
        for capture_id in capture_ids:
            (self.folder / capture_id).unlink(missing_ok=True)
        files.sync_folder(self.folder)
