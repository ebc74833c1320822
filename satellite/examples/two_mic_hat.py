#!/usr/bin/env python3
"""A two-microphone HAT with three APA102 LEDs and a button, as ReSpeaker 2-Mics and its kin.

A short press listens or is silent; one of a second mutes, or takes that back. Needs `spidev` and
`gpiozero` (apt install python3-spidev python3-gpiozero), SPI switched on, and a user in the groups
spi and gpio. Not tried on the hardware: the bytes and presses are tested against a stand-in.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from board import Board, default_path, show_for_ever

LEDS = 3
BUTTON_PIN = 17
HELD_S = 1.0
BRIGHTNESS = 4
"""Of 31: the LEDs are bright, and bedrooms dark."""

Colour = tuple[int, int, int]

OFF: Colour = (0, 0, 0)
RED: Colour = (255, 0, 0)
AMBER: Colour = (255, 90, 0)
SHOWN: dict[str, tuple[Colour, Colour, Colour]] = {
    "idle": (OFF, OFF, OFF),
    "listening": ((0, 0, 255),) * LEDS,
    "processing": ((0, 0, 255), (0, 80, 120), (0, 0, 255)),
    "responding": ((0, 255, 0),) * LEDS,
    "announcing": ((0, 255, 0), OFF, (0, 255, 0)),
    "ringing": ((255, 255, 255),) * LEDS,
    # Red on all of them only when the microphone was seen closed.
    "muted_verified": (RED, RED, RED),
    "muted_unverified": (RED, AMBER, RED),
    "unlinked": (OFF, (60, 0, 60), OFF),
    "problem": (OFF, AMBER, OFF),
    "unknown": (AMBER, OFF, AMBER),
}


def frame(colours: tuple[Colour, ...], brightness: int = BRIGHTNESS) -> bytes:
    """Return what makes APA102 LEDs show these: a start, one word each, and clocks for the last."""
    body = b"".join(bytes((0xE0 | brightness, blue, green, red)) for red, green, blue in colours)
    return b"\x00" * 4 + body + b"\xff" * ((len(colours) + 15) // 16)


class Button:
    """Tells a short press from a long one."""

    def __init__(self, press: Callable[[str], None]) -> None:
        self._press = press
        self._long = False

    def held(self) -> None:
        """Take that it has been down for `HELD_S`: no need to wait for the hand to leave."""
        self._long = True
        self._press("mute_toggle")

    def released(self) -> None:
        """Take that it is up again."""
        if not self._long:
            self._press("listen")
        self._long = False


def main() -> None:
    """Run until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--socket", type=Path, default=default_path())
    asked = parser.parse_args()
    import gpiozero  # noqa: PLC0415 - only where the hardware is
    import spidev  # noqa: PLC0415

    board = Board(asked.socket)
    lights = spidev.SpiDev()
    lights.open(0, 1)
    lights.max_speed_hz = 4_000_000
    hand = Button(board.press)
    button = gpiozero.Button(BUTTON_PIN, hold_time=HELD_S, bounce_time=0.02)
    button.when_held = hand.held
    button.when_released = hand.released
    try:
        show_for_ever(board, lambda state: lights.writebytes(frame(SHOWN[state])))
    finally:
        lights.writebytes(frame((OFF,) * LEDS))


if __name__ == "__main__":
    main()
