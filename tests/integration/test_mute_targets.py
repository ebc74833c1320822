"""What means many things at once opens no microphone: area, floor, all, voice, a model."""

from collections.abc import Awaitable, Callable

import pytest
from homeassistant.components.conversation import async_converse
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers import intent, llm
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

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
