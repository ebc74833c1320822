"""Doing beforehand what would make the first command of a room slow."""

import logging

from homeassistant.components import conversation, tts
from homeassistant.components.assist_pipeline import Pipeline
from homeassistant.components.assist_pipeline.const import ACKNOWLEDGE_PATH
from homeassistant.const import MATCH_ALL
from homeassistant.core import HomeAssistant

_LOGGER = logging.getLogger(__name__)


async def warm(hass: HomeAssistant, pipeline: Pipeline) -> None:
    """Load the sentences of a pipeline's agent and convert the sound that acknowledges.

    What fails here is not needed to answer, only to answer soon: it is left to the command.
    """
    language = pipeline.conversation_language
    try:
        await conversation.async_prepare_agent(
            hass,
            pipeline.conversation_engine,
            pipeline.language if language == MATCH_ALL else language,
        )
        await _convert_acknowledge(hass, pipeline)
    except Exception as err:  # noqa: BLE001 - an agent's or a voice's any fault
        _LOGGER.debug("A pipeline cannot be prepared: %s", type(err).__name__)


async def _convert_acknowledge(hass: HomeAssistant, pipeline: Pipeline) -> None:
    """Have Home Assistant's own sound in the format that replies are asked for."""
    if pipeline.tts_engine is None:
        return
    options: dict[str, str] = {tts.ATTR_PREFERRED_FORMAT: "wav"}
    if pipeline.tts_voice is not None:
        options[tts.ATTR_VOICE] = pipeline.tts_voice
    stream = tts.async_create_stream(
        hass, engine=pipeline.tts_engine, language=pipeline.tts_language, options=options
    )
    stream.async_override_result(ACKNOWLEDGE_PATH)
    async for _ in stream.async_stream_result():
        pass
    stream.delete()
