"""Installing a wake word's model: every byte is compared with a checksum before it counts."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
import tomllib
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import IO, BinaryIO
from urllib.parse import urlsplit

from .installed import own_folder
from .micro import MicroWord
from .models import ModelError, WakeWord, builtin_words, find_word, installed_words
from .openwake import OpenHead

MAX_MODEL = 4 * 1024 * 1024
MAX_CONFIG = 64 * 1024
FETCH_S = 30.0
_ID = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class InstallError(Exception):
    """The model is not installed; the message names the remedy. What was there before still is."""


@dataclass(frozen=True)
class Known:
    """A microWakeWord model of the manifest: `ID.json` and `ID.tflite` at `source`."""

    id: str
    phrase: str
    licence: str
    source: str
    sha256_config: str
    sha256_model: str

    @property
    def verified(self) -> bool:
        """Return whether both checksums are known."""
        return bool(_SHA256.fullmatch(self.sha256_config) and _SHA256.fullmatch(self.sha256_model))


@dataclass(frozen=True)
class Manifest:
    """What may be fetched, and from where."""

    hosts: frozenset[str]
    words: dict[str, Known]
    licences: dict[str, str]
    """By family: of the words that come with a package."""


def manifest(text: str | None = None) -> Manifest:
    """Read `models/wake.toml`, or such a text; raises `InstallError`."""
    if text is None:
        text = (resources.files(__package__) / "wake.toml").read_text(encoding="utf-8")
    try:
        told = tomllib.loads(text)
        download = told.pop("download")
        hosts = frozenset(str(host) for host in download["hosts"])
        words = {name: Known(id=name, **entry) for name, entry in download["words"].items()}
        licences = {family: str(it["licence"]) for family, it in told.items()}
    except (tomllib.TOMLDecodeError, TypeError, KeyError, AttributeError) as err:
        raise InstallError(f"the list of models is broken: {err}") from None
    for word in words.values():
        if not _ID.fullmatch(word.id) or not may_fetch(word.source, hosts):
            raise InstallError(f"the list of models is broken: {word.id!r}")
    return Manifest(hosts, words, licences)


def may_fetch(address: str, hosts: Collection[str]) -> bool:
    """Return whether an address is one that models may come from."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and parts.hostname in hosts
        and port in (None, 443)
        and parts.username is None
        and parts.password is None
    )


def install_known(word: Known, hosts: Collection[str]) -> WakeWord:
    """Fetch a model of the manifest and install it; raises `InstallError`."""
    if not word.verified:
        raise InstallError(
            f"{word.id}: no verified checksum is known, so it is not downloaded. Fetch "
            f"{word.id}.json and {word.id}.tflite from {word.source} and run: "
            f"earshot-satellite models install {word.id} --from FOLDER --sha256 DIGEST"
        )
    with _staging() as staging:
        for suffix, limit, sha256 in (
            (".json", MAX_CONFIG, word.sha256_config),
            (".tflite", MAX_MODEL, word.sha256_model),
        ):
            file = staging / (word.id + suffix)
            _fetch(word.source.rstrip("/") + "/" + file.name, file, limit, hosts)
            _compare(file, sha256)
        return _put(staging, word.id)


def install_from(name: str, source: Path, sha256: str) -> WakeWord:
    """Install `NAME.tflite`, and `NAME.json` where there is one, of a folder.

    Without the `.json` it is an openWakeWord model. `sha256` is the `.tflite`'s, from where the
    user trusts it. Raises `InstallError`.
    """
    _check_name(name)
    if not _SHA256.fullmatch(sha256):
        raise InstallError("--sha256 must be 64 hexadecimal digits: see sha256sum")
    with _staging() as staging:
        for suffix, limit in ((".json", MAX_CONFIG), (".tflite", MAX_MODEL)):
            file = source / (name + suffix)
            if suffix == ".json" and not file.exists():
                continue
            try:
                with file.open("rb") as given:
                    _copy(given, staging / file.name, limit)
            except FileNotFoundError:
                raise InstallError(f"{file} is missing") from None
            except OSError as err:
                raise InstallError(f"{file} cannot be read: {err.strerror}") from None
        _compare(staging / f"{name}.tflite", sha256)
        return _put(staging, name)


