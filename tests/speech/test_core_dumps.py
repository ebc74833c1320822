"""Sound leaves no trace where a program of the speech service ends badly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .conftest import Service


def test_no_program_of_the_service_leaves_a_core(service: Service) -> None:
    """Whoever starts it: no unit of systemd is needed for it."""
    pid = service.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert len(children) >= 3
    for program in (str(pid), *children):
        limits = Path(f"/proc/{program}/limits").read_text().splitlines()
        (core,) = (line.split() for line in limits if line.startswith("Max core file size"))
        assert core[4:6] == ["0", "0"]


def test_no_command_leaves_one() -> None:
    """Pairing has keys in its memory, recognising a file has its sound."""
    program = (
        "import resource; from earshot_speech.cli import main; main(['voices', 'list']);"
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert told.stdout.splitlines()[-1] == "(0, 0)"
