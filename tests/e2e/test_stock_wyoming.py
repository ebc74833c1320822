"""Home Assistant's stock Wyoming integration works with a satellite in open mode."""

import asyncio

from house.house import House
from house.provision import run_flow

from .conftest import LAMP_ON, another_room
from .proxy import HOST


async def test_stock_integration_with_an_open_satellite(house: House) -> None:
    """A spoken command through core's own wyoming integration turns on the lamp, with a reply."""
    async with another_room(house, "Den", link={"open": True}, microphone={}, speaker={}) as den:
        await den.plug_in()
        await den.start_satellite()
        entry = await run_flow(house.client, "wyoming", [{"host": HOST, "port": den.port}])
        den.entry_id = entry["entry_id"]
        entities = await _entities(house, den.entry_id)
        pipeline = next(entity for entity in entities if entity.endswith("_assistant"))
        satellite = next(entity for entity in entities if entity.startswith("assist_satellite."))
        await house.client.wait_state(satellite, "idle", 30)
        await house.client.call("select.select_option", pipeline, option="Earshot")
        await asyncio.sleep(2)
        spoken = await house.voices.order(LAMP_ON.command, LAMP_ON.voice)
        for _ in range(3):
            await house.client.call("light.turn_off", "light.hall_light")
            began = await den.say(spoken.samples)
            try:
                await house.client.wait_state("light.hall_light", "on", 10)
            except TimeoutError:
                continue
            await asyncio.sleep(3)
            assert den.from_loudspeaker.first_sound(began) is not None, "no reply was heard"
            return
        raise AssertionError("the lamp did not go on")


async def _entities(house: House, entry_id: str) -> list[str]:
    for _ in range(100):
        registry = await house.client.command("config/entity_registry/list")
        found = [item["entity_id"] for item in registry if item["config_entry_id"] == entry_id]
        if any(entity.startswith("assist_satellite.") for entity in found):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("no satellite entity")
