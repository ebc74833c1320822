"""What is said in the demo."""

from __future__ import annotations

from ..turn import Order

MORNING = (
    Order("kitchen", "turn on the kitchen light", "slt", {"light.kitchen_light": "on"}),
    Order("bedroom", "turn on the bedroom light", "rms", {"light.bedroom_light": "on"}),
    Order("kitchen", "turn on the hall light", "kal16", {"light.hall_light": "on"}, pause_s=0.0),
    Order("bedroom", "turn off the kitchen light", "slt", {"light.kitchen_light": "off"}),
    Order("kitchen", "turn on ... the coffee machine", "rms", {"switch.coffee_machine": "on"}),
    Order("bedroom", "turn off the bedroom light", "kal16", {"light.bedroom_light": "off"}),
    Order("kitchen", "my sister bought a green bicycle", "slt", outcome="not_understood"),
)

DOOR_CLOSED = Order("bedroom", "turn on the bedroom light", "slt", outcome="")
"""Said while the automation keeps the bedroom's microphone closed: nothing may happen."""

DOOR_OPEN = Order("bedroom", "turn on the bedroom light", "slt", {"light.bedroom_light": "on"})
