"""Every write below some folders, as the kernel tells it: of any thread, process or library."""

import ctypes
import os
import struct
from pathlib import Path
from types import TracebackType
from typing import Self

_MODIFY, _MOVED_TO, _CREATE, _CLOSE_WRITE = 0x2, 0x80, 0x100, 0x8
_MASK = _MODIFY | _MOVED_TO | _CREATE | _CLOSE_WRITE
_HEAD = struct.Struct("iIII")
_libc = ctypes.CDLL(None, use_errno=True)


class WriteTrace:
    """What was written, made or moved below the folders while it was open; new folders too."""

    def __init__(self, *folders: Path) -> None:
        self.paths: set[Path] = set()
        self.lost = False
        self._folders = folders
        self._watched: dict[int, Path] = {}

    def __enter__(self) -> Self:
        self._fd = _libc.inotify_init1(os.O_NONBLOCK)
        for folder in self._folders:
            for path, _, _ in os.walk(folder):
                self._watch(Path(path))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.read()
        os.close(self._fd)

    def read(self) -> None:
        """Take up what happened so far."""
        while True:
            try:
                data = os.read(self._fd, 1 << 16)
            except BlockingIOError:
                return
            while data:
                number, _, _, length = _HEAD.unpack_from(data)
                name = data[_HEAD.size : _HEAD.size + length].rstrip(b"\0").decode()
                data = data[_HEAD.size + length :]
                self.lost = self.lost or number < 0
                if number in self._watched and name:
                    self._saw(self._watched[number] / name)

    def below(self, folder: Path) -> set[Path]:
        """Return what was written below a folder."""
        return {path for path in self.paths if path.is_relative_to(folder)}

    def _saw(self, path: Path) -> None:
        self.paths.add(path)
        if path.is_dir():
            self._watch(path)
            self.paths.update(path.rglob("*"))

    def _watch(self, folder: Path) -> None:
        number = _libc.inotify_add_watch(self._fd, os.fsencode(folder), _MASK)
        if number < 0:
            raise OSError(ctypes.get_errno(), str(folder))
        self._watched[number] = folder
