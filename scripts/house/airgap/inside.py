"""`python -m house.airgap.inside FOLDER sink|nothing COMMAND...`: trace a command, in there.

It is not traced itself, and neither is the sink. The exit status is the command's.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from ..usage import tree
from .namespace import NamespaceError, connect_sink, raise_loopback
from .trace import SYSCALLS

TRACES = "trace"
_END_S = 4.0
REFUSED = 97
"""The exit status when the namespace cannot be made ready."""

# It does not end by a signal (`-I 3`): the signals that end what it traces would be lost with it.
_STRACE = (
    *("strace", "-ff", "--seccomp-bpf", "-yy", "-qq", "-s", "64", "-I", "3"),
    *("-e", f"trace={','.join('?' + name for name in SYSCALLS)}", "-e", "signal=none"),
)
_TIED = ("setpriv", "--pdeathsig", "TERM")
"""Ends a program with the one that started it."""


def main() -> int:
    """Make the namespace ready and run the command; return its status."""
    folder, network, *command = sys.argv[1:]
    sink = None
    try:
        raise_loopback()
        if network == "sink":
            sink = connect_sink(Path(folder))
    except NamespaceError as err:
        print(f"{err}. {err.remedy}", file=sys.stderr)
        return REFUSED
    traces = Path(folder) / TRACES
    traces.mkdir()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    strace = subprocess.Popen([*_STRACE, "-o", str(traces / "t"), *_TIED, *command])
    try:
        return strace.wait()
    finally:
        if strace.poll() is None:
            _end(strace)
        if sink is not None:
            sink.kill()
            sink.wait()


def _end(strace: subprocess.Popen[bytes]) -> None:
    """End the command; its programs end with it. Who sweeps up after them needs no tracing."""
    for pid in tree(strace.pid)[1:2]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        strace.wait(_END_S)
    strace.kill()
    strace.wait()


if __name__ == "__main__":
    sys.exit(main())
