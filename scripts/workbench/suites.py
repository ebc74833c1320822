"""The test suites: where they are, what runs them, and how their result is told."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from .paths import HOME_PYTHON, NEWEST_PYTHON, ROOM_PYTHON, ROOT, STATE
from .programs import Programs, StoppedError

MEMORY_BYTES: Final = 2 * 1024**3
"""All suites at once leave some hundred MB."""


@dataclass(frozen=True)
class Suite:
    """One pytest run."""

    name: str
    python: Path
    folders: tuple[str, ...]
    options: tuple[str, ...] = ()
    timeout_s: int = 120
    """For one test; the whole suite gets 20 times as much."""

    @property
    def command(self) -> list[str]:
        """Return the command that runs it."""
        return [
            *(str(self.python), "-m", "pytest", "-o", "asyncio_mode=auto", "-q"),
            *(f"--timeout={self.timeout_s}", "-p", "no:cacheprovider"),
            *("-o", "tmp_path_retention_policy=failed"),
            *self.options,
            *self.folders,
        ]


_HOME = ("-p", "plugins.ha_shim")
_PLAIN = ("-p", "no:homeassistant", "-p", "no:respx")

_BODY = tuple(
    f"tests/satellite/test_{part}.py"
    for part in (
        *("cli", "discovery", "link", "mute", "peripherals", "playback", "stock", "turn", "wheel"),
    )
)
_TURNS = tuple(
    f"tests/satellite/test_{part}.py"
    for part in (
        *("awake_sound", "confirm", "doctor", "metrics", "pair", "recovery", "room", "stranger"),
        *("unit_permits", "witness"),
    )
)
"""What else a whole satellite does."""

_ON_NEWEST = tuple(
    f"tests/satellite/test_{part}.py"
    for part in (
        *("cascade", "command", "detector", "frames", "gate", "hearing", "invitations", "level"),
        *("machine", "models", "quiet", "ring", "settings", "state", "timers", "turn", "verdict"),
        *("wake_scores", "witness"),
    )
)
"""What runs on Python 3.14 too: every decision, the wake path, whole turns of a real satellite."""

_HOUSEHOLD = tuple(
    f"tests/integration/test_{part}.py"
    for part in (
        *(
            "actions",
            "api_audience",
            "api_audio",
            "api_captures",
            "api_export",
            "api_live",
            "api_pages",
        ),
        *("api_second_factor", "api_unlock", "audit", "check_deleted", "export", "guest"),
        *("house_trouble", "house_vault", "marker", "p5_deleted_is_gone", "p6_no_stranger_listens"),
        *("p7_listening_leaves_a_trace", "pin_told", "rules", "spoken", "traces", "undo"),
    )
)
"""About half of the integration's tests: what is kept, and who may have it."""

_DEMO = "tests/e2e/test_demo.py"
_AIR_GAP = "tests/e2e/test_p1_nothing_leaves_the_house.py"
_HISTORY = "tests/e2e/test_dashboard_history.py"
"""In a house of its own: it seals a room and has one-time passwords set up."""

_SCREENS = tuple(
    f"tests/e2e/test_{part}.py"
    for part in ("bad_input", "dashboard_editor", "dashboard_rooms", "programs", "spoken_privacy")
)
"""What ends no program of the house, and a house of its own to do it in."""

_WIFI = "tests/e2e/test_wifi_gone.py"
"""Needs no house, and waits most of the time."""

_FAULTS = tuple(f"--ignore={file}" for file in (_DEMO, _AIR_GAP, _HISTORY, _WIFI, *_SCREENS))

LANES: tuple[tuple[tuple[Suite, ...], ...], ...] = (
    (
        (
            Suite("satellite, body", ROOM_PYTHON, _BODY),
            Suite("wire (room)", ROOM_PYTHON, ("tests/wire",)),
            Suite("wire (home)", HOME_PYTHON, ("tests/wire",), _PLAIN),
        ),
        (
            Suite(
                "satellite, ear",
                ROOM_PYTHON,
                ("tests/satellite",),
                tuple(f"--ignore={file}" for file in (*_BODY, *_TURNS)),
            ),
        ),
        (
            Suite("satellite, turns", ROOM_PYTHON, _TURNS),
            Suite("satellite, 3.14", NEWEST_PYTHON, _ON_NEWEST),
            Suite("satellite, Wi-Fi", HOME_PYTHON, (_WIFI,), _PLAIN),
        ),
        (
            Suite("speech", ROOM_PYTHON, ("tests/speech",)),
            Suite("policy", HOME_PYTHON, ("tests/policy",), _PLAIN),
            Suite("card", ROOM_PYTHON, ("tests/card",)),
            Suite("runner", ROOM_PYTHON, ("tests/runner",)),
            Suite("vault", HOME_PYTHON, ("tests/vault",), _PLAIN),
        ),
        (
            Suite(
                "integration",
                HOME_PYTHON,
                ("tests/integration",),
                (*_HOME, *(f"--ignore={file}" for file in _HOUSEHOLD)),
            ),
        ),
        (Suite("integration, household", HOME_PYTHON, _HOUSEHOLD, _HOME),),
    ),
    (
        (Suite("end to end", HOME_PYTHON, ("tests/e2e",), (*_PLAIN, *_FAULTS), timeout_s=300),),
        (
            Suite("demo", HOME_PYTHON, (_DEMO,), _PLAIN, timeout_s=300),
            Suite("history card", HOME_PYTHON, (_HISTORY,), _PLAIN, timeout_s=300),
        ),
        (
            Suite("end to end, screens", HOME_PYTHON, _SCREENS, _PLAIN, timeout_s=300),
            Suite("air gap", HOME_PYTHON, (_AIR_GAP,), _PLAIN, timeout_s=300),
        ),
    ),
)
"""Stages one after the other, lanes beside each other, suites of a lane one after the other: the
tests with real sound wait most of the time, and whole houses want the machine to themselves."""

