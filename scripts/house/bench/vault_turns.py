"""Whether keeping makes an answer later: the same words in a room that keeps and one that does not.

Both rooms are of the same virtual house and speak in turn, so that whatever else the machine does
falls on both alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median

from ..house import BEDROOM, KITCHEN, open_house
from ..turn import Order, Witness

_LAMP = "light.kitchen_light"
_BETWEEN_S = 1.0


@dataclass(frozen=True)
class Added:
    """How much later the first sound of a reply comes, in milliseconds."""

    median_ms: float
    keeping_ms: float
    not_keeping_ms: float
    turns: int


async def measure(turns: int, step: Callable[[str], None]) -> Added:
    """Speak so many commands in each of both rooms; raises what the virtual house raises."""
    never = replace(BEDROOM, kind="other")
    seconds: dict[str, list[float]] = {"kitchen": [], "bedroom": []}
    async with open_house((KITCHEN, never), step=step) as house:
        for number in range(turns):
            for key in seconds if number % 2 else reversed(seconds):
                state = "on" if len(seconds[key]) % 2 else "off"
                await house.client.call(f"light.turn_{'off' if state == 'on' else 'on'}", _LAMP)
                order = Order(key, f"turn {state} the kitchen light", expect={_LAMP: state})
                spoken = await house.voices.order(order.command, order.voice)
                turn = await Witness(house, house.rooms[key]).order(order, spoken)
                step(f"turn {number + 1} of {turns} in the {key}: {turn.faults or 'right'}")
                if turn.reply is not None and turn.right:
                    seconds[key].append(turn.reply - turn.speech_end)
                await asyncio.sleep(_BETWEEN_S)
    if not all(seconds.values()):
        raise TimeoutError("a room answered no command")
    keeping, without = (median(it) * 1000 for it in seconds.values())
    return Added(
        median_ms=round(keeping - without, 1),
        keeping_ms=round(keeping, 1),
        not_keeping_ms=round(without, 1),
        turns=min(map(len, seconds.values())),
    )
