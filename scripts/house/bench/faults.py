"""How long it takes until a command works again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ..audio import RATE, Samples
from ..client import Json
from ..house import House
from ..room import Room
from ..runs import wall
from ..turn import Order, audible_bounds

_ORDER = Order("kitchen", "turn on the kitchen light", "rms", {"light.kitchen_light": "on"})
_LAMP = "light.kitchen_light"
_HEARD_S = 0.8
_ANSWER_S = 8.0
_GIVE_UP_S = 60.0


async def kill_to_command(house: House) -> float:
    """Kill a satellite, start it 1 s later; return seconds from the kill to the lamp."""
    room = house.rooms["kitchen"]
    await _lamp_off(house)
    killed = time.time()
    room.satellite.kill()
    with suppress(ProcessLookupError):
        await room.satellite.wait(5)
    await asyncio.sleep(max(0.0, killed + 1 - time.time()))
    await room.satellite.start()
    return await _speak_until_lamp(house, room) - killed


async def restart_home(house: House) -> dict[str, float]:
    """Restart Home Assistant as its user interface does; return seconds.

    Linked and command count from the web page; the last one counts from the click.
    """
    room = house.rooms["kitchen"]
    await _lamp_off(house)
    clicked = time.time()
    await house.home.restart()
    page = time.time()
    satellite = house.entities["kitchen"]["satellite"]
    await house.client.wait_state(satellite, "idle", _GIVE_UP_S)
    linked = time.time()
    await house.home.wait_running()
    lamp = await _speak_until_lamp(house, room)
    return {
        "ha_restart_to_page_s": page - clicked,
        "ha_restart_to_listening_s": linked - page,
        "ha_restart_to_command_s": lamp - page,
        "ha_restart_click_to_command_s": lamp - clicked,
    }


async def _lamp_off(house: House) -> None:
    await house.client.call("light.turn_off", _LAMP)
    await house.client.wait_state(_LAMP, "off", 5)


async def _speak_until_lamp(house: House, room: Room) -> float:
    """Say the order, again at once whenever nobody listens; return when the lamp went on."""
    spoken = await house.voices.order(_ORDER.command, _ORDER.voice)
    first, wake_end, _ = audible_bounds(spoken)
    seen: dict[str, float] = {}
    over = asyncio.Event()
    entities = house.entities[room.key]

    def changed(event: Json) -> None:
        new = event["data"]["new_state"]
        if new is None:
            return
        if new["entity_id"] == entities["satellite"] and new["state"] == "listening":
            seen["listening"] = wall(new["last_changed"])
        if new["entity_id"] == _LAMP and new["state"] == "on":
            seen["lamp"] = wall(new["last_changed"])
            over.set()
        if new["entity_id"] == entities["voice_command"] and "listening" in seen:
            over.set()

    deadline = time.time() + _GIVE_UP_S
    async with house.client.subscribed(changed, event_type="state_changed"):
        while time.time() < deadline:
            said = time.time()
            async with _saying(room, spoken.samples):
                await asyncio.sleep((wake_end - first) / RATE + _HEARD_S)
                if seen.get("listening", 0) < said:
                    continue
                over.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_ANSWER_S):
                        await over.wait()
                if "lamp" in seen:
                    return seen["lamp"]
    raise TimeoutError(f"no command worked within {_GIVE_UP_S:.0f} s")


@asynccontextmanager
async def _saying(room: Room, samples: Samples) -> AsyncIterator[None]:
    """Speak while the body runs; fall silent when it leaves early."""
    task = asyncio.create_task(room.say(samples))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
