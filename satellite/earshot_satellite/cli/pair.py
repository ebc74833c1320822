"""`earshot-satellite pair` and `unpair`: whom the satellite belongs to."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from earshot_wire.code import shown
from earshot_wire.trust_file import TrustFile

from ..control import ControlError, ask, follow
from ..link.addresses import to_type
from ..settings import Settings
from ..state import PAIRING, SOCKET, StateBusyError, StateError, StateFolder
from .command import EXIT_FAULT, fail, fail_stopped


def options(parser: argparse.ArgumentParser) -> None:
    """Take how to tell."""
    parser.add_argument("--json", action="store_true", help="for a program: a line at each change")


def main(settings: Settings, asked: argparse.Namespace) -> int:
    """Pair or unpair; 1 when nobody was paired, 3 when it could not be done."""
    try:
        if asked.command == "unpair":
            return _unpair(settings, as_json=asked.json)
        return _pair(settings, as_json=asked.json)
    except (ControlError, StateError) as err:
        return fail(str(err))
    except KeyboardInterrupt:
        print("\nNobody was paired; the code is good no more.", file=sys.stderr)
        return EXIT_FAULT


def _pair(settings: Settings, *, as_json: bool) -> int:
    answer: dict[str, Any] | None = None
    code, tries = "", 0
    for answer in follow(settings.state_folder / SOCKET, "pair"):
        if (now := answer.get("progress")) is None:
            break
        if as_json:
            if now["code"] != code or now["tries"] != tries:
                print(json.dumps(now), flush=True)
        else:
            if not code:
                explain(now, settings)
            _countdown(now)
        code, tries = now["code"], now["tries"]
    if answer is None:
        return fail_stopped()
    if as_json:
        print(json.dumps(answer), flush=True)
    elif sys.stdout.isatty():
        print()
    if "error" in answer:
        return fail(str(answer["error"]))
    if answer["result"] != "paired":
        return fail("the code has expired and nobody was paired; start again", EXIT_FAULT)
    if not as_json:
        print("Paired. The satellite answers this Home Assistant and no other.")
    return 0


def explain(now: dict[str, Any], settings: Settings) -> None:
    """Say where the code is typed, what else is asked there, and how long it is good."""
    print("In Home Assistant: Settings, Devices, Add integration, Earshot, A room; there")
    print(f"  host  {to_type(settings.link.address)}")
    print(f"  port  {now['port']}")
    print(f"  code  {shown(now['code'])}")
    print("Good once, for ten minutes, while this command runs: leave it running.")
    print("Whoever has the code can become its home.", flush=True)


def _countdown(now: dict[str, Any]) -> None:
    if not sys.stdout.isatty():
        return
    minutes, seconds = divmod(now["left_s"], 60)
    wrong = f", {now['tries']} wrong codes so far" if now["tries"] else ""
    print(f"\r  still good for {minutes}:{seconds:02}{wrong}  ", end="", flush=True)


def _unpair(settings: Settings, *, as_json: bool) -> int:
    answer = ask(settings.state_folder / SOCKET, "unpair")
    if answer is None:
        answer = {"result": "unpaired" if _unpair_kept(settings) else "not_paired"}
    if as_json:
        print(json.dumps(answer), flush=True)
    if "error" in answer:
        return fail(str(answer["error"]))
    if not as_json:
        was = answer["result"] == "unpaired"
        print("Unpaired: nobody is let in." if was else "It was not paired with anybody.")
    return 0


def _unpair_kept(settings: Settings) -> bool:
    """Forget the pairing of a satellite that does not run."""
    if not settings.state_folder.is_dir():
        return False
    folder = StateFolder(settings.state_folder)
    try:
        folder.hold()
    except StateBusyError:
        raise StateError("the satellite is just starting or ending; try again") from None
    try:
        return TrustFile(folder.folder / PAIRING).remove()
    except OSError as err:
        raise StateError(f"{folder.folder}: {err.strerror}; make it writable") from None
    finally:
        folder.release()
