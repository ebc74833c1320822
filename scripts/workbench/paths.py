"""Where things of this clone live."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".earshot"
"""Tools, stamps and logs that set-up makes; safe to delete."""

VENVS = ROOT / ".venv"
HOME_PYTHON = VENVS / "home" / "bin" / "python"
"""Python 3.14 with Home Assistant: integration tests, virtual house, end-to-end tests."""
ROOM_PYTHON = VENVS / "room" / "bin" / "python"
"""The system's Python with the satellite and the speech service."""
NEWEST_PYTHON = VENVS / "satellite" / "bin" / "python"
"""Python 3.14 with the satellite alone: its tests run there a second time."""

CARD = ROOT / "card"
"""Source of the dashboard's cards."""
FRONTEND = ROOT / "custom_components" / "earshot" / "frontend"
"""The cards as they are built, committed."""

SETUP_LOG = STATE / "setup.log"
