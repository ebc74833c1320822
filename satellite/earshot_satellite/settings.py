"""What the user may set: a TOML file, grouped by concern, with command line flags above it.

Each field knows what it may hold. Everything that does not fit is told at once, one line a fault,
with the file, the key and the remedy.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from earshot_wire.limits import MAX_TURN_S, PAIRING_PORT_AFTER, ROOM_PORT
from earshot_wire.tuning import LEAST_DB, MOST_DB, MOST_SUPPRESSION

_CHECK = "check"
_WORD = re.compile(r"[a-z0-9][a-z0-9_]{0,63}|[/~][^\x00-\x1f]{1,1023}")
_WORDS_MAX = 8
_SENSITIVITIES = ("low", "medium", "high")


class SettingsError(Exception):
    """The settings cannot be used; each of `faults` is one line that names the remedy."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class _FaultError(ValueError):
    """What a value should have been."""


def _text(default: str, max_length: int, pattern: re.Pattern[str] | None = None) -> Any:
    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise _FaultError("must be text in quotes")
        if len(value) > max_length or not value.isprintable():
            raise _FaultError(f"must be at most {max_length} printable characters")
        if pattern and not pattern.fullmatch(value):
            raise _FaultError("has characters that are not allowed there")
        return value

    return field(default=default, metadata={_CHECK: check})


def _flag(default: bool) -> Any:
    def check(value: Any) -> bool:
        if not isinstance(value, bool):
            raise _FaultError("must be true or false, without quotes")
        return value

    return field(default=default, metadata={_CHECK: check})


def _whole(default: int, low: int, high: int) -> Any:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise _FaultError(f"must be a whole number from {low} to {high}")
        return value

    return field(default=default, metadata={_CHECK: check})


def _real(default: float, low: float, high: float) -> Any:
    def check(value: Any) -> float:
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not low <= value <= high
        ):
            raise _FaultError(f"must be a number from {low:g} to {high:g}")
        return float(value)

    return field(default=default, metadata={_CHECK: check})


def _choice(default: str, *choices: str) -> Any:
    def check(value: Any) -> str:
        if value not in choices:
            raise _FaultError(f"must be one of: {', '.join(choices)}")
        return str(value)

    return field(default=default, metadata={_CHECK: check})


def _words(default: tuple[str, ...]) -> Any:
    def check(value: Any) -> tuple[str, ...]:
        fits = isinstance(value, list | tuple) and all(
            isinstance(word, str) and _WORD.fullmatch(word) for word in value
        )
        if not fits or not 0 < len(value) <= _WORDS_MAX or len(set(value)) < len(value):
            raise _FaultError(
                f'must be a list of one to {_WORDS_MAX} different wake words, as ["hey_jarvis"]'
            )
        return tuple(value)

    return field(default=default, metadata={_CHECK: check})


def _command() -> Any:
    def check(value: Any) -> tuple[str, ...]:
        fits = isinstance(value, list | tuple) and all(
            isinstance(word, str) and len(word) <= 1_024 and "\0" not in word for word in value
        )
        if not fits or len(value) > 16 or (value and not value[0].startswith("/")):
            raise _FaultError('must be a list with the whole path first, as ["/usr/bin/logger"]')
        return tuple(value)

    return field(default=(), metadata={_CHECK: check})


def _sensitivities() -> Any:
    def check(value: Any) -> dict[str, str]:
        fits = isinstance(value, dict) and all(
            isinstance(word, str) and _WORD.fullmatch(word) and level in _SENSITIVITIES
            for word, level in value.items()
        )
        if not fits or len(value) > _WORDS_MAX:
            raise _FaultError('must name wake words and low, medium or high: { alexa = "low" }')
        return dict(value)

    return field(default_factory=dict, hash=False, metadata={_CHECK: check})


@dataclass(frozen=True, kw_only=True)
class SatelliteSettings:
    """Who this satellite is."""

    name: str = _text("Earshot", 64)
    area: str = _text("", 64)


@dataclass(frozen=True, kw_only=True)
class LinkSettings:
    """Where Home Assistant finds it."""

    host: str = _text("", 255, re.compile(r"[A-Za-z0-9.:_-]*"))
    """Empty: every address of this machine."""

    port: int = _whole(ROOM_PORT, 1, 65_535 - PAIRING_PORT_AFTER)
    open: bool = _flag(default=False)
    """Let anybody on the network connect, Home Assistant's stock Wyoming integration too."""

    @property
    def address(self) -> str:
        """Where to listen; empty: everywhere. Who is not paired is not served."""
        return self.host


@dataclass(frozen=True, kw_only=True)
class MicrophoneSettings:
    """What it hears with."""

    device: str = _text("", 128)
    """Name or number as `earshot-satellite devices` lists them; empty is the system's default."""

    gain_db: float = _real(0.0, LEAST_DB, MOST_DB)
    noise_suppression: int = _whole(0, 0, MOST_SUPPRESSION)
    """Of commands; each level takes 6 dB more of steady noise away."""


