"""What a process that holds sound or keys does for them first."""

from __future__ import annotations

import contextlib
import ctypes
import resource

_PR_SET_DUMPABLE = 4


def forbid_dumps() -> bool:
    """Leave no core dump and let no other program of the user read our memory.

    The limit alone would not do: where cores go to a program, the kernel asks that one. Return
    whether the kernel agreed.
    """
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return int(ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)) == 0
