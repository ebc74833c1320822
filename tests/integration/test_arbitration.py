"""Several rooms hear the same word: one answers, the others leave no trace."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.wire.turn import Listen, StandDown, TurnEnd

from .conftest import LIGHT, add_room
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech

COMMAND = bytes(32 * 1000)
FIRST, SECOND, THIRD = "00000000000000a1", "00000000000000b2", "00000000000000c3"


@pytest.fixture
async def bedroom(hass: HomeAssistant, room: MockConfigEntry) -> AsyncGenerator[FakeSatellite]:
    """Have a second room beside the kitchen."""
    async with FakeSatellite("Bedroom") as fake:
        await add_room(hass, fake)
        yield fake


def trace(hass: HomeAssistant, room: str) -> dict[str, object]:
    """Return all that is shown of a room's commands."""
    return {
        state.entity_id: (state.state, state.last_updated)
        for state in hass.states.async_all()
        if room in state.entity_id
        and state.entity_id.partition(".")[0] in {"event", "sensor", "assist_satellite"}
    }


@pytest.mark.parametrize("stronger_first", [True, False])
async def test_the_nearest_answers_and_the_other_leaves_no_trace(
    hass: HomeAssistant,
    satellite: FakeSatellite,
    bedroom: FakeSatellite,
    speech: FakeSpeech,
    stronger_first: bool,
) -> None:
    """No grant, no audio, no event, no capture, no second deed for the room that loses."""
    before = trace(hass, "bedroom")
    said = [satellite.wake(FIRST, snr_db=25.0), bedroom.wake(SECOND, snr_db=12.0)]
    for each in said if stronger_first else reversed(said):
        await each
    await satellite.expect(Listen, FIRST)
    assert (await bedroom.expect(StandDown, SECOND)).reason == "other_room"
    await satellite.speak(FIRST, COMMAND)
    assert (await satellite.expect(TurnEnd, FIRST)).outcome == "understood"
    await hass.async_block_till_done()
    assert hass.states.get(LIGHT).state == "on"
    assert not bedroom.all(Listen)
    assert not bedroom.all(TurnEnd)
    assert trace(hass, "bedroom") == before
    assert len(speech.heard) == 1


async def test_one_room_does_not_wait(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The grant is sent in the same pass of the loop: no timer was set."""
    set_up = hass.loop.call_later
    timers: list[float] = []
    hass.loop.call_later = lambda s, *a, **k: timers.append(s) or set_up(s, *a, **k)  # type: ignore[method-assign]
    try:
        await satellite.wake(FIRST)
        await satellite.expect(Listen, FIRST)
    finally:
        hass.loop.call_later = set_up  # type: ignore[method-assign]
    assert 0.12 not in timers


async def test_a_room_that_only_listens_for_another_word_is_not_waited_for(
    hass: HomeAssistant, satellite: FakeSatellite, room: MockConfigEntry
) -> None:
    """Its claim cannot come, so the answer does not wait for it."""
    async with FakeSatellite("Bedroom") as bedroom:
        bedroom.words = ("alexa",)
        await add_room(hass, bedroom)
        await satellite.wake(FIRST)
        await bedroom.wake(SECOND, word="alexa", phrase="alexa")
        await satellite.expect(Listen, FIRST)
        await bedroom.expect(Listen, SECOND)


async def test_late_news_of_the_same_word_stands_down(
    hass: HomeAssistant, satellite: FakeSatellite, bedroom: FakeSatellite
) -> None:
    """A message that the network held back is of the word that the kitchen answers already."""
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await asyncio.sleep(0.3)
    await bedroom.wake(SECOND, snr_db=60.0, age_ms=350)
    assert (await bedroom.expect(StandDown, SECOND)).reason == "other_room"
    await bedroom.wake(THIRD, snr_db=60.0)
    await bedroom.expect(Listen, THIRD)


async def test_a_room_that_vanishes_in_the_window_takes_no_answer_with_it(
    hass: HomeAssistant, satellite: FakeSatellite, bedroom: FakeSatellite, room: MockConfigEntry
) -> None:
    """The strongest is gone: the next one answers."""
    async with FakeSatellite("Office") as office:
        await add_room(hass, office)
        await office.wake(THIRD, snr_db=50.0)
        await satellite.wake(FIRST)
        office.cut()
        await satellite.expect(Listen, FIRST)


async def test_a_command_in_progress_of_the_room_that_loses_is_given_up(
    hass: HomeAssistant, satellite: FakeSatellite, bedroom: FakeSatellite
) -> None:
    """Its satellite dropped it with the new word; half a command must not be carried out."""
    await bedroom.wake(SECOND)
    await bedroom.expect(Listen, SECOND)
    await bedroom.speak(SECOND, COMMAND[:6400])
    await asyncio.sleep(0.3)
    await asyncio.gather(satellite.wake(FIRST, snr_db=40.0), bedroom.wake(THIRD, snr_db=3.0))
    await bedroom.expect(StandDown, THIRD)
    assert (await bedroom.expect(TurnEnd, SECOND)).outcome == "failed"
    await satellite.expect(Listen, FIRST)
