"""`earshot-satellite confirm`: somebody in the room agrees to rules that were loosened."""

from __future__ import annotations

import argparse

from ..control import ControlError, ask
from ..settings import Settings
from ..state import SOCKET
from .command import fail, fail_stopped

_SAYS = {
    "begun": "Confirmed: {changes} changed rules of this room hold from now on.",
    "nothing": "Nothing waits to be confirmed in this room.",
    "not_paired": "Home Assistant does not take it over this link: it is not paired.",
    "failed": "Home Assistant could not write it down: nothing was confirmed. See its log.",
}


def options(parser: argparse.ArgumentParser) -> None:
    """Take none."""


def main(settings: Settings, _: argparse.Namespace) -> int:
    """Tell Home Assistant so and print what came of it; 3 when it could not be told or done."""
    try:
        answer = ask(settings.state_folder / SOCKET, "confirm")
    except ControlError as err:
        return fail(str(err))
    if answer is None:
        return fail_stopped()
    if "error" in answer:
        return fail(str(answer["error"]))
    said = _SAYS[answer["result"]].format(changes=answer["changes"])
    if answer["result"] in {"not_paired", "failed"}:
        return fail(said)
    print(said)
    return 0
