"""Clocks that go ahead: wall, monotonic and boot time of the programs that are started with them.

All three move alike, as they would if the time had passed. Timers of an event loop fire when it
next wakes; a thread that waits already goes on for the real length of its wait.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("clock.c")
_COMPILE_S = 60


class Clock:
    """A lead that programs share while they run."""

    def __init__(self, folder: Path) -> None:
        """Compile what programs load; OSError or CalledProcessError without a C compiler."""
        self._ahead = folder / "ahead"
        self._library = folder / "clock.so"
        self.hours = 0
        self._ahead.write_bytes(bytes(8))
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-o", self._library, _SOURCE],
            check=True,
            timeout=_COMPILE_S,
        )

    @property
    def env(self) -> dict[str, str]:
        """Return what a program is to be started with."""
        return {"LD_PRELOAD": str(self._library), "EARSHOT_CLOCK_AHEAD": str(self._ahead)}

    def advance(self, hours: int) -> None:
        """Set every program's clocks ahead by some more hours, at once."""
        self.hours += hours
        with self._ahead.open("r+b") as file:  # written in place: it is mapped
            file.write((self.hours * 3600 * 10**9).to_bytes(8, "little"))
