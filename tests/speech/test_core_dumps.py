"""Sound leaves no trace where a program of the speech service ends badly."""

from __future__ import annotations

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
