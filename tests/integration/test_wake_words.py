"""Each wake word has a pipeline and a sensitivity of its own, chosen from Home Assistant."""

import pytest
from homeassistant.components.assist_pipeline import (
    Pipeline,
    async_create_default_pipeline,
    async_get_pipelines,
    async_update_pipeline,
)
from homeassistant.components.assist_pipeline.runtime import KEY_ASSIST_PIPELINE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import CONF_LOCAL_ONLY
from custom_components.earshot.wire.greeting import SetWakeWords
from custom_components.earshot.wire.turn import Listen, StandDown, TurnEnd

from .conftest import until
from .fake_satellite import FakeSatellite
from .test_locality import add_engine, set_options, shows
from .test_turn import COMMAND, FIRST, SECOND

ALEXA = "select.kitchen_assistant_for_alexa"
SENSITIVITY = "select.kitchen_sensitivity_of_alexa"


async def select(hass: HomeAssistant, entity: str, option: str) -> None:
    """Choose an option."""
    await hass.services.async_call(
        "select", "select_option", {"entity_id": entity, "option": option}, blocking=True
    )


@pytest.fixture
async def guests(hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite) -> Pipeline:
    """Have a room that listens for two words, and a second pipeline."""
    satellite.words = ("hey_jarvis", "alexa")
    await satellite.welcome()
    await until(lambda: hass.states.get(ALEXA))
    pipeline = await async_create_default_pipeline(
        hass, "stt.earshot_speech_recognition", "tts.earshot_speech_voice", "Guests"
    )
    assert pipeline is not None
    await until(lambda: "Guests" in hass.states.get(ALEXA).attributes["options"])
    return pipeline


async def used(hass: HomeAssistant, satellite: FakeSatellite, word: str, turn: str) -> list[str]:
    """Say a word and a command; return the names of the pipelines that ran."""
    debug = hass.data[KEY_ASSIST_PIPELINE].pipeline_debug
    before = {name: set(runs) for name, runs in debug.items()}
    await satellite.wake(turn, word=word, phrase=word.replace("_", " "))
    await satellite.expect(Listen, turn)
    await satellite.speak(turn, COMMAND)
    assert (await satellite.expect(TurnEnd, turn)).outcome == "understood"
    names = {it.id: it.name for it in async_get_pipelines(hass)}
    return [names[key] for key, runs in debug.items() if set(runs) - before.get(key, set())]


async def test_a_turn_uses_the_pipeline_of_the_word_that_was_heard(
    hass: HomeAssistant, guests: Pipeline, satellite: FakeSatellite
) -> None:
    """Until a word has its own, it uses the room's."""
    assert hass.states.get(ALEXA).state == "as_room"
    assert await used(hass, satellite, "alexa", FIRST) == ["Earshot"]
    await select(hass, ALEXA, "Guests")
    assert await used(hass, satellite, "alexa", SECOND) == ["Guests"]
    assert await used(hass, satellite, "hey_jarvis", "00000000000000c3") == ["Earshot"]


async def test_the_word_that_leads_out_of_the_house_is_refused_and_the_other_is_not(
    hass: HomeAssistant, guests: Pipeline, satellite: FakeSatellite, room: MockConfigEntry
) -> None:
    """A local room judges the pipeline that would hear it; what is shown is the worst of them."""
    agent, _ = add_engine(hass, "cloudy", "cloud_polling")
    await async_update_pipeline(hass, guests, conversation_engine=agent)
    await select(hass, ALEXA, "Guests")
    set_options(hass, room, **{CONF_LOCAL_ONLY: True})
    await shows(hass, "not_local")
    await satellite.wake(FIRST, word="alexa", phrase="alexa")
    assert (await satellite.expect(StandDown, FIRST)).reason == "not_local"
    assert not satellite.all(Listen)
    await select(hass, ALEXA, "as_room")
    await until(lambda: hass.states.get("sensor.kitchen_locality").state != "not_local")


async def test_a_pipeline_that_is_gone_gives_way_to_the_rooms(
    hass: HomeAssistant, guests: Pipeline, satellite: FakeSatellite
) -> None:
    """Not to the home's preferred one, which nobody chose for this room."""
    await select(hass, ALEXA, "Guests")
    await hass.data[KEY_ASSIST_PIPELINE].pipeline_store.async_delete_item(guests.id)
    await until(lambda: hass.states.get(ALEXA).state == "as_room")


async def test_a_sensitivity_is_kept_by_the_satellite(
    hass: HomeAssistant, guests: Pipeline, satellite: FakeSatellite
) -> None:
    """What is shown is what the satellite answered, and the words stay as they are."""
    assert hass.states.get(SENSITIVITY).state == "medium"
    await select(hass, SENSITIVITY, "low")
    asked = await satellite.expect(SetWakeWords)
    assert asked.words == ("hey_jarvis", "alexa")
    assert asked.sensitivities == {"alexa": "low"}
    await until(lambda: hass.states.get(SENSITIVITY).state == "low")
    satellite.words = ("hey_jarvis",)
    await satellite.welcome()
    await until(lambda: hass.states.get(SENSITIVITY).state == "unavailable")


async def test_no_link_no_choice(
    hass: HomeAssistant, guests: Pipeline, satellite: FakeSatellite, room: MockConfigEntry
) -> None:
    """The wish is not lost in silence."""
    entity = hass.data["entity_components"]["select"].get_entity(SENSITIVITY)
    satellite.cut()
    await until(lambda: not room.runtime_data.link.is_up)
    with pytest.raises(HomeAssistantError):
        await entity.async_select_option("low")
