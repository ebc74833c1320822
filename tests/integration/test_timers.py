"""Timers set by voice: told to the satellite, kept there, taken up again."""

from typing import Any

import pytest
from homeassistant.components.intent import async_device_supports_timers
from homeassistant.components.intent.const import TIMER_DATA
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import DOMAIN
from custom_components.earshot.wire.timers import CancelTimer, SetTimer, StopRinging, TimerState

from .conftest import add_room, until
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .test_locality import THIRD
from .test_turn import FIRST, SECOND, say

NEXT, RINGS = "sensor.kitchen_next_timer", "binary_sensor.kitchen_timer_rings"


async def test_a_timer_is_set_changed_and_cancelled_by_voice(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """The satellite is told of each change; what it was called stays here."""
    speech.text = "set a pizza timer for 5 minutes"
    assert (await say(satellite, FIRST)).outcome == "understood"
    started = await satellite.expect(SetTimer)
    assert started.active
    assert 298_000 < started.left_ms <= 300_000
    assert "pizza" not in repr(satellite.got)
    await until(lambda: hass.states.get(NEXT).state not in ("unknown", "unavailable"))
    left = dt_util.parse_datetime(hass.states.get(NEXT).state) - dt_util.utcnow()
    assert 290 < left.total_seconds() <= 300

    speech.text = "pause the timer"
    await say(satellite, SECOND)
    await satellite.wait(lambda: not satellite.all(SetTimer)[-1].active)
    await until(lambda: hass.states.get(NEXT).state == "unknown")
    speech.text = "cancel the timer"
    await say(satellite, THIRD)
    assert (await satellite.expect(CancelTimer)).id == started.id
    assert not satellite.timers


async def test_it_rings_and_is_stopped_here(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """By the button, and by stopping the loudspeaker; nothing in the states says what it was."""
    speech.text = "set a pizza timer for 1 second"
    await say(satellite, FIRST)
    await satellite.wait(lambda: any(not it.left_ms for it in satellite.all(SetTimer)))
    await until(lambda: hass.states.get(RINGS).state == "on")
    assert "pizza" not in str([it.as_dict() for it in hass.states.async_all()])
    await hass.services.async_call(
        "button", "press", {"entity_id": "button.kitchen_stop_the_timer"}, blocking=True
    )
    await until(lambda: hass.states.get(RINGS).state == "off")
    satellite.timers["x"] = TimerState(id="x", left_ms=0, active=True, ringing=True)
    await satellite.tell_timers()
    await until(lambda: hass.states.get(RINGS).state == "on")
    await hass.services.async_call(
        "media_player", "media_stop", {"entity_id": "media_player.kitchen_loudspeaker"},
        blocking=True,
    )  # fmt: skip
    await satellite.wait(lambda: len(satellite.all(StopRinging)) == 2)


async def test_what_happened_while_the_satellite_was_away(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """It hears of it when it is back: what still runs, and what was cancelled."""
    speech.text = "set a timer for 5 minutes"
    await say(satellite, FIRST)
    kept = await satellite.expect(SetTimer)
    speech.text = "set a timer for 7 minutes"
    await say(satellite, SECOND)
    await satellite.wait(lambda: len(satellite.timers) == 2)
    cancelled = satellite.all(SetTimer)[-1]
    satellite.cut()
    await until(lambda: hass.states.get(RINGS).state == "unavailable")
    hass.data[TIMER_DATA].cancel_timer(cancelled.id)
    satellite.got.clear()
    await satellite.wait(lambda: satellite.linked and satellite.all(CancelTimer))
    assert satellite.all(CancelTimer)[0].id == cancelled.id
    assert [it.id for it in satellite.all(SetTimer)] == [kept.id]


async def test_a_room_that_is_set_up_anew_keeps_its_timers(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """Neither end makes a second one of them."""
    speech.text = "set a timer for 5 minutes"
    await say(satellite, FIRST)
    (timer,) = hass.data[TIMER_DATA].timers
    await hass.config_entries.async_reload(room.entry_id)
    await satellite.wait(lambda: satellite.hellos == 2 and len(satellite.all(SetTimer)) == 2)
    await until(lambda: hass.states.get(NEXT).state not in ("unknown", "unavailable"))
    await hass.async_block_till_done()
    assert list(hass.data[TIMER_DATA].timers) == [timer]
    assert list(satellite.timers) == [timer]
    speech.text = "cancel the timer"
    await say(satellite, SECOND)
    await satellite.wait(lambda: not satellite.timers)


async def test_a_timer_from_before_a_restart_is_taken_up(
    hass: HomeAssistant, home: HomeAssistant, speech_entry: Any, satellite: FakeSatellite,
    speech: FakeSpeech,
) -> None:  # fmt: skip
    """Only the satellite remembers it: from now on a voice can end it again."""
    satellite.timers = {
        "old": TimerState(id="old", left_ms=200_000, active=True),
        "paused": TimerState(id="paused", left_ms=90_000, active=False),
        "rings": TimerState(id="rings", left_ms=0, active=True, ringing=True),
    }
    await add_room(hass, satellite)
    await satellite.wait(lambda: len(satellite.all(CancelTimer)) == 2)
    assert [it.id for it in satellite.all(CancelTimer)] == ["old", "paused"]
    runs, stands = sorted(
        (it for it in satellite.timers.values() if not it.ringing), key=lambda it: not it.active
    )
    assert (runs.active, stands.active) == (True, False)
    assert 198_000 < runs.left_ms <= 200_000
    assert stands.left_ms == 90_000
    assert {runs.id, stands.id}.isdisjoint({"old", "paused"})
    assert "rings" in satellite.timers
    speech.text = "cancel all timers"
    await say(satellite, FIRST)
    await satellite.wait(lambda: set(satellite.timers) == {"rings"})


@pytest.mark.parametrize("key", ["next_timer", "timer_rings", "stop_ringing", "loudspeaker"])
async def test_they_are_of_the_rooms_device(
    hass: HomeAssistant, room: MockConfigEntry, key: str
) -> None:
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, room.entry_id), room.entry_id
    )
    assert async_device_supports_timers(hass, device.id)
    entities = er.async_entries_for_device(er.async_get(hass), device.id)
    assert f"{room.entry_id}-{key}" in {it.unique_id for it in entities}
