"""Files that we wrote, told from edited ones by a digest in their first line."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from pathlib import Path

_HEAD = re.compile(rb"# Written by earshot-satellite install \(([0-9a-f]{64})\)\.[^\n]*\n")
_MAX_FILE = 256 * 1024


class Standing(StrEnum):
    """What is at a place where we want a file."""

    ABSENT = "absent"
    SAME = "same"
    OURS = "ours"
    EDITED = "edited"


def signed(content: str) -> bytes:
    """Return the content under a first line that tells whether it was edited since."""
    body = content.encode()
    digest = hashlib.sha256(body).hexdigest()
    says = "Once you edit it, it is yours and left alone."
    return f"# Written by earshot-satellite install ({digest}). {says}\n".encode() + body


def standing(file: Path, wanted: bytes | None = None) -> Standing:
    """Tell whose the file is that is there. Raises `OSError`."""
    try:
        with file.open("rb") as there:
            found = there.read(_MAX_FILE + 1)
    except FileNotFoundError:
        return Standing.ABSENT
    if wanted is not None and found == wanted:
        return Standing.SAME
    head = _HEAD.match(found)
    if head is None or hashlib.sha256(found[head.end() :]).hexdigest() != head[1].decode():
        return Standing.EDITED
    return Standing.OURS
