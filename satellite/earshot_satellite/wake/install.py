"""Installing a wake word's model: every byte is compared with a checksum before it counts."""

from __future__ import annotations

import contextlib
import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from ..checked_files import (
    InstallError,
    Progress,
    check_given,
    compare,
    fetch,
    is_sha256,
    move,
    staging,
    take,
)
from .installed import own_folder
from .micro import MicroWord
from .models import ModelError, WakeWord, builtin_words, find_word, installed_words
from .openwake import OpenHead

MAX_MODEL = 4 * 1024 * 1024
MAX_CONFIG = 64 * 1024
_ID = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")


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
        return is_sha256(self.sha256_config) and is_sha256(self.sha256_model)


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


def install_known(word: Known, hosts: Collection[str], progress: Progress) -> WakeWord:
    """Fetch a model of the manifest and install it; raises `InstallError`."""
    if not word.verified:
        raise InstallError(
            f"{word.id}: no verified checksum is known, so it is not downloaded. Fetch "
            f"{word.id}.json and {word.id}.tflite from {word.source} and run: "
            f"earshot-satellite models install {word.id} --from FOLDER --sha256 DIGEST"
        )
    with staging(own_folder()) as folder:
        for suffix, limit, sha256 in (
            (".json", MAX_CONFIG, word.sha256_config),
            (".tflite", MAX_MODEL, word.sha256_model),
        ):
            file = folder / (word.id + suffix)
            address = f"{word.source.rstrip('/')}/{file.name}"
            fetch(address, file, limit, partial(may_fetch, hosts=hosts), progress)
            compare(file, sha256)
        return _put(folder, word.id)


def install_from(name: str, source: Path, sha256: str) -> WakeWord:
    """Install `NAME.tflite`, and `NAME.json` where there is one, of a folder.

    Without the `.json` it is an openWakeWord model. `sha256` is the `.tflite`'s, from where the
    user trusts it. Raises `InstallError`.
    """
    _check_name(name)
    check_given(sha256)
    known = manifest().words.get(name)
    listed = known is not None and known.verified
    if known is not None and listed and sha256 != known.sha256_model:
        raise InstallError(f"{name} has another checksum in the list; give yours another name")
    with staging(own_folder()) as folder:
        model, config = folder / f"{name}.tflite", folder / f"{name}.json"
        if listed or (source / config.name).exists():
            take(source / config.name, config, MAX_CONFIG)
        take(source / model.name, model, MAX_MODEL)
        compare(model, sha256)
        if known is not None and listed:
            compare(config, known.sha256_config)
        return _put(folder, name)


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


def _put(folder: Path, name: str) -> WakeWord:
    """Try the model, then move its files in place, the model last: it counts once that is there."""
    model = folder / f"{name}.tflite"
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
    if config.exists():
        move(own_folder(), config, model)
    else:
        # Where that cannot be done, neither can the model be moved, which says so.
        with contextlib.suppress(OSError):
            (own_folder() / config.name).unlink(missing_ok=True)
        move(own_folder(), model)
    return word
