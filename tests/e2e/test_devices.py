"""Microphones and loudspeakers that are missing or vanish: told, survived, recovered from."""

from collections.abc import Callable

from house.client import Json
from house.house import House
from house.room import Room

from .conftest import AGAIN_S, LAMP_ON, another_room, move_in, works


def names(code: str) -> Callable[[Json], bool]:
    """Return a check that a problem sensor names this problem."""

    def check(state: Json) -> bool:
        return state["state"] == "on" and code in str(state["attributes"]["problems"])

    return check


async def test_microphone_missing_at_start(house: House) -> None:
    """Without a microphone it runs, says what is wrong, and hears once it is plugged in."""
    async with another_room(house, "Office") as office:
        await office.plug_in(microphone=False)
        await office.start_satellite()
        await move_in(house, office)
        problem = house.entities["office"]["problem"]
        await house.client.wait_state(problem, names("microphone"), AGAIN_S)
        await office.plug_in()
        await house.client.wait_state(problem, "off", AGAIN_S)
        await works(house, "office")


async def test_loudspeaker_missing_at_start(house: House) -> None:
    """Without a loudspeaker commands are still obeyed, and the problem is told."""
    async with another_room(house, "Office") as office:
        await office.plug_in(loudspeaker=False)
        await office.start_satellite()
        await move_in(house, office)
        problem = house.entities["office"]["problem"]
        await house.client.wait_state(problem, names("speaker"), AGAIN_S)
        await _lamp_goes_on(house, office)
        await office.plug_in()
        await house.client.wait_state(problem, "off", AGAIN_S)
        await works(house, "office")


async def test_microphone_vanishes(house: House, kitchen: Room) -> None:
    """The microphone's cable is pulled and put back while the satellite runs."""
    problem = house.entities["kitchen"]["problem"]
    before = kitchen.satellite.pid
    await kitchen.unplug(microphone=True)
    await house.client.wait_state(problem, names("microphone"), AGAIN_S)
    await kitchen.plug_in()
    await house.client.wait_state(problem, "off", AGAIN_S)
    await works(house)
    assert kitchen.satellite.pid == before


async def test_loudspeaker_vanishes(house: House, kitchen: Room) -> None:
    """The loudspeaker's cable is pulled: commands are obeyed, the problem told, and it recovers."""
    problem = house.entities["kitchen"]["problem"]
    before = kitchen.satellite.pid
    await kitchen.unplug(loudspeaker=True)
    await _lamp_goes_on(house, kitchen)
    await house.client.wait_state(problem, names("speaker"), AGAIN_S)
    await kitchen.plug_in()
    await house.client.wait_state(problem, "off", AGAIN_S)
    await works(house)
    assert kitchen.satellite.pid == before


async def _lamp_goes_on(house: House, room: Room) -> None:
    """See that a command is carried out where nothing can be heard of it."""
    await house.client.call("light.turn_off", "light.hall_light")
    spoken = await house.voices.order(LAMP_ON.command, "rms")
    for _ in range(2):
        await room.say(spoken.samples)
        try:
            await house.client.wait_state("light.hall_light", "on", 8)
        except TimeoutError:
            continue
        await house.client.wait_state(house.entities[room.key]["satellite"], "idle", 20)
        return
    raise AssertionError("the lamp did not go on")
