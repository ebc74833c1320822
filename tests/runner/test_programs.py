"""Ctrl-C in `scripts/test` ends what runs and leaves nothing of it."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from workbench.paths import ROOT
from workbench.programs import Programs, StoppedError
from workbench.suites import Suite, run_all

CHILD = """
import subprocess
child = subprocess.Popen(["sleep", "600"])
print(child.pid, flush=True)
"""
TIDIES = f"""
{CHILD}
try:
    child.wait()
except KeyboardInterrupt:
    print("tidied", flush=True)
"""
STUBBORN = f"""
import signal
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
{CHILD}
child.wait()
"""


@pytest.fixture(autouse=True)
def own_interrupt() -> Iterator[None]:
    """Ctrl-C means what it did, whatever a stop makes of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def soon(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def press() -> None:
    """Press Ctrl-C, from any thread."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def gone(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def start(programs: Programs, code: str, output: Path, timeout_s: float = 60) -> Future[int | None]:
    done: Future[int | None] = Future()

    def run() -> None:
        try:
            done.set_result(
                programs.run(
                    [sys.executable, "-c", code],
                    output=output, cwd=ROOT, env=os.environ, timeout_s=timeout_s,
                )
            )  # fmt: skip
        except StoppedError as err:
            done.set_exception(err)

    threading.Thread(target=run, daemon=True).start()
    soon(lambda: output.exists() and output.read_text().endswith("\n"))
    return done


def test_tidies_up(tmp_path: Path) -> None:
    """It may tidy up, what it left is killed, and none is started any more."""
    programs, output = Programs(), tmp_path / "output"
    done = start(programs, TIDIES, output)
    programs.stop()
    with pytest.raises(StoppedError):
        done.result(20)
    pid, _, words = output.read_text().partition("\n")
    assert words == "tidied\n"
    soon(lambda: gone(int(pid)))
    with pytest.raises(StoppedError):
        programs.run(["true"], output=output, cwd=ROOT, env={}, timeout_s=1)


@pytest.mark.parametrize("impatient", [True, False])
def test_does_not_want_to_end(
    impatient: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed after a while, or at once when Ctrl-C is pressed again."""
    monkeypatch.setattr("workbench.programs._SOON_S", 0.3)
    programs = Programs(polite_s=60 if impatient else 0.3)
    output = tmp_path / "output"
    done = start(programs, STUBBORN, output)
    if impatient:
        threading.Timer(0.3, press).start()
    programs.stop()
    with pytest.raises(StoppedError):
        done.result(20)
    soon(lambda: gone(int(output.read_text())))


def test_too_slow(tmp_path: Path) -> None:
    """One that takes too long is killed with what it started, and the others go on."""
    programs = Programs()
    output = tmp_path / "output"
    assert start(programs, STUBBORN, output, 1).result(20) is None
    soon(lambda: gone(int(output.read_text())))
    assert start(programs, "print('well')", output).result(20) == 0


def test_no_further_suite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The suite that runs is ended, the next of its lane never begins."""
    slow = tmp_path / "test_slow.py"
    slow.write_text("import time\ndef test_slow():\n    time.sleep(600)\n")
    first, second = (
        Suite(name, Path(sys.executable), (str(slow),), ("--rootdir", str(tmp_path)))
        for name in ("first", "second")
    )
    threading.Timer(1, press).start()
    with pytest.raises(KeyboardInterrupt):
        run_all([first, second], (), [[(first, second)]])
    assert capsys.readouterr().out.split("\n") == ["--- first begins", ""]
