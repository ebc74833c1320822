"""A real speech service, started once for the tests that need one."""

from __future__ import annotations

import contextlib
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass
class Service:
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    seen: int = field(default=0)

    def new_lines(self) -> list[str]:
        """Return what was logged since the last call."""
        lines = self.log.read_text().splitlines()
        new, self.seen = lines[self.seen :], len(lines)
        return new


@contextlib.contextmanager
def cores_wanted() -> Iterator[None]:
    """Whoever starts the service would like core dumps."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("speech")
    log = folder / "log"
    settings = folder / "speech.toml"
    settings.write_text(f'[state]\nfolder = "{folder}/state"\n')
    with log.open("wb") as out, cores_wanted():
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "earshot_speech", "run", "--port", "0"),
                *("--config", str(settings)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=out,
            cwd=folder,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "EARSHOT_VOICES": str(folder / "voices")},
        )
    try:
        deadline = time.monotonic() + 30
        while not (ready := re.search(r"Ready on 127\.0\.0\.1 port (\d+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield Service(int(ready.group(1)), process, log)
    finally:
        process.terminate()
        assert process.wait(15) == 0
