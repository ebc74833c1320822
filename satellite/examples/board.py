"""The satellite's socket for lights and buttons, for a program of the standard library alone.

Copy this file beside your own program. docs/peripherals.md tells the messages.
"""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

RETRY_S = 2.0
_MAX_LINE = 4_096


def default_path() -> Path:
    """Return where the socket is unless `[peripherals] socket` says otherwise."""
    for path in (
        Path("/run/earshot/peripherals.sock"),
        Path("~/.local/state/earshot/peripherals.sock").expanduser(),
    ):
        if path.exists():
            return path
    return Path("/var/lib/earshot/peripherals.sock")


class Board:
    """One connection, made again for ever. Not thread-safe: other threads call `press` alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._wake, self._woken = socket.socketpair()
        self._pressed: list[str] = []

    def press(self, name: str) -> None:
        """Press a button of the satellite, soon; lost while there is no satellite."""
        self._pressed.append(name)
        self._woken.send(b"x")

    def states(self) -> Iterator[str]:
        """Give what to show, for ever; `unknown` while nobody knows: show no mute then."""
        while True:
            with contextlib.suppress(OSError, ValueError):
                yield from self._connected()
            yield "unknown"
            self._pressed.clear()
            time.sleep(RETRY_S)

    def _connected(self) -> Iterator[str]:
        with socket.socket(socket.AF_UNIX) as line, selectors.DefaultSelector() as selector:
            line.settimeout(RETRY_S)
            line.connect(str(self._path))
            selector.register(line, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            unread, valid_until = b"", time.monotonic() + RETRY_S
            while True:
                ready = selector.select(max(0.0, valid_until - time.monotonic()))
                if not ready:
                    # The satellite hangs: what it said last may no longer be true.
                    return
                if any(key.fileobj is self._wake for key, _ in ready):
                    self._wake.recv(64)
                    pressed, self._pressed = self._pressed, []
                    for name in pressed:
                        line.sendall(json.dumps({"press": name}).encode() + b"\n")
                if any(key.fileobj is line for key, _ in ready):
                    more = line.recv(_MAX_LINE)
                    if not more or len(unread) > _MAX_LINE:
                        return
                    *lines, unread = (unread + more).split(b"\n")
                    for each in lines:
                        told = json.loads(each)
                        if told["event"] == "state":
                            valid_until = time.monotonic() + float(told["valid_s"])
                            yield str(told["state"])


def show_for_ever(board: Board, show: Callable[[str], None]) -> None:
    """Show each change; a light that was never told anything shows `unknown`."""
    shown = "unknown"
    show(shown)
    for state in board.states():
        if state != shown:
            shown = state
            show(shown)
