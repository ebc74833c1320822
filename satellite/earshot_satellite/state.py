"""What survives a restart: who the satellite is, who muted it, and what it listens for."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import secrets
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earshot_wire.tuning import LEAST_DB, MOST_DB, MOST_SUPPRESSION

from .boot import boot_id
from .durable import give_to_owner, remove_partial, write_durable
from .wake.cascade import Sensitivity
from .words import Choice

_LOGGER = logging.getLogger(__name__)

_ID = re.compile(r"[0-9a-f]{32}")
_MAX_FILE = 16 * 1024
_LOCK = "lock"
SOCKET = "control.sock"
PAIRING = "pairing.pem"
"""Whom it trusts: see `link.pairing`."""

PLUGINS = "alsa-plugins"
"""See `capture.plugins`."""

_RUNTIME = {_LOCK, SOCKET, PLUGINS}
_UNKNOWN: Any = object()


class StateError(Exception):
    """The state folder cannot be used; the message names the remedy."""


class StateBusyError(StateError):
    """A running satellite holds the state folder."""


@dataclass(frozen=True)
class MuteState:
    """Who wants the microphone closed."""

    local: bool = False
    remote: bool = False
    paused: bool = False
    """By a stock Wyoming home; only that one's own un-pausing lifts it."""

    @property
    def muted(self) -> bool:
        """Whether anybody does."""
        return self.local or self.remote or self.paused


@dataclass(frozen=True)
class MuteRead:
    """The mute state as found; `fault` says in a word why it was not readable, or is empty."""

    state: MuteState
    fault: str = ""


@dataclass(frozen=True)
class PositiveControl:
    """Which sources of evidence have shown our open microphone since the device started."""

    shown: frozenset[str] = frozenset()
    microphones: frozenset[str] = frozenset()
    """Their names at the sound server."""


