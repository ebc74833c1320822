"""Piper voices on this machine."""

from __future__ import annotations

import os
import re
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def folder() -> Path:
    """Return where voices are kept: `$EARSHOT_VOICES`, or in the user's data folder.

    What root installs is for the system's service.
    """
    if own := os.environ.get("EARSHOT_VOICES"):
        return Path(own)
    if os.geteuid() == 0:
        return Path("/var/lib/earshot-speech/voices")
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "earshot" / "voices"


def installed() -> dict[str, Path]:
    """Return the model file of each voice that has both its files."""
    return {
        model.stem: model
        for model in sorted(folder().glob("*.onnx"))
        if NAME.fullmatch(model.stem)
        and model.is_file()
        and model.with_name(model.name + ".json").is_file()
    }
