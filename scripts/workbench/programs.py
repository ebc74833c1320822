"""Programs that run beside each other, each to its end or until all are told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_POLITE_S = 20.0
_SOON_S = 5.0


class StoppedError(Exception):
    """It was not started, or did not come to its own end."""


class Programs:
    """Run them from any thread; stop them from the main one."""

    def __init__(self, polite_s: float = _POLITE_S) -> None:
        """`polite_s` is how long they may tidy up."""
        self._polite_s = polite_s
        self._changed = threading.Condition()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopping = False

    def run(
        self,
        command: Sequence[str],
        *,
        output: Path,
        cwd: Path,
        env: Mapping[str, str],
        timeout_s: float,
    ) -> int | None:
        """Run one to its end with its output in a file; None when it takes too long.

        It leads a group of its own: Ctrl-C in the terminal reaches us alone, and what it left
        behind can be killed. StoppedError when all are stopped.
        """
        with output.open("wb") as file, self._changed:
            if self._stopping:
                raise StoppedError
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
            self._running.add(process)
        status: int | None = None
        try:
            with suppress(subprocess.TimeoutExpired):
                status = process.wait(timeout_s)
        finally:
            _send_group(process, signal.SIGKILL)
            process.wait()
            with self._changed:
                self._running.discard(process)
                self._changed.notify_all()
        if self._stopping:
            raise StoppedError
        return status

    def stop(self) -> None:
        """Start none any more; have those that run tidy up and end, and make them if they do not.

        Whoever presses Ctrl-C once more does not want to wait for that.
        """
        signal.signal(signal.SIGINT, lambda *_: self._send_all(signal.SIGKILL))
        with self._changed:
            self._stopping = True
            for process in self._running:
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGINT)
        for within_s, then in (
            (self._polite_s, signal.SIGTERM),
            (_SOON_S, signal.SIGKILL),
            (_SOON_S, signal.SIGKILL),
        ):
            if self._ended(within_s):
                return
            self._send_all(then)

    def _ended(self, within_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, within_s)

    def _send_all(self, number: signal.Signals) -> None:
        for process in list(self._running):
            _send_group(process, number)


def _send_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
