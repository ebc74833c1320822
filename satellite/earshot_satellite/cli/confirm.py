"""`earshot-satellite confirm`: somebody in the room agrees to rules that were loosened."""

from __future__ import annotations

import sys

from ..control import ControlError, ask
from ..settings import Settings
from ..state import SOCKET

EXIT_UNAVAILABLE = 3

_SAYS = {
    "begun": "Confirmed: {changes} changed rules of this room hold from now on.",
    "nothing": "Nothing waits to be confirmed in this room.",
    "not_paired": "Home Assistant does not take it over this link: it is not paired.",
    "failed": "Home Assistant could not write it down: nothing was confirmed. See its log.",
}


def confirm(settings: Settings) -> int:
    """Tell Home Assistant so and print what came of it; 3 when it could not be told or done."""
    try:
        answer = ask(settings.state_folder / SOCKET, "confirm")
    except ControlError as err:
        return _failed(str(err))
    if answer is None:
        return _failed("the satellite does not run")
    if "error" in answer:
        return _failed(str(answer["error"]))
    said = _SAYS[answer["result"]].format(changes=answer["changes"])
    if answer["result"] in {"not_paired", "failed"}:
        return _failed(said)
    print(said)
    return 0


def _failed(why: str) -> int:
    print(f"earshot-satellite: {why}", file=sys.stderr)
    return EXIT_UNAVAILABLE
