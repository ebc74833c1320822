"""Adding and moving the speech service."""

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import CONF_PAIRING, DOMAIN

from .conftest import until
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .flows import HOST, go_on, keys, start


async def test_adding_the_speech_service(hass: HomeAssistant, speech: FakeSpeech) -> None:
    """It is looked at before it is added, and added once."""
    await speech.stop()
    result = await start(hass, "speech")
    result = await go_on(hass, result, {"host": HOST, "port": speech.port})
    assert result["errors"] == {"base": "cannot_connect"}
    await speech.start()
    speech.name = "whisper"
    result = await go_on(hass, result, {"host": HOST, "port": speech.port})
    assert result["errors"] == {"base": "not_speech"}
    speech.name = "earshot"
    result = await go_on(hass, result, {"host": HOST, "port": speech.port})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    for host in (HOST, "localhost", " localhost ", f"[{HOST}]"):
        again = await start(hass, "speech")
        again = await go_on(hass, again, {"host": host, "port": speech.port})
        assert again["reason"] == "already_configured", host


async def test_adding_a_satellite_as_speech(hass: HomeAssistant, satellite: FakeSatellite) -> None:
    """Host and port of the wrong program."""
    result = await start(hass, "speech")
    result = await go_on(hass, result, {"host": HOST, "port": satellite.port})
    assert result["errors"] == {"base": "cannot_connect"}


async def test_the_speech_service_gets_another_address(
    hass: HomeAssistant, speech_entry: MockConfigEntry, speech: FakeSpeech
) -> None:
    """Only if a speech service answers there; the unique id follows."""
    result = await speech_entry.start_reconfigure_flow(hass)
    result = await go_on(hass, result, {"host": HOST, "port": 1})
    assert result["errors"] == {"base": "cannot_connect"}
    async with FakeSpeech() as other:
        result = await go_on(hass, result, {"host": " localhost ", "port": other.port})
        assert result["reason"] == "reconfigure_successful"
        assert speech_entry.data["host"] == "localhost"
        assert speech_entry.unique_id == f"speech-{HOST}:{other.port}"
        await hass.async_block_till_done()
        second = await start(hass, "speech")
        await go_on(hass, second, {"host": HOST, "port": speech.port})
        result = await speech_entry.start_reconfigure_flow(hass)
        result = await go_on(hass, result, {"host": HOST, "port": speech.port})
        assert result["reason"] == "already_configured"


async def test_a_speech_service_has_no_options(speech_entry: MockConfigEntry) -> None:
    """No button for an empty form."""
    assert not speech_entry.supports_options


async def test_the_speech_service_of_another_machine_wants_a_code(
    hass: HomeAssistant, speech: FakeSpeech, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here it is paired by its code; the keys are the entry's, and gone with it."""
    result = await start(hass, "speech")
    result = await go_on(hass, result, {"host": "192.0.2.1", "port": speech.port})
    assert result["errors"] == {"base": "code_needed"}
    async with speech.pairable() as port:
        where = {"host": HOST, "port": speech.port, "code": port.desk.code}
        result = await go_on(hass, result, where)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    entry = result["result"]
    assert keys(hass) == {entry.data[CONF_PAIRING]}
    assert entry.runtime_data.available
    await hass.config_entries.async_remove(entry.entry_id)
    assert not keys(hass)
    assert speech.unpaired


async def test_a_speech_service_that_is_there_is_paired_anew(
    hass: HomeAssistant, home: HomeAssistant, speech: FakeSpeech
) -> None:
    """By whoever adds it a second time: it knows the new keys only, and so does its entry."""
    entries = []
    for reason in (None, "already_configured"):
        async with speech.pairable() as port:
            where = {"host": HOST, "port": speech.port, "code": port.desk.code}
            result = await go_on(hass, await start(hass, "speech"), where)
        assert result.get("reason") == reason
        await hass.async_block_till_done()
        (entry,) = hass.config_entries.async_entries(DOMAIN)
        assert keys(hass) == {entry.data[CONF_PAIRING]}
        entries.append(entry.data[CONF_PAIRING])
        await until(lambda: hass.states.get("stt.earshot_speech_recognition").state == "unknown")
    assert len(set(entries)) == 2
