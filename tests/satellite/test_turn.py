"""A spoken command through a real satellite process and a real sound server."""

from __future__ import annotations

import asyncio
import itertools
import struct
import time
from pathlib import Path
from typing import Any

from room import Home, SatelliteProcess, wait_for, wav_of

from earshot_wire import phrases, turn

COMMAND = "hey jarvis turn on the kitchen light"


async def wake(home: Home, satellite: SatelliteProcess, said: str = COMMAND) -> tuple[str, Any]:
    """Speak until it is heard; return the turn's id and the task that still speaks.

    A synthetic voice on a machine that does many things at once is not always understood.
    """
    for _ in range(3):
        speaking = asyncio.create_task(asyncio.to_thread(satellite.sound.say, said))
        try:
            event = await home.next("earshot-wake", "audio-chunk", timeout_s=7)
        except TimeoutError:
            await speaking
            continue
        assert event.type == "earshot-wake"
        assert event.data["word"] == "hey_jarvis"
        return str(event.data["turn"]), speaking
    raise AssertionError("the wake word was not heard")


async def listen(home: Home, turn_id: str, seconds: float) -> list[turn.TurnAudio]:
    home.send(turn.Listen(turn=turn_id))
    heard: list[turn.TurnAudio] = []
    while sum(len(piece.pcm) for piece in heard) < seconds * 32_000:
        heard.append(turn.TurnAudio.from_event(await home.next("audio-chunk")))
    return heard


async def reply(home: Home, turn_id: str, rate: int, pcm: bytes) -> None:
    home.send(turn.ReplyStart(turn=turn_id, rate=rate))
    for at in range(0, len(pcm), 4_096):
        home.send(turn.ReplyAudio(turn=turn_id, rate=rate, pcm=pcm[at : at + 4_096]))
    home.send(turn.ReplyEnd(turn=turn_id))


def loud_s(samples: list[int], rate: int = 22_050) -> float:
    """How long the recording was not silent, in tenths of a second."""
    tenth = rate // 10
    parts = (samples[at : at + tenth] for at in range(0, len(samples), tenth))
    return 0.1 * sum(max(map(abs, part)) > 1_000 for part in parts)


async def test_a_command_and_its_reply(
    home: Home, satellite: SatelliteProcess, tmp_path: Path
) -> None:
    """No audio before the grant, none missing after it; the reply is heard to its end."""
    rate, answer = wav_of("I turned on the kitchen light for you", tmp_path / "answer.wav")
    with satellite.sound.recording() as samples:
        turn_id, speaking = await wake(home, satellite)
        await asyncio.sleep(0.5)
        assert home.events.empty() or home.events.get_nowait().type == "earshot-receipt"
        heard = await listen(home, turn_id, 2.4)
        assert heard[0].timestamp == -400
        for before, after in itertools.pairwise(heard):
            assert after.timestamp == before.timestamp + len(before.pcm) // 32
        home.send(turn.Heard(turn=turn_id))
        end = turn.TurnAudioEnd.from_event(await home.next("audio-stop"))
        assert end.reason == "asked"
        await reply(home, turn_id, rate, answer)
        played = turn.Played.from_event(await home.next("played"))
        assert (played.turn, played.result) == (turn_id, "ended")
        home.send(turn.TurnEnd(turn=turn_id, outcome="understood"))
        await speaking
    assert loud_s(samples) > 0.8 * len(answer) / 2 / rate
    assert satellite.status()["state"] == "idle"


