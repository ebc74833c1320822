"""The 30 spoken turns: committed, so that runs can be compared."""

from __future__ import annotations

from itertools import cycle

from ..turn import Order
from ..voice import VOICES

_LAMPS = ("kitchen_light", "bedroom_light", "hall_light", "office_light")


def orders() -> list[Order]:
    """Return 26 commands that nothing can follow, two that could go on, two that break off.

    Both rooms speak of their own lamps and of others, so that some replies are Home Assistant's
    acknowledge sound and some are words; every fifth leaves no pause after the wake word.
    """
    voices = cycle(VOICES)
    made: list[Order] = []
    for number in range(26):
        lamp = _LAMPS[(number + number // 4) % 4]
        state = "on" if number % 2 == 0 else "off"
        made.append(
            Order(
                room="kitchen" if (number // 2) % 2 == 0 else "bedroom",
                command=f"turn {state} the {lamp.replace('_', ' ')}",
                voice=next(voices),
                expect={f"light.{lamp}": state},
                pause_s=0.0 if number % 5 == 4 else 0.3,
            )
        )
    for state in ("on", "off"):
        both = {"light.kitchen_light": state, "light.ceiling_lamp": state}
        made.append(Order("kitchen", f"turn {state} the lights", next(voices), both))
    broken_off = "turn on the"
    return [
        *made,
        Order("kitchen", broken_off, next(voices), outcome="not_understood"),
        Order("bedroom", broken_off, next(voices), outcome="not_understood"),
    ]
