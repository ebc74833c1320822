"""Who was a listener when it was heard, and still is, may hear it; and refused tries."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from homeassistant.util import dt as dt_util

from custom_components.earshot.api import refusals
from custom_components.earshot.audit import Actor, Line, Verb
from custom_components.earshot.const import CONF_LISTENERS
from custom_components.earshot.house import DATA_HOUSE

from .household import HTTP, MARKER, Household, Way

AUDIO = "/api/earshot/captures/{}/audio"
NOBODY = "0" * 32


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy."""
    return HTTP


async def listeners(household: Household, *names: str) -> None:
    """Change who may listen in the kitchen, and have it confirmed there."""
    rules = household.hass.data[DATA_HOUSE].rules
    ids = [household.people[it].id for it in names]
    await rules.async_change(household.kitchen, {CONF_LISTENERS: ids}, Actor())
    await rules.async_confirm(household.kitchen.entry_id)


async def opens(way: Way, capture_id: str) -> set[str]:
    """Return by which of all ways to what was said a capture opens."""
    found = set()
    answer = await way.ask("captures")
    if answer["success"] and capture_id in {it["id"] for it in answer["result"]["captures"]}:
        found.add("captures")
    answer = await way.ask("captures", text=MARKER)
    if answer["success"] and capture_id in {it["id"] for it in answer["result"]["captures"]}:
        found.add("search")
    if (await way.get(AUDIO.format(capture_id))).status == 200:
        found.add("audio")
    if (await way.post("/api/earshot/export", {"ids": [capture_id]})).status == 200:
        found.add("export")
    if (await way.ask("captures/label", capture_id=capture_id, label="not_for_you"))["success"]:
        found.add("label")
    if (await way.ask("captures/pin", capture_id=capture_id, days=1, reason="why"))["success"]:
        found.add("pin")
    return found


ALL = {"captures", "search", "audio", "export", "label", "pin"}


async def test_who_becomes_a_listener_does_not_get_what_was_heard_before(
    household: Household,
) -> None:
    """What comes later they get; and they may delete what was heard before."""
    older = await household.capture()
    await listeners(household, "listener", "user without right")
    both = frozenset({household.anna.id, household.people["user without right"].id})
    newer = await household.capture(audience=both)
    ulf = await household.way(household.people["user without right"])
    anna = await household.way(household.anna)
    assert await opens(ulf, older) == set()
    assert await opens(ulf, newer) == ALL
    assert await opens(anna, older) == ALL
    exported = await ulf.post("/api/earshot/export", {"rooms": [household.kitchen.entry_id]})
    body = await exported.read()
    assert newer.encode() in body or newer[:8].encode() in body
    assert older[:8].encode() not in body
    await ulf.result("captures/unpin", capture_id=older)
    counted = await ulf.result("captures/delete", ids=[older], seen=1)
    assert counted["captures"] == 1
    for way in (ulf, anna):
        await way.close()


async def test_who_is_a_listener_no_more_loses_what_was_heard_at_once(
    household: Household,
) -> None:
    """And gets it back when the others take them in again: the capture says who was there."""
    capture_id = await household.capture()
    cleo = await household.way(household.people["third listener"])
    assert await opens(cleo, capture_id) == ALL
    await listeners(household, "listener")
    assert await opens(cleo, capture_id) == set()
    assert await cleo.refused("captures/delete", ids=[capture_id], seen=1) == "not_allowed"
    await cleo.close()


@pytest.fixture
async def ulf(household: Household) -> AsyncGenerator[Way]:
    """Have somebody who may not."""
    way = await household.way(household.people["user without right"])
    yield way
    await way.close()


