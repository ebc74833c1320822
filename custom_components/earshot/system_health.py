"""Earshot on the system information page."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import EntryKind
from .entries import entries_of
from .house import DATA_HOUSE


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what is shown."""
    register.async_register_info(_info)


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    house = hass.data[DATA_HOUSE]
    rooms = [
        entry.runtime_data
        for entry in entries_of(hass, EntryKind.ROOM)
        if hasattr(entry, "runtime_data")
    ]
    return {
        "rooms": len(rooms),
        "rooms_linked": sum(room.link.is_up for room in rooms),
        "rooms_muted": sum(room.mute.is_on for room in rooms),
        "vault_open": house.is_open,
        "captures": sum(usage.captures for usage in house.usage.values()),
    }
