#!/usr/bin/env python3
"""The keys and the mute light of a USB speakerphone, which Linux shows as an input device.

Name its device, as /dev/input/by-id/usb-...-event-if03; the user must be in the group input. A
device whose firmware mutes by itself goes silent whatever this program does: the satellite then
says `microphone_silent`, never that it is closed. Not tried on the hardware: the events are tested
against a stand-in.
"""

from __future__ import annotations

import argparse
import os
import struct
import threading
from pathlib import Path

from board import Board, default_path, show_for_ever

EVENT = struct.Struct("llHHi")
"""`struct input_event` of a 64 bit Linux: seconds, microseconds, type, code, value."""

EV_KEY, EV_LED, EV_SYN = 0x01, 0x11, 0x00
LED_MUTE = 0x07
DOWN = 1

# From the kernel's input-event-codes.h.
KEYS = {
    113: "mute_toggle",  # KEY_MUTE
    248: "mute_toggle",  # KEY_MICMUTE
    115: "volume_up",
    114: "volume_down",
    169: "listen",  # KEY_PHONE: the hook key
    0x1BD: "stop",  # KEY_HANGUP_PHONE
    0x1BC: "listen",  # KEY_PICKUP_PHONE
}


def presses(events: bytes) -> list[str]:
    """Return what was pressed, from whole events."""
    found = []
    for _, _, kind, code, value in EVENT.iter_unpack(events):
        if kind == EV_KEY and value == DOWN and code in KEYS:
            found.append(KEYS[code])
    return found


def light(state: str) -> bytes:
    """Return the events that switch the mute light: on only when the microphone was seen closed."""
    lit = int(state == "muted_verified")
    return EVENT.pack(0, 0, EV_LED, LED_MUTE, lit) + EVENT.pack(0, 0, EV_SYN, 0, 0)


def take_keys(device: int, board: Board) -> None:
    """Pass keys on until the device is gone."""
    try:
        while events := os.read(device, EVENT.size * 64):
            for name in presses(events[: len(events) // EVENT.size * EVENT.size]):
                board.press(name)
    finally:
        # Unplugged: whoever supervises us starts us again when it is back.
        os._exit(1)


def main() -> None:
    """Run until it is ended or the device is gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("device", type=Path)
    parser.add_argument("--socket", type=Path, default=default_path())
    asked = parser.parse_args()
    device = os.open(asked.device, os.O_RDWR)
    board = Board(asked.socket)
    threading.Thread(target=take_keys, args=(device, board), daemon=True).start()
    show_for_ever(board, lambda state: os.write(device, light(state)))


if __name__ == "__main__":
    main()
