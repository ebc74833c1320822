"""What changes is told as it happens, to those who may know it and for as long as they may."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from custom_components.earshot.api.live import MAX_FEEDS
from custom_components.earshot.api.state import DATA_API
from custom_components.earshot.audit import Actor
from custom_components.earshot.const import CONF_LISTENERS
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.wire.microphone import Evidence

from .conftest import until
from .household import HTTP, MARKER, Household, Way


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy."""
    return HTTP


class Told:
    """People with a live subscription each, and what they are told."""

    def __init__(self, household: Household) -> None:
        self.household = household
        self.ways: dict[str, Way] = {}

    async def subscribe(self, *names: str) -> None:
        """Have people subscribe."""
        for name in names:
            self.ways[name] = await self.household.way(self.household.people[name])
            await self.ways[name].result("subscribe")

    async def close(self) -> None:
        """Have everybody hang up."""
        for way in self.ways.values():
            await way.close()

    async def events(self, name: str) -> list[dict[str, Any]]:
        """Return what somebody was told until all are told that something was played.

        Everybody is told that, so what came before it is here.
        """
        capture_id = await self.household.capture()
        anna = await self.household.way(self.household.anna)
        assert (await anna.get(f"/api/earshot/captures/{capture_id}/audio")).status == 200
        told: list[dict[str, Any]] = []
        while not told or told[-1]["event"] != "listened":
            message = await self.ways[name].socket.receive_json(timeout=10)
            told.append(message["event"])
        assert told[-1]["room_id"] == self.household.kitchen.entry_id
        # The capture that was made to be played.
        return [it for it in told[:-1] if capture_id not in (it.get("ids") or ())]

    async def captures(self, name: str) -> list[tuple[str, list[str]]]:
        """Return what somebody was told of captures, and of which."""
        events = [it for it in await self.events(name) if it["event"] == "captures"]
        assert {it["room_id"] for it in events} <= {self.household.kitchen.entry_id}
        return [(it["kind"], it["ids"]) for it in events]


@pytest.fixture
async def told(household: Household) -> AsyncGenerator[Told]:
    """Have people who can subscribe."""
    told = Told(household)
    yield told
    await told.close()


async def test_captures_are_told_to_those_of_the_room(told: Told) -> None:
    """That they came, changed or went, and nothing that was said; to nobody else."""
    strangers = ("user without right", "listener of another room", "administrator without right")
    await told.subscribe("third listener", *strangers)
    capture_id = await told.household.capture()
    await told.household.by_anna(
        "captures/label", capture_id=capture_id, label="wrong_text", right_text=MARKER
    )
    await told.household.by_anna("captures/delete", ids=[capture_id], seen=1)
    gone = await told.ways["third listener"].event(1, "captures")
    while gone["kind"] != "gone":
        gone = await told.ways["third listener"].event(1, "captures")
    assert gone == {
        "event": "captures",
        "kind": "gone",
        "room_id": told.household.kitchen.entry_id,
        "ids": [capture_id],
    }
    for name in strangers:
        events = await told.events(name)
        assert "captures" not in {it["event"] for it in events}
        assert MARKER not in str(events)
        assert capture_id not in str(events)


async def test_what_came_and_changed_is_told_in_its_order(told: Told) -> None:
    await told.subscribe("third listener")
    capture_id = await told.household.capture()
    await told.household.by_anna("captures/pin", capture_id=capture_id, days=1, reason=MARKER)
    events = await told.events("third listener")
    kinds = [it.get("kind") for it in events if it["event"] == "captures"]
    assert kinds[:2] == ["kept", "changed"]
    assert MARKER not in str(events)


async def test_who_is_taken_off_the_list_is_told_no_more_at_once(told: Told) -> None:
    """Over the subscription that goes on; and who is put on it is told from then on."""
    household, others = told.household, [told.household.anna.id]
    rules = household.hass.data[DATA_HOUSE].rules
    await told.subscribe("third listener")
    one = await household.capture()
    assert ("kept", [one]) in await told.captures("third listener")
    await rules.async_change(household.kitchen, {CONF_LISTENERS: others}, Actor())
    await household.capture()
    assert await told.captures("third listener") == []
    others.append(household.people["third listener"].id)
    await rules.async_change(household.kitchen, {CONF_LISTENERS: list(others)}, Actor())
    await rules.async_confirm(household.kitchen.entry_id)
    another = await household.capture()
    assert ("kept", [another]) in await told.captures("third listener")


