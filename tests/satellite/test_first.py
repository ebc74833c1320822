"""The ear starts before the rest of the body is loaded; a mute that was kept comes before that."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from earshot_satellite.first import First
from earshot_satellite.settings import FloorSettings, Settings
from earshot_satellite.state import MuteState, StateFolder
from earshot_satellite.words import Choice

Make = Callable[..., First]


@pytest.fixture
async def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Make what starts first, without a sound system: an ear comes as far as that."""
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    monkeypatch.setenv("ALSA_CONFIG_PATH", "/dev/null")
    each: list[First] = []

    def make(*, muted: bool, floor: bool = False) -> First:
        folder = StateFolder(tmp_path)
        folder.satellite_id()
        folder.write_mute(MuteState(local=muted))
        each.append(First(Settings(floor=FloorSettings(mute=floor)), folder))
        return each[-1]

    yield make
    for first in each:
        await first.keeper.close()


async def test_an_ear_starts_by_itself_before_the_body_is_there(made: Make) -> None:
    first = made(muted=False)
    await first.begin()
    pid, ended = first.keeper.trace
    assert pid is not None
    assert ended is None


async def test_a_chosen_word_that_is_gone_is_told_and_the_room_hears(
    made: Make, tmp_path: Path
) -> None:
    StateFolder(tmp_path).write_words(Choice(("removed",)), Settings().wake.words)
    first = made(muted=False)
    await first.begin()
    assert [(it.code, it.detail) for it in first.problems.now] == [("wake_word_gone", "removed")]
    assert first.words.active == Settings().wake.words
    assert first.keeper.trace[0] is not None


@pytest.mark.parametrize(("muted", "floor"), [(True, False), (False, True)])
async def test_no_ear_starts_while_muted(made: Make, *, muted: bool, floor: bool) -> None:
    first = made(muted=muted, floor=floor)
    await first.begin()
    assert first.mute.muted
    assert first.keeper.trace == (None, None)


def test_what_starts_an_ear_waits_for_nothing_that_only_the_body_needs() -> None:
    """It was a quarter of a second of each start."""
    late = {"body", "link", "loudspeaker", "peripherals", "playback", "session"}
    late = {f"earshot_satellite.{each}" for each in late} | {"cryptography", "zeroconf"}
    code = "import sys, earshot_satellite.cli.run; print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert late & set(told.stdout.split()) == set()
