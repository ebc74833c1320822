"""Installing a Piper voice: every byte is compared with a checksum before it counts."""

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
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import BinaryIO

from .installed import NAME, folder, installed

MAX_MODEL = 200 * 1024 * 1024
MAX_CONFIG = 1024 * 1024
FETCH_S = 30.0
_SHA256 = re.compile(r"[0-9a-f]{64}")


class InstallError(Exception):
    """The voice is not installed; the message names the remedy. What was there before still is."""


@dataclass(frozen=True)
class Known:
    """A voice of the manifest."""

    name: str
    description: str
    licence: str
    source: str
    """Folder of its two files, an https address."""

    sha256_model: str
    sha256_config: str

    @property
    def verified(self) -> bool:
        """Return whether both checksums are known."""
        return bool(_SHA256.fullmatch(self.sha256_model) and _SHA256.fullmatch(self.sha256_config))


def manifest(text: str | None = None) -> dict[str, Known]:
    """Return the voices of `models/voices.toml`, or of such a text; raises `InstallError`."""
    if text is None:
        text = (resources.files("earshot_speech") / "voices.toml").read_text(encoding="utf-8")
    try:
        voices = [Known(name=name, **entry) for name, entry in tomllib.loads(text).items()]
    except (tomllib.TOMLDecodeError, TypeError) as err:
        raise InstallError(f"the list of voices is broken: {err}") from None
    for voice in voices:
        if not NAME.fullmatch(voice.name) or not voice.source.startswith("https://"):
            raise InstallError(f"the list of voices is broken: {voice.name!r}")
    return {voice.name: voice for voice in voices}


def install_known(voice: Known) -> Path:
    """Fetch a voice of the manifest and install it; raises `InstallError`."""
    if not voice.verified:
        raise InstallError(
            f"{voice.name}: no verified checksum is known, so it is not downloaded. Fetch "
            f"{voice.name}.onnx and {voice.name}.onnx.json from {voice.source} and run: "
            f"earshot-speech voices install {voice.name} --from FOLDER --sha256 DIGEST"
        )
    address = voice.source.rstrip("/") + f"/{voice.name}.onnx"
    with _staging() as staging:
        model = staging / f"{voice.name}.onnx"
        config = staging / f"{voice.name}.onnx.json"
        _fetch(address, model, MAX_MODEL)
        _fetch(address + ".json", config, MAX_CONFIG)
        _compare(model, voice.sha256_model)
        _compare(config, voice.sha256_config)
        return _put(model, config)


def install_from(name: str, source: Path, sha256: str) -> Path:
    """Install `NAME.onnx` and `NAME.onnx.json` of a folder; raises `InstallError`.

    `sha256` is of the model, from where the user trusts it.
    """
    _check_name(name)
    if not _SHA256.fullmatch(sha256):
        raise InstallError("--sha256 must be 64 hexadecimal digits: see sha256sum")
    with _staging() as staging:
        for suffix, limit in ((".onnx", MAX_MODEL), (".onnx.json", MAX_CONFIG)):
            file = source / (name + suffix)
            try:
                with file.open("rb") as given:
                    _copy(given, staging / file.name, limit)
            except FileNotFoundError:
                raise InstallError(f"{file} is missing") from None
            except OSError as err:
                raise InstallError(f"{file} cannot be read: {err.strerror}") from None
        _compare(staging / f"{name}.onnx", sha256)
        return _put(staging / f"{name}.onnx", staging / f"{name}.onnx.json")


def remove(name: str) -> None:
    """Delete a voice; raises `InstallError` when there is none of that name."""
    _check_name(name)
    model = installed().get(name)
    if model is None:
        raise InstallError(f"{name} is not installed")
    model.unlink()
    model.with_name(model.name + ".json").unlink()


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise InstallError("a voice's name has letters, digits, - and _ only")


@contextlib.contextmanager
def _staging() -> Iterator[Path]:
    """Yield a folder on the file system of the voices; what is left in it goes."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".new-", dir=folder()))
    except OSError as err:
        raise InstallError(f"{folder()} cannot be written: {err.strerror}") from None
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _fetch(address: str, target: Path, limit: int) -> None:
    try:
        with urllib.request.urlopen(address, timeout=FETCH_S) as answer:  # noqa: S310 - https only
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
        while block := source.read(1024 * 1024):
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


def _put(model: Path, config: Path) -> Path:
    """Move both files in place, the model last: a voice counts once its model is there."""
    config.replace(folder() / config.name)
    model.replace(folder() / model.name)
    return folder() / model.name
