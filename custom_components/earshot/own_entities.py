"""Which entities are Earshot's own, of a kind."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN


@callback
def own_of(hass: HomeAssistant, entities: set[str], kind: str) -> set[str]:
    """Return those that are ours and of this translation key, whatever they are called."""
    registry = er.async_get(hass)
    return {
        entity_id
        for entity_id in entities
        if (entry := registry.async_get(entity_id)) is not None
        and (entry.platform, entry.translation_key) == (DOMAIN, kind)
    }
