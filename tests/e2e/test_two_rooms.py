"""Two people speak in two rooms at nearly the same time: both are served."""

import asyncio

import pytest

from house.house import House
from house.turn import Order, Turn, Witness

ORDERS = (
    Order("kitchen", "turn on the hall light", "rms", {"light.hall_light": "on"}),
    Order("bedroom", "turn on the office light", "kal16", {"light.office_light": "on"}),
)


@pytest.mark.parametrize("apart_s", [0.5, 1.5])
async def test_two_rooms_at_once(house: House, apart_s: float) -> None:
    """Wake words this far apart: no command is lost, none is done twice, both get a reply."""
    for order in ORDERS:
        for entity in order.expect:
            await house.client.call("light.turn_off", entity)
    first, second = await asyncio.gather(
        _say(house, ORDERS[0], 0.0), _say(house, ORDERS[1], apart_s)
    )
    for turn in (first, second):
        assert turn.missed == [], turn.faults
        others = set(ORDERS[0].expect) | set(ORDERS[1].expect)
        assert {change.partition(":")[0] for change in turn.wrong} <= others


async def _say(house: House, order: Order, after_s: float) -> Turn:
    spoken = await house.voices.order(order.command, order.voice)
    await asyncio.sleep(after_s)
    return await Witness(house, house.rooms[order.room]).order(order, spoken)
