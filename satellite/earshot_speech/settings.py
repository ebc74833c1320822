"""Settings: a TOML file, overridden by flags."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from earshot_wire.limits import PAIRING_PORT_AFTER, SPEECH_PORT


class SettingsError(Exception):
    """The settings cannot be used; the message names the key and the remedy."""


@dataclass(frozen=True)
class Link:
    """Where the service listens."""

    host: str = ""
    """Empty: this machine only, or every address of it when paired or `open`."""

    port: int = SPEECH_PORT
    open: bool = False
    """Whether anybody on the network may connect, without encryption. Never with a grammar."""

    def address(self, *, paired: bool) -> str:
        """Return where to listen; empty: everywhere."""
        return self.host or ("" if self.open or paired else "127.0.0.1")


@dataclass(frozen=True)
class Voice:
    """Who speaks."""

    engine: str = "auto"
    """`espeak`, `piper`, or `auto`: Piper when its voice is installed."""

    name: str = ""
    """Of a Piper voice; empty takes the only one installed."""


@dataclass(frozen=True)
class Recognition:
    """How it listens."""

    sensitivity: float = 0.5
    """From 0, which takes least other speech for commands, to 1, which misses fewest commands."""


@dataclass(frozen=True)
class State:
    """Where it keeps whom it was paired with."""

    folder: str = ""
    """Empty: where the system keeps such things."""

    @property
    def path(self) -> Path:
        """The folder."""
        if self.folder:
            return Path(self.folder).expanduser()
        if os.geteuid() == 0:
            return Path("/var/lib/earshot-speech")
        home = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
        return Path(home).expanduser() / "earshot-speech"


@dataclass(frozen=True)
class Settings:
    """All settings."""

    link: Link = Link()
    voice: Voice = Voice()
    recognition: Recognition = Recognition()
    state: State = State()


def load(path: Path | None) -> Settings:
    """Read a file, or take the defaults; raises `SettingsError`."""
    if path is None:
        return Settings()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path}: there is no such file") from None
    except (OSError, UnicodeError) as err:
        raise SettingsError(f"{path}: cannot be read ({type(err).__name__})") from None
    except tomllib.TOMLDecodeError as err:
        raise SettingsError(f"{path}: is not TOML: {err}") from None
    sections = {field.name for field in fields(Settings)}
    if unknown := sorted(data.keys() - sections):
        raise SettingsError(f"{path}: unknown section [{unknown[0]}]; known: {_list(sections)}")
    return check(
        Settings(
            link=_section(path, "link", Link(), data),
            voice=_section(path, "voice", Voice(), data),
            recognition=_section(path, "recognition", Recognition(), data),
            state=_section(path, "state", State(), data),
        )
    )


def check(settings: Settings) -> Settings:
    """Return the settings if they fit together; raises `SettingsError`."""
    link = settings.link
    most = 65_535 - PAIRING_PORT_AFTER
    if not 0 <= link.port <= most:
        raise SettingsError(f"port {link.port}: must be from 0 to {most}")
    if settings.voice.engine not in ("auto", "espeak", "piper"):
        raise SettingsError(f"voice engine {settings.voice.engine!r}: auto, espeak or piper")
    if not 0 <= settings.recognition.sensitivity <= 1:
        raise SettingsError("sensitivity: must be from 0 to 1")
    return settings


def _section(path: Path, name: str, default: Any, data: dict[str, Any]) -> Any:
    section = data.get(name, {})
    if not isinstance(section, dict):
        raise SettingsError(f"{path}: {name} must be a section: [{name}]")
    types = {field.name: type(getattr(default, field.name)) for field in fields(default)}
    values: dict[str, Any] = {}
    for key, value in section.items():
        if key not in types:
            raise SettingsError(f"{path}: unknown key {key!r} in [{name}]; known: {_list(types)}")
        wanted = types[key]
        number = wanted is float and type(value) is int
        if type(value) is not wanted and not number:
            raise SettingsError(f"{path}: {name}.{key} must be {_KINDS[wanted]}")
        values[key] = wanted(value)
    return replace(default, **values)


_KINDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def _list(names: Any) -> str:
    return ", ".join(sorted(names))
