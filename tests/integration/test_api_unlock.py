"""A sealed room is unlocked by one person, over one connection, for five minutes."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.earshot.api import unlocks
from custom_components.earshot.api.state import DATA_API
from custom_components.earshot.audit import Actor, Verb
from custom_components.earshot.const import CONF_LISTENERS
from custom_components.earshot.house import DATA_HOUSE

from .conftest import until
from .household import HTTP, MARKER, TLS, Household, Way

PASSPHRASE = "bata dine fogu kila mopa rute"


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy."""
    return HTTP


class Sealed:
    """A kitchen that Anna has sealed, with something that was kept before and after."""

    def __init__(self, household: Household) -> None:
        self.household = household
        self.kitchen = household.kitchen.entry_id
        self.ids: list[str] = []
        self.seal_id = ""

    async def make(self) -> None:
        """Seal it."""
        self.ids.append(await self.household.capture())
        answer = await self.household.by_anna(
            "seals/create", rooms=[self.kitchen], label="Anna", password=PASSPHRASE
        )
        self.seal_id = answer["seal_id"]
        self.ids.append(await self.household.capture())

    async def unlock(self, way: Way) -> str:
        """Unlock it and return the handle."""
        answer = await way.result("seals/unlock", seal_id=self.seal_id, password=PASSPHRASE)
        assert 290 < answer["seconds"] <= 300
        return str(answer["handle"])

    async def seen(self, way: Way, **query: Any) -> list[bool]:
        """Return of each capture that is told whether it is told with its words."""
        answer = await way.result("captures", rooms=[self.kitchen], **query)
        for it in answer["captures"]:
            assert it["sealed"]
            said = (it["transcript"], it["record"], it["peaks"])
            assert all(said) or said == (None, None, None)
        return [it["transcript"] is not None for it in answer["captures"]]

    async def plays(self, way: Way, **headers: str) -> int | str:
        """Return 200 if both play, or else why they do not."""
        told = set()
        for capture_id in self.ids:
            response = await way.get(f"/api/earshot/captures/{capture_id}/audio", **headers)
            body = await response.read()
            told.add(200 if response.status == 200 and body else (await response.json())["code"])
        (one,) = told
        return one


@pytest.fixture
async def sealed(household: Household) -> Sealed:
    """Have the kitchen sealed."""
    sealed = Sealed(household)
    await sealed.make()
    return sealed


async def test_what_is_sealed_is_listed_without_words(sealed: Sealed) -> None:
    """With them it is once unlocked, and it is found by them, and plays."""
    way = await sealed.household.way(sealed.household.anna)
    assert await sealed.seen(way) == [False, False]
    house = sealed.household.hass.data[DATA_HOUSE]
    assert await sealed.seen(way, text=MARKER) == []
    assert Verb.READ not in [it.verb for it in await house.audit.async_lines(None, None, 100)]
    assert await sealed.plays(way) == "capture_sealed"
    handle = await sealed.unlock(way)
    assert await sealed.seen(way) == [True, True]
    assert await sealed.seen(way, text=MARKER) == [True, True]
    assert await sealed.plays(way) == "capture_sealed"
    assert await sealed.plays(way, **{unlocks.HEADER: handle}) == 200
    await way.result("seals/lock")
    assert await sealed.seen(way) == [False, False]
    assert await sealed.seen(way, text=MARKER) == []
    assert await sealed.plays(way, **{unlocks.HEADER: handle}) == "capture_sealed"
    lines = await house.audit.async_lines(None, None, 100)
    verbs = [it.verb for it in lines if it.target == sealed.seal_id]
    assert verbs == [Verb.LOCKED, Verb.UNLOCKED]
    await way.close()


async def test_it_is_open_to_one_person_and_one_connection(sealed: Sealed) -> None:
    """Neither another of the same person has it, nor whoever got hold of the handle."""
    household = sealed.household
    one = await household.way(household.anna)
    other = Way(household.client, one.token, TLS)
    session = await household.way(household.anna)
    cleo = await household.way(household.people["third listener"])
    handle = await sealed.unlock(one)
    for way in (other, session, cleo):
        assert await sealed.seen(way) == [False, False]
        assert await sealed.seen(way, text=MARKER) == []
        (seal,) = await way.result("seals")
        assert seal["unlocked_s"] == 0
    for way in (session, cleo):
        assert await sealed.plays(way, **{unlocks.HEADER: handle}) == "capture_sealed"
    assert await cleo.refused("seals/unlock", seal_id=sealed.seal_id, password=PASSPHRASE) == (
        "seal_unknown"
    )
    await other.result("seals/lock")
    assert await sealed.seen(one) == [True, True]
    for way in (one, other, session, cleo):
        await way.close()


