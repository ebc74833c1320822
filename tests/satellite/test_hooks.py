"""The household's own command: what it is told, and what it cannot do to the satellite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from room import wait_for

from earshot_satellite.peripherals.hooks import Hook
from earshot_satellite.peripherals.indication import Facts, Indication, indicate
from earshot_satellite.problems import Problems

Make = Callable[..., Hook]


def shown(activity: str = "idle", *, muted: bool = False, verified: str = "open") -> Indication:
    return indicate(
        Facts(activity=activity, muted=muted, verified=verified, verified_age_s=1, linked=True)
    )


@pytest.fixture
def problems() -> Problems:
    return Problems()


@pytest_asyncio.fixture
async def hook(tmp_path: Path, problems: Problems) -> AsyncIterator[Make]:
    """Make a hook of a shell script that runs."""
    tasks = []

    def make(script: str, timeout_s: float = 5.0) -> Hook:
        file = tmp_path / "hook.sh"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        made = Hook([str(file), "given"], timeout_s, problems)
        tasks.append(asyncio.create_task(made.run()))
        return made

    yield make
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def lines_of(file: Path, count: int) -> list[str]:
    def lines() -> list[str]:
        found = file.read_text().splitlines() if file.exists() else []
        return found if len(found) >= count else []

    return list(await asyncio.to_thread(wait_for, lines, f"{count} lines"))


async def problem(problems: Problems, *, there: bool) -> str:
    await asyncio.to_thread(wait_for, lambda: bool(problems.now) == there, "the problem")
    return problems.now[0].detail if there else ""


async def test_it_is_told_the_state_and_nothing_else(
    hook: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED", "secret")
    out = tmp_path / "out"
    made = hook(f'env | sort >{out}.env; ls /proc/self/fd >{out}.fd; echo "$@" >>{out}')
    made.show(shown("listening"))
    assert await lines_of(out, 1) == ["given listening"]
    told = {line.split("=")[0] for line in (tmp_path / "out.env").read_text().splitlines()}
    assert told - {"PWD", "_", "SHLVL", "OLDPWD"} == {
        *("PATH", "LANG", "EARSHOT_STATE", "EARSHOT_ACTIVITY"),
        *("EARSHOT_MICROPHONE", "EARSHOT_MUTED", "EARSHOT_LINKED"),
    }
    # Standard input, output and error, and the folder that `ls` reads.
    assert len((tmp_path / "out.fd").read_text().split()) <= 4


async def test_one_runs_at_a_time_and_the_last_change_is_never_lost(
    hook: Make, tmp_path: Path
) -> None:
    out, go_on = tmp_path / "out", tmp_path / "go_on"
    made = hook(f'echo "begin $2" >>{out}; until [ -e {go_on} ]; do sleep 0.02; done')
    made.show(shown())
    assert await lines_of(out, 1) == ["begin idle"]
    for activity in ("listening", "processing", "responding"):
        made.show(shown(activity))
        await asyncio.sleep(0)
    made.show(shown(muted=True, verified="closed"))
    go_on.touch()
    assert await lines_of(out, 2) == ["begin idle", "begin muted_verified"]


async def test_the_same_again_is_no_change(hook: Make, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = hook(f'echo "$2" >>{out}')
    for state in (shown(), shown(), shown("listening")):
        made.show(state)
        await lines_of(out, 1)
    assert await lines_of(out, 2) == ["idle", "listening"]


async def test_one_that_hangs_is_ended_with_its_children(
    hook: Make, tmp_path: Path, problems: Problems
) -> None:
    child = tmp_path / "child"
    made = hook(f"sleep 60 & echo $! >{child}; wait", 0.3)
    made.show(shown())
    assert "not done within" in await problem(problems, there=True)
    pid = int((await lines_of(child, 1))[0])
    await asyncio.to_thread(wait_for, lambda: _state(pid) == "Z", "its end")


async def test_a_failure_is_a_problem_until_it_works(
    hook: Make, tmp_path: Path, problems: Problems
) -> None:
    made = hook('[ "$2" = idle ] && exit 3; exit 0')
    made.show(shown())
    assert (await problem(problems, there=True)).endswith("status 3")
    made.show(shown("listening"))
    await problem(problems, there=False)
    (tmp_path / "hook.sh").unlink()
    made.show(shown())
    assert "No such file" in await problem(problems, there=True)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "Z"
