"""The grammar follows the home: what it has can be said, and a mistake costs only itself."""

# ruff: noqa: ASYNC240

import logging
from pathlib import Path

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.setup import async_setup_component

from custom_components.earshot.voice import vocabulary as module
from custom_components.earshot.voice.own_sentences import OwnSentences, read_files
from custom_components.earshot.voice.vocabulary import (
    async_get_vocabulary,
    async_setup_vocabulary,
)
from custom_components.earshot.wire.limits import SPEECH_LIMITS
from custom_components.earshot.wire.vocabulary import Vocabulary

from .conftest import until

LAMP = "light.lamp"


def names(hass: HomeAssistant) -> set[str]:
    return {name.name for name in async_get_vocabulary(hass).names}


@pytest.fixture
async def lamp(hass: HomeAssistant) -> er.RegistryEntry:
    """Have a lamp with an alias, in an area, exposed to voice."""
    area = ar.async_get(hass).async_create("Reading corner", aliases={"nook"})
    entities = er.async_get(hass)
    entities.async_get_or_create(
        "light", "test", "1", suggested_object_id="lamp", original_name="Floor lamp"
    )
    entry = entities.async_update_entity(LAMP, aliases=[er.COMPUTED_NAME, "Sunny"], area_id=area.id)
    hass.states.async_set(LAMP, "off", {"friendly_name": "Floor lamp"})
    async_expose_entity(hass, "conversation", LAMP, True)
    await hass.async_block_till_done()
    return entry


async def test_exposed_names_aliases_areas_and_floors(hass: HomeAssistant, lamp) -> None:
    fr.async_get(hass).async_create("Upstairs", aliases={"first floor"})
    hass.states.async_set("light.secret", "on", {"friendly_name": "Secret lamp"})
    async_expose_entity(hass, "conversation", "light.secret", False)
    hass.states.async_set("cover.gate", "open", {"friendly_name": "Gate?", "device_class": "gate"})
    async_expose_entity(hass, "conversation", "cover.gate", True)

    words = async_get_vocabulary(hass)
    found = {(it.name, it.domain, it.area, it.device_class) for it in words.names}
    assert ("Floor lamp", "light", "Reading corner", "") in found
    assert ("Sunny", "light", "Reading corner", "") in found
    assert ("Gate", "cover", "", "gate") in found
    assert "Secret lamp" not in names(hass)
    assert {"Reading corner", "nook"} <= set(words.areas)
    assert set(words.floors) == {"Upstairs", "first floor"}


async def test_every_change_is_seen_and_no_change_costs_nothing(hass: HomeAssistant, lamp) -> None:
    before = async_get_vocabulary(hass)
    hass.states.async_set(LAMP, "on", {"friendly_name": "Floor lamp", "brightness": 3})
    await hass.async_block_till_done()
    assert async_get_vocabulary(hass) is before

    async_expose_entity(hass, "conversation", LAMP, False)
    assert "Floor lamp" not in names(hass)
    async_expose_entity(hass, "conversation", LAMP, True)
    assert "Floor lamp" in names(hass)

    er.async_get(hass).async_update_entity(LAMP, name="Big lamp")
    await hass.async_block_till_done()
    assert {"Big lamp", "Sunny"} <= names(hass)

    area = ar.async_get(hass).async_get_area_by_name("Reading corner")
    ar.async_get(hass).async_update(area.id, name="Library")
    await hass.async_block_till_done()
    assert "Library" in async_get_vocabulary(hass).areas
    assert {it.area for it in async_get_vocabulary(hass).names if it.name == "Sunny"} == {"Library"}

    hass.states.async_remove(LAMP)
    await hass.async_block_till_done()
    assert "Big lamp" not in names(hass)

    hass.states.async_set("switch.new", "on", {"friendly_name": "Kettle"})
    async_expose_entity(hass, "conversation", "switch.new", True)
    assert "Kettle" in names(hass)
    hass.states.async_set("switch.new", "on", {"friendly_name": "Teapot"})
    await hass.async_block_till_done()
    assert "Teapot" in names(hass)


async def test_the_same_home_has_the_same_hash(hass: HomeAssistant, lamp) -> None:
    """Whatever order things came in: else each change would compile a new grammar."""
    before = async_get_vocabulary(hass)
    er.async_get(hass).async_update_entity(LAMP, aliases=["Sunny", er.COMPUTED_NAME])
    await hass.async_block_till_done()
    after = async_get_vocabulary(hass)
    assert after is not before
    assert after.sha256 == before.sha256
    assert Vocabulary.from_canonical(after.canonical, after.sha256) == after


async def test_a_name_that_no_message_can_carry_costs_only_itself(hass: HomeAssistant) -> None:
    for at, name in enumerate(("x" * 101, "  ", "?!", "a\x07b", "Good lamp", "two\n lines")):
        hass.states.async_set(f"light.l{at}", "on", {"friendly_name": name})
        async_expose_entity(hass, "conversation", f"light.l{at}", True)
    found = names(hass)
    assert {"Good lamp", "two lines"} <= found
    assert not any("x" * 50 in name or "\x07" in name for name in found)


async def test_sentences_of_automations(hass: HomeAssistant) -> None:
    """By Home Assistant's own loader; also when the automation comes and goes later."""
    automation = {
        "alias": "Night",
        "triggers": {"trigger": "conversation", "command": ["good night [everybody]"]},
        "actions": [],
    }
    assert await async_setup_component(hass, "automation", {"automation": [automation]})
    await hass.async_block_till_done()
    assert "good night [everybody]" in async_get_vocabulary(hass).sentences

    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.night"}, blocking=True
    )
    assert "good night [everybody]" not in async_get_vocabulary(hass).sentences


