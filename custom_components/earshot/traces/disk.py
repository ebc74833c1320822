"""Searching files: every one below some folders, streaming, with an end in sight."""

import gzip
import os
import stat
import tarfile
import time
import zlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import IO, Any, Final, cast

from .finding import Finding
from .matcher import Matcher, Stream
from .model import Why

_PIECE: Final = 512 * 1024
_HEAD: Final = 512
_MAX_FILES: Final = 500_000
_MAX_BYTES: Final = 32 * 1024**3
_MAX_DEPTH: Final = 3

_GZIP: Final = b"\x1f\x8b\x08"
_TAR: Final = b"ustar"
_TAR_AT: Final = 257
_SECURETAR: Final = b"SecureTar"
_PACKED: Final = (
    b"PK\x03\x04", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!",
)  # fmt: skip
_ARCHIVES: Final = (".gz", ".tgz", ".tar")


class StoppedError(Exception):
    """The search ends here, for this reason."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(kw_only=True)
class Limits:
    """How far a search goes, and whether it was asked to stop."""

    stopped: Callable[[], bool]
    until: float = inf
    """Of `time.monotonic()`."""

    max_files: int = _MAX_FILES
    max_bytes: int = _MAX_BYTES
    """Of one place, unpacked."""

    @property
    def is_over(self) -> bool:
        """Return whether the search must end."""
        return self.stopped() or time.monotonic() >= self.until

    def check(self) -> None:
        """Raise `StoppedError` when it is over."""
        if self.stopped():
            raise StoppedError(Why.STOPPED)
        if time.monotonic() >= self.until:
            raise StoppedError(Why.OUT_OF_TIME)


@dataclass
class Tree[K]:
    """Files, by place."""

    files: defaultdict[K, list[Path]] = field(default_factory=lambda: defaultdict(list))
    failed: dict[K, Why] = field(default_factory=dict)
    """Places of which something could not be listed."""


def walk[K](
    roots: Iterable[Path],
    place_of: Callable[[Path], K],
    limits: Limits,
    *,
    wanted: Callable[[Path, os.stat_result], bool] = lambda _path, _status: True,
) -> Tree[K]:
    """List all regular files in some folders; links are followed, nothing is listed twice.

    Raises `StoppedError`.
    """
    tree = Tree[K]()
    visited: set[tuple[int, int]] = set()
    waiting = deque(roots)
    while waiting:
        path = waiting.popleft()
        limits.check()
        try:
            status = path.stat()
            identity = (status.st_dev, status.st_ino)
            if identity in visited or not wanted(path, status):
                continue
            visited.add(identity)
            if stat.S_ISDIR(status.st_mode):
                waiting.extend(path.iterdir())
            elif stat.S_ISREG(status.st_mode):
                tree.files[place_of(path)].append(path)
        except FileNotFoundError:
            continue
        except OSError:
            tree.failed[place_of(path)] = Why.UNREADABLE
        if len(visited) > limits.max_files:
            raise StoppedError(Why.TOO_LARGE)
    return tree


class Search:
    """Searches the files of one place."""

    def __init__(self, matcher: Matcher, limits: Limits) -> None:
        self.finding = Finding()
        self._matcher = matcher
        self._limits = limits
        self._bytes = 0

    def file(self, path: Path) -> None:
        """Search one file, and its name; raises `StoppedError`."""
        self.finding.hits += self._matcher.count(os.fsencode(path.name))
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(handle, "rb") as file:
                if stat.S_ISREG(os.fstat(handle).st_mode):
                    self._stream(path.name, file, depth=0)
        except FileNotFoundError:
            return
        except OSError, EOFError, zlib.error, tarfile.TarError:
            self.finding.why = Why.UNREADABLE

    def _stream(self, name: str, file: IO[bytes], depth: int) -> None:
        """Search a stream: unpacked if it is packed, else as it is."""
        head = file.read(_HEAD)
        is_gzip = head.startswith(_GZIP)
        is_tar = head[_TAR_AT:].startswith(_TAR)
        if not is_gzip and not is_tar:
            # The oldest encrypted backups begin with a random number, not with a mark.
            if head.startswith(_SECURETAR) or (head and depth and name.endswith(_ARCHIVES)):
                self.finding.why = Why.ENCRYPTED
            elif head.startswith(_PACKED):
                self.finding.why = Why.PACKED
            else:
                self._plain(head, file)
        elif depth > _MAX_DEPTH:
            self.finding.why = Why.PACKED
        elif is_gzip:
            with gzip.GzipFile(fileobj=_whole(head, file)) as unpacked:
                self._stream(name.removesuffix(".gz"), cast("IO[bytes]", unpacked), depth + 1)
        else:
            self._members(_whole(head, file), depth)

    def _members(self, file: IO[bytes], depth: int) -> None:
        with tarfile.open(fileobj=file, mode="r|") as archive:
            for member in archive:
                self._limits.check()
                # It would remember every member of an archive of any length.
                cast("Any", archive).members.clear()
                name = member.name
                self.finding.hits += self._matcher.count(name.encode(errors="surrogateescape"))
                if member.isreg() and (content := archive.extractfile(member)) is not None:
                    self._stream(name, content, depth + 1)

    def _plain(self, head: bytes, file: IO[bytes]) -> None:
        stream = Stream(self._matcher)
        piece = head
        try:
            while piece:
                self._limits.check()
                self._bytes += len(piece)
                if self._bytes > self._limits.max_bytes:
                    raise StoppedError(Why.TOO_LARGE)
                stream.feed(piece)
                piece = file.read(_PIECE)
        finally:
            self.finding.hits += stream.hits


class _Rejoined:
    """A stream of which the first bytes were read already."""

    def __init__(self, head: bytes, file: IO[bytes]) -> None:
        self._head = head
        self._file = file

    def read(self, size: int) -> bytes:
        if self._head:
            head, self._head = self._head[:size], self._head[size:]
            return head
        return self._file.read(size)


def _whole(head: bytes, file: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", _Rejoined(head, file))
