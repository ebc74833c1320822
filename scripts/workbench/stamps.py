"""Remember what a step was asked to do, so that asking the same again costs nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from .paths import ROOT, STATE

FOLDER = STATE / "stamps"


def key(*parts: str | Path) -> str:
    """Hash words and the contents of files; the place of the clone counts too."""
    digest = hashlib.sha256(str(ROOT).encode())
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def fresh(step: str, wanted: str, must_exist: Iterable[Path] = ()) -> bool:
    """Tell whether the step was done with this key and its results are still there."""
    try:
        return (FOLDER / step).read_text() == wanted and all(p.exists() for p in must_exist)
    except OSError:
        return False


def write(step: str, done: str) -> None:
    """Remember a finished step."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / step).write_text(done)


def clear(step: str) -> None:
    """Forget a step that is about to be done again."""
    (FOLDER / step).unlink(missing_ok=True)
