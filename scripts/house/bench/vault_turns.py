"""Whether keeping makes an answer later: the same words in a room that keeps and one that does not.

Both rooms are of the same virtual house and speak in turn, so that whatever else the machine does
falls on both alike. The lamp is in neither of them: Home Assistant answers with a sound alone what
happens in the same room, and that is faster than words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median

from ..house import BEDROOM, KITCHEN, open_house
from ..turn import Order, Witness

_LAMP = "light.hall_light"
_BETWEEN_S = 1.0


@dataclass(frozen=True)
class Added:
    """How much later a reply comes, in milliseconds.

    From when Home Assistant knows that the command is over to when it sends the first sound of the
    reply, by its own clock: what comes before, microphone, wake word and recogniser, are
    programs of their own and differ by more. The median of the differences of pairs.
    """

    median_ms: float
    keeping_ms: float
    not_keeping_ms: float
    turns: int


async def measure(turns: int, step: Callable[[str], None]) -> Added:
    """Speak so many commands in each of both rooms; raises what the virtual house raises."""
    never = replace(BEDROOM, kind="other")
    pairs: list[dict[str, float]] = []
    async with open_house((KITCHEN, never), step=step) as house:
        for number in range(turns):
            pair: dict[str, float] = {}
            for key in ("kitchen", "bedroom") if number % 4 < 2 else ("bedroom", "kitchen"):
                state = "on" if number % 2 else "off"
                await house.client.call(f"light.turn_{'off' if state == 'on' else 'on'}", _LAMP)
                order = Order(key, f"turn {state} the hall light", expect={_LAMP: state})
                spoken = await house.voices.order(order.command, order.voice)
                turn = await Witness(house, house.rooms[key]).order(order, spoken)
                step(f"turn {number + 1} of {turns} in the {key}: {turn.faults or 'right'}")
                if turn.right:
                    pair[key] = turn.figures["reply_ms"] - turn.figures["heard_ms"]
                await asyncio.sleep(_BETWEEN_S)
            if len(pair) == 2:
                pairs.append(pair)
    if not pairs:
        raise TimeoutError("no command was answered in both rooms")
    return Added(
        median_ms=round(median(it["kitchen"] - it["bedroom"] for it in pairs), 1),
        keeping_ms=round(median(it["kitchen"] for it in pairs), 1),
        not_keeping_ms=round(median(it["bedroom"] for it in pairs), 1),
        turns=len(pairs),
    )
