"""No secret hold: whoever may listen in a room hears of a pin, whoever made it."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from .household import HTTP, MARKER, Household

WORDS = logging.getLogger("homeassistant.components.websocket_api")


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy."""
    return HTTP


@pytest.fixture(autouse=True)
def not_written_down() -> Iterator[None]:
    """Have Home Assistant not write its messages down, or no reason would be taken."""
    before = WORDS.level
    WORDS.setLevel(logging.INFO)
    yield
    WORDS.setLevel(before)


async def test_a_pin_is_told_to_the_people_of_the_room_and_to_nobody_else(
    household: Household,
) -> None:
    """When it is made and when it is taken away; its reason is in the list only."""
    cleo = await household.way(household.people["third listener"])
    ulf = await household.way(household.people["user without right"])
    for way in (cleo, ulf):
        await way.result("subscribe")
    capture_id = await household.capture()
    await household.by_anna("captures/pin", capture_id=capture_id, days=2, reason=MARKER)
    told = {
        "event": "pin",
        "room_id": household.kitchen.entry_id,
        "capture_id": capture_id,
        "user_id": household.anna.id,
    }
    assert await cleo.event(1, "pin") == told | {"verb": "pinned"}
    (pin,) = await cleo.result("captures/pins")
    assert (pin["by"], pin["reason"]) == (household.anna.id, MARKER)
    await cleo.result("captures/unpin", capture_id=capture_id)
    # Everybody is told that somebody listened, so nothing before that is still on its way.
    await household.by_anna("captures", rooms=[household.kitchen.entry_id])
    heard = set()
    while "listened" not in heard:
        heard.add((await ulf.socket.receive_json(timeout=10))["event"]["event"])
    assert "pin" not in heard
    await cleo.close()
    await ulf.close()
