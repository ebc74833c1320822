"""No word of what was said outside the vault."""

import json
import logging
from typing import Any

import pytest
from homeassistant.const import MATCH_ALL
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers.json import JSONEncoder
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_system_health_info,
)
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)

from custom_components.earshot.audit import Actor
from custom_components.earshot.const import DOMAIN
from custom_components.earshot.house import DATA_HOUSE, House
from custom_components.earshot.vault import Selection

from .conftest import add_room, until
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .test_turn import FIRST, SECOND, say

MARKER = "zanzibar"


@pytest.mark.parametrize("text", [f"turn on the {MARKER} light", f"{MARKER} {MARKER}"])
async def test_a_marker_reaches_no_state_event_or_log_of_ours(
    *,
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    caplog: pytest.LogCaptureFixture,
    text: str,
) -> None:
    """Understood or not, at debug level too."""
    caplog.set_level(logging.DEBUG, logger="custom_components.earshot")
    events: list[Event] = []
    hass.bus.async_listen(MATCH_ALL, events.append)
    speech.text = text
    await say(satellite, FIRST)
    await say(satellite, SECOND)
    await until(lambda: hass.states.get("sensor.kitchen_captures_kept").state == "2")
    states = json.dumps([it.as_dict() for it in hass.states.async_all()], cls=JSONEncoder)
    assert MARKER not in states
    assert events
    assert MARKER not in json.dumps([it.data for it in events], cls=JSONEncoder, default=str)
    ours = [it.getMessage() for it in caplog.records if it.name.startswith("custom_components")]
    assert MARKER not in "\n".join(ours)


async def test_diagnostics_tell_nothing_about_anybody(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, hass_client: Any
) -> None:
    """Hosts, owners, names and ids are not in them; what helps is."""
    assert await async_setup_component(hass, "diagnostics", {})
    await say(satellite)
    for entry in hass.config_entries.async_entries(DOMAIN):
        told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
        text = json.dumps(told)
        for secret in ("127.0.0.1", satellite.id, "owner-kitchen", "kitchen light", "Kitchen"):
            assert secret not in text
    told = await get_diagnostics_for_config_entry(hass, hass_client, room)
    assert told["link"]["state"] == "up"
    assert told["pipeline_complete"] is True
    assert told["microphone"]["receipt"] == "open"
    await until(lambda: room.runtime_data.locality.state == "local")
    told = await get_diagnostics_for_config_entry(hass, hass_client, room)
    assert told["locality"]["state"] == "local"
    assert set(told["locality"]["engines"][0]) == {"role", "state", "reason"}
    assert told["keeps"]["muted"] == {
        "audio_s": 0, "audio_rule": "muted", "transcript_s": 0, "transcript_rule": "muted"
    }  # fmt: skip


async def test_diagnostics_of_a_room_never_linked(
    hass: HomeAssistant, speech_entry: MockConfigEntry, satellite: FakeSatellite, hass_client: Any
) -> None:
    """A satellite that never answered has nothing to tell, and that is no error."""
    await satellite.stop()
    entry = await add_room(hass, satellite, wait=False)
    assert await async_setup_component(hass, "diagnostics", {})
    told = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert told["satellite"] is None


async def test_system_health(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Counts, no names."""
    assert await async_setup_component(hass, "system_health", {})
    await until(lambda: hass.states.get("sensor.kitchen_captures_kept").state == "0")
    info = await get_system_health_info(hass, DOMAIN)
    assert info == {
        "rooms": 1, "rooms_linked": 1, "rooms_muted": 0, "rooms_local": 1, "rooms_vouched": 0,
        "rooms_unknown": 0, "rooms_not_local": 0, "vault": "ready", "captures": 0, "bytes": 0,
        "audit": "not checked", "deletion": "not checked",
    }  # fmt: skip

    house = hass.data[DATA_HOUSE]
    await house.audit.async_verify()
    await house.async_delete(Selection(), Actor())
    info = await get_system_health_info(hass, DOMAIN)
    assert info["audit"].startswith("consistent, 0 witnesses, "), "there is no line yet"
    assert info["deletion"].startswith("nothing (")


async def test_system_health_without_a_vault(
    hass: HomeAssistant, room: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A vault that cannot be used is not shown as one that holds nothing."""
    assert await async_setup_component(hass, "system_health", {})
    with monkeypatch.context() as shut:
        shut.setattr(House, "is_open", False)
        assert (await get_system_health_info(hass, DOMAIN))["vault"] == "not open"
