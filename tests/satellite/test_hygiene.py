"""Sound leaves no trace where a program ends badly."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from room import SatelliteProcess


@pytest.fixture
def cores_wanted() -> Iterator[None]:
    """Whoever starts the satellite would like core dumps."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.mark.usefixtures("cores_wanted")
def test_a_crash_leaves_no_core(satellite: SatelliteProcess) -> None:
    satellite.start()
    satellite.wait_hearing(30)
    assert satellite.process is not None
    body, ear = satellite.process.pid, satellite.status()["microphone"]["pid"]
    for pid in (body, ear):
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
        (core,) = (line.split() for line in limits if line.startswith("Max core file size"))
        assert core[4:6] == ["0", "0"]
    os.kill(body, signal.SIGABRT)
    _, status = os.waitpid(body, 0)
    satellite.process = None
    assert os.WTERMSIG(status) == signal.SIGABRT
    assert not os.WCOREDUMP(status)
