"""Adding a room: it works when its flow ends."""

from homeassistant import config_entries
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import CONF_KIND, CONF_PAIRING, DOMAIN, EntryKind

from .conftest import LIGHT, until
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .flows import HOST, close_room, go_on, keys, pair, start, to_pipeline
from .test_turn import say


async def test_a_home_without_any_pipeline_ends_with_a_working_room(
    hass: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """The promise of the flow: a bare Home Assistant answers a spoken command afterwards."""
    area = ar.async_get(hass).async_create("Cooking")
    result = await to_pipeline(hass, satellite, area_id=area.id)
    assert result["type"] is FlowResultType.MENU
    assert result["step_id"] == "no_engine"
    result = await go_on(hass, result, {"next_step_id": "add_speech"})
    result = await go_on(hass, result, {"host": HOST, "port": speech.port})
    entry = await close_room(hass, result)
    assert entry.options == {"room_kind": "other", "listeners": []}

    await satellite.wait(lambda: satellite.linked)
    await until(lambda: hass.states.get("assist_satellite.kitchen").state == "idle")
    end = await say(satellite)
    assert end.outcome == "understood"
    assert hass.states.get(LIGHT).state == "on"
    kinds = sorted(it.data[CONF_KIND] for it in hass.config_entries.async_entries(DOMAIN))
    assert kinds == ["house", "room", "speech"]
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, entry.entry_id), entry.entry_id
    )
    assert device.area_id == area.id


async def test_the_satellites_area_is_offered(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """An area of the name that the satellite was given is the default."""
    area = ar.async_get(hass).async_create("Cooking")
    satellite.area = "cooking"
    result = await pair(hass, await start(hass, "room"), satellite)
    defaults = {
        str(key): key.default()
        for key in result["data_schema"].schema
        if str(key) in ("name", "area_id")
    }
    assert defaults == {"name": "Kitchen", "area_id": area.id}


async def test_going_on_without_speech(hass: HomeAssistant, satellite: FakeSatellite) -> None:
    """The room is made, and Repairs offers what is missing."""
    result = await to_pipeline(hass, satellite)
    entry = await close_room(hass, await go_on(hass, result, {"next_step_id": "without_speech"}))
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"pipeline_missing.{entry.entry_id}")


async def test_speech_that_does_not_answer_can_be_tried_again(
    hass: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """A wrong address costs a second try, not the flow."""
    result = await to_pipeline(hass, satellite)
    result = await go_on(hass, result, {"next_step_id": "add_speech"})
    await speech.stop()
    result = await go_on(hass, result, {"host": HOST, "port": speech.port})
    assert result["errors"] == {"base": "cannot_connect"}
    await speech.start()
    result = await go_on(hass, result, {"host": HOST, "port": speech.port})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_speech_of_another_language(
    hass: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """A home that does not speak English is told, and can go on another way."""
    hass.config.language = "fi"
    result = await to_pipeline(hass, satellite)
    result = await go_on(hass, result, {"next_step_id": "add_speech"})
    result = await go_on(hass, result, {"host": HOST, "port": speech.port})
    assert result["errors"] == {"base": "language"}


async def test_a_new_pipeline_of_engines_that_are_there(
    hass: HomeAssistant, speech_entry: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """With a speech service there, its pipeline is made by the form's defaults."""
    result = await to_pipeline(hass, satellite)
    assert result["step_id"] == "pipeline"
    answer = {str(key): key.default() for key in result["data_schema"].schema}
    assert answer == {
        "pipeline": "new",
        "stt_engine": "stt.earshot_speech_recognition",
        "tts_engine": "tts.earshot_speech_voice",
    }
    await close_room(hass, await go_on(hass, result, answer))
    await until(lambda: hass.states.get("select.kitchen_assistant").state == "Earshot")


async def test_a_new_pipeline_in_a_language_its_engines_do_not_speak(
    hass: HomeAssistant, speech_entry: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The error names it, and the form stays."""
    hass.config.language = "fi"
    result = await to_pipeline(hass, satellite)
    answer = {str(key): key.default() for key in result["data_schema"].schema}
    result = await go_on(hass, result, answer)
    assert result["errors"] == {"base": "language"}


async def test_a_pipeline_that_is_there(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """A second room can use the pipeline of the first."""
    async with FakeSatellite("Bedroom") as bedroom:
        result = await to_pipeline(hass, bedroom, name="Bedroom", room_kind="bedroom")
        answer = {str(key): key.default() for key in result["data_schema"].schema}
        assert answer["pipeline"] == room.data["pipeline"]
        entry = await close_room(hass, await go_on(hass, result, answer))
        assert entry.data["pipeline"] == room.data["pipeline"]
        await hass.config_entries.async_unload(entry.entry_id)


async def test_a_satellite_is_added_once(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The same satellite is the same room, paired anew; its address follows."""
    older = room.data[CONF_PAIRING]
    result = await pair(hass, await start(hass, "room"), satellite, "localhost")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert room.data["host"] == "localhost"
    assert keys(hass) == {room.data[CONF_PAIRING]} != {older}
    await hass.async_block_till_done()
    await satellite.wait(lambda: satellite.linked)


async def test_the_house_is_made_once(hass: HomeAssistant, room: MockConfigEntry) -> None:
    """One house, however often it is asked for."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": config_entries.SOURCE_IMPORT},
        data={CONF_KIND: EntryKind.HOUSE},
    )
    assert result["reason"] == "already_configured"
