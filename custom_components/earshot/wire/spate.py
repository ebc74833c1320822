"""Faults that whoever reaches a port can cause: told when they begin, and when they are over.

With a line for each, anybody on the network could fill the log, and hide in it what matters.
"""

from __future__ import annotations

import asyncio
import logging

QUIET_S = 60.0
"""Faults that come closer to each other belong together."""


class Spate:
    """Faults of one kind. It belongs to one event loop."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0
        self._more = 0

    def tell(self, line: str, *args: object) -> None:
        """Log the first of them as a warning; the others are counted."""
        loop = asyncio.get_running_loop()
        self._last = loop.time()
        if self._timer is not None:
            self._more += 1
            return
        self._logger.warning(line, *args)
        self._timer = loop.call_at(self._last + QUIET_S, self._look, loop)

    def end(self) -> None:
        """Log how many more there were, if any; the next one is a first one again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._more:
            self._logger.warning("It happened %d more times, and has stopped", self._more)
            self._more = 0

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        over = self._last + QUIET_S
        if loop.time() < over:
            self._timer = loop.call_at(over, self._look, loop)
        else:
            self.end()
