"""`earshot-satellite mute`, `unmute` and `status`: of a running satellite, or of what is kept."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any

from ..control import ControlError, ask
from ..settings import Settings
from ..state import SOCKET, StateBusyError, StateError, StateFolder

EXIT_FAULT = 1
EXIT_UNAVAILABLE = 3


def set_mute(settings: Settings, *, muted: bool) -> int:
    """Close or open the microphone at the device; print what was verified then."""
    try:
        status = ask(settings.state_folder / SOCKET, "mute" if muted else "unmute")
        if status is None:
            return _set_kept(settings, muted=muted)
    except (ControlError, StateError) as err:
        return _failed(str(err))
    if "error" in status:
        return _failed(str(status["error"]))
    _print_microphone(status)
    wanted = "closed" if muted else "open"
    return 0 if status["receipt"]["state"] == wanted else EXIT_FAULT


def show_status(settings: Settings, *, as_json: bool) -> int:
    """Print what the satellite does; 3 when it does not run."""
    try:
        status = ask(settings.state_folder / SOCKET, "status") or _kept(settings)
    except (ControlError, StateError) as err:
        return _failed(str(err))
    if as_json:
        print(json.dumps(status, indent=2))
    elif status["running"]:
        print(f"{status['name']}: {status['state']}, process {status['pid']}")
        print(f"Home Assistant: {'linked' if status['linked'] else 'not linked'}")
        _print_microphone(status)
        for problem in status["problems"]:
            print(f"Problem: {problem['code']} ({problem['detail']}): {problem['remedy']}")
    else:
        print(f"The satellite does not run. It will start {'' if status['muted'] else 'un'}muted.")
    return 0 if status["running"] else EXIT_UNAVAILABLE


def _print_microphone(status: dict[str, Any]) -> None:
    receipt = status["receipt"]
    by = {"local": "at the device", "remote": "by Home Assistant"}
    who = " and ".join(by[each] for each in receipt["muted_by"])
    print(f"Microphone: {receipt['state']}{f', muted {who}' if who else ''}")
    if receipt["reason"]:
        print(f"  because: {receipt['reason'].replace('_', ' ')}")
    for each in receipt["evidence"]:
        detail = f" ({each['detail']})" if each.get("detail") else ""
        print(f"  {each['source'].replace('_', ' ')}: {each['state']}{detail}")


def _set_kept(settings: Settings, *, muted: bool) -> int:
    """Write the wish for the next start: there is no ear to end."""
    if not muted and settings.floor.mute:
        return _failed("[floor] mute = true in the settings keeps it muted")
    folder = StateFolder(settings.state_folder)
    try:
        folder.hold()
    except StateBusyError:
        return _failed("the satellite is just starting or ending; try again")
    try:
        state = replace(folder.mute().state, local=muted)
        folder.write_mute(state)
    except OSError as err:
        return _failed(f"{folder.folder}: {err.strerror}; make it writable")
    finally:
        folder.release()
    print(f"The satellite does not run. It will start {'' if state.muted else 'un'}muted.")
    return 0


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


def _failed(why: str) -> int:
    print(f"earshot-satellite: {why}", file=sys.stderr)
    return EXIT_UNAVAILABLE
