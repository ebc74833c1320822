"""A hand at the satellite agrees to loosened rules; nothing else of it does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from room import Home, SatelliteProcess

from earshot_wire.consent import Confirm, Confirmed


@pytest.mark.parametrize(
    ("result", "changes", "status", "says"),
    [
        ("begun", 2, 0, "2 changed rules"),
        ("nothing", 0, 0, "Nothing waits"),
        ("not_paired", 0, 3, "not paired"),
        ("failed", 0, 3, "could not write"),
    ],
)
async def test_home_is_asked_and_its_answer_is_told(
    *,
    shared_home: Home,
    shared: SatelliteProcess,
    result: str,
    changes: int,
    status: int,
    says: str,
) -> None:
    asking = asyncio.create_task(asyncio.to_thread(shared.cli, "confirm"))
    asked = Confirm.from_event(await shared_home.next("earshot-confirm"))
    shared_home.send(Confirmed(nonce="f" * 32, result="begun", changes=9))
    shared_home.send(Confirmed(nonce=asked.nonce, result=result, changes=changes))
    done = await asking
    assert done.returncode == status
    assert says in done.stdout + done.stderr


def test_without_a_home_or_a_satellite_nothing_is_confirmed(
    shared: SatelliteProcess, tmp_path: Path
) -> None:
    done = shared.cli("confirm", "--state", str(tmp_path))
    assert (done.returncode, "does not run" in done.stderr) == (3, True)
    done = shared.cli("confirm")
    assert (done.returncode, "no Earshot home answers" in done.stderr) == (3, True)
