"""What makes a room work: a speech service that is there, and a pipeline that uses it."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.assist_pipeline import Pipeline
from homeassistant.config_entries import SOURCE_IMPORT
from homeassistant.const import CONF_CODE, CONF_HOST, CONF_PORT, Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from .const import CONF_KIND, CONF_PAIRING, DOMAIN, EntryKind
from .engines import async_local_engines, async_make_pipeline
from .link.greet import LinkError
from .link.speech import SpeechClient
from .pairing_flow import async_check_speech, async_pair_speech
from .policy.locality import Place, place_of


async def async_use_speech(
    hass: HomeAssistant, host: str, port: int, code: str
) -> tuple[str | None, str | None]:
    """See whether a speech service can be used, and pair with it if there is a code.

    Return an error's translation key or None, and the id of the pairing or None. Only on this
    machine a pairing is not needed: what is said does not pass through a network then.
    """
    if code.strip():
        try:
            return None, (await async_pair_speech(hass, host, port, code)).pairing_id
        except LinkError as err:
            return err.reason, None
    if place_of(host) is not Place.THIS_MACHINE:
        return "code_needed", None
    return await async_check_speech(SpeechClient(host, port)), None


async def async_add_speech(hass: HomeAssistant, asked: Mapping[str, Any]) -> Pipeline | str:
    """Add the speech service that a form's answers tell of, and make a pipeline with it.

    Return the pipeline, or an error's translation key.
    """
    host, port = asked[CONF_HOST], asked[CONF_PORT]
    error, pairing_id = await async_use_speech(hass, host, port, asked.get(CONF_CODE, ""))
    if error is not None:
        return error
    result = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IMPORT},
        data={
            CONF_KIND: EntryKind.SPEECH,
            CONF_HOST: host,
            CONF_PORT: port,
            **paired_by(pairing_id),
        },
    )
    added = result["type"] is FlowResultType.CREATE_ENTRY
    if not added and result.get("reason") != "already_configured":
        return "cannot_connect"
    return await async_best_pipeline(hass) or "language"


def paired_by(pairing_id: str | None) -> dict[str, str]:
    """Return what an entry's data says of its pairing."""
    return {} if pairing_id is None else {CONF_PAIRING: pairing_id}


async def async_best_pipeline(hass: HomeAssistant) -> Pipeline | None:
    """Return a pipeline of the first local engines, made when there is none; None without them."""
    stt_engines = await async_local_engines(hass, Platform.STT)
    tts_engines = await async_local_engines(hass, Platform.TTS)
    if not stt_engines or not tts_engines:
        return None
    return await async_make_pipeline(hass, stt_engines[0].id, tts_engines[0].id)
