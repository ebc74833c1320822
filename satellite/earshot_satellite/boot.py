"""Which start of the device this is."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

_KERNEL = Path("/proc/sys/kernel/random/boot_id")


@cache
def boot_id() -> str:
    """Return the kernel's id of this boot, or one of this process where the kernel has none."""
    try:
        return _KERNEL.read_text(encoding="ascii").strip()[:64]
    except (OSError, UnicodeDecodeError):
        return secrets.token_hex(16)
