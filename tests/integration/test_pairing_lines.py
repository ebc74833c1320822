"""P7: who was let in, and who was shown out, is in the log: rooms and the speech service."""

import pytest
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from custom_components.earshot.audit import Line, Verb
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.wire.pairing import Unpair

from .conftest import until
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .flows import HOST, close_room, go_on, reconfigure, start, to_pipeline

type Said = tuple[Verb, str | None, str, str]

PAIRINGS = {Verb.PAIRED, Verb.UNPAIRED}


async def said(hass: HomeAssistant, lines: int) -> list[Said]:
    """Return what the log says of pairings, oldest first, once it says that much."""
    audit = hass.data[DATA_HOUSE].audit

    async def read() -> list[Line]:
        return [it for it in await audit.async_lines(None, None, 100) if it.verb in PAIRINGS]

    await until(lambda: audit.tip is not None)
    while len(found := await read()) < lines:
        await hass.async_block_till_done()
    return [(it.verb, it.room_id, it.actor.name, it.detail) for it in reversed(found)]


@pytest.fixture
async def added(hass: HomeAssistant, home: HomeAssistant, satellite: FakeSatellite) -> ConfigEntry:
    """Have a room that was added as a user adds it."""
    result = await to_pipeline(hass, satellite)
    entry = await close_room(hass, await go_on(hass, result, {"next_step_id": "without_speech"}))
    await satellite.wait(lambda: satellite.linked)
    return entry


async def test_a_room_that_is_paired_paired_anew_and_removed(
    hass: HomeAssistant, added: ConfigEntry, satellite: FakeSatellite
) -> None:
    """One line each: the entry is loaded twice, and paired once. The house keeps the log."""
    async with satellite.pairable() as port:
        where = {"host": HOST, "port": satellite.port, "code": port.desk.code}
        result = await go_on(hass, await reconfigure(hass, added), where)
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    await hass.config_entries.async_reload(added.entry_id)
    await hass.config_entries.async_remove(added.entry_id)
    room_id = added.entry_id
    assert await said(hass, 3) == [
        (Verb.PAIRED, room_id, "system", ""),
        (Verb.PAIRED, room_id, "system", "replaced"),
        (Verb.UNPAIRED, room_id, "system", ""),
    ]


async def test_a_room_whose_satellite_lets_us_go(
    hass: HomeAssistant, added: ConfigEntry, satellite: FakeSatellite
) -> None:
    """Somebody typed `unpair` there."""
    await satellite.send(Unpair())
    *_, last = await said(hass, 2)
    assert last == (Verb.UNPAIRED, added.entry_id, "satellite", "")


async def test_a_speech_service_that_is_paired_paired_anew_and_removed(
    hass: HomeAssistant, added: ConfigEntry, speech: FakeSpeech
) -> None:
    """It hears what every room says: the lines are the house's."""
    async with speech.pairable() as port:
        where = {"host": HOST, "port": speech.port, "code": port.desk.code}
        entry = await close_room(hass, await go_on(hass, await start(hass, "speech"), where))
    result = await go_on(hass, await reconfigure(hass, entry), where | {"code": "what?"})
    assert result["errors"] == {"base": "no_code"}
    async with speech.pairable() as port:
        result = await go_on(hass, result, where | {"code": port.desk.code})
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    await hass.config_entries.async_remove(entry.entry_id)
    _, *lines = await said(hass, 4)
    assert lines == [
        (Verb.PAIRED, None, "system", ""),
        (Verb.PAIRED, None, "system", "replaced"),
        (Verb.UNPAIRED, None, "system", ""),
    ]


async def test_a_speech_service_of_this_machine_without_keys(
    hass: HomeAssistant, added: ConfigEntry, speech: FakeSpeech
) -> None:
    """What was never paired is not said to be."""
    result = await go_on(hass, await start(hass, "speech"), {"host": HOST, "port": speech.port})
    entry = await close_room(hass, result)
    await hass.config_entries.async_remove(entry.entry_id)
    assert [it[1] for it in await said(hass, 1)] == [added.entry_id]
