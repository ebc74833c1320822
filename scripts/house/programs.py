"""Where the room programs are installed."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOM_BIN = ROOT / ".venv" / "room" / "bin"
"""The environment of the satellite and the speech service."""
