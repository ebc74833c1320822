"""Labels, pins and deletions: by the people of the room, in the open, and within their bounds."""

import tempfile
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.util import dt as dt_util

from custom_components.earshot.audit import Actor, AuditError, Line, Verb
from custom_components.earshot.const import CONF_ROOM_KIND
from custom_components.earshot.house import DATA_HOUSE, House

from .house_clock import take_over
from .household import HTTP, MARKER, Household, Way


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy."""
    return HTTP


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a deletion look into a folder of its own for temporary files, not the machine's."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def house(household: Household) -> House:
    """Return the house."""
    return household.hass.data[DATA_HOUSE]


@pytest.fixture
async def anna(household: Household) -> AsyncGenerator[Way]:
    """Have a listener."""
    way = await household.way(household.anna)
    yield way
    await way.close()


@pytest.fixture
async def cleo(household: Household) -> AsyncGenerator[Way]:
    """Have another one."""
    way = await household.way(household.people["third listener"])
    yield way
    await way.close()


async def lines(house: House, *verbs: Verb) -> list[Line]:
    """Return lines of the log, the first one first."""
    found = await house.audit.async_lines(None, None, 100)
    return [it for it in reversed(found) if it.verb in verbs]


async def one(way: Way, capture_id: str) -> dict[str, Any]:
    """Return a capture as it is told."""
    found = (await way.result("captures"))["captures"]
    return next(it for it in found if it["id"] == capture_id)


async def test_a_label_says_what_was_wrong(
    household: Household, house: House, anna: Way, cleo: Way
) -> None:
    """Every listener sees it, finds it by the right words, and can take it away."""
    capture_id = await household.capture()
    await anna.result("captures/label", capture_id=capture_id, label="not_for_you")
    seen = await one(cleo, capture_id)
    assert (seen["label"], seen["right_text"]) == ("not_for_you", None)
    right = "turn off the oboe"
    await cleo.result("captures/label", capture_id=capture_id, label="wrong_text", right_text=right)
    seen = await one(anna, capture_id)
    assert (seen["label"], seen["right_text"]) == ("wrong_text", right)
    assert MARKER in seen["transcript"]
    assert len((await anna.result("captures", text="oboe"))["captures"]) == 1
    for label in ("not_for_you", None):
        message = {"capture_id": capture_id, "label": label, "right_text": right}
        assert await anna.refused("captures/label", **message) == "label_without_text"
    await anna.result("captures/label", capture_id=capture_id, label=None)
    seen = await one(cleo, capture_id)
    assert (seen["label"], seen["right_text"]) == (None, None)
    assert (await anna.result("captures", text="oboe"))["captures"] == []
    written = await lines(house, Verb.LABELLED)
    assert [it.target for it in written] == [capture_id] * 3
    assert right not in str(written)


async def test_a_label_has_bounds(household: Household, anna: Way) -> None:
    capture_id = await household.capture()
    for message in (
        {"label": "strange"},
        {"label": "wrong_text", "right_text": "a" * 1_001},
        {"label": "wrong_text", "right_text": ""},
        {},
    ):
        answer = await anna.refused("captures/label", capture_id=capture_id, **message)
        assert answer == "invalid_format"


async def test_a_pin_keeps_for_so_many_days_and_says_why(
    household: Household, house: House, anna: Way, cleo: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there when its time would be over, and goes when the pin is taken away."""
    capture_id, other = await household.capture(), await household.capture()
    message = {"capture_id": capture_id, "reason": "for the insurance"}
    for days in (0, 31, -1):
        assert await anna.refused("captures/pin", **message, days=days) == "invalid_format"
    made = await anna.result("captures/pin", **message, days=30)
    until_ = dt_util.parse_datetime(made["until"])
    assert until_ is not None
    assert timedelta(days=29) < until_ - dt_util.utcnow() <= timedelta(days=30)
    pin = (await one(cleo, capture_id))["pin"]
    assert (pin["reason"], pin["by_name"]) == ("for the insurance", "Anna")
    clock = await take_over(house, monkeypatch)
    clock.later(hours=24 * 7 + 1)
    await house.async_purge()
    assert [it["id"] for it in (await cleo.result("captures"))["captures"]] == [capture_id]
    await cleo.result("captures/unpin", capture_id=capture_id)
    assert await anna.result("captures/pins") == []
    await house.async_purge()
    assert (await anna.result("captures"))["captures"] == []
    told = [(it.verb, it.target, it.actor.user_id) for it in await lines(
        house, Verb.PINNED, Verb.UNPINNED
    )]  # fmt: skip
    cleos = household.people["third listener"].id
    assert told == [
        (Verb.PINNED, capture_id, household.anna.id), (Verb.UNPINNED, capture_id, cleos),
    ]  # fmt: skip
    assert other not in str(told)