async def test_it_ends_with_the_connection(sealed: Sealed) -> None:
    """At once, although the session goes on."""
    of = sealed.household.hass.data[DATA_API].unlocks._of
    way = await sealed.household.way(sealed.household.anna)
    handle = await sealed.unlock(way)
    (unlocked,) = of.values()
    await way.close()
    await until(lambda: not of)
    assert not unlocked.keys
    assert await sealed.plays(way, **{unlocks.HEADER: handle}) == "capture_sealed"
    assert await sealed.seen(way) == [False, False]
    await way.close()


async def test_a_connection_that_ends_while_its_passphrase_is_tried_unlocks_nothing(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key would wait in memory for nobody."""
    hass = sealed.household.hass
    api, house = hass.data[DATA_API], hass.data[DATA_HOUSE]
    way = await (await sealed.household.way(sealed.household.anna)).connect()
    tried, go, over = asyncio.Event(), asyncio.Event(), asyncio.Event()
    unlock = api.sealing.async_unlock

    async def held(*args: Any) -> bytes:
        key = await unlock(*args)
        tried.set()
        await go.wait()
        return bytes(key)

    monkeypatch.setattr(api.sealing, "async_unlock", held)
    house.audit.async_listen(lambda it: it.verb is Verb.UNLOCKED and over.set())
    await way.socket.send_json(
        {"id": 1, "type": "earshot/seals/unlock", "seal_id": sealed.seal_id, "password": PASSPHRASE}
    )
    async with asyncio.timeout(30):
        await tried.wait()
        (connection,) = api.unlocks._of
        await way.close()
        await until(lambda: not connection.subscriptions)
        go.set()
        await over.wait()
    await until(lambda: not [it for it in asyncio.all_tasks() if "seals/unlock" in it.get_name()])
    assert not api.unlocks._of


async def test_it_ends_after_five_minutes(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key leaves the memory, too."""
    hass = sealed.household.hass
    way = await sealed.household.way(sealed.household.anna)
    handle = await sealed.unlock(way)
    header = {unlocks.HEADER: handle}
    for ran, plays in ((280, 200), (301, "capture_sealed")):
        clock = SimpleNamespace(monotonic=lambda ran=ran: time.monotonic() + ran)
        with monkeypatch.context() as later:
            later.setattr(unlocks, "time", clock)
            assert await sealed.plays(way, **header) == plays
            assert await sealed.seen(way) == [plays == 200] * 2
    (unlocked,) = hass.data[DATA_API].unlocks._of.values()
    assert unlocked.keys
    async_fire_time_changed(hass, dt_util.utcnow().replace(year=dt_util.utcnow().year + 1))
    await until(lambda: not unlocked.keys)
    await way.close()


async def test_a_wrong_passphrase_is_slow_and_noted(sealed: Sealed) -> None:
    """Five tries, then a wait that the right one has to wait as well; the seal stays shut."""
    way = await sealed.household.way(sealed.household.anna)
    refused = []
    sealed.household.hass.data[DATA_HOUSE].audit.async_listen(
        lambda it: it.verb is Verb.REFUSED and refused.append(it)
    )
    wrong = {"seal_id": sealed.seal_id, "password": "bata dine fogu kila mopa ruti"}
    assert [await way.refused("seals/unlock", **wrong) for _ in range(5)] == ["seal_wrong"] * 5
    answer = await way.ask("seals/unlock", seal_id=sealed.seal_id, password=PASSPHRASE)
    assert answer["error"]["code"] == "seal_wait"
    assert 0 < int(answer["error"]["translation_placeholders"]["seconds"]) <= 30
    assert await sealed.seen(way) == [False, False]
    await until(lambda: refused)
    (line,) = refused
    assert (line.room_id, line.detail) == (sealed.kitchen, "passphrase")
    await way.close()


async def test_who_is_no_listener_any_more_opens_nothing(sealed: Sealed) -> None:
    """Although the seal was unlocked before."""
    household = sealed.household
    way = await household.way(household.anna)
    header = {unlocks.HEADER: await sealed.unlock(way)}
    others = [it for it in household.listeners if it != household.anna.id]
    rules = household.hass.data[DATA_HOUSE].rules
    await rules.async_change(household.kitchen, {CONF_LISTENERS: others}, Actor())
    assert await sealed.plays(way, **header) == "not_allowed"
    assert await way.refused("captures", rooms=[sealed.kitchen]) == "not_allowed"
    assert await way.refused("captures", text=MARKER) == "not_allowed"
    await way.close()
