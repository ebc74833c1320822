"""The second factor: a code counts once, for one session and five minutes, and guessing is slow."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest

from custom_components.earshot.api import second_factor
from custom_components.earshot.audit import Actor, AuditError, Line, Verb
from custom_components.earshot.const import CONF_SECOND_FACTOR
from custom_components.earshot.house import DATA_HOUSE

from .household import HTTP, SECRET, TLS, Household, Way

WRONG = ("second_factor_wrong",) * 5


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy."""
    return HTTP


class Clock:
    """The clock of the second factor, moved by a test."""

    def __init__(self) -> None:
        self.ran = 0.0

    def monotonic(self) -> float:
        """Return what the clock says."""
        return time.monotonic() + self.ran


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Move the clock of the second factor and no other."""
    clock = Clock()
    monkeypatch.setattr(second_factor, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


@pytest.fixture
async def strict(household: Household) -> Household:
    """Have a kitchen that asks for a second factor."""
    rules = household.hass.data[DATA_HOUSE].rules
    await rules.async_change(household.kitchen, {CONF_SECOND_FACTOR: True}, Actor())
    return household


def code(later: int = 0) -> str:
    """Return a code that is right now; one of up to 30 s before or after is so too."""
    return pyotp.TOTP(SECRET).at(int(time.time()), later)


def wrong() -> str:
    """Return a code that is not right, nor was, nor will be soon."""
    right = {code(later) for later in range(-3, 4)}
    return next(it for it in ("000000", "000001", "000002", *map(str, range(10**5, 10**5 + 8)))
                if it not in right)  # fmt: skip


async def reason(household: Household, way: Way) -> str:
    """Return why the captures of the kitchen are not told, or "yes"."""
    result = await way.result("captures", rooms=[household.kitchen.entry_id])
    return result["refused"][0]["reason"] if result["refused"] else "yes"


async def lines(household: Household) -> list[Line]:
    """Return what is in the log."""
    await household.hass.async_block_till_done()
    return list(await household.hass.data[DATA_HOUSE].audit.async_lines(None, None, 100))


async def test_a_code_counts_once_and_for_one_session(strict: Household) -> None:
    """Not in another session of the same person; in another connection of the same one it does."""
    audio = f"/api/earshot/captures/{await strict.capture()}/audio"
    phone, tablet = await strict.way(strict.anna), await strict.way(strict.anna)
    assert await reason(strict, phone) == "second_factor"
    assert await (await phone.get(audio)).json() == {"code": "second_factor"}
    one = code()
    held = (await phone.result("second_factor", token=one))["seconds"]
    assert 290 < held <= 300
    assert await reason(strict, phone) == "yes"
    assert (await phone.get(audio)).status == 200
    assert await reason(strict, tablet) == "second_factor"
    assert (await tablet.get(audio)).status == 403
    for way in (tablet, phone):
        assert await way.refused("second_factor", token=one) == "second_factor_wrong"
    assert await reason(strict, tablet) == "second_factor"
    again = Way(strict.client, phone.token, TLS)
    assert await reason(strict, again) == "yes"
    await tablet.result("second_factor", token=code(1))
    assert await reason(strict, tablet) == "yes"
    for way in (phone, tablet, again):
        await way.close()


async def test_a_code_holds_for_five_minutes(strict: Household, clock: Clock) -> None:
    audio = f"/api/earshot/captures/{await strict.capture()}/audio"
    way = await strict.way(strict.anna)
    await way.result("second_factor", token=code())
    clock.ran = 280
    assert (await way.get(audio)).status == 200
    clock.ran = 301
    assert await reason(strict, way) == "second_factor"
    assert (await way.get(audio)).status == 403
    assert (await way.result("overview"))["house"]["second_factor_s"] == 0
    await way.close()


async def test_five_tries_then_growing_waits(strict: Household, clock: Clock) -> None:
    """Also for a right code; another person is not kept waiting, and a right code ends it."""
    anna = await strict.way(strict.anna)
    tries = [await anna.refused("second_factor", token=wrong()) for _ in range(5)]
    assert tuple(tries) == WRONG
    for waits, ran in ((30, 31), (60, 92)):
        answer = await anna.ask("second_factor", token=code())
        assert answer["error"]["code"] == "second_factor_wait"
        seconds = int(answer["error"]["translation_placeholders"]["seconds"])
        assert waits - 10 < seconds <= waits
        clock.ran = ran
        if waits == 30:
            assert await anna.refused("second_factor", token=wrong()) == "second_factor_wrong"
    # In another session it is the same secret.
    other = await strict.way(strict.anna)
    clock.ran = 80
    assert await other.refused("second_factor", token=code()) == "second_factor_wait"
    tina = await strict.way(strict.people["trusted network"])
    await tina.result("second_factor", token=code())
    clock.ran = 100
    await anna.result("second_factor", token=code())
    tries = [await anna.refused("second_factor", token=wrong()) for _ in range(5)]
    assert tuple(tries) == WRONG
    for way in (anna, other, tina):
        await way.close()


async def test_many_tries_at_once_are_no_way_around(strict: Household) -> None:
    ways = [await (await strict.way(strict.anna)).connect() for _ in range(8)]
    told = await asyncio.gather(*(it.refused("second_factor", token=wrong()) for it in ways))
    assert sorted(told) == ["second_factor_wait"] * 3 + list(WRONG)
    for way in ways:
        await way.close()


async def test_tries_and_a_success_are_in_the_log(strict: Household) -> None:
    """Neither with the code."""
    way = await strict.way(strict.anna)
    for _ in range(3):
        await way.refused("second_factor", token=wrong())
    one = code()
    await way.result("second_factor", token=one)
    written = await lines(strict)
    told = [(it.verb, it.detail) for it in written if it.actor.user_id == strict.anna.id]
    assert told.count((Verb.REFUSED, "second_factor_wrong")) == 1
    assert told.count((Verb.UNLOCKED, "second_factor")) == 1
    assert one not in str(written)
    await way.close()


async def test_without_a_line_a_code_opens_nothing(
    strict: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = await strict.way(strict.anna)
    audit = strict.hass.data[DATA_HOUSE].audit

    async def full(*_: Any, **__: Any) -> int:
        raise AuditError("full")

    with monkeypatch.context() as broken:
        broken.setattr(audit, "async_write", full)
        assert await way.refused("second_factor", token=code()) == AuditError.code
        await strict.hass.async_block_till_done()
    assert await reason(strict, way) == "second_factor"
    await way.close()


async def test_whoever_has_none_is_told_so(strict: Household) -> None:
    """Where Home Assistant has no such module at all, too."""
    cleo = await strict.way(strict.people["third listener"])
    audio = f"/api/earshot/captures/{await strict.capture()}/audio"
    assert await reason(strict, cleo) == "second_factor_missing"
    assert await (await cleo.get(audio)).json() == {"code": "second_factor_missing"}
    assert await cleo.refused("second_factor", token=code()) == "second_factor_missing"
    anna = await strict.way(strict.anna)
    await anna.result("second_factor", token=code())
    del strict.hass.auth._mfa_modules["totp"]
    assert await reason(strict, anna) == "second_factor_missing"
    assert await anna.refused("second_factor", token=code(1)) == "second_factor_missing"
    for way in (cleo, anna):
        await way.close()