class StateFolder:
    """The folder; whoever holds it is the only one to write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: int | None = None
        self._fresh = False
        self._writing_mute = threading.Lock()

    def hold(self) -> None:
        """Make the folder if need be and keep everybody else from it. Raises `StateError`."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            give_to_owner(lock, self.folder)
        except OSError as err:
            raise StateError(
                f"{self.folder}: {err.strerror}; make it writable, or set [state] folder"
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise StateBusyError(
                f"{self.folder}: a satellite is running with this state folder already;"
                " stop it, or set another [state] folder"
            ) from None
        self._lock = lock
        remove_partial(self.folder)
        self._fresh = self._is_fresh()

    def release(self) -> None:
        """Let others have it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def mute(self) -> MuteRead:
        """Return who muted it.

        A folder that holds other things but no readable mute state has lost it: nobody knows that
        it was open, so it counts as muted at the device.
        """
        found = self._read("mute.json")
        if found is None and self._fresh:
            self.write_mute(MuteState())
            return MuteRead(MuteState())
        return _mute_read(found)

    def peek_mute(self) -> MuteState:
        """Return who will have muted it at the next start, without holding the folder."""
        found = self._read("mute.json")
        return MuteState() if found is None and self._is_fresh() else _mute_read(found).state

    def _is_fresh(self) -> bool:
        return all(path.name in _RUNTIME for path in self.folder.iterdir())

    def forget_mute(self) -> None:
        """Remove who muted it: the next start is then muted. Works on a full disk."""
        (self.folder / "mute.json").unlink(missing_ok=True)

    def write_mute(self, state: MuteState) -> None:
        """Keep it; on return it survives a power cut. Raises `OSError`.

        One after the other: a write that hung, and was given up, must not come after a newer one.
        """
        with self._writing_mute:
            self._write(
                "mute.json",
                {"local": state.local, "remote": state.remote, "paused": state.paused},
            )

    def control(self) -> PositiveControl:
        """Return what was seen in this boot; of an older one, nothing counts."""
        found = self._read("control.json")
        if not isinstance(found, dict) or found.get("boot_id") != boot_id():
            return PositiveControl()
        shown, microphones = found.get("shown"), found.get("microphones")
        if shown is None or not (_is_texts(shown) and _is_texts(microphones)):
            return PositiveControl()
        return PositiveControl(frozenset(shown), frozenset(microphones or ()))

    def write_control(self, shown: Collection[str], microphones: Collection[str]) -> None:
        """Keep it. Raises `OSError`."""
        content = {"boot_id": boot_id(), "shown": sorted(shown), "microphones": sorted(microphones)}
        self._write("control.json", content)

    def satellite_id(self) -> str:
        """Return the random id that it has had since its first start. Raises `OSError`."""
        found = self._read("identity.json")
        if isinstance(found, dict):
            known = found.get("satellite_id")
            if isinstance(known, str) and _ID.fullmatch(known):
                return known
        if found is not None:
            _LOGGER.warning("identity.json is not readable: home will see a new satellite")
        made = secrets.token_hex(16)
        self._write("identity.json", {"satellite_id": made})
        return made

    def words(self, settings: tuple[str, ...]) -> Choice | None:
        """Return the wake words that home chose and how readily each is heard, or None.

        A choice holds until the settings name other words than when it was made.
        """
        found = self._read("words.json")
        if not isinstance(found, dict) or found.get("settings") != list(settings):
            return None
        words, levels = found.get("active"), found.get("sensitivities")
        if not words or not _is_texts(words):
            return None
        known = levels.items() if isinstance(levels, dict) else ()
        return Choice(
            tuple(words), {name: Sensitivity(it) for name, it in known if it in tuple(Sensitivity)}
        )

    def write_words(self, choice: Choice, settings: tuple[str, ...]) -> None:
        """Keep the choice, made while the settings named others. Raises `OSError`."""
        self._write(
            "words.json",
            {
                "active": list(choice.words),
                "sensitivities": dict(choice.sensitivities),
                "settings": list(settings),
            },
        )

    def volume(self, settings: float) -> tuple[float, bool] | None:
        """Return how loud it was set, and whether it was silent, or None.

        As with the wake words, that holds until the settings name another volume.
        """
        found = self._read("volume.json")
        if not isinstance(found, dict) or found.get("settings") != settings:
            return None
        level, muted = found.get("level"), found.get("muted")
        if isinstance(level, float) and 0.0 <= level <= 1.0 and isinstance(muted, bool):
            return level, muted
        return None

    def write_volume(self, level: float, muted: bool, settings: float) -> None:
        """Keep how loud it is, set while the settings named another volume. Raises `OSError`."""
        self._write("volume.json", {"level": level, "muted": muted, "settings": settings})

    def tuning(self, settings: tuple[float, int]) -> tuple[float, int] | None:
        """Return gain in dB and noise suppression as home set them, or None; as the volume."""
        found = self._read("tuning.json")
        if not isinstance(found, dict) or found.get("settings") != list(settings):
            return None
        gain_db, suppression = found.get("gain_db"), found.get("noise_suppression")
        if (
            isinstance(gain_db, float)
            and LEAST_DB <= gain_db <= MOST_DB
            and isinstance(suppression, int)
            and 0 <= suppression <= MOST_SUPPRESSION
        ):
            return gain_db, suppression
        return None

    def write_tuning(self, now: tuple[float, int], settings: tuple[float, int]) -> None:
        """Keep them, set while the settings named others. Raises `OSError`."""
        gain_db, suppression = now
        content = {"gain_db": gain_db, "noise_suppression": suppression, "settings": settings}
        self._write("tuning.json", content)

    def _read(self, name: str) -> Any:
        """Return what a file holds, None when there is none, or a value that is no JSON."""
        try:
            with (self.folder / name).open("rb") as file:
                return json.loads(file.read(_MAX_FILE))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError):
            return _UNKNOWN

    def _write(self, name: str, content: dict[str, Any]) -> None:
        write_durable(self.folder / name, json.dumps(content).encode() + b"\n")


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _mute_read(found: Any) -> MuteRead:
    if isinstance(found, dict) and all(
        isinstance(found.get(key), bool) for key in ("local", "remote", "paused")
    ):
        return MuteRead(MuteState(found["local"], found["remote"], found["paused"]))
    return MuteRead(MuteState(local=True), "missing" if found is None else "unreadable")