SUITES = tuple(suite for stage in LANES for lane in stage for suite in lane)


@dataclass(frozen=True)
class Outcome:
    """How a suite went."""

    name: str
    good: bool
    words: str
    seconds: float

    @property
    def line(self) -> str:
        """Return the closing line."""
        mark = "ok" if self.good else "FAILED"
        return f"{self.name:<22} {mark:<7} {self.words} in {self.seconds:.1f} s"


def run_all(
    suites: Collection[Suite],
    extra: Sequence[str],
    stages: Sequence[Sequence[Sequence[Suite]]] = LANES,
) -> list[Outcome]:
    """Run these suites in their lanes, and print each one's output when it has ended.

    KeyboardInterrupt when the user stopped it: then nothing of it runs any more.
    """
    outcomes: list[Outcome] = []
    programs = Programs()
    for stage in stages:
        lanes = [[suite for suite in lane if suite in suites] for lane in stage]
        with ThreadPoolExecutor(len(lanes)) as pool:
            running = [pool.submit(_run_lane, programs, lane, extra) for lane in lanes]
            try:
                for done in running:
                    outcomes += done.result()
            except KeyboardInterrupt:
                print("\nStopping what runs.", file=sys.stderr, flush=True)
                programs.stop()
                raise
    return outcomes


def _run_lane(programs: Programs, lane: Sequence[Suite], extra: Sequence[str]) -> list[Outcome]:
    with suppress(StoppedError):
        return [_run(programs, suite, extra) for suite in lane]
    return []


def _run(programs: Programs, suite: Suite, extra: Sequence[str]) -> Outcome:
    """Run a suite; one that runs no test has failed."""
    report = STATE / f"report-{re.sub('[^a-z]+', '-', suite.name)}.xml"
    report.unlink(missing_ok=True)
    paths = [str(ROOT / part) for part in ("", "tests", "scripts", "satellite")]
    # Compiling Home Assistant anew takes each start of it longer than all the rest.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    started = time.monotonic()
    print(f"--- {suite.name} begins", flush=True)
    with TemporaryDirectory(prefix="earshot-", dir=_memory(), ignore_cleanup_errors=True) as name:
        folder = Path(name)
        status = programs.run(
            [*suite.command, f"--basetemp={folder}/t", f"--junitxml={report}", *extra],
            output=folder / "output",
            cwd=ROOT,
            # A program that looks for a sound server where there is none makes a folder for it.
            env=environment
            | {"PYTHONPATH": os.pathsep.join(paths), "PULSE_RUNTIME_PATH": f"{folder}/pulse"},
            timeout_s=20 * suite.timeout_s,
        )
        output = (folder / "output").read_text(errors="replace")
    seconds = time.monotonic() - started
    print(f"\n=== {suite.name}\n{output}", flush=True)
    counts = _counts(report)
    if counts is None:
        reason = "took too long" if status is None else f"no report, status {status}"
        return Outcome(suite.name, good=False, words=reason, seconds=seconds)
    passed = counts["tests"] - counts["failures"] - counts["errors"] - counts["skipped"]
    words = [f"{passed} passed"]
    words += [f"{counts[key]} {key}" for key in ("failures", "errors", "skipped") if counts[key]]
    good = status == 0 and passed > 0
    return Outcome(suite.name, good=good, words=", ".join(words), seconds=seconds)


def _memory() -> Path | None:
    """Return where files need not wait for a disk, if there is room for those of all tests."""
    memory = Path("/dev/shm")  # noqa: S108 - as folders of our own
    if memory.is_dir() and shutil.disk_usage(memory).free >= MEMORY_BYTES:
        return memory
    return None


def _counts(report: Path) -> dict[str, int] | None:
    try:
        element = ET.parse(report).getroot().find("testsuite")  # noqa: S314 - pytest wrote it just now
    except (OSError, ET.ParseError):
        return None
    if element is None:
        return None
    return {key: int(element.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