async def test_sentences_of_files_and_of_the_configuration(hass: HomeAssistant) -> None:
    folder = Path(hass.config.path("custom_sentences", "en", "deep"))
    folder.mkdir(parents=True)
    Path(hass.config.path("configuration.yaml")).touch()
    (folder / "mine.yaml").write_text(
        """
        language: en
        intents:
          MyMovie:
            data:
              - sentences: ["play <kind> {movie}", 7, ""]
                lists: {year: {range: {from: 1, to: 3}}}
        lists:
          movie: {values: [Alien, {in: "the (thing|fly)", out: x}, 3]}
          anything: {wildcard: true}
        expansion_rules:
          kind: "[the] (movie|film)"
        """
    )
    (folder / "broken.yaml").write_text("intents: [: : {")
    (folder / "other.yaml").write_text("- a list\n- of things")
    (folder / "huge.yaml").write_text("#" * 300_000)

    # As when the sentences are reloaded in the developer tools.
    assert await async_setup_component(hass, "earshot", {})
    await async_setup_vocabulary(hass)
    words = async_get_vocabulary(hass)
    assert "play <kind> {movie}" in words.sentences
    assert {it.name: it.values for it in words.lists} == {
        "movie": ("Alien", "the (thing|fly)"), "year": ("1", "2", "3"),
    }  # fmt: skip
    assert {it.name: it.template for it in words.rules} == {"kind": "[the] (movie|film)"}

    (folder / "mine.yaml").write_text("intents: {A: {data: [{sentences: [tidy up]}]}}")
    await hass.services.async_call("conversation", "reload", {}, blocking=True)
    await until(lambda: async_get_vocabulary(hass).sentences == ("tidy up",))


async def test_intents_of_the_configuration(hass: HomeAssistant) -> None:
    from homeassistant.components.conversation.agent_manager import get_agent_manager

    async_get_vocabulary(hass)
    get_agent_manager(hass).update_config_intents({"Mine": {"data": [{"sentences": ["hoist it"]}]}})
    assert "hoist it" in async_get_vocabulary(hass).sentences


def test_a_broken_file_is_logged_once_until_it_is_mended(tmp_path, caplog) -> None:
    path = tmp_path / "mine.yaml"
    broken: set[Path] = set()
    for content, warnings in (("[", 1), ("[", 1), ("intents: {}", 1), ("[", 2)):
        path.write_text(content)
        read_files(tmp_path, broken)
        told = [it for it in caplog.records if it.levelno == logging.WARNING]
        assert len(told) == warnings
    assert "mine.yaml" in caplog.text


@pytest.mark.parametrize(
    "strange",
    [
        {"intents": 3},
        {"intents": {"A": None, "B": {"data": {}}, "C": {"data": [None, {"sentences": "x"}]}}},
        {"lists": [1], "expansion_rules": {"a": 1, 2: "b", "with space": "c"}},
        {"lists": {"a": {"range": {"from": "x", "to": 3}}, "b": {"values": None}, "c": 1}},
        {"lists": {"a": {"range": {"from": 0, "to": 10**12, "step": -1}}}},
    ],
)
def test_whatever_is_in_a_file_nothing_breaks(strange) -> None:
    own = OwnSentences.of(strange)
    assert not own.sentences
    assert not own.rules
    assert all(len(words.values) <= 1_000 for words in own.lists.values())


async def test_to_do_lists_and_what_is_on_them(hass: HomeAssistant) -> None:
    from homeassistant.components.todo import TodoItem, TodoListEntity

    assert await async_setup_component(hass, "todo", {})

    shopping = TodoListEntity()
    shopping._attr_name = "Shopping"
    shopping._attr_todo_items = [TodoItem(summary="Oat milk"), TodoItem(summary=None)]
    await hass.data["todo"].async_add_entities([shopping])
    async_expose_entity(hass, "conversation", "todo.shopping", True)
    await hass.async_block_till_done()
    words = async_get_vocabulary(hass)
    assert "Shopping" in names(hass)
    assert words.list_items == ("Oat milk",)
    async_expose_entity(hass, "conversation", "todo.shopping", False)
    assert async_get_vocabulary(hass).list_items == ()


async def test_a_home_larger_than_a_message_still_has_a_grammar(
    hass: HomeAssistant, lamp, monkeypatch, caplog
) -> None:
    """Names come before the household's own sentences; it is logged once."""
    long = [f"say {'ah ' * 150}{at}" for at in range(900)]
    from homeassistant.components.conversation.agent_manager import get_agent_manager

    monkeypatch.setattr(module, "SPEECH_LIMITS", SPEECH_LIMITS.__class__(4096, 65536, 100_000))
    get_agent_manager(hass).update_config_intents({"Mine": {"data": [{"sentences": long}]}})
    words = async_get_vocabulary(hass)
    assert words.sentences == ()
    assert "Floor lamp" in names(hass)
    assert len(words.canonical) <= 100_000

    for at in range(400):
        hass.states.async_set(f"light.l{at}", "on", {"friendly_name": f"{'Lamp ' * 15}{at}"})
        async_expose_entity(hass, "conversation", f"light.l{at}", True)
    assert 0 < len(async_get_vocabulary(hass).canonical) <= 100_000
    assert caplog.text.count("too many words") == 1
