"""A room says whether its words stay in the house, and listens accordingly."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.components.assist_pipeline import (
    async_get_pipeline,
    async_get_pipelines,
    async_update_pipeline,
)
from homeassistant.components.assist_pipeline.const import DATA_CONFIG
from homeassistant.components.assist_pipeline.runtime import KEY_ASSIST_PIPELINE
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers import llm
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    async_fire_time_changed,
    mock_integration,
)

from custom_components.earshot.audit import Actor, Verb
from custom_components.earshot.const import (
    CONF_DEBUG_ALLOWED,
    CONF_LOCAL_ONLY,
    CONF_PAIRING,
    DOMAIN,
)
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.locality import DATA_LOCALITY
from custom_components.earshot.policy.listening import Refusal
from custom_components.earshot.vouchers import Vouchers
from custom_components.earshot.wire.phrases import NOT_LOCAL, RECORDED
from custom_components.earshot.wire.turn import Listen, StandDown, TurnEnd

from .conftest import LIGHT, add_room, over, until
from .fake_satellite import FakeSatellite
from .test_repairs import process_repair_fix_flow, start_repair_fix_flow
from .test_turn import COMMAND, FIRST, SECOND, say

THIRD = "00000000000000c3"
SENSOR = "sensor.kitchen_locality"
SELECT = "select.kitchen_assistant"


def add_engine(
    hass: HomeAssistant,
    domain: str,
    iot_class: str | None,
    engine: str = "conversation",
    **data: Any,
) -> tuple[str, MockConfigEntry]:
    """Have an engine of another integration; return its entity id and its entry."""
    manifest = {} if iot_class is None else {"iot_class": iot_class}
    mock_integration(hass, MockModule(domain, partial_manifest=manifest))
    entry = MockConfigEntry(domain=domain, title=domain.title(), data=data)
    entry.add_to_hass(hass)
    registered = er.async_get(hass).async_get_or_create(
        engine, domain, f"{domain}-{engine}", suggested_object_id=domain, config_entry=entry
    )
    return registered.entity_id, entry


async def use(hass: HomeAssistant, **engines: str) -> None:
    """Have the room's pipeline use these engines."""
    pipeline = next(it for it in async_get_pipelines(hass) if it.name == "Earshot")
    await async_update_pipeline(hass, pipeline, **engines)


async def shows(hass: HomeAssistant, state: str) -> dict[str, dict[str, Any]]:
    """Wait until the sensor shows this; return what it says of each engine."""
    await until(lambda: hass.states.get(SENSOR).state == state)
    return {it["role"]: it for it in hass.states.get(SENSOR).attributes["engines"]}


def set_options(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    """Change options of a room."""
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})


async def until_logged(hass: HomeAssistant, verb: str, entry: MockConfigEntry, what: str) -> None:
    """Wait until the log has this line of a room."""
    async with asyncio.timeout(10):
        while True:
            lines = await hass.data[DATA_HOUSE].audit.async_lines(None, None, 50)
            if (verb, entry.entry_id, what) in [(it.verb, it.room_id, it.detail) for it in lines]:
                return
            await asyncio.sleep(0.01)


async def refused(satellite: FakeSatellite, turn: str = FIRST) -> str:
    """Wake the room and return why it does not listen."""
    await satellite.wake(turn)
    down = await satellite.expect(StandDown, turn)
    assert not satellite.all(Listen, turn)
    return down.reason


async def test_our_own_engines_on_this_machine_are_local(
    hass: HomeAssistant, room: MockConfigEntry
) -> None:
    """Home Assistant's agent and the speech service on loopback; only names are told."""
    engines = await shows(hass, "local")
    assert {role: it["reason"] for role, it in engines.items()} == {
        "hears": "earshot", "answers": "home_assistant", "speaks": "earshot"
    }  # fmt: skip
    assert set(engines["hears"]) == {"role", "engine", "state", "reason"}


