"""What means many things at once opens no microphone: area, all, group, scene, voice, a model."""

from collections.abc import Awaitable, Callable

import pytest
from homeassistant.components.conversation import async_converse
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers import intent, llm
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers import label_registry as lr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import DOMAIN, IssueId
from custom_components.earshot.issues import room_issue

from .conftest import LIGHT
from .fake_satellite import FakeSatellite
from .test_mute import SWITCH, turn

Way = Callable[[HomeAssistant], Awaitable[object]]


def call(domain: str, service: str, **target: object) -> Way:
    async def way(hass: HomeAssistant) -> None:
        await hass.services.async_call(domain, service, {}, target=target, blocking=True)

    return way


async def by_voice(hass: HomeAssistant) -> object:
    return await async_converse(hass, "turn off kitchen mute", None, Context(), language="en")


async def by_voice_in_the_room(hass: HomeAssistant) -> object:
    return await async_converse(
        hass, "turn off everything in the kitchen", None, Context(), language="en"
    )


async def by_a_language_model(hass: HomeAssistant) -> object:
    async_expose_entity(hass, "conversation", LIGHT, True)
    api = await llm.async_get_api(
        hass,
        llm.LLM_API_ASSIST,
        llm.LLMContext("test", Context(), "en", "conversation", None),
    )
    assert "mute" not in api.api_prompt.lower()
    (off,) = (tool.name for tool in api.tools if tool.name.endswith("HassTurnOff"))
    wanted: tuple[dict[str, object], ...] = (
        {"name": "Kitchen Mute"},
        {"area": "Kitchen", "domain": ["switch"]},
    )
    for words in wanted:
        with pytest.raises(intent.MatchFailedError):
            await api.async_call_tool(llm.ToolInput(off, words))
    return None


@pytest.mark.parametrize(
    "way",
    [
        call("switch", "turn_off", area_id="kitchen"),
        call("homeassistant", "turn_off", area_id="kitchen"),
        call("switch", "turn_off", floor_id="ground"),
        call("homeassistant", "turn_off", floor_id="ground"),
        call("switch", "turn_off", entity_id="all"),
        call("switch", "toggle", entity_id="all"),
        by_voice,
        by_voice_in_the_room,
        by_a_language_model,
    ],
)
async def test_it_stays_muted(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, way: Way
) -> None:
    """The switch is of the configuration category, and exposed to nobody who speaks."""
    for component in ("homeassistant", "intent", "conversation", "switch", "light"):
        assert await async_setup_component(hass, component, {})
    floor = fr.async_get(hass).async_create("Ground")
    areas = ar.async_get(hass)
    area = areas.async_get_or_create("Kitchen")
    areas.async_update(area.id, floor_id=floor.floor_id)
    entry = er.async_get(hass).async_get(SWITCH)
    assert entry is not None
    er.async_get(hass).async_update_entity(SWITCH, area_id=area.id)
    await turn(hass, "on")
    await way(hass)
    await hass.async_block_till_done()
    assert satellite.remote_mute
    assert hass.states.get(SWITCH).state == "on"


SWITCHES = "switch.all_switches"
"""A group of the group platform, which calls its members itself."""

OLD_GROUP = "group.downstairs"
HOLDER = "group.around"
SCENE = "scene.evening"

OFF = {SWITCH: "off", LIGHT: "on"}


def activate(data: dict[str, object], service: str = "turn_on", domain: str = "scene") -> Way:
    async def way(hass: HomeAssistant) -> None:
        await hass.services.async_call(domain, service, data, blocking=True)

    return way


async def nest(hass: HomeAssistant) -> None:
    """Put the old group into one more, and that into a scene."""
    data: dict[str, object] = {"object_id": "around", "entities": [OLD_GROUP]}
    await hass.services.async_call("group", "set", data, blocking=True)
    await hass.services.async_call("scene", "apply", {"entities": {HOLDER: "off"}}, blocking=True)


async def side_by_side(hass: HomeAssistant) -> None:
    """Run a script that does two things at once: one is to mute it by name."""
    parallel = [
        {"action": "switch.turn_off", "target": {"label_id": "quiet"}},
        {"action": "switch.turn_on", "target": {"entity_id": SWITCH}},
    ]
    script = {"night": {"sequence": [{"parallel": parallel}]}}
    assert await async_setup_component(hass, "script", {"script": script})
    await hass.services.async_call("script", "night", {}, blocking=True)