async def test_what_is_forbidden_and_what_does_not_exist_are_answered_alike(
    household: Household, ulf: Way
) -> None:
    """To the letter: status, body and headers; malformed ids of views too."""
    ids = [await household.capture(), NOBODY]
    for name, more in (
        ("captures/pin", {"days": 1, "reason": "why"}),
        ("captures/unpin", {}),
        ("captures/label", {"label": None}),
    ):
        one, other = [await ulf.ask(name, capture_id=it, **more) for it in ids]
        assert one == other
        assert one["error"]["code"] == "not_allowed"
    for name, more in (
        ("captures/count", {}),
        ("captures/delete", {"seen": 1}),
        ("audit/listened", {}),
    ):
        one, other = [await ulf.ask(name, ids=[it], **more) for it in ids]
        assert one == other
        assert one["error"]["code"] == "not_allowed"
    for name in ("captures", "audit", "captures/count"):
        rooms = (household.kitchen.entry_id, "0" * 26)
        one, other = [await ulf.ask(name, rooms=[it]) for it in rooms]
        assert one == other
    seal = await household.by_anna(
        "seals/create", rooms=[household.kitchen.entry_id], label="Anna",
        password="bata dine fogu kila mopa rute",
    )  # fmt: skip
    for name, more in (
        ("seals/unlock", {"password": "x"}),
        ("seals/remove_person", {"user_id": "x"}),
    ):
        one, other = [await ulf.ask(name, seal_id=it, **more) for it in (seal["seal_id"], "0" * 16)]
        assert one == other
        assert one["error"]["code"] == "not_allowed"
    answers = [await seen(await ulf.get(AUDIO.format(it))) for it in (*ids, "x", "0" * 33)]
    assert answers == answers[:1] * 4
    assert (answers[0][0], answers[0][1]) == (403, b'{"code": "not_allowed"}')
    exports = [await seen(await ulf.post("/api/earshot/export", {"ids": [it]})) for it in ids]
    assert exports == answers[:1] * 2
    # To a listener, too, what is gone is like what never was.
    anna = await household.way(household.anna)
    assert await seen(await anna.get(AUDIO.format(NOBODY))) == answers[0]


async def seen(response: Any) -> tuple[int, bytes, dict[str, str]]:
    """Return all that is seen of an answer, but for the time of day."""
    headers = {name: it for name, it in response.headers.items() if name != "Date"}
    return response.status, await response.read(), headers


async def refused(household: Household) -> list[Line]:
    """Return the lines of refused tries."""
    await household.hass.async_block_till_done()
    lines = await household.hass.data[DATA_HOUSE].audit.async_lines(None, None, 100)
    return [it for it in lines if it.verb is Verb.REFUSED]


async def test_refused_tries_are_noted_once_a_minute(
    household: Household, ulf: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For each person, room and reason; whatever was tried, and however."""
    capture_id = await household.capture()
    kitchen = household.kitchen.entry_id
    for _ in range(3):
        await ulf.get(AUDIO.format(capture_id))
        await ulf.post("/api/earshot/export", {"ids": [capture_id]})
        await ulf.refused("captures", rooms=[kitchen])
        await ulf.get(AUDIO.format(NOBODY))
    told = [(it.room_id, it.detail) for it in await refused(household)]
    assert sorted(told, key=str) == sorted(
        [(kitchen, "not_listener"), (None, "not_listener")], key=str
    )
    ada = await household.way(household.people["administrator without right"])
    await ada.get(AUDIO.format(capture_id))
    assert len(await refused(household)) == 3
    long_lived = await household.way(household.anna, kind="long_lived_access_token")
    await long_lived.get(AUDIO.format(capture_id))
    (newest, *_) = await refused(household)
    assert (newest.room_id, newest.detail) == (kitchen, "long_lived")
    assert newest.actor.user_id == household.anna.id
    monkeypatch.setattr(refusals, "EVERY_S", -1.0)
    await ulf.get(AUDIO.format(capture_id))
    assert len(await refused(household)) == 5


async def test_a_refused_try_names_no_capture_and_no_word(household: Household, ulf: Way) -> None:
    capture_id = await household.capture()
    await ulf.ask("captures", rooms=[household.kitchen.entry_id], text=MARKER)
    await ulf.ask("captures/label", capture_id=capture_id, label="wrong_text", right_text=MARKER)
    lines = await refused(household)
    assert lines
    assert MARKER not in str(lines)
    assert all(not it.target for it in lines)
    assert all(it.when <= dt_util.utcnow() for it in lines)
