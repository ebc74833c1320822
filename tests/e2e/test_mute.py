"""P3: muted means closed, as the sound server sees it."""

import asyncio
from collections.abc import AsyncIterator
from signal import SIGCONT, SIGSTOP

import pytest_asyncio

from house.house import House
from house.room import Room
from house.turn import Order

from .conftest import AGAIN_S, LAMP_ON, give, works
from .test_faults import recorders_are

DOOR = "input_boolean.bedroom_door_closed"
NOTHING = Order("bedroom", LAMP_ON.command, LAMP_ON.voice, outcome="")


@pytest_asyncio.fixture(loop_scope="session")
async def alone(bedroom: Room) -> AsyncIterator[Room]:
    """Return the bedroom without our own recorder at its microphone."""
    await bedroom.in_microphone.stop()
    yield bedroom
    await bedroom.in_microphone.start()


async def nothing_is_heard(house: House, room: Room) -> None:
    """See that no program records here and that a spoken command does nothing."""
    assert house.sound is not None
    assert await house.sound.recorders(room.microphone) == []
    turn = await give(house, NOTHING)
    assert turn.right, turn.faults


async def test_muted_means_closed_also_after_a_restart(house: House, alone: Room) -> None:
    """No recording stream while muted, the wake word does nothing, and kill -9 does not unmute."""
    mute = house.entities["bedroom"]["mute"]
    microphone = house.entities["bedroom"]["microphone"]
    await house.client.call("switch.turn_on", mute)
    await recorders_are(alone, 0)
    await house.client.wait_state(microphone, lambda state: state["state"] != "on", 40)
    await nothing_is_heard(house, alone)
    alone.satellite.kill()
    await alone.satellite.wait(5)
    await alone.start_satellite()
    await house.wait_linked(alone, AGAIN_S)
    await asyncio.sleep(2)
    await nothing_is_heard(house, alone)
    await house.client.call("switch.turn_off", mute)
    await recorders_are(alone, 1)
    await alone.in_microphone.start()
    await works(house, "bedroom")


async def test_muted_while_the_link_is_down(house: House, alone: Room) -> None:
    """A mute wished for while the satellite is away is there before it hears a word."""
    alone.satellite.kill()
    await alone.satellite.wait(5)
    satellite = house.entities["bedroom"]["satellite"]
    await house.client.wait_state(satellite, "unavailable", 15)
    await house.client.call("switch.turn_on", house.entities["bedroom"]["mute"])
    await alone.start_satellite()
    await house.wait_linked(alone, AGAIN_S)
    await recorders_are(alone, 0)
    await nothing_is_heard(house, alone)


async def test_a_frozen_satellite_is_not_shown_closed(house: House, alone: Room) -> None:
    """What was verified counts for as long as somebody goes on verifying it."""
    microphone = house.entities["bedroom"]["microphone"]
    await house.client.call("switch.turn_on", house.entities["bedroom"]["mute"])
    await house.client.wait_state(microphone, "off", 40)
    alone.satellite.signal(SIGSTOP)
    try:
        frozen = await house.client.wait_state(microphone, lambda s: s["state"] != "off", 35)
        assert frozen["state"] in ("unknown", "unavailable")
    finally:
        alone.satellite.signal(SIGCONT)
    await house.client.wait_state(microphone, "off", AGAIN_S)


async def test_automation_closes_and_opens_a_microphone(house: House, alone: Room) -> None:
    """The household's own automation turns a microphone off and on with the bedroom door."""
    await house.client.call("input_boolean.turn_on", DOOR)
    await recorders_are(alone, 0)
    await nothing_is_heard(house, alone)
    await house.client.call("input_boolean.turn_off", DOOR)
    await recorders_are(alone, 1)
    await alone.in_microphone.start()
    await works(house, "bedroom")


async def test_an_area_target_leaves_the_mute_alone(house: House, alone: Room) -> None:
    """Turning off or on everything in an area must neither open nor close a microphone."""
    mute = house.entities["bedroom"]["mute"]
    await house.client.call("switch.turn_on", mute)
    await recorders_are(alone, 0)
    await house.client.command(
        "call_service", domain="homeassistant", service="turn_off", service_data={},
        target={"area_id": "bedroom"},
    )  # fmt: skip
    await asyncio.sleep(2)
    assert await alone.recorders() == []
    state = await house.client.state(mute)
    assert state is not None
    assert state["state"] == "on"
