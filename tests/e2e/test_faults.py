"""What breaks in a house breaks here: each test is one fault, and the room works afterwards."""

import asyncio
import time
from signal import SIGKILL

from house.audio import Samples
from house.house import House
from house.microphone import play
from house.room import Room
from house.usage import tree

from .conftest import AGAIN_S, LAMP_ON, another_room, give, move_in, works
from .proxy import Cable


async def recorders_are(room: Room, count: int, timeout_s: float = 15) -> None:
    deadline = time.monotonic() + timeout_s
    while len(found := await room.recorders()) != count:
        assert time.monotonic() < deadline, f"{found} record, {count} should"
        await asyncio.sleep(0.1)


async def test_satellite_killed_and_restarted(house: House, kitchen: Room) -> None:
    """Kill -9 of the body: the ear lets go of the microphone, and the room comes back by itself."""
    processes = tree(kitchen.satellite.pid)
    assert len(processes) > 1, "the ear is no process of its own"
    kitchen.satellite.kill()
    await kitchen.satellite.wait(5)
    await recorders_are(kitchen, 0)
    satellite = house.entities["kitchen"]["satellite"]
    await house.client.wait_state(satellite, "unavailable", 15)
    await kitchen.satellite.start()
    await house.wait_linked(kitchen, AGAIN_S)
    await works(house)


async def test_home_assistant_restarted(house: House, kitchen: Room) -> None:
    """A restart from the user interface: every room is linked again without help."""
    before = kitchen.satellite.pid
    await house.home.restart()
    await house.home.wait_running()
    for room in house.rooms.values():
        await house.wait_linked(room, AGAIN_S)
    await works(house)
    assert kitchen.satellite.pid == before


async def test_home_assistant_killed_in_mid_reply(house: House, kitchen: Room) -> None:
    """Kill -9 while it speaks: the half-open link gives way to the new one, the room works."""
    spoken = await house.voices.order(LAMP_ON.command, LAMP_ON.voice)
    speaks = asyncio.create_task(
        house.client.wait_state(house.entities["kitchen"]["satellite"], "responding", 30)
    )
    while not speaks.done():
        await kitchen.say(spoken.samples)
        await asyncio.wait({speaks}, timeout=3)
    await speaks
    house.home.child.signal(SIGKILL)
    await house.home.child.wait(10)
    await house.home.start()
    await house.home.wait_running()
    for room in house.rooms.values():
        await house.wait_linked(room, AGAIN_S)
    await works(house)


async def test_speech_service_gone_is_said_aloud(house: House) -> None:
    """Without the speech service the room says so aloud, and works again when it is back."""
    await house.speech.stop()
    turn = await give(house, LAMP_ON)
    assert turn.listening is None or turn.outcome == "failed"
    assert turn.reply is not None, "nobody said that speech is not available"
    assert not turn.wrong
    assert turn.action is None
    await house.speech.start()
    await asyncio.sleep(1)
    deadline = time.monotonic() + AGAIN_S
    while True:
        turn = await give(house, LAMP_ON)
        if turn.right:
            return
        assert time.monotonic() < deadline, turn.missed


async def test_link_cut_in_mid_command_and_lost_without_a_word(house: House) -> None:
    """A cable pulled in mid-command: nothing is done, the room is unavailable, then it works.

    Wi-Fi that is gone closes nothing: both ends notice by themselves, and find each other again.
    """
    async with another_room(house, "Office") as office:
        await office.plug_in()
        await office.start_satellite()
        cable = Cable(office.port)
        await cable.start()
        await move_in(house, office, cable.port)
        satellite = house.entities["office"]["satellite"]
        await works(house, "office")
        await house.client.call("light.turn_off", "light.hall_light")
        spoken = await house.voices.order(LAMP_ON.command, "rms")
        saying = asyncio.create_task(office.say(spoken.samples))
        await house.client.wait_state(satellite, "listening", 10)
        await cable.cut()
        await saying
        await house.client.wait_state(satellite, "unavailable", 15)
        await asyncio.sleep(2)
        lamp = await house.client.state("light.hall_light")
        assert lamp is not None
        assert lamp["state"] == "off"
        await cable.start()
        await house.wait_linked(office, AGAIN_S)
        cable.swallow()
        await house.client.wait_state(satellite, "unavailable", 15)
        cable.deliver()
        await house.wait_linked(office, AGAIN_S)
        await works(house, "office")
        said = office.satellite.log.read_text()
        assert "Traceback" not in said
        # Each loss is told once.
        assert said.count("linked with") - 1 <= said.count("is gone") <= said.count("linked with")
        await cable.cut()


async def test_silence_after_the_wake_word(house: House, kitchen: Room) -> None:
    """A wake word and nothing: the turn ends by itself as a false wake, and the next one works."""
    spoken = await house.voices.order("", "rms")
    event = house.entities["kitchen"]["voice_command"]
    before = await house.client.state(event)
    await kitchen.say(spoken.samples)
    after = await house.client.wait_state(
        event, lambda state: before is not None and state["state"] != before["state"], 30
    )
    assert after["attributes"]["event_type"] == "false_wake"
    await house.client.wait_state(house.entities["kitchen"]["satellite"], "idle", 10)
    await works(house)


async def test_command_longer_than_the_limit(house: House, kitchen: Room) -> None:
    """Somebody who never stops talking: the turn ends at its limit, nothing is done."""
    wake = await house.voices.order("", "rms")
    talk = await house.voices.say("and then she said that he had told her so many times", "rms")
    satellite = house.entities["kitchen"]["satellite"]
    event = house.entities["kitchen"]["voice_command"]
    before = await house.client.state(event)
    lamps = {
        key: state["state"]
        for key, state in (await house.client.states()).items()
        if key.startswith(("light.", "switch.coffee"))
    }
    await kitchen.say(wake.samples)
    assert house.sound is not None
    talking = asyncio.create_task(_talk(house, kitchen, talk, 17))
    try:
        after = await house.client.wait_state(
            event, lambda state: before is not None and state["state"] != before["state"], 30
        )
        assert after["attributes"]["event_type"] in ("not_understood", "failed")
        await house.client.wait_state(satellite, "idle", 15)
    finally:
        await talking
    now = await house.client.states()
    assert {key: now[key]["state"] for key in lamps} == lamps
    await works(house)


async def _talk(house: House, room: Room, talk: Samples, seconds: float) -> None:
    assert house.sound is not None
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await play(house.sound.env, room.microphone, talk)
