"""What makes a room work: a speech service that is there, and a pipeline that uses it."""

from homeassistant.components.assist_pipeline import Pipeline
from homeassistant.config_entries import SOURCE_IMPORT
from homeassistant.const import CONF_HOST, CONF_PORT, Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .const import CONF_KIND, DOMAIN, EntryKind
from .engines import async_local_engines, async_make_pipeline
from .link.speech import SpeechClient, SpeechError

_SERVICE = "earshot"


async def async_check_speech(host: str, port: int) -> str | None:
    """Return why no Earshot speech service can be used there, as an error's translation key."""
    try:
        info = await SpeechClient(host, port).describe()
    except SpeechError as err:
        return "not_speech" if err.reason == "not_speech" else "cannot_connect"
    if not any(program.name.startswith(_SERVICE) for program in info.asr):
        return "not_speech"
    return None


async def async_add_speech(hass: HomeAssistant, host: str, port: int) -> str | None:
    """Add the speech service at this address; return an error's translation key, or None."""
    if (error := await async_check_speech(host, port)) is not None:
        return error
    result = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IMPORT},
        data={CONF_KIND: EntryKind.SPEECH, CONF_HOST: host, CONF_PORT: port},
    )
    added = result["type"] is FlowResultType.CREATE_ENTRY
    return None if added or result.get("reason") == "already_configured" else "cannot_connect"


async def async_best_pipeline(hass: HomeAssistant) -> Pipeline | None:
    """Return a pipeline of the first local engines, made when there is none; None without them."""
    stt_engines = await async_local_engines(hass, Platform.STT)
    tts_engines = await async_local_engines(hass, Platform.TTS)
    if not stt_engines or not tts_engines:
        return None
    return await async_make_pipeline(hass, stt_engines[0].id, tts_engines[0].id)