@pytest.mark.parametrize(
    ("iot_class", "data", "verdict"),
    [
        ("cloud_push", {}, ("not_local", "cloud")),
        ("local_polling", {"url": "https://9.9.9.9/v1"}, ("not_local", "public_address")),
        ("local_polling", {"host": "192.168.1.4"}, ("unknown", "not_proven")),
        ("local_polling", {"host": "127.0.0.1"}, ("unknown", "not_proven")),
        (None, {}, ("unknown", "not_proven")),
        ("local_push", {"llm_hass_api": ["assist", "mcp-a"]}, ("not_local", "outside_tools")),
        ("local_push", {"llm_hass_api": "mcp-a"}, ("not_local", "outside_tools")),
    ],
)
async def test_the_agent_that_would_get_the_words_decides(
    hass: HomeAssistant, room: MockConfigEntry, iot_class, data, verdict
) -> None:
    """Also where local intents are preferred: what they do not match goes to the agent."""
    await shows(hass, "local")
    agent, _ = add_engine(hass, "cleverness", iot_class, **data)
    await use(hass, conversation_engine=agent, prefer_local_intents=True)
    engines = await shows(hass, verdict[0])
    assert engines["answers"]["reason"] == verdict[1]
    assert engines["hears"]["state"] == "local"


@pytest.mark.parametrize(("role", "key", "engine"), [("hears", "stt_engine", "stt"),
                                                     ("speaks", "tts_engine", "tts")])  # fmt: skip
async def test_ears_and_voice_count_too(
    hass: HomeAssistant, room: MockConfigEntry, role: str, key: str, engine: str
) -> None:
    ears, _ = add_engine(hass, "faraway", "cloud_push", engine)
    await use(hass, **{key: ears})
    assert (await shows(hass, "not_local"))[role]["reason"] == "cloud"
    await use(hass, **{key: f"{engine}.nobody"})
    assert (await shows(hass, "unknown"))[role]["reason"] == "missing"
    await use(hass, **{key: "picotts"})
    assert (await shows(hass, "unknown"))[role]["reason"] == "missing"


async def test_a_speech_service_elsewhere_is_not_known_to_be_local(
    hass: HomeAssistant, room: MockConfigEntry, speech_entry: MockConfigEntry
) -> None:
    """Anybody could be at the other end, unless it proves who it is by its key."""
    await shows(hass, "local")
    hass.config_entries.async_update_entry(
        speech_entry, data={**speech_entry.data, "host": "192.168.1.4"}
    )
    engines = await shows(hass, "unknown")
    assert engines["hears"]["reason"] == engines["speaks"]["reason"] == "not_proven"
    hass.config_entries.async_update_entry(
        speech_entry, data={**speech_entry.data, CONF_PAIRING: "0" * 32}
    )
    assert (await shows(hass, "local"))["hears"]["reason"] == "earshot"


async def test_another_choice_in_the_select_counts_at_once(
    hass: HomeAssistant, room: MockConfigEntry
) -> None:
    await shows(hass, "local")
    agent, _ = add_engine(hass, "cleverness", "cloud_push")
    store = hass.data[KEY_ASSIST_PIPELINE].pipeline_store
    other = async_get_pipeline(hass).to_json() | {"name": "Cloudy", "conversation_engine": agent}
    del other["id"]
    made = await store.async_create_item(other)
    ulf = await hass.auth.async_create_user("Ulf", group_ids=[GROUP_ID_USER])
    for _ in range(2):
        await hass.services.async_call(
            "select", "select_option", {"entity_id": SELECT, "option": "Cloudy"}, blocking=True,
            context=Context(user_id=ulf.id),
        )  # fmt: skip
    await shows(hass, "not_local")
    first = next(it.id for it in async_get_pipelines(hass) if it.name == "Earshot")
    await until_logged(hass, "policy_changed", room, f"{first}>{made.id}")
    (line,) = await hass.data[DATA_HOUSE].audit.async_lines(frozenset({room.entry_id}), None, 50)
    assert (line.target, line.actor.user_id) == ("pipeline", ulf.id)
    await hass.services.async_call(
        "select", "select_option", {"entity_id": SELECT, "option": "Earshot"}, blocking=True
    )
    await shows(hass, "local")
    # Nothing tells of another preferred pipeline; a command asks anew, the sensor follows.
    await hass.services.async_call(
        "select", "select_option", {"entity_id": SELECT, "option": "preferred"}, blocking=True
    )
    store.async_set_preferred_item(made.id)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=1))
    await shows(hass, "not_local")


