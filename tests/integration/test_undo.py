"""Deletions that can be taken back for some seconds."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from homeassistant.const import EVENT_HOMEASSISTANT_STOP

from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.traces.scan import async_get_checker

from .conftest import until
from .household import HTTP, Household


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy."""
    return HTTP


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a deletion look into a folder of its own for temporary files, not the machine's."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


async def kept(household: Household) -> int:
    """Return how much is kept in the kitchen."""
    vault = await household.hass.data[DATA_HOUSE].async_vault()
    usage = (await vault.async_usage()).get(household.kitchen.entry_id)
    return usage.captures if usage else 0


async def test_two_people_delete_the_same_at_once(household: Household) -> None:
    """Both are told that it is done, and one of them what went."""
    ids = [await household.capture() for _ in range(3)]
    anna = await household.way(household.anna)
    cleo = await household.way(household.people["third listener"])
    ways = (anna, cleo)
    for way in ways:
        await way.result("subscribe")
    await asyncio.gather(*(way.result("captures/delete", ids=ids, seen=3) for way in ways))
    told = [await way.event(1, "deletion") for way in ways]
    assert sorted(it["captures"] for it in told) == [0, 3]
    assert await kept(household) == 0
    for way in ways:
        await way.close()


async def test_another_person_takes_nothing_back(household: Household) -> None:
    """Nor anybody a second time."""
    message = {"ids": [await household.capture()], "seen": 1, "undo": 30}
    anna = await household.way(household.anna)
    cleo = await household.way(household.people["third listener"])
    waits = (await anna.result("captures/delete", **message))["deletion_id"]
    assert await cleo.refused("captures/undo", deletion_id=waits) == "deletion_over"
    await anna.result("captures/undo", deletion_id=waits)
    assert await anna.refused("captures/undo", deletion_id=waits) == "deletion_over"
    assert await kept(household) == 1
    await anna.close()
    await cleo.close()


async def test_what_waits_is_deleted_when_home_assistant_ends(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it, although the look at every place takes longer than the end lasts."""
    looking = asyncio.Event()

    async def look(*_: object, **__: object) -> None:
        await looking.wait()
        raise TimeoutError

    monkeypatch.setattr(async_get_checker(household.hass), "async_check", look)
    for _ in range(3):
        await household.by_anna("captures/delete", ids=[await household.capture()], seen=1, undo=30)
    assert await kept(household) == 3
    household.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    gone = asyncio.create_task(_gone(household))
    await until(gone.done)
    looking.set()
    await household.hass.async_block_till_done()


async def _gone(household: Household) -> None:
    while await kept(household):  # noqa: ASYNC110 - what is kept tells nobody
        await asyncio.sleep(0.01)