@pytest.fixture
async def gathered(hass: HomeAssistant, room: MockConfigEntry) -> MockConfigEntry:
    """Put the switch into groups, a scene and a label, and mute the room."""
    groups = {
        "group": {"downstairs": {"entities": [SWITCH, LIGHT]}},
        "scene": [{"name": "Evening", "entities": OFF}],
    }
    for component in ("homeassistant", "group", "scene"):
        assert await async_setup_component(hass, component, groups)
    options = {"group_type": "switch", "name": "All switches", "entities": [SWITCH], "all": False}
    group = MockConfigEntry(domain="group", title="All switches", options=options)
    group.add_to_hass(hass)
    assert await hass.config_entries.async_setup(group.entry_id)
    await hass.async_block_till_done()
    label = lr.async_get(hass).async_create("Quiet")
    areas = ar.async_get(hass)
    area = areas.async_get_or_create("Kitchen")
    entities = er.async_get(hass)
    entities.async_update_entity(SWITCH, labels={label.label_id}, area_id=area.id)
    assert {hass.states.get(it) is not None for it in (SWITCHES, OLD_GROUP, SCENE)} == {True}
    await turn(hass, "on")
    return room


def told(hass: HomeAssistant, room: MockConfigEntry) -> bool:
    """Return whether Repairs says that the room was not unmuted."""
    issue_id = room_issue(IssueId.ROOM_KEPT_MUTED, room.entry_id)
    return ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is not None


@pytest.mark.parametrize(
    "way",
    [
        call("switch", "turn_off", entity_id=SWITCHES),
        call("switch", "toggle", entity_id=SWITCHES),
        call("switch", "turn_off", entity_id=OLD_GROUP),
        call("switch", "turn_off", label_id="quiet"),
        call("homeassistant", "turn_off", entity_id=SWITCHES),
        call("homeassistant", "turn_off", entity_id=OLD_GROUP),
        call("homeassistant", "turn_off", label_id="quiet"),
        call("homeassistant", "turn_on", entity_id=SCENE),
        activate({"entity_id": SCENE}),
        activate({"entities": OFF}, "apply"),
        activate({"entities": {OLD_GROUP: "off"}}, "apply"),
        activate({"entities": {SWITCHES: "off"}}, "apply"),
        activate({"entities": {SWITCH.title(): "off"}}, "apply"),
        # By name it is to be on. Nothing of that is lent to the scene beside it.
        call("homeassistant", "turn_on", entity_id=[SWITCH, SCENE]),
        nest,
        side_by_side,
    ],
)
async def test_in_a_group_a_scene_or_a_label_it_stays_muted_and_that_is_told(
    hass: HomeAssistant,
    gathered: MockConfigEntry,
    satellite: FakeSatellite,
    way: Way,
) -> None:
    """Home Assistant calls the members by their names, which is not what somebody said."""
    await way(hass)
    await hass.async_block_till_done()
    assert satellite.remote_mute
    assert hass.states.get(SWITCH).state == "on"
    assert told(hass, gathered)
    await turn(hass, "off")
    assert not satellite.remote_mute
    assert not told(hass, gathered)


