"""What may be pressed: names, and the line of JSON that a program sends for one."""

from __future__ import annotations

import json

PRESSES = (
    "mute",
    "unmute",
    "mute_toggle",
    "listen",
    "stop",
    "volume_up",
    "volume_down",
    "confirm",
)

MAX_LINE = 256


class PressError(ValueError):
    """A line that is no press; the message is a code for the program that sent it."""


def parse(line: bytes) -> str:
    """Return the press that a line means. Raises `PressError`."""
    if len(line) > MAX_LINE:
        raise PressError("too_long")
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise PressError("not_json") from None
    press = said.get("press") if isinstance(said, dict) else None
    if not isinstance(press, str) or press not in PRESSES:
        raise PressError("unknown_press")
    return press
