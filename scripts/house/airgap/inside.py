"""`python -m house.airgap.inside FOLDER sink|nothing COMMAND...`: trace a command, in there.

It is not traced itself, and neither is the sink. The exit status is the command's.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .namespace import NamespaceError, connect_sink, raise_loopback
from .trace import SYSCALLS

TRACES = "trace"
REFUSED = 97
"""The exit status when the namespace cannot be made ready."""

_STRACE = (
    *("strace", "-ff", "--seccomp-bpf", "-yy", "-qq", "-s", "64", "-I", "2"),
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
    try:
        return subprocess.run(
            [*_TIED, *_STRACE, "-o", str(traces / "t"), *_TIED, *command], check=False
        ).returncode
    finally:
        if sink is not None:
            sink.kill()
            sink.wait()


if __name__ == "__main__":
    sys.exit(main())