async def test_pins_on_pins_do_not_add_up(household: Household, anna: Way) -> None:
    """Another 30 days begin today; the one that was made last holds."""
    capture_id = await household.capture()
    for days in (30, 30, 2):
        await anna.result("captures/pin", capture_id=capture_id, days=days, reason="why")
    (pin,) = await anna.result("captures/pins")
    until_ = dt_util.parse_datetime(pin["until"])
    assert until_ is not None
    assert until_ - dt_util.utcnow() <= timedelta(days=2)


@pytest.mark.parametrize(
    "rule", [{CONF_ROOM_KIND: "bedroom"}, {"audio": "never", "transcript": "never"}]
)
async def test_nothing_is_pinned_where_nothing_is_kept(
    household: Household, house: House, anna: Way, rule: dict[str, str]
) -> None:
    """What was kept before is on its way out there, and stays so."""
    capture_id = await household.capture()
    await house.rules.async_change(household.kitchen, rule, Actor())
    answer = await anna.refused("captures/pin", capture_id=capture_id, days=1, reason="why")
    assert answer == "never_kept"
    assert await lines(house, Verb.PINNED) == []


async def test_what_is_deleted_is_what_was_agreed_to(
    household: Household, house: House, anna: Way, cleo: Way
) -> None:
    """More than was seen is refused; what comes later stays, and so does what is pinned."""
    pinned, *_ = ids = [await household.capture(pinned=at == 0) for at in range(3)]
    counted = await anna.result("captures/count", rooms=[household.kitchen.entry_id])
    assert (counted["captures"], counted["pinned"]) == (2, 1)
    await household.capture()
    span = {"rooms": [household.kitchen.entry_id]}
    answer = await anna.ask("captures/delete", **span, seen=2)
    assert answer["error"]["code"] == "count_changed"
    assert answer["error"]["translation_placeholders"] == {"count": "3"}
    await anna.result("subscribe")
    subscription = anna._last
    deletion = await anna.result("captures/delete", **span, seen=2, until=counted["until"])
    done = await anna.event(subscription, "deletion")
    assert (done["deletion_id"], done["captures"]) == (deletion["deletion_id"], 2)
    left = {it["id"] for it in (await cleo.result("captures"))["captures"]}
    assert pinned in left
    assert len(left) == 2
    assert not left & set(ids[1:])
    await anna.result("captures/delete", **span, seen=2, pinned=True)
    assert (await anna.event(subscription, "deletion"))["captures"] == 2
    assert (await cleo.result("captures"))["captures"] == []
    assert len(await lines(house, Verb.DELETED)) >= 2


async def test_what_was_taken_back_is_all_there(household: Household, anna: Way) -> None:
    """While it waits, too; and nothing of it is done later."""
    ids = [await household.capture() for _ in range(2)]
    waits = await anna.result("captures/delete", ids=ids, seen=2, undo=30)
    assert len((await anna.result("captures"))["captures"]) == 2
    await anna.result("captures/undo", deletion_id=waits["deletion_id"])
    way = await household.way(household.anna)
    assert {it["id"] for it in (await anna.result("captures"))["captures"]} == set(ids)
    assert (await way.get(f"/api/earshot/captures/{ids[0]}/audio")).status == 200
    assert await anna.refused("captures/delete", ids=ids, seen=2, undo=31) == "invalid_format"


async def test_one_that_is_not_ones_own_among_them_deletes_none(
    household: Household, anna: Way
) -> None:
    ids = [await household.capture(), "0" * 32]
    for name in ("captures/count", "captures/delete"):
        more = {"seen": 2} if name == "captures/delete" else {}
        assert await anna.refused(name, ids=ids, **more) == "not_allowed"
    await household.hass.async_block_till_done()
    assert len((await anna.result("captures"))["captures"]) == 1


@pytest.mark.parametrize("what", ["pin", "unpin", "label"])
async def test_without_a_line_nothing_is_done(
    household: Household, house: House, anna: Way, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Who held something back, or let it go, is known afterwards."""
    capture_id = await household.capture(pinned=what == "unpin")
    before = await one(anna, capture_id)

    async def broken(*_: Any, **__: Any) -> int:
        raise AuditError("planted")

    more = {"pin": {"days": 1, "reason": "why"}, "label": {"label": "not_for_you"}}.get(what, {})
    with monkeypatch.context() as planted:
        planted.setattr(house.audit, "async_write", broken)
        answer = await anna.refused(f"captures/{what}", capture_id=capture_id, **more)
        assert answer == AuditError.code
    assert await one(anna, capture_id) == before
