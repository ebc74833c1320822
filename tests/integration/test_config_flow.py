"""The flows: a room works when its flow ends, and every wrong address is told apart."""

import asyncio
from ipaddress import ip_address

import pytest
from homeassistant import config_entries
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import CONF_KIND, DOMAIN, EntryKind
from custom_components.earshot.link import greet

from .conftest import LIGHT, until
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .test_turn import say

HOST = "127.0.0.1"


async def start(hass: HomeAssistant, choice: str):
    """Begin the user's flow and choose from its menu."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": config_entries.SOURCE_USER}
    )
    assert result["type"] is FlowResultType.MENU
    return await go_on(hass, result, {"next_step_id": choice})


async def go_on(hass: HomeAssistant, result, answer):
    """Answer a step."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], answer)


async def to_pipeline(hass: HomeAssistant, satellite: FakeSatellite, **details):
    """Go through the steps before the pipeline."""
    result = await start(hass, "room")
    result = await go_on(hass, result, {"host": HOST, "port": satellite.port})
    assert result["step_id"] == "details"
    return await go_on(hass, result, {"name": "Kitchen", "room_kind": "other"} | details)


async def close_room(hass: HomeAssistant, result) -> MockConfigEntry:
    """Check that the flow made a room."""
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await hass.async_block_till_done()
    return result["result"]


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
    result = await start(hass, "room")
    result = await go_on(hass, result, {"host": HOST, "port": satellite.port})
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
    """The same satellite at another address is the same room; its address follows."""
    result = await start(hass, "room")
    result = await go_on(hass, result, {"host": "localhost", "port": satellite.port})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert room.data["host"] == "localhost"
    await hass.async_block_till_done()


@pytest.mark.parametrize("reason", ["busy", "version"])
async def test_a_satellite_that_refuses(
    hass: HomeAssistant, satellite: FakeSatellite, reason: str
) -> None:
    """It says why, and so does the form."""
    satellite.refuse = reason
    result = await start(hass, "room")
    result = await go_on(hass, result, {"host": HOST, "port": satellite.port})
    assert result["errors"] == {"base": reason}