async def test_a_local_only_room_does_not_listen_to_send_away(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Refused before any audio flows, said aloud, told in Repairs with the name of the engine."""
    agent, _ = add_engine(hass, "cleverness", "cloud_push")
    set_options(hass, room, **{CONF_LOCAL_ONLY: True})
    assert (await say(satellite)).outcome == "understood"
    await use(hass, conversation_engine=agent)

    assert await refused(satellite, SECOND) == "not_local"
    assert NOT_LOCAL in satellite.phrases
    await until_logged(hass, "refused", room, "not_local")
    issue = f"room_not_local.{room.entry_id}"
    await until(lambda: ir.async_get(hass).async_get_issue(DOMAIN, issue))
    told = ir.async_get(hass).async_get_issue(DOMAIN, issue).translation_placeholders
    assert told == {"room": "Kitchen", "engines": "conversation.cleverness"}

    await use(hass, conversation_engine="conversation.home_assistant")
    assert (await say(satellite, THIRD)).outcome == "understood"
    await until(lambda: not ir.async_get(hass).async_get_issue(DOMAIN, issue))


async def test_refused_wake_words_do_not_fill_the_log(
    hass: HomeAssistant, room: MockConfigEntry
) -> None:
    """A loudspeaker that says the wake word all day, or an account that asks to listen."""
    agent, _ = add_engine(hass, "cleverness", "cloud_push")
    set_options(hass, room, **{CONF_LOCAL_ONLY: True})
    await use(hass, conversation_engine=agent)
    await hass.data[DATA_HOUSE].async_vault()
    for _ in range(50):
        assert room.runtime_data.guard.ask() is Refusal.NOT_LOCAL
    await over("earshot log")
    house = hass.data[DATA_HOUSE]
    lines = await house.audit.async_lines(None, None, 100)
    assert len([it for it in lines if it.verb is Verb.REFUSED]) == 20
    await house.spared.async_close()
    (newest, *_) = await house.audit.async_lines(None, None, 1)
    assert (newest.verb, newest.detail) == (Verb.REFUSED, "left_out_30")


async def test_other_rooms_may_use_what_they_like(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Not being local is shown; only a room that is to be local only refuses."""
    agent, _ = add_engine(hass, "cleverness", "cloud_push")
    await use(hass, conversation_engine=agent)
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await shows(hass, "not_local")


async def test_a_pipeline_changed_at_the_last_moment_gets_nothing(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: Any
) -> None:
    """The room was granted its turn; then its agent changed, and the audio goes nowhere."""
    speech.needs_ms = 5000
    set_options(hass, room, **{CONF_LOCAL_ONLY: True})
    agent, _ = add_engine(hass, "cleverness", "cloud_push")
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await use(hass, conversation_engine=agent)
    await satellite.speak(FIRST, COMMAND)
    assert (await satellite.expect(TurnEnd, FIRST)).outcome == "failed"
    assert hass.states.get(LIGHT).state == "off"


async def vouch(hass: HomeAssistant, client: Any, engine: str) -> dict[str, Any]:
    """Open the repair of an engine, and return the form."""
    assert await async_setup_component(hass, "repairs", {})
    issue = f"engine_not_proven.{engine}"
    await until(lambda: ir.async_get(hass).async_get_issue(DOMAIN, issue))
    return await start_repair_fix_flow(client, DOMAIN, issue)


async def test_an_administrator_gives_their_word(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    hass_client: Any,
    hass_admin_user: Any,
) -> None:
    """It is shown as theirs, lasts over a restart, and ends for good when the host changes."""
    set_options(hass, room, **{CONF_LOCAL_ONLY: True})
    agent, entry = add_engine(hass, "cleverness", "local_polling", host="192.168.1.4")
    await use(hass, conversation_engine=agent)
    assert await refused(satellite) == "not_local"

    client = await hass_client()
    step = await vouch(hass, client, agent)
    assert step["description_placeholders"] == {
        "engine": agent, "host": "192.168.1.4", "rooms": "Kitchen"
    }  # fmt: skip
    before = dt_util.utcnow()
    step = await process_repair_fix_flow(client, step["flow_id"], {})
    assert step["type"] == "create_entry"

    (newest, *_) = await hass.data[DATA_HOUSE].audit.async_lines(None, None, 1)
    assert (newest.verb, newest.actor.user_id, newest.target) == (
        "vouched", hass_admin_user.id, agent
    )  # fmt: skip
    engines = await shows(hass, "vouched")
    assert engines["answers"]["by"] == hass_admin_user.name
    assert before <= engines["answers"]["given"] <= dt_util.utcnow()
    await satellite.wake(SECOND)
    await satellite.expect(Listen, SECOND)
    kept = Vouchers(hass)
    await kept.async_load()
    assert len(kept._words) == 1

    hass.config_entries.async_update_entry(entry, data={"host": "192.168.1.5"})
    assert hass.data[DATA_LOCALITY].verdict(room).state == "unknown", "at once"
    await shows(hass, "unknown")
    hass.config_entries.async_update_entry(entry, data={"host": "192.168.1.4"})
    await hass.async_block_till_done()
    await use(hass, conversation_engine="conversation.home_assistant")
    await shows(hass, "local")
    await use(hass, conversation_engine=agent)
    await shows(hass, "unknown")


async def test_what_was_shown_is_what_is_vouched_for(
    hass: HomeAssistant, room: MockConfigEntry, hass_client: Any
) -> None:
    """An engine that moves while the form is open gets nobody's word."""
    agent, entry = add_engine(hass, "cleverness", "local_polling", host="192.168.1.4")
    await use(hass, conversation_engine=agent)
    client = await hass_client()
    step = await vouch(hass, client, agent)
    hass.config_entries.async_update_entry(entry, data={"host": "192.168.1.5"})
    step = await process_repair_fix_flow(client, step["flow_id"], {})
    assert (step["type"], step["reason"]) == ("abort", "engine_changed")
    await shows(hass, "unknown")


async def test_a_word_that_the_log_cannot_hold_is_not_taken(
    hass: HomeAssistant, room: MockConfigEntry, hass_client: Any
) -> None:
    agent, _ = add_engine(hass, "cleverness", "local_polling", host="192.168.1.4")
    await use(hass, conversation_engine=agent)
    client = await hass_client()
    step = await vouch(hass, client, agent)
    await hass.data[DATA_HOUSE].audit.async_close()
    step = await process_repair_fix_flow(client, step["flow_id"], {})
    assert step["reason"] == "audit_failed"
    await shows(hass, "unknown")


async def test_only_an_administrator_can_vouch(
    hass: HomeAssistant, room: MockConfigEntry, hass_client: Any, hass_read_only_access_token: str
) -> None:
    agent, _ = add_engine(hass, "cleverness", "local_polling")
    await use(hass, conversation_engine=agent)
    client = await hass_client()
    await vouch(hass, client, agent)
    stranger = await hass_client(hass_read_only_access_token)
    answer = await stranger.post(
        "/api/repairs/issues/fix",
        json={"handler": DOMAIN, "issue_id": f"engine_not_proven.{agent}"},
    )
    assert answer.status == 401
    # Nobody in a browser at all: a script, an automation.
    flow = await hass.data["repairs"]["flow_manager"].async_init(
        DOMAIN, context={"issue_id": f"engine_not_proven.{agent}"}
    )
    assert flow["reason"] == "not_an_administrator"


async def test_nobody_can_vouch_for_a_cloud_or_for_what_cannot_be_seen(
    hass: HomeAssistant, room: MockConfigEntry
) -> None:
    """No offer is made in Repairs; an engine set up in YAML could move without a trace."""
    cloud, _ = add_engine(hass, "cleverness", "cloud_push")
    mock_integration(hass, MockModule("robotics", partial_manifest={"iot_class": "local_push"}))
    await use(hass, conversation_engine=cloud, tts_engine="robotics")
    engines = await shows(hass, "not_local")
    assert engines["speaks"]["reason"] == "not_proven"
    assert not [it for _, it in ir.async_get(hass).issues if it.startswith("engine_not_proven")]


class Searcher(llm.Tool):
    """Searches the web, and does not say so."""

    name = "searcher__search"
    integration = "searcher"


async def test_a_vouched_model_with_a_tool_that_leaves_the_house(
    hass: HomeAssistant, room: MockConfigEntry, hass_client: Any
) -> None:
    """The word was for the model; any integration may give it a tool later."""
    assert await async_setup_component(hass, "llm", {})
    agent, _ = add_engine(hass, "cleverness", "local_polling", llm_hass_api=["assist"])
    await use(hass, conversation_engine=agent)
    client = await hass_client()
    step = await vouch(hass, client, agent)
    await process_repair_fix_flow(client, step["flow_id"], {})
    await shows(hass, "vouched")

    tools = [Searcher()]
    assist = next(it for it in llm.async_get_apis(hass) if it.id == "assist")
    given = assist.async_get_api_instance

    async def with_search(context: llm.LLMContext) -> llm.APIInstance:
        instance = await given(context)
        instance.tools += tools
        return instance

    assist.async_get_api_instance = with_search  # type: ignore[method-assign]
    hass.bus.async_fire("component_loaded", {"component": "llm"})
    assert (await shows(hass, "not_local"))["answers"]["reason"] == "outside_tools"

    tools.append(None)  # type: ignore[arg-type]
    tools.reverse()
    hass.bus.async_fire("component_loaded", {"component": "llm"})
    assert (await shows(hass, "unknown"))["answers"]["reason"] == "tools_not_known"


async def test_a_conversation_does_not_go_on_with_the_agent_of_before(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Core would ask the former agent once more, whatever the pipeline says by then."""
    entity = hass.data["entity_components"]["assist_satellite"].get_entity(
        "assist_satellite.kitchen"
    )
    assert (await say(satellite, FIRST)).outcome == "understood"
    first = entity._conversation_id
    assert (await say(satellite, SECOND)).outcome == "understood"
    assert entity._conversation_id == first
    agent, _ = add_engine(hass, "cleverness", "cloud_push")
    await use(hass, conversation_engine=agent)
    await say(satellite, THIRD)
    assert entity._conversation_id != first


async def test_debug_recordings_keep_rooms_from_listening(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Every command would be a file on disk; the room's options can allow it."""
    hass.data[DATA_CONFIG]["debug_recording_dir"] = hass.config.path("debug")
    assert await refused(satellite) == "recorded"
    assert RECORDED in satellite.phrases
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"room_recorded.{room.entry_id}")
    await until_logged(hass, "refused", room, "recorded")

    rules = hass.data[DATA_HOUSE].rules
    await rules.async_change(room, {CONF_DEBUG_ALLOWED: True}, Actor())
    assert await refused(satellite, SECOND) == "recorded", "loosened a moment ago"
    await rules.async_confirm(room.entry_id)
    await satellite.wake(THIRD)
    await satellite.expect(Listen, THIRD)
    (newest, *_) = await hass.data[DATA_HOUSE].audit.async_lines(None, None, 1)
    assert (newest.verb, newest.room_id, newest.detail) == ("listening", room.entry_id, "recorded")
    assert not ir.async_get(hass).async_get_issue(DOMAIN, f"room_recorded.{room.entry_id}")


async def test_without_a_line_in_the_log_nobody_records(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The room allows it, but that it happened could not be told afterwards."""
    rules = hass.data[DATA_HOUSE].rules
    await rules.async_change(room, {CONF_DEBUG_ALLOWED: True}, Actor())
    await rules.async_confirm(room.entry_id)
    hass.data[DATA_CONFIG]["debug_recording_dir"] = hass.config.path("debug")
    await hass.data[DATA_HOUSE].audit.async_close()
    assert await refused(satellite) == "recorded"


async def test_debug_recordings_are_told_in_repairs(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    hass.data[DATA_CONFIG]["debug_recording_dir"] = hass.config.path("debug")
    await add_room(hass, satellite)
    assert ir.async_get(hass).async_get_issue(DOMAIN, "debug_recording")


async def capture(hass: HomeAssistant, client: Any, room: MockConfigEntry) -> int:
    """Have an administrator capture what the room hears, as core's own panel does."""
    device = er.async_get(hass).async_get("assist_satellite.kitchen").device_id
    await client.send_json_auto_id(
        {"type": "assist_pipeline/device/capture", "device_id": device, "timeout": 60}
    )
    answer = await client.receive_json()
    assert answer["success"], answer
    return answer["id"]


async def test_a_room_that_is_captured_does_not_listen(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, hass_ws_client: Any
) -> None:
    client = await hass_ws_client()
    subscription = await capture(hass, client, room)
    assert await refused(satellite) == "recorded"
    await client.send_json_auto_id({"type": "unsubscribe_events", "subscription": subscription})
    await until(lambda: not hass.data[KEY_ASSIST_PIPELINE].device_audio_queues)
    assert (await say(satellite, SECOND)).outcome == "understood"


async def test_a_capture_that_begins_in_mid_command_gets_nothing(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    hass_ws_client: Any,
    speech: Any,
) -> None:
    speech.needs_ms = 5000
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await satellite.speak(FIRST, COMMAND[:6400])
    await until(lambda: hass.states.get("assist_satellite.kitchen").state == "listening")
    await capture(hass, await hass_ws_client(), room)
    (queue,) = hass.data[KEY_ASSIST_PIPELINE].device_audio_queues.values()
    await satellite.speak(FIRST, COMMAND[:6400])
    assert (await satellite.expect(StandDown, FIRST)).reason == "recorded"
    assert (await satellite.expect(TurnEnd, FIRST)).outcome == "failed"
    sent = [queue.queue.get_nowait() for _ in range(queue.queue.qsize())]
    assert not any(sent)


async def test_a_local_only_room_set_up_with_nothing_is_not_local(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """A room without a pipeline says unknown, not local."""
    entry = await add_room(hass, satellite)
    await shows(hass, "unknown")
    assert entry.runtime_data.locality.state == "unknown"


async def test_an_engine_that_is_away_for_a_while_keeps_its_word(
    hass: HomeAssistant, room: MockConfigEntry, hass_client: Any
) -> None:
    """Home Assistant starts, and its engines come later: no reason to ask again."""
    agent, _ = add_engine(hass, "cleverness", "local_polling", host="192.168.1.4")
    await use(hass, conversation_engine=agent)
    client = await hass_client()
    step = await vouch(hass, client, agent)
    await process_repair_fix_flow(client, step["flow_id"], {})
    await shows(hass, "vouched")
    await use(hass, conversation_engine="conversation.gone")
    await shows(hass, "unknown")
    await use(hass, conversation_engine=agent)
    await shows(hass, "vouched")
