"""Which service is installed here, and so how a satellite that does not run is started."""

from __future__ import annotations

import os
from pathlib import Path

_UNIT = "earshot-satellite.service"
SYSTEM_UNIT = Path("/etc/systemd/system") / _UNIT


def how_to_start() -> str:
    """Return the remedy for whoever is at the keyboard."""
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    own = Path(home).expanduser() / "systemd/user" / _UNIT
    return remedy(root=os.geteuid() == 0, system=SYSTEM_UNIT.exists(), own=own.exists())


def remedy(*, root: bool, system: bool, own: bool) -> str:
    """Return it from what is installed: pure."""
    if own and not root:
        return "start it: systemctl --user start earshot-satellite"
    if system and root:
        return "start it: systemctl start earshot-satellite"
    if system:
        return "a service of the system is asked with sudo"
    return "start it: earshot-satellite install, or earshot-satellite run"
