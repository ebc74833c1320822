"""Captures by the page: all of them, each once, newest first, and only what was asked for."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from homeassistant.util import dt as dt_util

from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.policy.retention import Outcome

from .conftest import until
from .household import HTTP, Household, Way

SAID = ("red lamp", "green lamp", "blue lamp", "red door", "green door", "blue door", "red lamp")


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy."""
    return HTTP


class Days:
    """A kitchen with one capture of each of the last seven hours, and one of the study."""

    def __init__(self, household: Household) -> None:
        self.household = household
        self.kitchen = household.kitchen.entry_id
        self.now = dt_util.utcnow() - timedelta(minutes=1)
        self.ids: list[str] = []
        """The newest first."""

    def ago(self, hours: float) -> datetime:
        """Return a moment."""
        return self.now - timedelta(hours=hours)

    async def keep(self) -> None:
        """Keep them, the oldest last."""
        outcomes = (Outcome.UNDERSTOOD, Outcome.UNDERSTOOD, Outcome.NOT_UNDERSTOOD)
        for at, said in enumerate(SAID):
            outcome, heard = outcomes[at % 3], self.ago(at)
            self.ids.append(
                await self.household.capture(started=heard, outcome=outcome, transcript=said)
            )
        study = self.household.study.entry_id
        ben = frozenset({self.household.people["listener of another room"].id})
        await self.household.capture(room_id=study, audience=ben, started=self.ago(2.5))
        vault = await self.household.hass.data[DATA_HOUSE].async_vault()
        await until(lambda: vault.search_ready)

    async def found(self, way: Way, **query: Any) -> list[int]:
        """Return which captures a query finds, by the hours that they are old."""
        answer = await way.result("captures", **query)
        assert answer["refused"] == []
        return [self.ids.index(it["id"]) for it in answer["captures"]]

    async def turned(self, way: Way, **query: Any) -> list[list[int]]:
        """Return what is on all pages of a query."""
        pages: list[list[int]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = await way.result("captures", **query, **cursor)
            pages.append([self.ids.index(it["id"]) for it in answer["captures"]])
            assert len(pages) < 20
            if answer["cursor"] is None:
                return pages
            cursor = {"cursor": answer["cursor"]}


@pytest.fixture
async def days(household: Household) -> Days:
    """Have something on several pages."""
    days = Days(household)
    await days.keep()
    return days


async def test_all_pages_have_everything_once(days: Days) -> None:
    """Whatever the size of a page, also while something new comes."""
    way = await days.household.way(days.household.anna)
    assert await days.found(way) == [0, 1, 2, 3, 4, 5, 6]
    for limit in (1, 2, 3, 6, 7, 100):
        pages = await days.turned(way, limit=limit)
        assert [it for page in pages for it in page] == [0, 1, 2, 3, 4, 5, 6]
        assert all(len(it) <= limit for it in pages)
    first = await way.result("captures", limit=3)
    await days.household.capture(started=dt_util.utcnow())
    rest = await way.result("captures", limit=100, cursor=first["cursor"])
    assert [days.ids.index(it["id"]) for it in rest["captures"]] == [3, 4, 5, 6]
    await way.close()


async def test_what_is_searched_for_has_pages_too(days: Days) -> None:
    way = await days.household.way(days.household.anna)
    assert await days.found(way, text="red") == [0, 3, 6]
    assert await days.found(way, text="lamp red") == [0, 6]
    assert await days.turned(way, text="lamp", limit=1) == [[0], [1], [2], [6]]
    assert await days.found(way, text="zanzibar") == []
    await way.close()


async def test_filters(days: Days) -> None:
    """By room, day, outcome and words, and by all of them together."""
    way = await days.household.way(days.household.anna)
    since, until_ = days.ago(4.5).isoformat(), days.ago(1).isoformat()
    assert await days.found(way, rooms=[days.kitchen]) == [0, 1, 2, 3, 4, 5, 6]
    assert await days.found(way, since=since) == [0, 1, 2, 3, 4]
    # The end is the first moment that no longer counts.
    assert await days.found(way, since=since, until=until_) == [2, 3, 4]
    assert await days.found(way, since=until_, until=since) == []
    assert await days.found(way, outcomes=["not_understood"]) == [2, 5]
    assert await days.found(way, outcomes=["failed", "false_wake"]) == []
    assert await days.found(way, outcomes=["understood"], text="lamp", since=since) == [0, 1]
    assert await days.turned(way, outcomes=["understood"], limit=2) == [[0, 1], [3, 4], [6]]
    await way.close()


async def test_another_room_is_not_among_them(days: Days) -> None:
    """Whoever names one gets nothing at all; each sees the own ones."""
    study = days.household.study.entry_id
    anna = await days.household.way(days.household.anna)
    ben = await days.household.way(days.household.people["listener of another room"])
    assert await anna.refused("captures", rooms=[days.kitchen, study]) == "not_allowed"
    assert await anna.refused("captures", rooms=["0" * 26]) == "not_allowed"
    (only,) = (await ben.result("captures"))["captures"]
    assert only["room_id"] == study
    counted = await anna.result("captures/count", since=days.ago(24).isoformat())
    assert (counted["captures"], set(counted["rooms"])) == (7, {days.kitchen})
    for way in (anna, ben):
        await way.close()


async def test_what_counts_is_what_is_listed(days: Days) -> None:
    """A count and a list of the same selection agree."""
    way = await days.household.way(days.household.anna)
    for span in (
        {},
        {"since": days.ago(4.5).isoformat()},
        {"until": days.ago(1).isoformat()},
        {"outcomes": ["not_understood"], "until": days.ago(3).isoformat()},
    ):
        counted = await way.result("captures/count", **span)
        assert counted["captures"] == len(await days.found(way, **span))
    await way.close()


async def test_a_page_has_a_size(days: Days) -> None:
    way = await days.household.way(days.household.anna)
    for limit in (0, 101, "3"):
        assert await way.refused("captures", limit=limit) == "invalid_format"
    assert await way.refused("captures", text="") == "invalid_format"
    assert await way.refused("captures", text="a" * 201) == "invalid_format"
    await way.close()
