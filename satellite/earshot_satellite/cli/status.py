"""`earshot-satellite status`: what it does, and what was verified of the microphone."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..control import ControlError, ask
from ..settings import Settings
from ..state import SOCKET, StateError, StateFolder
from .command import EXIT_UNAVAILABLE, fail


def options(parser: argparse.ArgumentParser) -> None:
    """Take the form of the answer."""
    parser.add_argument("--json", action="store_true", help="for a program")


def main(settings: Settings, asked: argparse.Namespace) -> int:
    """Print what the satellite does; 3 when it does not run."""
    try:
        status = ask(settings.state_folder / SOCKET, "status") or _kept(settings)
    except (ControlError, StateError) as err:
        return fail(str(err))
    if asked.json:
        print(json.dumps(status, indent=2))
    elif status["running"]:
        print(f"{status['name']}: {status['state']}, process {status['pid']}")
        print(f"Home Assistant: {'linked' if status['linked'] else 'not linked'}")
        print_microphone(status)
        for problem in status["problems"]:
            print(f"Problem: {problem['code']} ({problem['detail']}): {problem['remedy']}")
    else:
        print(will_start(muted=status["muted"]))
    return 0 if status["running"] else EXIT_UNAVAILABLE


def print_microphone(status: dict[str, Any]) -> None:
    """Print the receipt."""
    receipt = status["receipt"]
    by = {"local": "at the device", "remote": "by Home Assistant"}
    who = " and ".join(by[each] for each in receipt["muted_by"])
    print(f"Microphone: {receipt['state']}{f', muted {who}' if who else ''}")
    if receipt["reason"]:
        print(f"  because: {receipt['reason'].replace('_', ' ')}")
    for each in receipt["evidence"]:
        detail = f" ({each['detail']})" if each.get("detail") else ""
        print(f"  {each['source'].replace('_', ' ')}: {each['state']}{detail}")


def will_start(*, muted: bool) -> str:
    """Return how a satellite that does not run will start."""
    return f"The satellite does not run. It will start {'' if muted else 'un'}muted."


def _kept(settings: Settings) -> dict[str, Any]:
    folder = StateFolder(settings.state_folder)
    if not folder.folder.is_dir():
        return {"running": False, "muted": settings.floor.mute, "muted_by": []}
    read = folder.peek_mute()
    by = (("local", read.local or settings.floor.mute), ("remote", read.remote or read.paused))
    return {
        "running": False,
        "muted": read.muted or settings.floor.mute,
        "muted_by": [name for name, does in by if does],
    }
