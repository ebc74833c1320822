"""ruff, mypy strict over each half with its own Python, tsc and biome over the cards."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from .paths import CARD, HOME_PYTHON, ROOM_PYTHON, ROOT
from .suites import Outcome

_NAMES = ("setup", "card", "demo", "airgap", "cleanroot", "test", "bench", "lint")
_SCRIPTS = [f"scripts/{name}" for name in _NAMES]
_RUFF = [str(ROOM_PYTHON), "-m", "ruff"]
_MYPY = ["-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "--explicit-package-bases"]

_CHECKS: tuple[tuple[str, list[str], Path], ...] = (
    ("ruff check", [*_RUFF, "check", ".", *_SCRIPTS], ROOT),
    ("ruff format", [*_RUFF, "format", "--check", ".", *_SCRIPTS], ROOT),
    (
        "mypy (home)",
        [
            *("env", "MYPYPATH=scripts", str(HOME_PYTHON), *_MYPY),
            *("-p", "custom_components.earshot", "-p", "house", "-p", "workbench"),
        ],
        ROOT,
    ),
    (
        "mypy (room)",
        [
            *("env", "MYPYPATH=../scripts", str(ROOM_PYTHON), *_MYPY),
            *("-p", "earshot_satellite", "-p", "earshot_speech", "-p", "earshot_wire"),
            *("-p", "speechbench"),
        ],
        ROOT / "satellite",
    ),
    ("tsc", ["node_modules/.bin/tsc", "--noEmit"], CARD),
    ("biome", ["node_modules/.bin/biome", "check", "--error-on-warnings", "."], CARD),
)


def run() -> list[Outcome]:
    """Run every check; what they find goes to the terminal."""
    outcomes = []
    for name, command, folder in _CHECKS:
        started = time.monotonic()
        status = subprocess.run(command, cwd=folder, check=False, timeout=600).returncode
        words = "clean" if status == 0 else f"status {status}"
        seconds = time.monotonic() - started
        outcomes.append(Outcome(name, good=status == 0, words=words, seconds=seconds))
    return outcomes
