"""Whether Home Assistant itself lets others have what a room hears."""

from homeassistant.components.assist_pipeline.const import CONF_DEBUG_RECORDING_DIR, DATA_CONFIG
from homeassistant.components.assist_pipeline.runtime import KEY_ASSIST_PIPELINE
from homeassistant.core import HomeAssistant, callback


@callback
def writes_to_disk(hass: HomeAssistant) -> bool:
    """Return whether debug recordings are on: a sound file of every command of every room."""
    return bool(hass.data[DATA_CONFIG].get(CONF_DEBUG_RECORDING_DIR))


@callback
def is_captured(hass: HomeAssistant, device_id: str) -> bool:
    """Return whether somebody captures what a device hears right now."""
    return device_id in hass.data[KEY_ASSIST_PIPELINE].device_audio_queues
