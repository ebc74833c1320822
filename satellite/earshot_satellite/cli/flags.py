"""Settings that can be typed, above those of the file, and which command takes which."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

FLAGS: dict[str, tuple[str, str, Callable[[str], Any], str]] = {
    "name": ("satellite", "name", str, "what Home Assistant calls it"),
    "area": ("satellite", "area", str, "the room it is in"),
    "host": ("link", "host", str, "address to listen on (all)"),
    "port": ("link", "port", int, "port to listen on (10700)"),
    "open": ("link", "open", bool, "let anybody on the network connect: not encrypted"),
    "microphone": ("microphone", "device", str, "name or number of the microphone"),
    "speaker": ("speaker", "device", str, "name or number of the loudspeaker"),
    "volume": ("speaker", "volume", float, "0 to 1"),
    "word": ("wake", "words", str, "wake word; may be repeated"),
    "sensitivity": ("wake", "sensitivity", str, "low, medium or high"),
    "state": ("state", "folder", str, "folder for what survives a restart"),
}
_HOW: dict[str, dict[str, Any]] = {
    "open": {"action": "store_const", "const": True},
    "word": {"action": "append"},
}

KEPT = tuple(flag for flag in FLAGS if flag != "state")
"""What an installation writes into new settings; the state is where the service has it."""

SPEECH = ("host", "port", "open")
"""Those that the speech service has too."""

HEARS = ("word", "sensitivity")
"""Of what listens for wake words."""

ASKS = ("state",)
"""Of what asks a satellite that runs, whose socket is there."""


def add_settings(parser: argparse.ArgumentParser, flags: Sequence[str]) -> None:
    """Take --config, and these settings."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (~/.config/earshot/satellite.toml)"
    )
    for flag in flags:
        _, _, kind, text = FLAGS[flag]
        how = _HOW.get(flag, {})
        if kind is not bool:
            how = {"type": kind, **how}
        parser.add_argument(f"--{flag}", help=text, **how)


def typed(asked: argparse.Namespace) -> list[str]:
    """Return which settings the command line has."""
    return [flag for flag in FLAGS if getattr(asked, flag, None) is not None]


def overrides(asked: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Return the settings of the command line, by section and key."""
    over: dict[str, dict[str, Any]] = {}
    for flag in typed(asked):
        section, key, _, _ = FLAGS[flag]
        over.setdefault(section, {})[key] = getattr(asked, flag)
    return over
