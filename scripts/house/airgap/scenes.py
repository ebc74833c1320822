"""`python -m house.airgap.scenes command|day FOLDER`: what a house goes through while it is traced.

The exit status is 0 only when the house did what it should: a house that does nothing goes nowhere.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ..client import Client, HomeError, Json
from ..home import Home
from ..house import KITCHEN, House, open_house
from ..ports import HOST, free_port
from ..process import ChildError
from ..provision import run_flow
from ..room import Room
from ..turn import Order, Witness
from .clock import Clock

_LAMP = "light.hall_light"
_ORDER = Order("kitchen", "turn on the hall light", "rms", {_LAMP: "on"})
_TRIES = 3
_HOURS = 25
_HOUR_S = 10.0
_AGAIN_S = 60.0
_NOISE = 4096
_TOKEN_DAYS = 30


class SceneError(Exception):
    """The house did not do what it should."""


_BEGAN = time.monotonic()


def _tell(what: str) -> None:
    print(f"  {time.monotonic() - _BEGAN:5.1f} s  {what}", flush=True)


async def command(_: Path) -> None:
    """One spoken command, from the wake word to the answer."""
    async with open_house((KITCHEN,), step=_tell) as house:
        await _obeyed(house)


async def day(folder: Path) -> None:
    """Pairing, failures, garbage, and 25 hours of nothing."""
    clock = Clock(folder)
    async with open_house((KITCHEN,), step=_tell, env=clock.env) as house:
        await _wrong_address(house.client)
        await _obeyed(house)
        await _garbage(house)
        await _silent_speech(house)
        await _lost_satellite(house)
        await _idle(house, clock)
        await _still_obeyed(house)


async def _obeyed(house: House) -> None:
    """See that a spoken command is carried out and answered; a synthetic voice may need more."""
    spoken = await house.voices.order(_ORDER.command, _ORDER.voice)
    faults = []
    for _ in range(_TRIES):
        await _lamp_off(house)
        turn = await Witness(house, house.rooms[_ORDER.room]).order(_ORDER, spoken)
        if turn.right:
            _tell(f"“{_ORDER.command}”: understood, done, answered aloud")
            return
        faults.append(turn.faults)
    raise SceneError(f"the spoken command failed: {'; '.join(faults)}")


async def _still_obeyed(house: House) -> None:
    """See the same of a house whose clocks are not ours any more."""
    room = house.rooms[_ORDER.room]
    spoken = await house.voices.order(_ORDER.command, _ORDER.voice)
    for _ in range(_TRIES):
        await _lamp_off(house)
        began = await room.say(spoken.samples)
        try:
            await house.client.wait_state(_LAMP, "on", 10)
        except TimeoutError:
            continue
        await _answered(room, began, 10)
        _tell("a spoken command afterwards: done, answered aloud")
        return
    raise SceneError("after the day, no spoken command is carried out")


async def _answered(room: Room, began: float, timeout_s: float) -> None:
    await _until(
        lambda: room.from_loudspeaker.first_sound(began), "a voice from the loudspeaker", timeout_s
    )


async def _lamp_off(house: House) -> None:
    await house.client.call("light.turn_off", _LAMP)
    await house.client.wait_state(_LAMP, "off", 5)


async def _wrong_address(client: Client) -> None:
    for kind in ("room", "speech"):
        answers: list[Json | None] = [
            {"next_step_id": kind},
            {"host": HOST, "port": free_port(), "code": "0123-4567-89AB"},
        ]
        try:
            await run_flow(client, "earshot", answers)
        except HomeError:
            continue
        raise SceneError(f"a {kind} was added where nobody listens")
    _tell("adding a room and a speech service at a wrong address: refused")


async def _garbage(house: House) -> None:
    """Send noise to every port of ours."""
    for port in (house.speech.port, house.rooms["kitchen"].port, house.home.port):
        for noise in (os.urandom(_NOISE), b"GET http://example.org/ HTTP/1.1\r\n\r\n", b"\n" * 99):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                writer.write(noise)
                async with asyncio.timeout(2):
                    await writer.drain()
                    await reader.read(_NOISE)
            except (OSError, TimeoutError):
                pass
            finally:
                writer.close()
    _tell("garbage at every port")
    await _obeyed(house)


async def _silent_speech(house: House) -> None:
    """Speak while there is no speech service: the room says so."""
    room = house.rooms["kitchen"]
    house.speech.child.kill()
    await house.speech.stop()
    spoken = await house.voices.order(_ORDER.command, _ORDER.voice)
    began = await room.say(spoken.samples)
    await _answered(room, began, 20)
    _tell("the speech service killed: the room says so aloud")
    await house.speech.start()


async def _lost_satellite(house: House) -> None:
    room = house.rooms["kitchen"]
    satellite = house.entities["kitchen"]["satellite"]
    room.satellite.kill()
    await room.satellite.wait(5)
    await house.client.wait_state(satellite, "unavailable", 15)
    await room.start_satellite()
    await house.wait_linked(room, _AGAIN_S)
    _tell("the satellite killed and started again: linked")
    await _obeyed(house)


async def _idle(house: House, clock: Clock) -> None:
    """Let a day and an hour go by, hour by hour, and see that Home Assistant's timers noticed."""
    client = house.client
    # The session's token would end within the day.
    client.token = await client.command(
        "auth/long_lived_access_token", client_name="a day", lifespan=_TOKEN_DAYS
    )
    struck: list[Json] = []
    every_hour = {"trigger": "time_pattern", "hours": "/1"}
    before = await _home_time(house.home)
    async with client.subscribed(struck.append, "subscribe_trigger", trigger=every_hour):
        for _ in range(_HOURS):
            clock.advance(1)
            await _wake(house)
            await _until(lambda: len(struck) >= clock.hours, "the hour's timer", _HOUR_S)
    passed = (await _home_time(house.home) - before) / 3600
    if passed < _HOURS:
        raise SceneError(f"Home Assistant's clock went on by {passed:.1f} h, not {_HOURS}")
    await house.home.wait_running()
    await house.wait_linked(house.rooms["kitchen"], _AGAIN_S)
    _tell(f"{_HOURS} hours idle: Home Assistant's hourly timer fired {len(struck)} times")


async def _home_time(home: Home) -> float:
    text = await home.client.rest(
        "POST", "/api/template", {"template": "{{ utcnow().timestamp() }}"}
    )
    return float(text)


async def _wake(house: House) -> None:
    """Give every program a reason to look at its clock: a loop that sleeps sees no jump."""
    for port in (house.speech.port, house.rooms["kitchen"].port):
        _, writer = await asyncio.open_connection(HOST, port)
        writer.close()
    await _home_time(house.home)


async def _until(good: Callable[[], object], what: str, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not good():
        if time.monotonic() > deadline:
            raise SceneError(f"waited in vain for {what}")
        await asyncio.sleep(0.05)


def main() -> int:
    """Play a scene."""
    name, folder = sys.argv[1:]
    scene = {"command": command, "day": day}[name]
    try:
        asyncio.run(scene(Path(folder)))
    except (SceneError, ChildError, HomeError, OSError, TimeoutError) as err:
        print(f"  The house failed: {err or type(err).__name__}", flush=True)
        return 1
    except subprocess.SubprocessError as err:
        print(f"  {err}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
