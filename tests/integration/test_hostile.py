"""What somebody sends who wishes a house ill: answered in words of ours, and in no log."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from homeassistant.util import dt as dt_util

from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.policy.retention import Outcome
from custom_components.earshot.vault import NewCapture

from .conftest import until
from .household import HTTP, MARKER, WEEK, Household

WORDS = logging.getLogger("homeassistant.components.websocket_api")
NOBODY = "0" * 32


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy."""
    return HTTP


@pytest.fixture(autouse=True)
def not_written_down() -> Iterator[None]:
    """Have Home Assistant not write its messages down, or no word would be taken or given."""
    before = WORDS.level
    WORDS.setLevel(logging.INFO)
    yield
    WORDS.setLevel(before)


def deep(value: Any) -> Any:
    """Return a value in a hundred lists."""
    for _ in range(100):
        value = [value]
    return value


MESSAGES: tuple[tuple[str, dict[str, Any]], ...] = (
    *(("captures", {"cursor": it}) for it in ("abc", "-1", "9" * 19, "9" * 64, "٣", "1\n", "")),
    *(
        (command, {field: moment})
        for command in ("captures", "captures/count")
        for field in ("since", "until")
        for moment in (
            "0001-01-01T00:00:00+14:00",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59-14:00",
            "2026-01-01T00:00:00",
            5,
        )
    ),
    ("captures", {"text": "light", "since": "9999-12-31T23:59:59Z"}),
    ("captures", {"text": "light", "until": "9999-12-31T23:59:59Z", "cursor": "9" * 19}),
    *(
        ("captures", {"text": it})
        for it in (
            "_", "__ a", "\0light\0", '"light* OR text:(NEAR(', "NOT", "AND OR", "light*^", "-a",
            "a" * 200, "a" * 10_000, "\u0301", "² ½ ﷽ 🦊 ँ ं", "ﬁ ǅ İ ß", "a " * 100, deep("x"), 5,
        )
    ),
    *(("captures", {"limit": it}) for it in (-1, 0, 10**30, True, 1.0, "1", None)),
    *(("captures", {"rooms": it}) for it in ([{}], {}, [], "x", [deep("x")], ["x\0"])),
    *(("captures", {"outcomes": it}) for it in ([{}], [["understood"]], [None], "understood")),
    ("captures", {"unknown": deep({"x": 1})}),
    ("captures/delete", {"ids": [[]], "seen": 1}),
    ("captures/delete", {"ids": [NOBODY], "seen": -1}),
    ("captures/delete", {"ids": [NOBODY], "seen": 1, "undo": 10**9}),
    ("captures/label", {"capture_id": NOBODY, "label": {}}),
    ("captures/label", {"capture_id": NOBODY, "label": []}),
    ("captures/pin", {"capture_id": NOBODY, "days": 2**63, "reason": "x"}),
    ("captures/pin", {"capture_id": NOBODY, "days": 1, "reason": "x" * 10_000}),
    ("audit", {"before": 2**62}),
    ("audit", {"before": 2**63}),
    ("audit", {"before": 0}),
    ("seals/lock", {"seal_id": "strange"}),
    ("seals/lock", {"seal_id": "0" * 16}),
    ("seals/lock", {"seal_id": deep("x")}),
    ("seals/unlock", {"seal_id": "strange", "password": "x"}),
    ("seals/unlock", {"seal_id": "0" * 16, "password": "x" * 100_000}),
)  # fmt: skip


async def test_no_message_makes_earshot_stumble(
    household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """Each is done or refused for a reason; none is an error that nobody thought of."""
    await household.capture()
    way = await household.way(household.anna)
    wrong = []
    for name, message in MESSAGES:
        caplog.clear()
        answer = await way.ask(name, **message)
        code = "" if answer["success"] else answer["error"]["code"]
        logged = [it.getMessage() for it in caplog.records if it.levelno >= logging.ERROR]
        if logged or code in {"failed", "unknown_error", "debug_log"}:
            wrong.append(f"{name} {str(message)[:60]}: {code} {logged}")
    await way.close()
    assert not wrong, "\n".join(wrong)


async def test_nobody_without_right_can_fill_the_log(household: Household) -> None:
    """It holds so many lines, and who could write others' out of it could hide a listening."""
    house = household.hass.data[DATA_HOUSE]
    way = await household.way(household.people["user without right"])
    await way.ask("captures")
    await household.hass.async_block_till_done()
    assert house.audit.tip is not None
    before = house.audit.tip.seq
    for _ in range(5):
        for name, message in (
            ("captures", {}),
            ("captures", {"rooms": [household.kitchen.entry_id]}),
            ("captures/delete", {"ids": [NOBODY], "seen": 1}),
            ("seals/lock", {}),
            ("seals/lock", {"seal_id": "0" * 16}),
            ("seals/unlock", {"seal_id": "0" * 16, "password": "x"}),
            ("audit/verify", {}),
            ("subscribe", {}),
        ):
            await way.ask(name, **message)
    await way.close()
    await household.hass.async_block_till_done()
    assert house.audit.tip.seq - before <= 2


async def test_a_search_tells_nothing_of_what_was_heard_before(household: Household) -> None:
    """Somebody who became a listener later cannot find out what was said by where pages end."""
    vault = await household.hass.data[DATA_HOUSE].async_vault()
    for _ in range(25):
        await vault.async_keep(
            NewCapture(
                room_id=household.kitchen.entry_id,
                started=dt_util.utcnow(),
                outcome=Outcome.UNDERSTOOD,
                audience=frozenset({household.anna.id}),
                transcript=f"turn on the {MARKER} light",
                record={},
            ),
            WEEK,
        )
    anna = await household.way(household.anna)
    cleo = await household.way(household.people["third listener"])
    asked = {"text": MARKER, "limit": 1}
    await until(lambda: vault.search_ready)
    page = await anna.result("captures", **asked)
    assert page["captures"]
    assert page["cursor"]
    page = await cleo.result("captures", **asked)
    assert (page["captures"], page["cursor"]) == ([], None)
    await anna.close()
    await cleo.close()
