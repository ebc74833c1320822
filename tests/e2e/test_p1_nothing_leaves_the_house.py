"""P1: nothing leaves the house, and one planted call of any kind is noticed."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from house.airgap.namespace import NamespaceError, enter
from house.airgap.verdict import Kind
from house.airgap.watch import Watched, watch
from house.workspace import workspace

HERE = Path(__file__).parent


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a short path: a socket's may not be long."""
    with workspace() as made:
        yield made


async def planted(what: str, folder: Path, *, sink: bool = False) -> Watched:
    return await watch([sys.executable, HERE / "planted_call.py", what], folder, sink=sink)


async def test_a_command_and_a_day_stay_in_the_house() -> None:
    """The whole of scripts/airgap: both runs work, and both are clean."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "house.airgap"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(280):
        output, _ = await process.communicate()
    text = output.decode()
    assert process.returncode == 0, text
    assert text.count("  CLEAN: ") == 2
    for program in ("Home Assistant", "satellite", "satellite's ear", "espeak-ng"):
        assert text.count(f"    {program} ") >= 2, text
    assert "25 hours idle" in text


async def test_a_program_that_stays_is_clean(folder: Path) -> None:
    """The harness does not call everything a leak."""
    watched = await planted("nothing", folder)
    assert watched.clean, watched.findings


@pytest.mark.parametrize(
    ("what", "kind"),
    [("tcp", Kind.OUTSIDE), ("udp_dns", Kind.LOOK_UP), ("resolver", Kind.LOOK_UP)],
)
@pytest.mark.parametrize("sink", [False, True])
async def test_a_planted_call_is_noticed(
    folder: Path, what: str, kind: Kind, *, sink: bool
) -> None:
    """TCP, a name server, a resolver's socket: with and without somebody who answers."""
    watched = await planted(what, folder, sink=sink)
    assert watched.status == 0
    assert not watched.clean
    assert [finding.kind for finding in watched.left] == [kind]
    assert watched.left[0].program == "planted_call.py"
    assert bool(watched.asked) is (sink and what != "resolver")


async def test_the_sink_answers_everything(folder: Path) -> None:
    """A name is found and a page is served, so that a caller comes as far as it can; both told."""
    watched = await planted("page", folder, sink=True)
    assert not watched.clean
    assert {finding.kind for finding in watched.left} == {Kind.LOOK_UP, Kind.OUTSIDE}
    assert any("planted.example" in question for question in watched.asked)
    assert any("GET / HTTP/1.1" in question for question in watched.asked)


async def test_a_child_of_a_hook_is_noticed(folder: Path) -> None:
    """A whole house, where an automation's shell command leaves a grandchild that calls out."""
    watched = await watch([sys.executable, HERE / "planted_hook.py"], folder)
    assert watched.status == 0
    assert not watched.clean
    assert [finding.kind for finding in watched.left] == [Kind.OUTSIDE]
    assert watched.left[0].program == "planted_call.py"


async def test_a_house_that_fails_is_not_clean(folder: Path) -> None:
    """Nothing leaves a house that did nothing: that proves nothing."""
    watched = await watch(["sh", "-c", "exit 3"], folder)
    assert not watched.clean
    assert not watched.left


def test_without_a_namespace_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that allows none: an error with what to do, never a verdict."""
    unshare = tmp_path / "unshare"
    unshare.write_text("#!/bin/sh\nexit 1\n")
    unshare.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(NamespaceError) as raised:
        enter()
    assert "root" in raised.value.remedy