async def test_played_comes_after_the_last_sample(home: Home, satellite: SatelliteProcess) -> None:
    """A ramp is heard to its end before `played`: stopping PortAudio's stream cut it."""
    seconds, top = 1.0, 8_000 + 22_050 // 2
    ramp = b"".join(struct.pack("<h", 8_000 + at // 2) for at in range(22_050))
    with satellite.sound.recording() as samples:
        begun = time.monotonic()
        home.send(turn.Announce(turn="a" * 16))
        await reply(home, "a" * 16, 22_050, ramp)
        await home.next("played")
        assert time.monotonic() - begun >= seconds
    assert max(samples) > top - 0.01 * 22_050 / 2
    assert sum(sample > 4_000 for sample in samples) / 22_050 > seconds - 0.1


async def test_a_command_ends_at_its_limit(home: Home, satellite: SatelliteProcess) -> None:
    turn_id, speaking = await wake(home, satellite)
    home.send(turn.Listen(turn=turn_id, max_s=1.5))
    heard = 0
    while (event := await home.next("audio-chunk", "audio-stop")).type == "audio-chunk":
        heard += len(event.payload or b"")
    assert turn.TurnAudioEnd.from_event(event).reason == "limit"
    assert heard == int((1.5 + 0.4) * 32_000)
    await speaking


async def test_the_wake_word_interrupts_a_reply(home: Home, satellite: SatelliteProcess) -> None:
    """Barge-in: silence at once, a new turn, and the old one's messages are left alone."""
    turn_id, speaking = await wake(home, satellite, "hey jarvis")
    await speaking
    await reply(home, turn_id, 22_050, b"\x00\x10" * 22_050 * 10)
    newer, speaking = await wake(home, satellite)
    assert newer != turn_id
    home.send(turn.TurnEnd(turn=turn_id, outcome="understood"))
    await listen(home, newer, 1.0)
    await speaking


async def test_a_home_that_stands_down_gets_nothing(
    home: Home, satellite: SatelliteProcess
) -> None:
    turn_id, speaking = await wake(home, satellite)
    home.send(turn.StandDown(turn=turn_id, reason="other_room"))
    await asyncio.to_thread(wait_for, lambda: satellite.status()["state"] == "idle", "idle")
    home.send(turn.Listen(turn=turn_id))
    await speaking
    await asyncio.sleep(0.5)
    while not home.events.empty():
        event = home.events.get_nowait()
        assert event is not None
        assert event.type != "audio-chunk"


async def test_a_stored_phrase_is_said_and_survives(
    home: Home, satellite: SatelliteProcess
) -> None:
    stored = phrases.StorePhrase(id="not_understood", rate=16_000, pcm=b"\x00\x30\x00\xd0" * 8_000)
    home.send(stored)
    await asyncio.sleep(0.5)
    await home.close()
    satellite.stop()
    satellite.start()
    assert (await home.link()).phrases == {"not_understood": stored.sha256}
    with satellite.sound.recording() as samples:
        home.send(turn.Announce(turn="b" * 16))
        home.send(turn.Say(turn="b" * 16, phrase="not_understood"))
        await home.next("played")
    assert loud_s(samples) > 0.8


async def test_a_reply_that_breaks_off_keeps_nothing_waiting(
    home: Home, satellite: SatelliteProcess
) -> None:
    """A home that never ends its reply made the phrase after it wait for 30 s, then fail."""
    home.send(turn.Announce(turn="c" * 16))
    home.send(turn.ReplyStart(turn="c" * 16, rate=22_050))
    home.send(turn.ReplyAudio(turn="c" * 16, rate=22_050, pcm=b"\x00\x10" * 2_205))
    home.send(turn.Say(turn="c" * 16, phrase="failed"))
    results = [
        turn.Played.from_event(await home.next("played", timeout_s=10)).result for _ in range(2)
    ]
    assert results == ["ended", "ended"]


async def test_without_a_home_it_says_so(satellite: SatelliteProcess) -> None:
    """A wake word that nobody answers is not met with silence."""
    satellite.start()
    satellite.wait_hearing()
    with satellite.sound.recording() as samples:
        await asyncio.to_thread(satellite.sound.say, "hey jarvis")
        await asyncio.sleep(1.5)
    assert loud_s(samples) > 0.2


async def test_a_link_cut_in_mid_command_ends_it(home: Home, satellite: SatelliteProcess) -> None:
    turn_id, speaking = await wake(home, satellite)
    await listen(home, turn_id, 0.6)
    with satellite.sound.recording() as samples:
        await home.close()
        await asyncio.sleep(1.5)
    assert loud_s(samples) > 0.2
    assert satellite.status()["state"] == "idle"
    await speaking
    await home.link()
    await asyncio.sleep(1.5)
    turn_id, speaking = await wake(home, satellite)
    await listen(home, turn_id, 1.0)
    await speaking


async def test_no_audio_is_in_the_log_or_the_state(
    home: Home, satellite: SatelliteProcess, tmp_path: Path
) -> None:
    """P2: nothing that was heard is kept after the turn."""
    turn_id, speaking = await wake(home, satellite)
    pcm = b"".join(piece.pcm for piece in await listen(home, turn_id, 2.0))
    home.send(turn.Heard(turn=turn_id))
    home.send(turn.TurnEnd(turn=turn_id, outcome="understood"))
    await speaking
    for file in (satellite.log, *satellite.state.rglob("*")):
        if file.is_file():
            assert pcm[32_000:32_064] not in file.read_bytes()
    assert "Traceback" not in satellite.read_log()
