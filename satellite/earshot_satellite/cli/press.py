"""`earshot-satellite listen` and `stop`: what the button of a room does."""

from __future__ import annotations

import argparse

from ..control import ControlError, ask
from ..settings import Settings
from ..state import SOCKET
from .command import fail, fail_stopped

_SAID = {
    "listening": "It listens.",
    "stopped": "It is quiet now.",
    "quiet": "There was nothing to stop.",
}
_WHY = {
    "muted": "it is muted; earshot-satellite unmute opens the microphone",
    "microphone": "the microphone does not work; see earshot-satellite doctor",
}


def options(parser: argparse.ArgumentParser) -> None:
    """Take none."""


def main(settings: Settings, asked: argparse.Namespace) -> int:
    """Press; print what came of it."""
    try:
        answer = ask(settings.state_folder / SOCKET, asked.command)
    except ControlError as err:
        return fail(str(err))
    if answer is None:
        return fail_stopped()
    result = str(answer.get("result", ""))
    if result in _SAID:
        print(_SAID[result])
        return 0
    return fail(_WHY.get(result, str(answer.get("error", "it does not know that"))))
