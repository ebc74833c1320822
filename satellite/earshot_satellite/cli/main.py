"""What can be typed. A new command is a line in `COMMANDS` and a module of that name."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from ..settings import SettingsError, default_file, load
from .command import EXIT_FAULT, EXIT_SETTINGS, EXIT_STOPPED, Command
from .flags import ASKS, FLAGS, HEARS, KEPT, add_settings, overrides

COMMANDS: dict[str, Command] = {
    "run": Command("run", "run the satellite", tuple(FLAGS), logs=True),
    "devices": Command("devices", "list microphones and loudspeakers"),
    "mute": Command("mute", "close the microphone; Home Assistant cannot open it then", ASKS),
    "unmute": Command("mute", "take that back", ASKS),
    "listen": Command("press", "listen to one command, as if the wake word had been said", ASKS),
    "stop": Command("press", "end a timer that rings, a reply, a command or music", ASKS),
    "confirm": Command(
        "confirm", "agree, for this room, to rules that were loosened; they hold at once then", ASKS
    ),
    "pair": Command("pair", "show a code with which Home Assistant can be paired with it", ASKS),
    "unpair": Command("pair", "trust no Home Assistant any more, and end the link with it", ASKS),
    "status": Command(
        "status", "say what it is doing, and what was verified of the microphone", ASKS
    ),
    "metrics": Command("metrics", "print what a running satellite counts of itself", ASKS),
    "install": Command(
        "install", "start it with the machine, as a service with little power", KEPT
    ),
    "uninstall": Command("uninstall", "take that back"),
    "models": Command("models", "list, install and remove wake words"),
    "score": Command(
        "score", "run sound files through the wake words and print what is heard", HEARS
    ),
    "doctor": Command(
        "doctor",
        "find what is wrong and say what helps",
        ("host", "port", "microphone", "speaker", "volume", *HEARS, *ASKS),
        logs=True,
    ),
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
            add_settings(known, command.flags)
            module.options(known)
    asked = parser.parse_args(words)
    if chosen is None or module is None:
        parser.error("name a command")
    try:
        settings = load(asked.config or default_file(), overrides(asked))
    except SettingsError as err:
        for fault in err.faults:
            print(f"earshot-satellite: {fault}", file=sys.stderr)
        return EXIT_SETTINGS
    if chosen.logs:
        _log()
    try:
        return module.main(settings, asked)
    except KeyboardInterrupt:
        return EXIT_STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAULT


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
