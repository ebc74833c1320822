"""What breaks around a satellite, on real processes: it recovers by itself, and says each once."""

from __future__ import annotations

import asyncio
import re

from room import Home, SatelliteProcess, wait_for

from earshot_wire import turn
from earshot_wire.microphone import Receipt, SetMute

_SAID = re.compile(r"(?:WARNING|ERROR) earshot_satellite\.problems: (\w+) \(|: (\w+): over$", re.M)


def told_once(log: str) -> set[str]:
    """See that each problem began once before it was over, and was over once; return the codes."""
    open_now: set[str] = set()
    seen: set[str] = set()
    for began, ended in _SAID.findall(log):
        if began:
            assert began not in open_now, f"{began} was told twice"
            open_now.add(began)
            seen.add(began)
        elif ended:
            assert ended in open_now, f"{ended} was over before it began"
            open_now.discard(ended)
    assert "Traceback" not in log
    return seen


async def test_a_sound_server_that_is_restarted(home: Home, satellite: SatelliteProcess) -> None:
    """It hears and speaks again by itself, and the fault is told once."""
    satellite.sound.stop()
    codes: set[str] = set()
    while not codes:
        told = (await home.next("earshot-problems")).data["problems"]
        codes = {each["code"] for each in told} - {"microphone_silent"}
    satellite.sound.start()
    await asyncio.to_thread(wait_for, lambda: not satellite.status()["problems"], "recovery", 40)
    assert len(satellite.sound.recorders()) == 1
    home.send(turn.Announce(turn="b" * 16))
    home.send(turn.ReplyStart(turn="b" * 16, rate=22_050))
    home.send(turn.ReplyAudio(turn="b" * 16, rate=22_050, pcm=bytes(4_410)))
    home.send(turn.ReplyEnd(turn="b" * 16))
    assert (await home.next("played")).data["result"] == "ended"
    assert codes <= told_once(satellite.read_log())


async def test_a_sound_server_that_is_restarted_while_muted(
    home: Home, satellite: SatelliteProcess
) -> None:
    """While it is away nobody can say that the microphone is closed; nothing opens it after."""
    home.send(SetMute(muted=True, nonce="ab"))
    while (await home.next("earshot-receipt")).data["nonce"] != "ab":
        pass

    async def look(nonce: str) -> Receipt:
        home.send(SetMute(muted=True, nonce=nonce))
        while (event := await home.next("earshot-receipt")).data["nonce"] != nonce:
            pass
        return Receipt.from_event(event)

    satellite.sound.stop()
    gone = await look("cd")
    # Whether it was still there when the look began.
    assert (gone.state, gone.reason in ("source_lost", "no_source")) == ("unverified", True)
    satellite.sound.start()
    assert (await look("ef")).state == "closed"
    assert satellite.sound.recorders() == []


async def test_home_goes_away_in_mid_reply(home: Home, satellite: SatelliteProcess) -> None:
    """Half a reply is no answer: the room is told, and the next turn works."""
    soft = (300).to_bytes(2, "little") * 22_050
    with satellite.sound.recording() as samples:
        home.send(turn.Announce(turn="a" * 16))
        home.send(turn.ReplyStart(turn="a" * 16, rate=22_050))
        home.send(turn.ReplyAudio(turn="a" * 16, rate=22_050, pcm=soft))
        await asyncio.to_thread(
            wait_for, lambda: satellite.status()["state"] == "announcing", "the reply"
        )
        await home.close()
        await asyncio.to_thread(wait_for, lambda: satellite.status()["state"] == "idle", "its end")
        await asyncio.sleep(1.0)
    # The reply is softer than the sound that says that it failed.
    assert max(map(abs, samples)) > 1_000, "nobody said that it failed"
    await home.link()
    home.send(turn.Announce(turn="b" * 16))
    home.send(turn.ReplyStart(turn="b" * 16, rate=22_050))
    home.send(turn.ReplyAudio(turn="b" * 16, rate=22_050, pcm=bytes(4_410)))
    home.send(turn.ReplyEnd(turn="b" * 16))
    assert (await home.next("played")).data["result"] == "ended"
    assert told_once(satellite.read_log()) <= {"microphone_silent", "discovery_failed"}
