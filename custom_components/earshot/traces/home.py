"""What the check must know of this Home Assistant: its folders, and words that mean nothing."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any, Final
from urllib.parse import unquote

from home_assistant_intents import get_intents
from homeassistant.components.assist_pipeline.const import (
    CONF_DEBUG_RECORDING_DIR,
)
from homeassistant.components.assist_pipeline.const import (
    DATA_CONFIG as ASSIST_PIPELINE_CONFIG,
)
from homeassistant.const import KEY_DATA_LOGGING
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers.recorder import get_instance

from ..const import VAULT_FOLDER
from .memory import texts
from .model import Why
from .needles import words_of
from .places import Folders, Key

_FLUSH_S: Final = 10.0
_SQLITE: Final = "sqlite:///"


@callback
def folders(hass: HomeAssistant) -> tuple[Folders, dict[Key, Why]]:
    """Return where this Home Assistant keeps what, and which places are kept by others."""
    elsewhere: dict[Key, Why] = {}
    config = hass.config.path
    if (log := hass.data.get(KEY_DATA_LOGGING)) is None:
        elsewhere[Key.LOG_FILES] = Why.ELSEWHERE
    recorder = None
    if "recorder" in hass.config.components:
        url = _recorder_url(hass)
        recorder = unquote(url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else ""
        if not recorder:
            elsewhere[Key.RECORDER] = Why.ELSEWHERE
    recordings = hass.data.get(ASSIST_PIPELINE_CONFIG, {}).get(CONF_DEBUG_RECORDING_DIR)
    return Folders(
        config=PurePath(config()),
        vault=PurePath(config(*VAULT_FOLDER)),
        speech_cache=PurePath(config(_speech_cache(hass))),
        debug_recordings=PurePath(config(recordings)) if recordings else None,
        recorder=PurePath(config(recorder)) if recorder else None,
        log=PurePath(log) if log else None,
    ), elsewhere


def roots(places: Folders) -> Iterator[Path]:
    """Yield what is to be walked, the configuration folder first, and temporary files last."""
    yield Path(places.config)
    for folder in (places.speech_cache, places.debug_recordings):
        if folder is not None:
            yield Path(folder)
    for file in (places.recorder, places.log):
        if file is not None:
            with contextlib.suppress(OSError):
                yield from Path(file).parent.glob(f"{file.name}*")
    yield Path(tempfile.gettempdir())


def may_be_ours(path: Path, status: os.stat_result) -> bool:
    """Leave out temporary files of other accounts: this program could not have written them."""
    temporary = Path(tempfile.gettempdir())
    return status.st_uid == os.getuid() or temporary not in path.parents


async def async_flush_recorder(hass: HomeAssistant) -> dict[Key, Why]:
    """Have the recorder write what it holds in memory, or return why it could not be checked."""
    if "recorder" not in hass.config.components:
        return {}
    try:
        async with asyncio.timeout(_FLUSH_S):
            await get_instance(hass).async_block_till_done()
    except TimeoutError:
        return {Key.RECORDER: Why.OUT_OF_TIME}
    return {}


@callback
def names(hass: HomeAssistant) -> set[str]:
    """Return the words of the names in this house, in small letters: they are no trace."""
    entities = er.async_get(hass).entities.values()
    devices = dr.async_get(hass).devices
    found: list[Any] = [state.name for state in hass.states.async_all()]
    found += [(entity.name, entity.original_name, list(entity.aliases)) for entity in entities]
    found += [(device.name, device.name_by_user) for device in devices]
    found += [(area.name, area.aliases) for area in ar.async_get(hass).async_list_areas()]
    found += [(floor.name, floor.aliases) for floor in fr.async_get(hass).async_list_floors()]
    return words_of(texts(found))


def commands(language: str) -> set[str]:
    """Return the words of all commands that Home Assistant knows in a language and in English."""
    sentences = (get_intents(each) for each in {language, "en"})
    return words_of(texts([each for each in sentences if each]))


def _recorder_url(hass: HomeAssistant) -> str:
    return str(get_instance(hass).db_url)


def _speech_cache(hass: HomeAssistant) -> str:
    from homeassistant.components.tts.const import (  # noqa: PLC0415 - not public
        DATA_TTS_MANAGER,
        DEFAULT_CACHE_DIR,
    )

    manager = hass.data.get(DATA_TTS_MANAGER)
    return str(getattr(manager, "cache_dir", DEFAULT_CACHE_DIR))
