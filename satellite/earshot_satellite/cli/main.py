"""What can be typed, and which part answers it."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..settings import Settings, SettingsError, default_file, load

EXIT_FAULT = 1
EXIT_SETTINGS = 2
EXIT_UNAVAILABLE = 3

_FLAGS: dict[str, tuple[str, str, Callable[[str], Any], str]] = {
    "name": ("satellite", "name", str, "what Home Assistant calls it"),
    "area": ("satellite", "area", str, "the room it is in"),
    "host": ("link", "host", str, "address to listen on (127.0.0.1)"),
    "port": ("link", "port", int, "port to listen on (10700)"),
    "microphone": ("microphone", "device", str, "name or number of the microphone"),
    "speaker": ("speaker", "device", str, "name or number of the loudspeaker"),
    "volume": ("speaker", "volume", float, "0 to 1"),
    "sensitivity": ("wake", "sensitivity", str, "low, medium or high"),
    "state": ("state", "folder", str, "folder for what survives a restart"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status: 2 for settings, 3 for what is not to be had."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        settings = load(asked.config or default_file(), _overrides(asked))
    except SettingsError as err:
        for fault in err.faults:
            print(f"earshot-satellite: {fault}", file=sys.stderr)
        return EXIT_SETTINGS
    try:
        return _run(asked, settings)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAULT


def _run(asked: argparse.Namespace, settings: Settings) -> int:
    # Imported on use: `status` need not wait for what only `run` needs.
    match asked.command:
        case "run":
            from .run import run  # noqa: PLC0415

            _log(debug=asked.debug)
            return run(settings)
        case "devices":
            from .devices import show_devices  # noqa: PLC0415

            return show_devices()
        case "mute" | "unmute":
            from .mute import set_mute  # noqa: PLC0415

            return set_mute(settings, muted=asked.command == "mute")
        case "confirm":
            from .confirm import confirm  # noqa: PLC0415

            return confirm(settings)
        case "status":
            from .mute import show_status  # noqa: PLC0415

            return show_status(settings, as_json=asked.json)
        case _:
            from .doctor import show_health  # noqa: PLC0415

            _log(debug=False)
            return show_health(settings, as_json=asked.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="earshot-satellite",
        description="Hears a wake word, carries one command to Home Assistant, plays the answer.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, says in (
        ("run", "run the satellite"),
        ("devices", "list microphones and loudspeakers"),
        ("mute", "close the microphone; Home Assistant cannot open it then"),
        ("unmute", "take that back"),
        ("confirm", "agree, for this room, to rules that were loosened; they hold at once then"),
        ("status", "say what it is doing, and what was verified of the microphone"),
        ("doctor", "find what is wrong and say what helps"),
    ):
        command = commands.add_parser(name, help=says, description=says)
        command.add_argument(
            "--config",
            type=Path,
            metavar="FILE",
            help="settings (~/.config/earshot/satellite.toml)",
        )
        for flag, (_, _, kind, text) in _FLAGS.items():
            command.add_argument(f"--{flag}", type=kind, help=text)
        command.add_argument(
            "--word", action="append", metavar="WORD", help="wake word; may be repeated"
        )
        command.add_argument(
            "--open",
            action="store_const",
            const=True,
            help="let anybody on the network connect: not encrypted",
        )
        if name in {"status", "doctor"}:
            command.add_argument("--json", action="store_true", help="for a program")
        if name == "run":
            command.add_argument("--debug", action="store_true", help="log more")
    return parser


def _overrides(asked: argparse.Namespace) -> dict[str, dict[str, Any]]:
    over: dict[str, dict[str, Any]] = {}
    for flag, (section, key, _, _) in _FLAGS.items():
        if (value := getattr(asked, flag)) is not None:
            over.setdefault(section, {})[key] = value
    if asked.word:
        over.setdefault("wake", {})["words"] = asked.word
    if asked.open:
        over.setdefault("link", {})["open"] = True
    return over


def _log(*, debug: bool) -> None:
    # An own copy of the descriptor: while PortAudio starts, the usual one leads nowhere.
    stream = os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="replace")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("earshot_satellite").setLevel(logging.DEBUG if debug else logging.INFO)
    logging.getLogger("zeroconf").setLevel(logging.ERROR)
