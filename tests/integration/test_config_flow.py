"""The flows: a room works when its flow ends, and every wrong address is told apart."""

import asyncio
from ipaddress import ip_address
from pathlib import Path

import pytest
from homeassistant import config_entries
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import (
    CONF_KIND,
    CONF_PAIRING,
    DOMAIN,
    VAULT_FOLDER,
    EntryKind,
)
from custom_components.earshot.link import greet
from custom_components.earshot.wire import pairing
from custom_components.earshot.wire.code import new_code, shown
from custom_components.earshot.wire.identity import Trust
from custom_components.earshot.wire.pairing import Unpair

from .conftest import LIGHT, add_room, until
from .fake_satellite import FakeSatellite, free_port, pair_of_trust
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


async def pair(hass: HomeAssistant, result, satellite: FakeSatellite, host: str = HOST):
    """Give a satellite's address and the code that it shows."""
    async with satellite.pairable() as port:
        where = {"host": host, "port": satellite.port, "code": shown(port.desk.code)}
        return await go_on(hass, result, where)


async def to_pipeline(hass: HomeAssistant, satellite: FakeSatellite, **details):
    """Go through the steps before the pipeline."""
    result = await pair(hass, await start(hass, "room"), satellite)
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


def keys(hass: HomeAssistant) -> set[str]:
    """Return the ids of the pairings that are kept."""
    return {it.stem for it in Path(hass.config.path(*VAULT_FOLDER, "links")).glob("*.pem")}


