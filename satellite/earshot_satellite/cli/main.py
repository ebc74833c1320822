"""What can be typed. A new command is a line in `COMMANDS` and a module of that name."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..settings import SettingsError, default_file, load
from .command import EXIT_FAULT, EXIT_SETTINGS, Command

COMMANDS: dict[str, Command] = {
    "run": Command("run", "run the satellite", logs=True),
    "devices": Command("devices", "list microphones and loudspeakers"),
    "mute": Command("mute", "close the microphone; Home Assistant cannot open it then"),
    "unmute": Command("mute", "take that back"),
    "listen": Command("press", "listen to one command, as if the wake word had been said"),
    "stop": Command("press", "end a timer that rings, a reply, a command or music"),
    "confirm": Command(
        "confirm", "agree, for this room, to rules that were loosened; they hold at once then"
    ),
    "pair": Command("pair", "show a code with which Home Assistant can be paired with it"),
    "unpair": Command("pair", "trust no Home Assistant any more, and end the link with it"),
    "status": Command("status", "say what it is doing, and what was verified of the microphone"),
    "metrics": Command("metrics", "print what a running satellite counts of itself"),
    "install": Command("install", "start it with the machine, as a service with little power"),
    "uninstall": Command("install", "take that back"),
    "models": Command("models", "list, install and remove wake words"),
    "score": Command("score", "run sound files through the wake words and print what is heard"),
    "doctor": Command("doctor", "find what is wrong and say what helps", logs=True),
}

_FLAGS: dict[str, tuple[str, str, Callable[[str], Any], str]] = {
    "name": ("satellite", "name", str, "what Home Assistant calls it"),
    "area": ("satellite", "area", str, "the room it is in"),
    "host": ("link", "host", str, "address to listen on (all)"),
    "port": ("link", "port", int, "port to listen on (10700)"),
    "microphone": ("microphone", "device", str, "name or number of the microphone"),
    "speaker": ("speaker", "device", str, "name or number of the loudspeaker"),
    "volume": ("speaker", "volume", float, "0 to 1"),
    "sensitivity": ("wake", "sensitivity", str, "low, medium or high"),
    "state": ("state", "folder", str, "folder for what survives a restart"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status: 2 for settings, 3 for what is not to be had."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    chosen = COMMANDS.get(words[0]) if words else None
    module = chosen.load() if chosen else None
    parser = argparse.ArgumentParser(
        prog="earshot-satellite",
        description="Hears a wake word, carries one command to Home Assistant, plays the answer.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        known = commands.add_parser(name, help=command.says, description=command.says)
        if command is chosen and module is not None:
            _add_settings(known)
            module.options(known)
    asked = parser.parse_args(words)
    if chosen is None or module is None:
        parser.error("name a command")
    try:
        settings = load(asked.config or default_file(), _overrides(asked))
    except SettingsError as err:
        for fault in err.faults:
            print(f"earshot-satellite: {fault}", file=sys.stderr)
        return EXIT_SETTINGS
    if chosen.logs:
        _log()
    try:
        return module.main(settings, asked)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAULT


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (~/.config/earshot/satellite.toml)"
    )
    for flag, (_, _, kind, text) in _FLAGS.items():
        parser.add_argument(f"--{flag}", type=kind, help=text)
    parser.add_argument(
        "--word", action="append", metavar="WORD", help="wake word; may be repeated"
    )
    parser.add_argument(
        "--open",
        action="store_const",
        const=True,
        help="let anybody on the network connect: not encrypted",
    )


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


def _log() -> None:
    # An own copy of the descriptor: while PortAudio starts, the usual one leads nowhere.
    stream = os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="replace")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("earshot_satellite").setLevel(logging.INFO)
    logging.getLogger("zeroconf").setLevel(logging.ERROR)
    # It warns of each write to a peer that has gone: a line for each of a thousand messages.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
