"""Our config entries by what they stand for."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .const import CONF_KIND, DOMAIN, EntryKind


def entries_of(hass: HomeAssistant, kind: EntryKind) -> list[ConfigEntry]:
    """Return our config entries of one kind."""
    return [
        entry
        for entry in hass.config_entries.async_entries(DOMAIN)
        if entry.data.get(CONF_KIND) == kind
    ]
