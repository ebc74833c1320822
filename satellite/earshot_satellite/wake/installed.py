"""Where wake word models lie that somebody installed: beside those of the packages."""

from __future__ import annotations

import os
from pathlib import Path

SYSTEM = Path("/usr/local/share/earshot/wake")
"""Every user's satellite may read it, a confined service too."""


def own_folder() -> Path:
    """Return where models are installed: `$EARSHOT_WAKE`, the system's for root, or the user's."""
    if own := os.environ.get("EARSHOT_WAKE"):
        return Path(own)
    if os.geteuid() == 0:
        return SYSTEM
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "earshot" / "wake"


def folders() -> list[Path]:
    """Return where models are looked for; the first that has one counts."""
    return list(dict.fromkeys((own_folder(), SYSTEM)))
