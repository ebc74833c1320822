"""Earshot on the system information page."""

from typing import Any, Final

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import EntryKind
from .entries import entries_of
from .house import DATA_HOUSE, House
from .policy.locality import Locality
from .traces.certificate import Certificates

NOT_CHECKED: Final = "not checked"


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
    local = [room.locality.state for room in rooms]
    return {
        "rooms": len(rooms),
        "rooms_linked": sum(room.link.is_up for room in rooms),
        "rooms_muted": sum(room.mute.is_on for room in rooms),
        "rooms_local": local.count(Locality.LOCAL),
        "rooms_vouched": local.count(Locality.VOUCHED),
        "rooms_unknown": local.count(Locality.UNKNOWN),
        "rooms_not_local": local.count(Locality.NOT_LOCAL),
        "vault": (await house.async_vault()).state.value if house.is_open else "not open",
        "captures": sum(usage.captures for usage in house.usage.values()),
        "bytes": sum(usage.bytes for usage in house.usage.values()),
        "audit": _audit(house),
        "deletion": await hass.async_add_executor_job(_deletion, Certificates(house.folder)),
    }


def _audit(house: House) -> str:
    if (verdict := house.audit.verdict) is None:
        return NOT_CHECKED
    return f"{verdict.state}, {verdict.witnesses} witnesses, {verdict.lines} lines"


def _deletion(certificates: Certificates) -> str:
    """Return what the last check said, never without how much of it nobody could look at."""
    if not (known := certificates.all()):
        return NOT_CHECKED
    told = known[-1].report.as_dict()
    counts = ", ".join(f"{told[state]} {state}" for state in ("found", "clean", "unchecked"))
    return f"{told['verdict']} ({counts})"
