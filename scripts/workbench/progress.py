"""Steps n/m with a name and seconds, on a terminal or in a log."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_TICK_S = 0.2
_MOMENT_S = 1.0


class Progress:
    """Show steps as they are done; quiet shows none until one takes longer than a moment."""

    def __init__(self, total: int, *, quiet: bool = False) -> None:
        self._total = total
        self._number = 0
        self._quiet = quiet
        self._held: list[str] = []
        self._tty = sys.stderr.isatty()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show one step while the body runs."""
        self._number += 1
        label = f"[{self._number}/{self._total}] {name}"
        started = time.monotonic()
        over = threading.Event()
        ticker = threading.Thread(target=self._tick, args=(label, started, over), daemon=True)
        ticker.start()
        word = "failed"
        try:
            yield
            word = "ok"
        finally:
            over.set()
            ticker.join()
            took = time.monotonic() - started
            line = f"{label:<52} {word:>6} {took:6.1f} s\n"
            if not self._quiet or word == "failed" or took > _MOMENT_S:
                self._release()
                self._write(line)
            else:
                self._held.append(line)

    def _release(self) -> None:
        """Show what was held back, and be quiet no longer."""
        self._quiet = False
        for line in self._held:
            self._write(line)
        self._held.clear()

    def _tick(self, label: str, started: float, over: threading.Event) -> None:
        if not self._tty:
            return
        while not over.wait(_TICK_S):
            took = time.monotonic() - started
            if took > _MOMENT_S or not self._quiet:
                self._release()
                self._write(f"{label:<52} {took:13.1f} s")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}" if self._tty else text)
        sys.stderr.flush()