async def test_all_switches_are_its_group_as_well(
    hass: HomeAssistant, gathered: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """A group among all switches calls the room's by name. Nobody put it among all: not told."""
    await hass.services.async_call("switch", "turn_off", {"entity_id": "all"}, blocking=True)
    await hass.async_block_till_done()
    assert satellite.remote_mute
    assert not told(hass, gathered)


async def test_a_group_and_a_scene_mute(
    hass: HomeAssistant, gathered: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """What lets less be heard needs no name."""
    ways = [
        call("switch", "turn_on", entity_id=SWITCHES),
        activate({"entities": {SWITCH: "on"}}, "apply"),
    ]
    for way in ways:
        await turn(hass, "off")
        assert not satellite.remote_mute
        await way(hass)
        assert satellite.remote_mute


async def test_after_a_group_it_is_unmuted_by_name(
    hass: HomeAssistant, gathered: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """An automation may do both in one run."""
    context = Context()
    for entity_id, muted in ((SWITCHES, True), (SWITCH, False)):
        target: dict[str, object] = {"entity_id": entity_id}
        await hass.services.async_call("switch", "turn_off", target, context=context, blocking=True)
        assert satellite.remote_mute is muted


@pytest.mark.parametrize(("entity_id", "muted"), [(SWITCH, False), (SWITCHES, True), ("all", True)])
async def test_called_while_an_event_is_told(
    hass: HomeAssistant,
    gathered: MockConfigEntry,
    satellite: FakeSatellite,
    entity_id: str,
    muted: bool,
) -> None:
    """As an automation does that a state triggers: the call is carried out before it is told."""

    @callback
    def act(event: Event) -> None:
        target: dict[str, object] = {"entity_id": entity_id}
        hass.async_create_task(
            hass.services.async_call("switch", "turn_off", target, blocking=True)
        )

    hass.bus.async_listen("door_closed", act)
    hass.bus.async_fire("door_closed")
    await hass.async_block_till_done()
    assert satellite.remote_mute is muted


async def test_named_beside_all_it_is_unmuted(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """An automation may say both, one after the other."""
    await turn(hass, "on")
    context = Context()
    everything: dict[str, object] = {"entity_id": "all"}
    named: dict[str, object] = {"entity_id": SWITCH}
    await hass.services.async_call("switch", "turn_off", everything, context=context, blocking=True)
    assert satellite.remote_mute
    await hass.services.async_call("switch", "turn_off", named, context=context, blocking=True)
    assert not satellite.remote_mute
    await hass.services.async_call("switch", "turn_on", everything, blocking=True)
    assert satellite.remote_mute


LAMP = "light.kitchen_mute"


@pytest.fixture
async def lamp(hass: HomeAssistant, gathered: MockConfigEntry) -> str:
    """Have core make a light of the switch, and put that under the label."""
    assert await async_setup_component(hass, "light", {})
    switch = er.async_get(hass).async_get(SWITCH)
    assert switch is not None
    entry = MockConfigEntry(
        domain="switch_as_x", title="Kitchen mute", version=1, minor_version=3,
        options={"entity_id": switch.id, "target_domain": "light", "invert": False},
    )  # fmt: skip
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    er.async_get(hass).async_update_entity(LAMP, labels={"quiet"})
    assert hass.states.get(LAMP).state == "on"
    return LAMP


async def lamps_by_voice(hass: HomeAssistant) -> None:
    async_expose_entity(hass, "conversation", LAMP, True)
    await async_converse(hass, "turn off kitchen mute", None, Context(), language="en")


async def in_a_group_of_lamps(hass: HomeAssistant) -> None:
    data: dict[str, object] = {"object_id": "lamps", "entities": [LAMP, LIGHT]}
    await hass.services.async_call("group", "set", data, blocking=True)
    target: dict[str, object] = {"entity_id": "group.lamps"}
    await hass.services.async_call("homeassistant", "turn_off", target, blocking=True)


@pytest.mark.parametrize(
    "way",
    [
        call("light", "turn_off", entity_id="all"),
        call("light", "turn_off", entity_id=LAMP),
        call("light", "toggle", entity_id=LAMP),
        call("light", "turn_off", label_id="quiet"),
        call("homeassistant", "turn_off", entity_id=LAMP),
        call("homeassistant", "turn_off", label_id="quiet"),
        activate({"entities": {LAMP: "off"}}, "apply"),
        lamps_by_voice,
        in_a_group_of_lamps,
    ],
)
async def test_what_core_made_of_it_does_not_unmute(
    hass: HomeAssistant, lamp: str, satellite: FakeSatellite, way: Way
) -> None:
    """A light is among all lights, and is said to be off by whoever goes to bed."""
    await way(hass)
    await hass.async_block_till_done()
    assert satellite.remote_mute
    assert hass.states.get(lamp).state == "on"


async def test_what_core_made_of_it_mutes(
    hass: HomeAssistant, lamp: str, satellite: FakeSatellite
) -> None:
    """The switch itself opens it as before."""
    await turn(hass, "off")
    assert not satellite.remote_mute
    await call("light", "turn_on", entity_id=lamp)(hass)
    assert satellite.remote_mute


async def by_an_automation_of_a_sentence(hass: HomeAssistant) -> None:
    automation = {
        "triggers": {"trigger": "conversation", "command": "open your ears"},
        "actions": {"action": "switch.turn_off", "target": {"entity_id": SWITCH}},
    }
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await hass.async_block_till_done()
    await async_converse(hass, "open your ears", None, Context(), language="en")


async def by_a_tool(hass: HomeAssistant) -> None:
    """Call it as a model outside does, through Home Assistant's server: without conversation."""
    context = llm.LLMContext("test", Context(), "en", "conversation", None)
    api = await llm.async_get_api(hass, llm.LLM_API_ASSIST, context)
    (off,) = (tool.name for tool in api.tools if tool.name.endswith("HassTurnOff"))
    await api.async_call_tool(llm.ToolInput(off, {"name": "Mute", "area": "Kitchen"}))


def is_told_exposed(hass: HomeAssistant, room: MockConfigEntry) -> bool:
    """Return whether Repairs says that an assistant has the switch."""
    issue_id = room_issue(IssueId.MUTE_EXPOSED, room.entry_id)
    return ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is not None


@pytest.mark.parametrize(
    "way", [by_voice, by_voice_in_the_room, by_a_tool, by_an_automation_of_a_sentence]
)
async def test_exposed_to_who_speaks_no_sentence_unmutes_it(
    hass: HomeAssistant, gathered: MockConfigEntry, satellite: FakeSatellite, way: Way
) -> None:
    """Somebody exposed it, to mute by voice perhaps: that is told while it is so."""
    assert await async_setup_component(hass, "switch", {})
    assert not is_told_exposed(hass, gathered)
    async_expose_entity(hass, "conversation", SWITCH, True)
    assert is_told_exposed(hass, gathered)
    await way(hass)
    await hass.async_block_till_done()
    assert satellite.remote_mute
    assert hass.states.get(SWITCH).state == "on"
    async_expose_entity(hass, "conversation", SWITCH, False)
    assert not is_told_exposed(hass, gathered)
    await turn(hass, "off")
    assert not satellite.remote_mute
