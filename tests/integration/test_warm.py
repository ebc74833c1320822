"""What a room has done before its first command."""

import pytest
from homeassistant.components.conversation import get_agent_manager
from homeassistant.components.tts.const import DATA_TTS_MANAGER
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import add_room, until
from .fake_satellite import FakeSatellite


@pytest.fixture(autouse=True)
def acknowledge_when_needed() -> None:
    """Have it before, as in a real home."""


async def test_the_acknowledging_sound_is_ready(
    hass: HomeAssistant, speech_entry: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Core converts it by ffmpeg, in about a second on a small machine."""
    await add_room(hass, satellite)
    await until(lambda: hass.data[DATA_TTS_MANAGER].converted_override_cache)


async def test_the_agent_has_its_sentences(
    hass: HomeAssistant, speech_entry: MockConfigEntry, satellite: FakeSatellite
) -> None:
    agent = get_agent_manager(hass).default_agent
    assert not agent._lang_intents
    await add_room(hass, satellite)
    await until(lambda: agent._lang_intents.get("en"))
