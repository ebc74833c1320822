"""Lists that the forms show: people, rooms with what goes there, and what is loosened."""

from collections.abc import Iterable, Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import SelectOptionDict
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN
from .policy.changes import Aspect
from .vault import Count


async def async_users(hass: HomeAssistant) -> list[SelectOptionDict]:
    """Return the people who can be listeners."""
    users = [it for it in await hass.auth.async_get_users() if not it.system_generated]
    return [
        SelectOptionDict(value=user.id, label=user.name or user.id)
        for user in sorted(users, key=lambda it: it.name or "")
        if user.is_active
    ]


async def async_aspects(hass: HomeAssistant, aspects: Iterable[Aspect]) -> str:
    """Return what is loosened as a list in the language of this Home Assistant."""
    texts = await async_get_translations(hass, hass.config.language, "selector", [DOMAIN])
    found = [texts.get(f"component.{DOMAIN}.selector.aspect.options.{it}", it) for it in aspects]
    return _listed(found)


def rooms_text(rooms: Iterable[ConfigEntry], goes: Mapping[str, Count]) -> str:
    """Return how many recordings and transcripts go, by room."""
    counts = {it.title: goes[it.entry_id] for it in rooms if it.entry_id in goes}
    return _listed(f"{room}: {it.audio} / {it.transcripts}" for room, it in counts.items())


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
