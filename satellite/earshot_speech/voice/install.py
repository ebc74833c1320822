"""Installing a Piper voice: every byte is compared with a checksum before it counts."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from earshot_satellite.checked_files import (
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

from .installed import NAME, folder, installed
from .piper import Piper
from .speaker import VoiceError

MAX_MODEL = 200 * 1024 * 1024
MAX_CONFIG = 1024 * 1024


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
        return is_sha256(self.sha256_model) and is_sha256(self.sha256_config)


def manifest(text: str | None = None) -> dict[str, Known]:
    """Return the voices of `models/voices.toml`, or of such a text; raises `InstallError`."""
    if text is None:
        text = (resources.files("earshot_speech") / "voices.toml").read_text(encoding="utf-8")
    try:
        voices = [Known(name=name, **entry) for name, entry in tomllib.loads(text).items()]
    except (tomllib.TOMLDecodeError, TypeError) as err:
        raise InstallError(f"the list of voices is broken: {err}") from None
    for voice in voices:
        if not NAME.fullmatch(voice.name) or not _https(voice.source):
            raise InstallError(f"the list of voices is broken: {voice.name!r}")
    return {voice.name: voice for voice in voices}


def install_known(voice: Known, progress: Progress) -> Path:
    """Fetch a voice of the manifest and install it; raises `InstallError`."""
    if not voice.verified:
        raise InstallError(
            f"{voice.name}: no verified checksum is known, so it is not downloaded. Fetch "
            f"{voice.name}.onnx and {voice.name}.onnx.json from {voice.source} and run: "
            f"earshot-speech voices install {voice.name} --from FOLDER --sha256 DIGEST"
        )
    address = voice.source.rstrip("/") + f"/{voice.name}.onnx"
    with staging(folder()) as made:
        model, config = made / f"{voice.name}.onnx", made / f"{voice.name}.onnx.json"
        fetch(address + ".json", config, MAX_CONFIG, _https, progress)
        compare(config, voice.sha256_config)
        fetch(address, model, MAX_MODEL, _https, progress)
        compare(model, voice.sha256_model)
        return _put(model, config)


def install_from(name: str, source: Path, sha256: str) -> Path:
    """Install `NAME.onnx` and `NAME.onnx.json` of a folder; raises `InstallError`.

    `sha256` is of the model, from where the user trusts it.
    """
    _check_name(name)
    check_given(sha256)
    known = manifest().get(name)
    if known is not None and known.verified and sha256 != known.sha256_model:
        raise InstallError(f"{name} has another checksum in the list; give yours another name")
    with staging(folder()) as made:
        model, config = made / f"{name}.onnx", made / f"{name}.onnx.json"
        take(source / model.name, model, MAX_MODEL)
        take(source / config.name, config, MAX_CONFIG)
        compare(model, sha256)
        if known is not None and known.verified:
            compare(config, known.sha256_config)
        return _put(model, config)


def remove(name: str) -> None:
    """Delete a voice; raises `InstallError` when there is none of that name."""
    _check_name(name)
    model = installed().get(name)
    if model is None:
        raise InstallError(f"{name} is not installed")
    try:
        model.unlink()
        model.with_name(model.name + ".json").unlink()
    except OSError as err:
        raise InstallError(f"{model} cannot be removed: {err.strerror}") from None


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise InstallError("a voice's name has letters, digits, - and _ only")


def _https(address: str) -> bool:
    """Return whether it cannot be changed on its way; where it leads to is the source's matter."""
    return address.startswith("https://")


def _put(model: Path, config: Path) -> Path:
    """Try the voice, then move its files in place, the model last: it counts once that is there.

    Without piper-tts it cannot be tried.
    """
    try:
        Piper(model)
    except VoiceError as err:
        if err.code == "voice_broken":
            raise InstallError(f"{model.name} is not a voice that can be used") from None
    move(folder(), config, model)
    return folder() / model.name