def remove(name: str) -> None:
    """Delete an installed model; raises `InstallError` when there is none of that name."""
    _check_name(name)
    model = own_folder() / f"{name}.tflite"
    if not model.is_file():
        there = name in builtin_words()
        why = "comes with a package and cannot be removed" if there else "is not installed"
        raise InstallError(f"{name} {why}")
    try:
        model.unlink()
        model.with_suffix(".json").unlink(missing_ok=True)
    except OSError as err:
        raise InstallError(f"{model} cannot be removed: {err.strerror}") from None


def installed() -> dict[str, WakeWord]:
    """Return what somebody installed."""
    return installed_words()


def _check_name(name: str) -> None:
    if not _ID.fullmatch(name):
        raise InstallError("a wake word's id has lower case letters, digits and _ only")


@contextlib.contextmanager
def _staging() -> Iterator[Path]:
    """Yield a folder on the file system of the models; what is left in it goes."""
    folder = own_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    except OSError as err:
        raise InstallError(f"{folder} cannot be written: {err.strerror}") from None
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


class _OnlyThere(urllib.request.HTTPRedirectHandler):
    """Follows nobody to another host than those of the list."""

    def __init__(self, hosts: Collection[str]) -> None:
        self._hosts = hosts

    def redirect_request(  # noqa: PLR0917 - as it is called
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: object,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse an address that models may not come from."""
        if not may_fetch(newurl, self._hosts):
            raise urllib.error.URLError(f"it leads to {urlsplit(newurl).hostname}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _fetch(address: str, target: Path, limit: int, hosts: Collection[str]) -> None:
    if not may_fetch(address, hosts):
        raise InstallError(f"{address}: models do not come from there")
    opener = urllib.request.build_opener(_OnlyThere(hosts))
    try:
        with opener.open(address, timeout=FETCH_S) as answer:
            _copy(answer, target, limit)
    except (urllib.error.URLError, TimeoutError, OSError) as err:
        reason = getattr(err, "reason", None) or type(err).__name__
        raise InstallError(
            f"{address} cannot be fetched ({reason}). Without a network, fetch the files elsewhere "
            "and use --from FOLDER"
        ) from None


def _copy(source: BinaryIO, target: Path, limit: int) -> None:
    size = 0
    with target.open("wb") as out:
        while block := source.read(64 * 1024):
            size += len(block)
            if size > limit:
                raise InstallError(f"{target.name} is larger than {limit} bytes")
            out.write(block)
        out.flush()
        os.fsync(out.fileno())


def _compare(file: Path, sha256: str) -> None:
    with file.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != sha256:
            raise InstallError(f"{file.name} is not what the checksum promises; not installed")


def _put(staging: Path, name: str) -> WakeWord:
    """Try the model, then move its files in place, the model last: it counts once that is there."""
    model = staging / f"{name}.tflite"
    try:
        word = find_word(str(model))
        if word.micro:
            if word.micro.path != model:
                raise InstallError(f"{name}.json names another file than {name}.tflite")
            MicroWord(word.micro)
        elif word.head:
            OpenHead(word.head)
    except ModelError as err:
        raise InstallError(f"{err.path.name} is not a model that can be used: {err.why}") from None
    config = model.with_suffix(".json")
    try:
        if config.exists():
            config.replace(own_folder() / config.name)
        else:
            (own_folder() / config.name).unlink(missing_ok=True)
        model.replace(own_folder() / model.name)
    except OSError as err:
        raise InstallError(f"{own_folder()} cannot be written: {err.strerror}") from None
    return word