async def test_a_satellite_of_another_version(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """A welcome in another version is no welcome, and the pairing is forgotten."""
    satellite.version = 99
    result = await pair(hass, await start(hass, "room"), satellite)
    assert result["errors"] == {"base": "version"}
    assert not keys(hass)


async def test_a_wrong_code_can_be_entered_again(
    hass: HomeAssistant, satellite: FakeSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is still good; what is no code at all is not even sent."""
    monkeypatch.setattr(pairing, "SLOW_S", 0.1)
    result = await start(hass, "room")
    async with satellite.pairable() as port:
        for code, error in (("what?", "no_code"), (new_code(), "wrong_code")):
            where = {"host": HOST, "port": satellite.port, "code": code}
            result = await go_on(hass, result, where)
            assert result["errors"] == {"base": error}
        assert port.desk.tries == 1
        result = await go_on(hass, result, where | {"code": shown(port.desk.code).lower()})
    assert result["step_id"] == "details"
    hass.config_entries.flow.async_abort(result["flow_id"])
    await satellite.expect(Unpair)


async def test_a_flow_that_is_left_leaves_nothing(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """The satellite would trust a home that is nobody's room."""
    result = await pair(hass, await start(hass, "room"), satellite)
    assert len(keys(hass)) == 1
    hass.config_entries.flow.async_abort(result["flow_id"])
    await satellite.expect(Unpair)
    await until(lambda: not keys(hass))
    assert satellite.trust is None


async def test_a_satellite_that_cannot_be_paired_now(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """It is there, and shows no code."""
    result = await start(hass, "room")
    where = {"host": HOST, "port": satellite.port, "code": new_code()}
    result = await go_on(hass, result, where)
    assert result["errors"] == {"base": "not_pairing"}
    assert not keys(hass)


async def test_a_satellite_that_vanishes_after_it_wrote(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """Its last word is lost, and both are paired all the same."""
    use = satellite.use

    async def vanish(trust: Trust) -> None:
        await use(trust)
        raise ConnectionResetError

    satellite.use = vanish
    result = await start(hass, "room")
    async with satellite.pairable() as port:
        # An error of the link, not of the disk: nothing more is said.
        port.desk.serve = cut_short(port.desk.serve)
        where = {"host": HOST, "port": satellite.port, "code": port.desk.code}
        result = await go_on(hass, result, where)
    assert result["step_id"] == "details"


def cut_short(serve):
    """Have a desk hang up instead of saying that it failed."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        write = writer.write

        def silent(data: bytes) -> None:
            if b"refused" in data:
                writer.transport.abort()
            else:
                write(data)

        writer.write = silent
        return await serve(reader, writer)

    return served


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no_pairing"),
        (b"", "no_pairing"),
        (b'{"type": "earshot-pair-offer"}\n', "no_pairing"),
        (b"x" * 200_000, "no_pairing"),
        (None, "cannot_connect"),
    ],
)
async def test_something_else_answers(
    hass: HomeAssistant, answer: bytes | None, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Garbage, silence and other protocols are told apart from an absent satellite."""
    monkeypatch.setattr(greet, "HANDSHAKE_S", 0.3)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    port = free_port()
    server = await asyncio.start_server(serve, HOST, port + 1)
    result = await start(hass, "room")
    result = await go_on(hass, result, {"host": HOST, "port": port, "code": new_code()})
    assert result["errors"]["base"] in {error, "not_trusted"}
    server.close()
    await server.wait_closed()


async def test_a_stock_wyoming_satellite(hass: HomeAssistant, speech: FakeSpeech) -> None:
    """What answers Wyoming's describe is sent to the Wyoming integration."""
    result = await start(hass, "room")
    where = {"host": HOST, "port": speech.port, "code": new_code()}
    result = await go_on(hass, result, where)
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
    assert result["errors"] == {"base": "cannot_connect"}


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
    """Found, paired with its code, described, added."""
    result = await discover(hass, found(satellite, id=satellite.id, pairing="1"))
    assert result["step_id"] == "zeroconf_confirm"
    async with satellite.pairable() as port:
        result = await go_on(hass, result, {"code": port.desk.code})
    assert result["step_id"] == "details"
    result = await go_on(hass, result, {"name": "Kitchen", "room_kind": "unset"})
    result = await go_on(hass, result, {"next_step_id": "without_speech"})
    entry = await close_room(hass, result)
    assert entry.data["port"] == satellite.port


@pytest.mark.parametrize(
    ("properties", "reason"),
    [({}, "not_earshot"), ({"id": "a" * 32}, "not_pairing"), ({"pairing": "1"}, "not_earshot")],
)
async def test_what_cannot_be_paired_is_not_offered(
    hass: HomeAssistant, satellite: FakeSatellite, properties: dict[str, str], reason: str
) -> None:
    result = await discover(hass, found(satellite, **properties))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == reason


async def test_a_satellite_that_moved_is_followed(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """A new address of a known satellite goes into its entry."""
    await satellite.stop()
    satellite.port = free_port()
    await satellite.start()
    result = await discover(hass, found(satellite, id=satellite.id))
    assert result["reason"] == "already_configured"
    assert room.data["port"] == satellite.port
    await hass.async_block_till_done()
    await satellite.wait(lambda: satellite.linked)


async def test_who_claims_to_be_a_satellite_that_moved_is_not_believed(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Anybody can announce its id; only who has its key is followed. Its link stays."""
    async with FakeSatellite("Liar") as liar:
        result = await discover(hass, found(liar, id=satellite.id))
        assert result["reason"] == "already_configured"
        assert not liar.hellos
    assert room.data["port"] == satellite.port
    assert satellite.linked
    assert satellite.hellos == 1


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
    """Only if the same satellite answers there, and none of its code is needed."""
    async with FakeSatellite("Other") as other:
        result = await room.start_reconfigure_flow(hass)
        result = await go_on(hass, result, {"host": HOST, "port": other.port})
        assert result["errors"] == {"base": "another_satellite"}
        assert not other.hellos
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
    await discover(hass, found(satellite, id=satellite.id, pairing="1"))
    result = await to_pipeline(hass, satellite)
    await close_room(hass, await go_on(hass, result, {"next_step_id": "without_speech"}))
    assert not hass.config_entries.flow.async_progress_by_handler(DOMAIN)


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


async def test_a_satellite_that_unpaired_us_is_paired_again(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """It says so, we ask for a code, and the older keys go."""
    older = room.data[CONF_PAIRING]
    await satellite.send(Unpair())
    await satellite.use(None)
    result = await reauth(hass)
    assert result["step_id"] == "reauth_confirm"
    async with satellite.pairable() as port:
        result = await go_on(hass, result, {"code": port.desk.code})
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    await satellite.wait(lambda: satellite.linked)
    assert keys(hass) == {room.data[CONF_PAIRING]} != {older}


async def test_lost_keys_are_told_and_made_anew(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """As after a backup was restored: it holds the entry, and no keys."""
    room = await add_room(hass, satellite, wait=False, pairing="0" * 32)
    issue = f"link_keys_lost.{room.entry_id}"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue)
    result = await reauth(hass)
    async with satellite.pairable() as port:
        result = await go_on(hass, result, {"code": port.desk.code})
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    await satellite.wait(lambda: satellite.linked)
    await until(lambda: not ir.async_get(hass).async_get_issue(DOMAIN, issue))


async def test_a_room_is_paired_again_only_with_its_own_satellite(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The code of another one does not make it this room; it is let go again."""
    async with FakeSatellite("Other") as other, other.pairable() as port:
        result = await room.start_reconfigure_flow(hass)
        where = {"host": HOST, "port": other.port, "code": port.desk.code}
        result = await go_on(hass, result, where)
        assert result["errors"] == {"base": "another_satellite"}
        await other.expect(Unpair)
    assert room.data["port"] == satellite.port
    assert keys(hass) == {room.data[CONF_PAIRING]}


async def test_what_the_link_answers_ends_the_question(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, monkeypatch
) -> None:
    """Another satellite had its address for a while: nothing is asked when it is back."""
    monkeypatch.setattr("custom_components.earshot.link.backoff.REFUSED_DELAY_S", 0.05)
    trust = satellite.trust
    await satellite.use(pair_of_trust()[0])
    satellite.cut()
    await reauth(hass)
    await satellite.use(trust)
    await until(lambda: not hass.config_entries.flow.async_progress_by_handler(DOMAIN))
    await satellite.wait(lambda: satellite.linked)


async def test_a_room_that_is_removed_is_unpaired(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """At both ends; and a satellite that is off keeps nobody from it."""
    async with FakeSatellite("Off") as off:
        other = await add_room(hass, off)
    await hass.config_entries.async_remove(other.entry_id)
    await hass.config_entries.async_remove(room.entry_id)
    await satellite.expect(Unpair)
    assert satellite.trust is None
    assert not keys(hass)


async def reauth(hass: HomeAssistant):
    """Return the form that asks to pair again."""
    await until(lambda: hass.config_entries.flow.async_progress_by_handler(DOMAIN))
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == config_entries.SOURCE_REAUTH
    return await hass.config_entries.flow.async_configure(flow["flow_id"])