@dataclass(frozen=True, kw_only=True)
class SpeakerSettings:
    """What it speaks with."""

    device: str = _text("", 128)
    volume: float = _real(1.0, 0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class WakeSettings:
    """What it listens for."""

    words: tuple[str, ...] = _words(("hey_jarvis",))
    """Ids that `earshot-satellite doctor` lists, or whole paths of own models."""

    sensitivity: str = _choice("medium", *_SENSITIVITIES)
    word_sensitivity: dict[str, str] = _sensitivities()
    """Of those words that are to be heard more or less readily than the others."""

    stage_two: bool = _flag(default=True)
    """Let openWakeWord take the second look (its models are CC BY-NC-SA 4.0)."""

    stop_word: str = _text("", 1024, re.compile(f"|{_WORD.pattern}"))
    """Ends a reply or a ringing timer; empty where no model for such a word is installed."""


@dataclass(frozen=True, kw_only=True)
class SessionSettings:
    """How long a command may be."""

    max_utterance_s: float = _real(MAX_TURN_S, 1.0, MAX_TURN_S)
    follow_up: bool = _flag(default=True)
    """Listen once more after a reply, where the assistant asked something back."""

    remote_listen: bool = _flag(default=False)
    """Let Home Assistant have it listen without a wake word, whatever the room's options say."""


@dataclass(frozen=True, kw_only=True)
class SoundSettings:
    """Which of its own sounds it makes."""

    awake: bool = _flag(default=True)
    done: bool = _flag(default=True)


@dataclass(frozen=True, kw_only=True)
class StateSettings:
    """Where it keeps what must survive a restart."""

    folder: str = _text("", 4_096)


@dataclass(frozen=True, kw_only=True)
class HookSettings:
    """What is run at each change of what a light would show."""

    command: tuple[str, ...] = _command()
    """The state is added as the last word; see docs/peripherals.md."""

    timeout_s: float = _real(5.0, 0.1, 60.0)


@dataclass(frozen=True, kw_only=True)
class PeripheralSettings:
    """The socket for lights and buttons."""

    socket: str = _text("", 100, re.compile(r"(?:[/~].+)?"))
    """Empty: `peripherals.sock` in the state folder."""

    group: str = _text("", 32, re.compile(r"[a-z0-9_-]*"))
    """Whose programs may use it beside those of the satellite's own user."""


@dataclass(frozen=True, kw_only=True)
class FloorSettings:
    """What nobody can lift but the owner of this file."""

    mute: bool = _flag(default=False)
    remote_listen: bool = _flag(default=True)
    """False: it listens only to whoever says its wake word or presses its button."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All of them."""

    satellite: SatelliteSettings = field(default_factory=SatelliteSettings)
    link: LinkSettings = field(default_factory=LinkSettings)
    microphone: MicrophoneSettings = field(default_factory=MicrophoneSettings)
    speaker: SpeakerSettings = field(default_factory=SpeakerSettings)
    wake: WakeSettings = field(default_factory=WakeSettings)
    session: SessionSettings = field(default_factory=SessionSettings)
    sounds: SoundSettings = field(default_factory=SoundSettings)
    state: StateSettings = field(default_factory=StateSettings)
    hooks: HookSettings = field(default_factory=HookSettings)
    peripherals: PeripheralSettings = field(default_factory=PeripheralSettings)
    floor: FloorSettings = field(default_factory=FloorSettings)

    @property
    def state_folder(self) -> Path:
        """Where the state is: as set, or where the system keeps such things."""
        if self.state.folder:
            return Path(self.state.folder).expanduser()
        if os.geteuid() == 0:
            return Path("/var/lib/earshot")
        home = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
        return Path(home).expanduser() / "earshot"


_SECTIONS: dict[str, Callable[..., Any]] = {
    "satellite": SatelliteSettings,
    "link": LinkSettings,
    "microphone": MicrophoneSettings,
    "speaker": SpeakerSettings,
    "wake": WakeSettings,
    "session": SessionSettings,
    "sounds": SoundSettings,
    "state": StateSettings,
    "hooks": HookSettings,
    "peripherals": PeripheralSettings,
    "floor": FloorSettings,
}


def default_file() -> Path | None:
    """Return the settings file that is used when none is named, if it exists."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    for path in (home / "earshot/satellite.toml", Path("/etc/earshot/satellite.toml")):
        if path.is_file():
            return path
    return None


def load(file: Path | None, flags: Mapping[str, Mapping[str, Any]]) -> Settings:
    """Return the settings of a file (None: the defaults) with flags (section, key) above them.

    Raises `SettingsError`.
    """
    table = _read(file) if file is not None else {}
    faults: list[str] = []
    values: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    for source, content in ((str(file), table), ("command line", flags)):
        for section, part in content.items():
            if section not in _SECTIONS:
                faults.append(f"{source}: [{section}] is no section{_meant(section, _SECTIONS)}")
            elif not isinstance(part, Mapping):
                faults.append(f"{source}: {section} must be a section: write [{section}]")
            else:
                values[section] |= _checked(source, section, part, faults)
    if faults:
        raise SettingsError(faults)
    return Settings(**{name: make(**values[name]) for name, make in _SECTIONS.items()})


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server on that address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError([f"{file}: no such file; --config names the settings"]) from None
    except (OSError, UnicodeDecodeError) as err:
        reason = err.strerror if isinstance(err, OSError) else "it is not UTF-8 text"
        raise SettingsError([f"{file}: cannot be read: {reason}"]) from None
    except tomllib.TOMLDecodeError as err:
        raise SettingsError([f"{file}: is not valid TOML: {err}"]) from None


def _checked(
    source: str, section: str, part: Mapping[str, Any], faults: list[str]
) -> dict[str, Any]:
    known = {item.name: item.metadata[_CHECK] for item in fields(_SECTIONS[section])}  # type: ignore[arg-type]
    good: dict[str, Any] = {}
    for key, value in part.items():
        if key not in known:
            faults.append(f"{source}: [{section}] {key} is no setting{_meant(key, known)}")
            continue
        try:
            good[key] = known[key](value)
        except _FaultError as err:
            faults.append(f"{source}: [{section}] {key} {err}")
    return good


def _meant(word: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are: {', '.join(known)}"
