"""Shows how far a download is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..checked_files import Progress

_MB = 1_000_000
_EACH_S = 0.1


@contextmanager
def shown() -> Iterator[Progress]:
    """Yield what shows it: one line a file on standard error, rewritten, for somebody who looks."""
    looked_at, last, next_at = sys.stderr.isatty(), "", 0.0

    def show(name: str, done: int, size: int | None) -> None:
        nonlocal last, next_at
        if not looked_at or (done != size and time.monotonic() < next_at):
            return
        next_at = time.monotonic() + _EACH_S
        if last and last != name:
            print(file=sys.stderr)
        last = name
        of = f" of {size / _MB:.1f}" if size else ""
        print(f"\r{name}  {done / _MB:.1f}{of} MB", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if last:
            print(file=sys.stderr)