async def test_a_satellite_of_another_version(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """A welcome in another version is no welcome."""
    satellite.version = 99
    result = await start(hass, "room")
    result = await go_on(hass, result, {"host": HOST, "port": satellite.port})
    assert result["errors"] == {"base": "version"}


async def test_nothing_answers(hass: HomeAssistant, satellite: FakeSatellite) -> None:
    """No satellite, no room."""
    await satellite.stop()
    result = await start(hass, "room")
    result = await go_on(hass, result, {"host": HOST, "port": satellite.port})
    assert result["errors"] == {"base": "cannot_connect"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not_earshot"),
        (b"", "not_earshot"),
        (b'{"type": "pong"}\n', "not_earshot"),
        (b'{"type": "earshot-welcome", "data": {"version": 1}}\n', "not_earshot"),
        (b'{"type": "earshot-refused", "data": {"reason": "hello_expected"}}\n', "not_earshot"),
        (b"x" * 200_000, "not_earshot"),
        (None, "no_answer"),
    ],
)
async def test_something_else_answers(
    hass: HomeAssistant, answer: bytes | None, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Garbage, silence and other protocols are told apart from an absent satellite."""
    monkeypatch.setattr(greet, "GREETING_S", 0.3)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    port = server.sockets[0].getsockname()[1]
    result = await start(hass, "room")
    result = await go_on(hass, result, {"host": HOST, "port": port})
    assert result["errors"] == {"base": error}
    server.close()
    await server.wait_closed()


async def test_a_stock_wyoming_satellite(hass: HomeAssistant, speech: FakeSpeech) -> None:
    """What answers Wyoming's describe, and not our hello, is sent to the Wyoming integration."""
    result = await start(hass, "room")
    result = await go_on(hass, result, {"host": HOST, "port": speech.port})
    assert result["errors"] == {"base": "wyoming_satellite"}


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
    assert result["errors"] == {"base": "not_speech"}


def found(satellite: FakeSatellite, host: str = HOST, **properties: str) -> ZeroconfServiceInfo:
    """Return what mDNS would say."""
    return ZeroconfServiceInfo(
        ip_address=ip_address(host), ip_addresses=[ip_address(host)], port=satellite.port,
        hostname="room.local.", name="room._earshot._tcp.local.", type="_earshot._tcp.local.",
        properties=properties,
    )  # fmt: skip


async def discover(hass: HomeAssistant, info: ZeroconfServiceInfo):
    """Have a satellite discovered."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": config_entries.SOURCE_ZEROCONF}, data=info
    )


async def test_a_satellite_is_discovered(hass: HomeAssistant, satellite: FakeSatellite) -> None:
    """Found, confirmed, described, added."""
    result = await discover(hass, found(satellite))
    assert result["step_id"] == "zeroconf_confirm"
    result = await go_on(hass, result, {})
    assert result["step_id"] == "details"
    result = await go_on(hass, result, {"name": "Kitchen", "room_kind": "unset"})
    result = await go_on(hass, result, {"next_step_id": "without_speech"})
    entry = await close_room(hass, result)
    assert entry.data["port"] == satellite.port


async def test_a_satellite_that_moved_is_followed(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """A new address of a known satellite goes into its entry."""
    same = await discover(hass, found(satellite))
    assert same["reason"] == "already_configured"
    await hass.config_entries.async_unload(room.entry_id)
    moved = found(satellite, host="127.0.0.2", id=satellite.id)
    result = await discover(hass, moved)
    assert result["reason"] == "already_configured"
    assert room.data["host"] == "127.0.0.2"
    await hass.async_block_till_done()


async def test_a_satellite_that_vanished_again(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """What was announced and is not there is not offered."""
    await satellite.stop()
    result = await discover(hass, found(satellite))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "cannot_connect"


async def test_the_house_is_made_once(hass: HomeAssistant, room: MockConfigEntry) -> None:
    """One house, however often it is asked for."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": config_entries.SOURCE_IMPORT},
        data={CONF_KIND: EntryKind.HOUSE},
    )
    assert result["reason"] == "already_configured"


async def test_a_room_gets_another_address(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Only if the same satellite answers there."""
    async with FakeSatellite("Other") as other:
        result = await room.start_reconfigure_flow(hass)
        result = await go_on(hass, result, {"host": HOST, "port": other.port})
        assert result["errors"] == {"base": "another_satellite"}
    result = await go_on(hass, result, {"host": HOST, "port": other.port})
    assert result["errors"] == {"base": "cannot_connect"}
    result = await go_on(hass, result, {"host": "localhost", "port": satellite.port})
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert room.data["host"] == "localhost"
    await satellite.wait(lambda: satellite.linked)


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


async def test_the_house_has_no_address(hass: HomeAssistant, room: MockConfigEntry) -> None:
    """There is nothing to reconfigure."""
    house = next(
        it for it in hass.config_entries.async_entries(DOMAIN) if it.data[CONF_KIND] == "house"
    )
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": house.entry_id}
    )
    assert result["reason"] == "house_has_no_address"


async def test_a_speech_service_has_no_options(speech_entry: MockConfigEntry) -> None:
    """No button for an empty form."""
    assert not speech_entry.supports_options


async def test_a_room_is_not_added_twice_by_hand_and_discovery(
    hass: HomeAssistant, home: HomeAssistant, satellite: FakeSatellite
) -> None:
    """The set-up by hand goes on while a discovery of the same satellite waits."""
    await discover(hass, found(satellite))
    result = await to_pipeline(hass, satellite)
    await close_room(hass, await go_on(hass, result, {"next_step_id": "without_speech"}))
    assert not hass.config_entries.flow.async_progress_by_handler(DOMAIN)
