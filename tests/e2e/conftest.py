"""One house for all tests: a real Home Assistant, speech service, and two rooms that hear."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
import pytest_asyncio

from house.house import House, open_house
from house.provision import add_room, entities_of
from house.room import Room, RoomPlan
from house.turn import Order, Turn, Witness

LINKED_S = 30.0
AGAIN_S = 60.0


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let pictures be taken for the documents."""
    parser.addoption("--screenshots", action="store_true", help="write pictures into docs/images")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run every test in the event loop that the house lives in."""
    for item in items:
        if isinstance(item, pytest.Function) and iscoroutinefunction(item.function):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def built() -> AsyncIterator[House]:
    """Build the house once."""
    async with open_house(logs=logs_folder()) as house:
        yield house


def logs_folder() -> Path | None:
    """Return where the programs' logs are wished for."""
    logs = os.environ.get("EARSHOT_LOGS")
    return Path(logs) if logs else None


@pytest_asyncio.fixture(loop_scope="session")
async def house(built: House) -> House:
    """Return the house as it should be at the start of a test: everything there and quiet."""
    for room in built.rooms.values():
        await room.plug_in()
        if not room.satellite.running:
            await room.start_satellite()
    if not built.speech.child.running:
        await built.speech.start()
    await built.home.wait_running()
    for key, room in built.rooms.items():
        await built.client.call("switch.turn_off", built.entities[key]["mute"])
        await built.wait_linked(room, LINKED_S)
    return built


@pytest.fixture
def images(request: pytest.FixtureRequest) -> Path | None:
    """Return where pictures for the documents go, if they are wished."""
    return Path("docs/images") if request.config.getoption("--screenshots") else None


@pytest.fixture
def kitchen(house: House) -> Room:
    """Return the kitchen."""
    return house.rooms["kitchen"]


@pytest.fixture
def bedroom(house: House) -> Room:
    """Return the bedroom."""
    return house.rooms["bedroom"]


LAMP_ON = Order("kitchen", "turn on the hall light", "rms", {"light.hall_light": "on"})


async def give(house: House, order: Order) -> Turn:
    """Speak an order, after seeing that it has something to change."""
    for entity, state in order.expect.items():
        opposite = "off" if state == "on" else "on"
        await house.client.call(f"{entity.partition('.')[0]}.turn_{opposite}", entity)
        await house.client.wait_state(entity, opposite, 5)
    spoken = await house.voices.order(order.command, order.voice, pause_s=order.pause_s)
    return await Witness(house, house.rooms[order.room]).order(order, spoken)


async def works(house: House, room: str = "kitchen", tries: int = 2) -> None:
    """See that a spoken command works in a room; a synthetic voice may need a second try."""
    order = Order(room, LAMP_ON.command, LAMP_ON.voice, LAMP_ON.expect)
    turns = []
    for _ in range(tries):
        turns.append(await give(house, order))
        if turns[-1].right:
            return
    raise AssertionError([turn.faults for turn in turns])


@asynccontextmanager
async def another_room(
    house: House, name: str, *, port: int = 0, **settings: dict[str, object]
) -> AsyncIterator[Room]:
    """Have one more room while the body runs; Home Assistant reaches it at `port` if given."""
    folder = Path(tempfile.mkdtemp(prefix=name.lower(), dir=house.folder))
    room = Room(RoomPlan(name), folder / name.lower(), house.sound)
    room.write_settings(**settings)
    house.rooms[room.key] = room
    try:
        yield room
    finally:
        del house.rooms[room.key]
        house.entities.pop(room.key, None)
        await room.stop()
        await room.unplug(microphone=True, loudspeaker=True)
        if room.entry_id:
            await house.client.rest("DELETE", f"/api/config/config_entries/entry/{room.entry_id}")


async def move_in(house: House, room: Room, port: int = 0) -> None:
    """Add a room whose satellite runs to Home Assistant."""
    await add_room(house.client, room, port or room.port)
    house.entities[room.key] = await entities_of(house.client, room.entry_id)
    await house.wait_linked(room, LINKED_S)
