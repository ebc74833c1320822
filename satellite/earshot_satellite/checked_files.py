"""Files from elsewhere: a byte of them counts once a checksum has vouched for all.

Wake words and the speech service's voices are installed with it. They are put together in a folder
beside where they belong, so that what was there before stays until the new ones are whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import urlsplit

FETCH_S = 30.0
"""For one answer of a server."""

FETCH_ALL_S = 3600.0
"""For a whole file: the largest voice, 114 MB, at 256 kbit/s."""

_OLD_S = 3 * FETCH_ALL_S
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BLOCK = 256 * 1024

MayFetch = Callable[[str], bool]
"""Whether files may come from an address."""

Progress = Callable[[str, int, int | None], None]
"""Told a file's name, how many bytes of it are there, and how many it has, if that is known."""


class InstallError(Exception):
    """It is not installed; the message names the remedy. What was there before still is."""


def is_sha256(text: str) -> bool:
    """Return whether it can be a checksum."""
    return _SHA256.fullmatch(text) is not None


def check_given(sha256: str) -> None:
    """Refuse a checksum that somebody mistyped; raises `InstallError`."""
    if not is_sha256(sha256):
        raise InstallError("--sha256 must be 64 hexadecimal digits: see sha256sum")


@contextlib.contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Yield a folder on the file system of that one; what is left in it goes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(".new-*"):
            # Of one that was killed; a living one is never so old.
            if time.time() - old.stat().st_mtime > _OLD_S:
                shutil.rmtree(old, ignore_errors=True)
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    except OSError as err:
        raise InstallError(f"{folder} cannot be written: {err.strerror}") from None
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def fetch(address: str, target: Path, limit: int, may_fetch: MayFetch, progress: Progress) -> None:
    """Download a file of at most so many bytes; raises `InstallError`."""
    if not may_fetch(address):
        raise InstallError(f"{address}: models do not come from there")
    opener = urllib.request.build_opener(OnlyThere(may_fetch))
    try:
        with opener.open(address, timeout=FETCH_S) as answer:
            size = answer.length
            _copy(answer, target, limit, lambda done: progress(target.name, done, size))
    except (OSError, ValueError, HTTPException) as err:
        reason = getattr(err, "reason", None) or type(err).__name__
        raise InstallError(
            f"{address} cannot be fetched ({reason}). Without a network, fetch the files elsewhere "
            "and use --from FOLDER"
        ) from None


def take(source: Path, target: Path, limit: int) -> None:
    """Copy a file of at most so many bytes that somebody has; raises `InstallError`."""
    try:
        with source.open("rb") as given:
            _copy(given, target, limit, lambda _: None)
    except FileNotFoundError:
        raise InstallError(f"{source} is missing") from None
    except OSError as err:
        raise InstallError(f"{source} cannot be read: {err.strerror}") from None


def compare(file: Path, sha256: str) -> None:
    """Refuse a file with another checksum; raises `InstallError`."""
    with file.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != sha256:
            raise InstallError(f"{file.name} is not what the checksum promises; not installed")


def move(folder: Path, *files: Path) -> None:
    """Move files in place, one after the other: the one that makes it count goes last."""
    try:
        for file in files:
            file.replace(folder / file.name)
    except OSError as err:
        raise InstallError(f"{folder} cannot be written: {err.strerror}") from None


class OnlyThere(urllib.request.HTTPRedirectHandler):
    """Follows nobody to an address that files may not come from."""

    def __init__(self, may_fetch: MayFetch) -> None:
        self._may_fetch = may_fetch

    def redirect_request(  # noqa: PLR0917 - as it is called
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: object,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse such an address."""
        if not self._may_fetch(newurl):
            raise urllib.error.URLError(f"it leads to {urlsplit(newurl).hostname}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _copy(source: _Readable, target: Path, limit: int, copied: Callable[[int], None]) -> None:
    size, until = 0, time.monotonic() + FETCH_ALL_S
    with _writable(target), target.open("wb") as out:
        # Not `read`: that waits for a whole block, however slowly it comes.
        while block := _read(source):
            size += len(block)
            if size > limit:
                raise InstallError(f"{target.name} is larger than {limit} bytes")
            if time.monotonic() > until:
                raise InstallError(f"{target.name} takes too long; try again when the net is fast")
            out.write(block)
            copied(size)
        out.flush()
        os.fsync(out.fileno())


class _Readable(Protocol):
    def read1(self, size: int, /) -> bytes: ...


class _UnreadableError(Exception):
    """The source of a copy fails, not what it is copied to."""

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause


def _read(source: _Readable) -> bytes:
    try:
        return source.read1(_BLOCK)
    except (OSError, ValueError, HTTPException) as err:
        raise _UnreadableError(err) from err


@contextlib.contextmanager
def _writable(target: Path) -> Iterator[None]:
    try:
        yield
    except _UnreadableError as err:
        raise err.cause from None
    except OSError as err:
        raise InstallError(f"{target.parent.parent} cannot be written: {err.strerror}") from None
