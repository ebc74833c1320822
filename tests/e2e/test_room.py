"""Timers, media and questions, between a real Home Assistant and a real satellite."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from aiohttp import web

from house.audio import RATE, Samples, write_wav
from house.house import House
from house.room import Room
from house.turn import Order, Witness

from .conftest import LAMP_ON, another_room, move_in

ALLOWED = {"session": {"remote_listen": True}}
TIMER = Order("study", "set a timer for five seconds")
TRIES = 3
"""A synthetic voice may need another try."""

HERTZ = 400.0
ANSWERS = [
    {"id": "red", "sentences": ["[the] red [one] [please]"]},
    {"id": "blue", "sentences": ["[the] blue [one] [please]"]},
]


async def test_a_room_rings_plays_and_asks(house: House, tmp_path: Path) -> None:
    """All of it in one room, as starting one takes most of the time."""
    async with another_room(house, "Study", **ALLOWED) as study:
        await study.plug_in()
        await study.start_satellite()
        await move_in(house, study)
        await _timer(house, study)
        async with _radio(tmp_path) as address:
            await _media(house, study, address)
        await _question(house, study)


async def _timer(house: House, study: Room) -> None:
    """Set one by voice, hear it ring, stop it by the wake word."""
    rings = house.entities["study"]["timer_rings"]
    await _until_right(house, study, TIMER)
    await house.client.wait_state(rings, "on", 15)
    began = time.time()
    await asyncio.sleep(2.0)
    samples, _ = study.from_loudspeaker.since(began)
    assert max(_levels(samples, 988.0)) > 300
    wake = await house.voices.order("", "rms")
    for _ in range(TRIES):
        await study.say(wake.samples)
        state = await house.client.state(rings)
        if state is not None and state["state"] == "off":
            break
    await house.client.wait_state(rings, "off", 3)


async def _media(house: House, study: Room, address: str) -> None:
    """Play, softer while a command is heard, which is carried out; then as loud as before."""
    player = house.entities["study"]["loudspeaker"]
    play = {"media_content_id": address, "media_content_type": "music"}
    await house.client.call("media_player.play_media", player, **play)
    await house.client.wait_state(player, "playing", 10)
    began = time.time()
    await asyncio.sleep(1.0)
    await _until_right(house, study, Order("study", LAMP_ON.command, "rms", LAMP_ON.expect))
    await asyncio.sleep(1.0)
    samples, _ = study.from_loudspeaker.since(began)
    levels = _levels(samples, HERTZ)
    before, after = max(levels[:8]), max(levels[-8:])
    assert min(levels[8:-8]) < before / 5
    assert after > 0.9 * before
    assert (await house.client.state(player) or {})["state"] == "playing"
    await house.client.call("media_player.media_stop", player)
    await house.client.wait_state(player, "idle", 5)


async def _question(house: House, study: Room) -> None:
    """Ask as a script does; whoever is there answers without a wake word."""
    satellite = house.entities["study"]["satellite"]
    said = await house.voices.say("the blue one please", "slt")
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(1.0)
        asking = asyncio.create_task(
            house.client.ask(
                "assist_satellite.ask_question",
                timeout_s=40,
                entity_id=satellite,
                question="red or blue",
                preannounce=False,
                answers=ANSWERS,
            )
        )
        await house.client.wait_state(satellite, "listening", 20)
        await study.say(said)
        (result,) = await asyncio.gather(asking, return_exceptions=True)
        if isinstance(result, dict) and result.get("id") == "blue":
            return
    raise AssertionError(f"the answer was {result}")


async def _until_right(house: House, room: Room, order: Order) -> None:
    faults = []
    for _ in range(TRIES):
        for entity in order.expect:
            await house.client.call("light.turn_off", entity)
        spoken = await house.voices.order(order.command, order.voice)
        turn = await Witness(house, room).order(order, spoken)
        if not turn.missed:
            return
        faults.append(turn.faults)
    raise AssertionError(faults)


def _levels(samples: Samples, hertz: float) -> list[float]:
    """Return how loud a tone is, for each quarter of a second."""
    quarter = RATE // 4
    count = len(samples) // quarter
    parts = samples[: count * quarter].astype(float).reshape(count, quarter)
    wave = np.exp(2j * np.pi * hertz * np.arange(quarter) / RATE)
    return [float(it) for it in 2 * np.abs(parts @ wave) / quarter]


@asynccontextmanager
async def _radio(folder: Path) -> AsyncIterator[str]:
    """Serve a minute of a tone."""
    at = np.arange(RATE * 90) / RATE
    tone = (4_000 * np.sin(2 * np.pi * HERTZ * at)).astype(np.int16)
    await asyncio.to_thread(write_wav, folder / "tone.wav", tone)
    app = web.Application()
    app.router.add_static("/", folder)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/tone.wav"
    finally:
        await runner.cleanup()