async def test_that_a_microphone_was_verified_again_is_told(told: Told) -> None:
    """Whoever shows it must know how old that is, also when it says the same as before."""
    satellite = told.household.satellite
    await told.subscribe("user without right")
    way = told.ways["user without right"]
    await satellite.receipt()
    first = await way.event(1, "room")
    assert first["microphone"]["state"] == "on"
    await satellite.receipt(age_ms=4_000)
    again = await way.event(1, "receipt")
    assert again.keys() == {"event", "room_id", "verified_s"}
    assert again["room_id"] == told.household.kitchen.entry_id
    assert 4 <= again["verified_s"] < 14
    evidence = (Evidence(source="sound_server", state="other", detail="Recorder"),)
    await satellite.receipt(state="unverified", reason="held_by_other", evidence=evidence)
    held = (await way.event(1, "room"))["microphone"]
    assert (held["state"], held["reason"]) == (None, "held_by_other")
    assert held["holders"] == ["Recorder"]
    assert held["since"] > first["microphone"]["since"]


async def test_how_long_a_mute_lasts_is_told(told: Told) -> None:
    """Once, and again only when it lasts longer: whoever is told counts down by themselves."""
    mute = told.household.kitchen.runtime_data.mute
    await told.subscribe("user without right")
    way = told.ways["user without right"]
    for minutes in (10, 20):
        await mute.async_set_for(minutes)
        room = await way.event(1, "room")
        while (room["mute_left_s"] or 0) <= (minutes - 1) * 60:
            room = await way.event(1, "room")
        assert room["muted"]
        assert not room["mute_waits"]
        assert room["mute_left_s"] <= minutes * 60


async def test_a_room_that_is_removed_is_told_to_nobody(told: Told) -> None:
    """Nothing is known of it any more, so neither is who may hear of it; the house is to be asked
    again instead."""
    await told.subscribe("third listener")
    await told.household.hass.config_entries.async_remove(told.household.kitchen.entry_id)
    await told.ways["third listener"].event(1, "overview")
    result = await told.ways["third listener"].result("overview")
    assert [it["name"] for it in result["rooms"]] == ["Study"]


async def test_who_hangs_up_leaves_nothing_behind(told: Told) -> None:
    """Nor who unsubscribes."""
    hass = told.household.hass
    house, api = hass.data[DATA_HOUSE], hass.data[DATA_API]
    rooms = [it.runtime_data for it in (told.household.kitchen, told.household.study)]

    def listening() -> list[int]:
        of = (
            house._listeners, house._capture_listeners, house.rules._listeners,
            house.audit._listeners, api.deletions._listeners, api.checks._listeners,
            *(it._listeners for it in rooms),
        )  # fmt: skip
        return [len(it) for it in of]

    before = listening()
    await told.subscribe("listener", "third listener")
    assert [now - then for now, then in zip(listening(), before, strict=True)] == [2] * 8
    way = told.ways["third listener"]
    await way.socket.send_json({"id": 50, "type": "unsubscribe_events", "subscription": 1})
    await until(lambda: sum(listening()) == sum(before) + 8)
    await told.ways["listener"].close()
    await until(lambda: listening() == before)


async def test_who_hangs_up_before_the_answer_has_no_subscription(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first request after a start waits until it is read who has a second factor."""
    household = told.household
    house, api = household.hass.data[DATA_HOUSE], household.hass.data[DATA_API]
    way = await (await household.way(household.anna)).connect()
    asked, go = asyncio.Event(), asyncio.Event()
    closed = []
    of_connection = api.unlocks.of_connection

    async def slow(_: str) -> bool:
        asked.set()
        await go.wait()
        return False

    monkeypatch.setattr(api.second_factor, "async_is_set_up", slow)
    monkeypatch.setattr(
        api.unlocks, "of_connection", lambda it: closed.append(it) or of_connection(it)
    )
    before = len(house._capture_listeners)
    await way.socket.send_json({"id": 1, "type": "earshot/subscribe"})
    async with asyncio.timeout(10):
        await asked.wait()
    (task,) = (it for it in asyncio.all_tasks() if it.get_name() == "earshot earshot/subscribe")
    await way.close()
    await until(lambda: not [it for it in asyncio.all_tasks() if "websocket" in it.get_name()])
    go.set()
    await asyncio.wait([task], timeout=10)
    (connection,) = closed
    assert not connection.subscriptions
    assert len(house._capture_listeners) == before


async def test_one_connection_has_so_many_subscriptions(told: Told) -> None:
    """And room for another once one ended."""
    await told.subscribe("listener")
    way = told.ways["listener"]
    for _ in range(MAX_FEEDS - 1):
        await way.result("subscribe")
    assert await way.refused("subscribe") == "too_many_feeds"
    await way.socket.send_json({"id": 50, "type": "unsubscribe_events", "subscription": 1})
    assert (await way.socket.receive_json(timeout=10))["success"]
    way._last = 50
    await way.result("subscribe")
