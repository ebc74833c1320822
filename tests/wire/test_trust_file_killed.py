"""Killed at any step of writing or forgetting a pairing, it is the old one, the new one or none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from earshot_wire.durable import remove_partial
from earshot_wire.identity import Trust, make_identity
from earshot_wire.tls import paired_server
from earshot_wire.trust_file import TrustFile

NAME = "pairing.pem"
DYING = """
import os, shutil, signal, sys, tempfile
from pathlib import Path
from earshot_wire import durable, trust_file
from earshot_wire.identity import Trust

folder, work = Path(sys.argv[1]), sys.argv[2]
new = Trust.from_pem((folder / "new").read_bytes())
inside = {each.__file__ for each in (durable, trust_file, tempfile, os)}

def killed_at(step):
    left = step
    def trace(frame, event, _):
        nonlocal left
        if frame.f_code.co_filename not in inside:
            return None
        if event == "line":
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace
    return trace

for step in range(1000):
    here = folder / f"step-{step}"
    shutil.copytree(folder / "before", here)
    file = trust_file.TrustFile(here / "pairing.pem")
    child = os.fork()
    if child == 0:
        sys.settrace(killed_at(step))
        file.save(new) if work == "save" else file.remove()
        os._exit(0)
    if not os.WIFSIGNALED(os.waitpid(child, 0)[1]):
        break
"""


def trust() -> Trust:
    return Trust(make_identity(), make_identity().certificate)


@pytest.fixture(scope="module")
def pairings() -> tuple[Trust, Trust]:
    return trust(), trust()


def after_each_death(folder: Path, before: bytes | None, new: Trust, work: str) -> Iterator[Path]:
    """Yield the folder as each death left it, the last one as no death did."""
    folder.joinpath("before").mkdir()
    if before is not None:
        (folder / "before" / NAME).write_bytes(before)
    (folder / "new").write_bytes(new.pem)
    subprocess.run([sys.executable, "-c", DYING, folder, work], check=True, timeout=60)
    found = sorted(folder.glob("step-*"), key=lambda each: int(each.name[5:]))
    assert len(found) > 5, "the steps are not counted"
    yield from found


def as_a_start_finds_it(folder: Path) -> Trust | None:
    """Do what a start does; a pairing that it reads can be used."""
    remove_partial(folder)
    assert {each.name for each in folder.iterdir()} <= {NAME}
    found = TrustFile(folder / NAME).load()
    if found is not None:
        paired_server(found)
    return found


@pytest.mark.parametrize("paired", [True, False])
def test_a_new_pairing_is_whole_or_not_there(
    tmp_path: Path, pairings: tuple[Trust, Trust], *, paired: bool
) -> None:
    """So a device that dies is never its old home's and not yet its new one's, nor anybody's."""
    old, new = pairings
    seen = []
    for folder in after_each_death(tmp_path, old.pem if paired else None, new, "save"):
        seen.append(as_a_start_finds_it(folder))
        if seen[-1] == new:
            assert (folder / NAME).stat().st_mode & 0o777 == 0o600
    before = old if paired else None
    turn = seen.index(new)
    assert seen == [before] * turn + [new] * (len(seen) - turn)
    assert 0 < turn < len(seen) - 1


def test_an_unpaired_device_stays_so(tmp_path: Path, pairings: tuple[Trust, Trust]) -> None:
    old, new = pairings
    seen = [
        as_a_start_finds_it(folder) for folder in after_each_death(tmp_path, old.pem, new, "remove")
    ]
    turn = seen.index(None)
    assert seen == [old] * turn + [None] * (len(seen) - turn)
    assert 0 < turn < len(seen) - 1
