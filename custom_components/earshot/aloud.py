"""Saying in a room what everybody there should know."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Final

from homeassistant.components import tts
from homeassistant.components.assist_satellite import AssistSatelliteAnnouncement
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .engines import room_pipeline

_LOGGER = logging.getLogger(__name__)

SAY_S: Final = 120.0
"""For a turn that goes on, and then the text itself."""


async def async_say(hass: HomeAssistant, entry: ConfigEntry, text: str) -> bool:
    """Say a text in a room when nobody is speaking there; return whether it was heard."""
    if entry.state is not ConfigEntryState.LOADED:
        return False
    room = entry.runtime_data
    if room.handler is None or not room.link.is_up:
        return False
    try:
        async with asyncio.timeout(SAY_S):
            await room.handler.async_say(text)
    except (HomeAssistantError, TimeoutError) as err:
        _LOGGER.debug("A notice could not be said in %s: %s", entry.title, type(err).__name__)
        return False
    return True


def spoken(hass: HomeAssistant, entry: ConfigEntry, text: str) -> AssistSatelliteAnnouncement:
    """Return a text as an announcement in the voice of a room; nothing of it becomes a file.

    Raises `HomeAssistantError` when the room has no voice.
    """
    pipeline = room_pipeline(hass, entry)
    if pipeline is None or pipeline.tts_engine is None:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="speech_unavailable")
    options = {tts.ATTR_PREFERRED_FORMAT: "wav"}
    if pipeline.tts_voice is not None:
        options[tts.ATTR_VOICE] = pipeline.tts_voice
    stream = tts.async_create_stream(
        hass, engine=pipeline.tts_engine, language=pipeline.tts_language, options=options
    )
    # As a stream: of a whole message core logs the words and keeps the sound in its cache.
    stream.async_set_message_stream(_stream_of(text))
    return AssistSatelliteAnnouncement(
        message="",
        media_id="",
        original_media_id="",
        tts_token=stream.token,
        media_id_source="tts",
    )


async def _stream_of(text: str) -> AsyncGenerator[str]:
    yield text
