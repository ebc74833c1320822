"""The engines and pipelines of this home, and the pipeline of a room."""

import re
from dataclasses import dataclass
from typing import Final

from homeassistant.components import stt, tts
from homeassistant.components.assist_pipeline import (
    OPTION_PREFERRED,
    Pipeline,
    PipelineNotFound,
    async_create_default_pipeline,
    async_get_pipeline,
    async_get_pipelines,
)
from homeassistant.components.select import (
    ATTR_OPTION,
    SERVICE_SELECT_OPTION,
)
from homeassistant.components.select import (
    DOMAIN as SELECT_DOMAIN,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.loader import IntegrationNotFound, async_get_integration

from .const import AS_ROOM, CONF_PIPELINE, DOMAIN, PIPELINE_NAME, WORD_PIPELINE

_PLAIN_ID: Final = re.compile(r"[a-z0-9]{1,31}")


@dataclass(frozen=True)
class Engine:
    """A local speech engine."""

    id: str
    name: str


@callback
def room_pipeline(
    hass: HomeAssistant, entry: ConfigEntry, word: str | None = None
) -> Pipeline | None:
    """Return the pipeline that a room uses for a wake word, or None when it is gone."""
    try:
        if (name := _chosen_name(hass, entry, word)) is None:
            return async_get_pipeline(hass)
    except PipelineNotFound:
        return None
    return next((it for it in async_get_pipelines(hass) if it.name == name), None)


@callback
def room_pipelines(hass: HomeAssistant, entry: ConfigEntry) -> list[Pipeline | None]:
    """Return the pipelines that a room uses, for whichever of its wake words; None for one gone."""
    found = [room_pipeline(hass, entry)]
    for word in words_with_pipeline(hass, entry):
        if (pipeline := room_pipeline(hass, entry, word)) not in found:
            found.append(pipeline)
    return found


@callback
def is_complete(hass: HomeAssistant, pipeline: Pipeline) -> bool:
    """Return whether a pipeline has an engine that hears and one that speaks, and they exist."""
    return (
        pipeline.stt_engine is not None
        and stt.async_get_speech_to_text_engine(hass, pipeline.stt_engine) is not None
        and pipeline.tts_engine is not None
        and tts.get_engine_instance(hass, pipeline.tts_engine) is not None
    )


@callback
def pipeline_is_complete(hass: HomeAssistant, entry: ConfigEntry, word: str | None = None) -> bool:
    """Return whether a room's pipeline for a wake word can carry out a command."""
    pipeline = room_pipeline(hass, entry, word)
    return pipeline is not None and is_complete(hass, pipeline)


@callback
def stt_is_ours(hass: HomeAssistant, entry: ConfigEntry, word: str | None = None) -> bool:
    """Return whether a room is heard by our own engine, which expects a wake word's last sound."""
    pipeline = room_pipeline(hass, entry, word)
    if pipeline is None or pipeline.stt_engine is None:
        return False
    engine = er.async_get(hass).async_get(pipeline.stt_engine)
    return engine is not None and engine.platform == DOMAIN


async def async_local_pipelines(hass: HomeAssistant) -> list[Pipeline]:
    """Return the pipelines whose ears and voice are there and local."""
    ears = {engine.id for engine in await async_local_engines(hass, Platform.STT)}
    voices = {engine.id for engine in await async_local_engines(hass, Platform.TTS)}
    return [
        it
        for it in async_get_pipelines(hass)
        if it.stt_engine in ears and it.tts_engine in voices and is_complete(hass, it)
    ]


@callback
def preferred_pipeline_id(hass: HomeAssistant) -> str:
    """Return the id of the home's preferred pipeline."""
    return async_get_pipeline(hass).id


async def async_local_engines(hass: HomeAssistant, platform: Platform) -> list[Engine]:
    """Return the engines of a platform whose integration says that it is local, ours first."""
    found: list[tuple[bool, Engine]] = []
    for state in hass.states.async_all(platform):
        registered = er.async_get(hass).async_get(state.entity_id)
        if registered is None:
            continue
        try:
            integration = await async_get_integration(hass, registered.platform)
        except IntegrationNotFound:
            continue
        if (integration.iot_class or "").startswith("local"):
            found.append((registered.platform != DOMAIN, Engine(state.entity_id, state.name)))
    return [engine for _, engine in sorted(found, key=lambda it: (it[0], it[1].name))]


async def async_make_pipeline(
    hass: HomeAssistant, stt_engine: str, tts_engine: str
) -> Pipeline | None:
    """Return a pipeline with these engines, an existing one where there is one.

    None when an engine does not speak the language of this Home Assistant.
    """
    for pipeline in async_get_pipelines(hass):
        if pipeline.stt_engine == stt_engine and pipeline.tts_engine == tts_engine:
            return pipeline
    taken = {pipeline.name for pipeline in async_get_pipelines(hass)}
    name = next(
        name
        for number in range(1, len(taken) + 2)
        if (name := PIPELINE_NAME if number == 1 else f"{PIPELINE_NAME} {number}") not in taken
    )
    return await async_create_default_pipeline(hass, stt_engine, tts_engine, name)


async def async_assign_pipeline(
    hass: HomeAssistant, entry: ConfigEntry, pipeline: Pipeline
) -> None:
    """Make a room that is already set up use a pipeline."""
    if (select := pipeline_select(hass, entry)) is None:
        return
    await hass.services.async_call(
        SELECT_DOMAIN,
        SERVICE_SELECT_OPTION,
        {ATTR_ENTITY_ID: select, ATTR_OPTION: pipeline.name},
        blocking=True,
    )


@callback
def first_pipeline_name(hass: HomeAssistant, entry: ConfigEntry) -> str | None:
    """Return the name of the pipeline that was chosen when the room was added."""
    wanted = entry.data.get(CONF_PIPELINE)
    return next((it.name for it in async_get_pipelines(hass) if it.id == wanted), None)


@callback
def pipeline_id(hass: HomeAssistant, option: str | None) -> str:
    """Return the id of what a select of pipelines offers, or the word of ours that it is.

    `other` for one that is gone, and for an id that is no plain one.
    """
    if option is not None and option in (OPTION_PREFERRED, AS_ROOM):
        return option
    found = next((it.id for it in async_get_pipelines(hass) if it.name == option), "")
    return found if _PLAIN_ID.fullmatch(found) else "other"


def pipeline_select(hass: HomeAssistant, entry: ConfigEntry) -> str | None:
    """Return the select that says which pipeline a room uses."""
    return er.async_get(hass).async_get_entity_id(
        Platform.SELECT, DOMAIN, f"{entry.entry_id}-pipeline"
    )


@callback
def word_pipeline_select(hass: HomeAssistant, entry: ConfigEntry, word: str) -> str | None:
    """Return the select that gives a wake word a pipeline of its own, where it does."""
    select = er.async_get(hass).async_get_entity_id(
        Platform.SELECT, DOMAIN, f"{entry.entry_id}-{WORD_PIPELINE}{word}"
    )
    state = hass.states.get(select) if select else None
    own = state is not None and state.state not in (AS_ROOM, STATE_UNAVAILABLE, STATE_UNKNOWN)
    return select if own else None


@callback
def words_with_pipeline(hass: HomeAssistant, entry: ConfigEntry) -> list[str]:
    """Return the wake words of a room that there is, or was, a select of a pipeline for."""
    prefix = f"{entry.entry_id}-{WORD_PIPELINE}"
    return [
        it.unique_id.removeprefix(prefix)
        for it in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        if it.domain == Platform.SELECT and it.unique_id.startswith(prefix)
    ]


def _chosen_name(hass: HomeAssistant, entry: ConfigEntry, word: str | None) -> str | None:
    """Return the name in the room's select; None for the home's preferred pipeline."""
    select = word_pipeline_select(hass, entry, word) if word else None
    select = select or pipeline_select(hass, entry)
    state = hass.states.get(select) if select else None
    if state is None:
        return first_pipeline_name(hass, entry)
    return None if state.state == OPTION_PREFERRED else state.state
