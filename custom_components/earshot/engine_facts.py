"""What Home Assistant knows of the engines of a pipeline: whose they are and where they are."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.assist_pipeline import Pipeline
from homeassistant.components.conversation import HOME_ASSISTANT_AGENT
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    CONF_ADDRESS,
    CONF_HOST,
    CONF_IP_ADDRESS,
    CONF_LLM_HASS_API,
    CONF_URL,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import entity_sources
from homeassistant.loader import IntegrationNotLoaded, async_get_loaded_integration

from .const import CONF_PAIRING, DOMAIN
from .policy.locality import Maker, Place, Role, host_of, place_of

_ADDRESSES: Final = frozenset({CONF_ADDRESS, CONF_HOST, CONF_IP_ADDRESS, CONF_URL, "base_url"})


@dataclass(frozen=True, kw_only=True)
class EngineFacts:
    """What is known of an engine without asking it."""

    id: str
    role: Role
    name: str
    maker: Maker = Maker.NOBODY
    iot_class: str | None = None
    paired: bool = False
    host: str = ""
    place: Place = Place.UNKNOWN
    tool_sets: tuple[str, ...] = ()
    """Ids of the sets of tools that a language model is given."""

    configuration: str | None = None
    """Another string as soon as its settings are others; None when they cannot be seen."""


@callback
def pipeline_facts(hass: HomeAssistant, pipeline: Pipeline | None) -> tuple[EngineFacts, ...]:
    """Return the facts of the engines that would hear, answer and speak."""
    if pipeline is None:
        return ()
    agent = pipeline.conversation_engine or HOME_ASSISTANT_AGENT
    return (
        _facts(hass, Role.HEARS, pipeline.stt_engine),
        _facts(hass, Role.ANSWERS, agent),
        _facts(hass, Role.SPEAKS, pipeline.tts_engine),
    )


def _facts(hass: HomeAssistant, role: Role, engine_id: str | None) -> EngineFacts:
    if engine_id is None:
        return EngineFacts(id="", role=role, name="")
    if role is Role.ANSWERS and engine_id == HOME_ASSISTANT_AGENT:
        return EngineFacts(
            id=engine_id, role=role, name="Home Assistant", maker=Maker.HOME_ASSISTANT
        )
    state = hass.states.get(engine_id)
    name = state.name if state is not None else engine_id
    if (source := _source(hass, engine_id)) is None:
        return EngineFacts(id=engine_id, role=role, name=name)
    domain, entry, subentry_id = source
    try:
        iot_class = async_get_loaded_integration(hass, domain).iot_class
    except IntegrationNotLoaded:
        return EngineFacts(id=engine_id, role=role, name=name)
    settings = _settings(entry, subentry_id)
    addresses = sorted(set(_addresses(settings)))
    return EngineFacts(
        id=engine_id,
        role=role,
        name=name,
        maker=Maker.EARSHOT if domain == DOMAIN else Maker.OTHER,
        iot_class=iot_class,
        paired=domain == DOMAIN and entry is not None and CONF_PAIRING in entry.data,
        host=", ".join(host_of(address) for address in addresses),
        place=_worst_place(addresses),
        tool_sets=_tool_sets(settings),
        configuration=_digest(entry.entry_id, settings) if entry is not None else None,
    )


def _source(
    hass: HomeAssistant, engine_id: str
) -> tuple[str, ConfigEntry | None, str | None] | None:
    """Return the domain, the config entry and the subentry that an engine is made by."""
    if (registered := er.async_get(hass).async_get(engine_id)) is not None:
        entry_id, subentry_id = registered.config_entry_id, registered.config_subentry_id
        return registered.platform, _entry(hass, entry_id), subentry_id
    if (source := entity_sources(hass).get(engine_id)) is not None:
        return source["domain"], _entry(hass, source.get("config_entry")), None
    if (entry := _entry(hass, engine_id)) is not None:
        # An agent of the old kind goes by the id of its config entry.
        return entry.domain, entry, None
    # An engine of the old kind goes by the name of its integration.
    return (engine_id, None, None) if "." not in engine_id else None


def _entry(hass: HomeAssistant, entry_id: str | None) -> ConfigEntry | None:
    return hass.config_entries.async_get_entry(entry_id) if entry_id is not None else None


def _settings(entry: ConfigEntry | None, subentry_id: str | None) -> list[Mapping[str, Any]]:
    if entry is None:
        return []
    subentry = entry.subentries.get(subentry_id) if subentry_id is not None else None
    return [entry.data, entry.options, *([subentry.data] if subentry is not None else [])]


def _addresses(settings: list[Mapping[str, Any]]) -> Iterator[str]:
    for values in settings:
        for key, value in values.items():
            if isinstance(value, str) and value and (key in _ADDRESSES or "://" in value):
                yield value


def _worst_place(addresses: list[str]) -> Place:
    """Return where an engine is that knows these addresses: as far away as any of them."""
    places = {place_of(address) for address in addresses}
    for place in (Place.PUBLIC, Place.UNKNOWN, Place.HOME, Place.THIS_MACHINE):
        if place in places:
            return place
    return Place.UNKNOWN


def _tool_sets(settings: list[Mapping[str, Any]]) -> tuple[str, ...]:
    found: set[str] = set()
    for values in settings:
        sets = values.get(CONF_LLM_HASS_API) or ()
        found.update([sets] if isinstance(sets, str) else map(str, sets))
    return tuple(sorted(found))


def _digest(entry_id: str, settings: list[Mapping[str, Any]]) -> str:
    text = json.dumps([entry_id, *map(dict, settings)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
