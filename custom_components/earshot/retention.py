"""The rules as they stand in the config entries' options, and the one way to change them."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .const import CONF_AUDIO, CONF_FALSE_WAKE, CONF_ROOM_KIND, CONF_TRANSCRIPT
from .policy.retention import HouseRetention, Period, RoomKind, RoomRetention


def house_retention(entry: ConfigEntry | None) -> HouseRetention:
    """Return the house's rules from its entry, or the defaults."""
    default = HouseRetention()
    options: Mapping[str, Any] = entry.options if entry else {}
    return HouseRetention(
        audio=Period(options.get(CONF_AUDIO, default.audio)),
        transcript=Period(options.get(CONF_TRANSCRIPT, default.transcript)),
        false_wake=Period(options.get(CONF_FALSE_WAKE, default.false_wake)),
    )


def room_retention(entry: ConfigEntry) -> RoomRetention:
    """Return a room's kind and rules from its entry."""
    return RoomRetention(
        kind=RoomKind(entry.options.get(CONF_ROOM_KIND, RoomKind.UNSET)),
        audio=Period(entry.options.get(CONF_AUDIO, Period.AS_HOUSE)),
        transcript=Period(entry.options.get(CONF_TRANSCRIPT, Period.AS_HOUSE)),
    )


@callback
def change_options(hass: HomeAssistant, entry: ConfigEntry, changes: dict[str, Any]) -> bool:
    """Write options; return whether anything changed."""
    return hass.config_entries.async_update_entry(entry, options=dict(entry.options) | changes)
