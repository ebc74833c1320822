"""`earshot-satellite mute` and `unmute`: of a running satellite, or of what is kept."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from ..control import ControlError, ask
from ..settings import Settings
from ..state import SOCKET, StateBusyError, StateError, StateFolder
from .command import EXIT_FAULT, fail
from .status import print_microphone, will_start


def options(parser: argparse.ArgumentParser) -> None:
    """Take none."""


def main(settings: Settings, asked: argparse.Namespace) -> int:
    """Close or open the microphone at the device; print what was verified then."""
    muted = asked.command == "mute"
    try:
        status = ask(settings.state_folder / SOCKET, asked.command)
        if status is None:
            return _set_kept(settings, muted=muted)
    except (ControlError, StateError) as err:
        return fail(str(err))
    if "error" in status:
        return fail(str(status["error"]))
    print_microphone(status)
    for problem in status["problems"]:
        if problem["code"] == "state_not_writable":
            why = f"{problem['detail'] or 'no detail'}: {problem['remedy']}"
            print(f"This was not kept for the next start ({why}).", file=sys.stderr)
            return EXIT_FAULT
    wanted = "closed" if muted else "open"
    return 0 if status["receipt"]["state"] == wanted else EXIT_FAULT


def _set_kept(settings: Settings, *, muted: bool) -> int:
    """Write the wish for the next start: there is no ear to end."""
    if not muted and settings.floor.mute:
        return fail("[floor] mute = true in the settings keeps it muted")
    folder = StateFolder(settings.state_folder)
    try:
        folder.hold()
    except StateBusyError:
        return fail("the satellite is just starting or ending; try again")
    try:
        state = replace(folder.mute().state, local=muted)
        folder.write_mute(state)
    except OSError as err:
        return fail(f"{folder.folder}: {err.strerror}; make it writable")
    finally:
        folder.release()
    print(will_start(muted=state.muted))
    return 0
