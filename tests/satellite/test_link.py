"""The satellite's port: one home, bounded, and deaf to nonsense."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket

import pytest
from room import MICROPHONE, SPEAKER, Home, SatelliteProcess, wait_for
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.ping import Ping

from earshot_wire import turn
from earshot_wire.greeting import Hello, SetWakeWords, Welcome


async def test_the_same_home_takes_over_from_its_older_link(
    home: Home, satellite: SatelliteProcess
) -> None:
    """Home Assistant restarted, and its old connection is still half open."""
    again = Home(satellite.port)
    await again.link()
    await home.closed()
    await again.close()


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (Describe().event(), "hello_expected"),
        (Hello(version=2, owner="home1").event(), "version"),
        (Event("earshot-hello", {"version": 1, "owner": "../../etc"}), "hello_expected"),
        (Event("run-satellite"), "hello_expected"),
    ],
)
async def test_who_does_not_say_hello_is_refused(
    satellite: SatelliteProcess, first: Event, reason: str
) -> None:
    satellite.start()
    stranger = Home(satellite.port)
    await stranger.connect(first)
    assert (await stranger.next("earshot-refused")).data["reason"] == reason
    await stranger.closed()


NONSENSE = [
    b"\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"[]\n",
    b"null\n",
    b'{"type": 5}\n',
    b'{"type": "ping", "data": 1}\n',
    b'{"type": "ping", "data_length": -1}\n',
    b'{"type": "ping", "data_length": "9"}\n',
    b'{"type": "audio-chunk", "payload_length": 300000000}\n',
    b'{"type": "ping", "data_length": 5}\nhallo',
    b"x" * 10_000,
    b"\xff\xfe\x00" * 50,
    b'{"type": "ping", "data": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}\n",
    b'{"type": "earshot-listen"}\n',
    b'{"type": "earshot-set-mute", "data": {"muted": "yes", "nonce": ""}}\n',
    b'{"type": "audio-chunk", "data": {"turn": "aaaaaaaaaaaaaaaa", "rate": 1}}\n',
]


async def answer(reader: asyncio.StreamReader) -> bytes:
    """Return all that a stranger is told until it is let go."""
    async with asyncio.timeout(8):
        with contextlib.suppress(ConnectionResetError):
            return await reader.read()
    return b""


async def test_nonsense_costs_only_its_connection(home: Home, satellite: SatelliteProcess) -> None:
    """On a fresh connection and after hello; the linked home notices nothing."""
    for nonsense in NONSENSE:
        fresh = Home(satellite.port)
        await fresh.connect(Ping().event())
        await fresh.closed()
        reader, writer = await asyncio.open_connection("127.0.0.1", satellite.port)
        writer.write(nonsense)
        assert await answer(reader) == b""
        writer.close()
    home.send_raw(b'{"type": "earshot-no-such-thing"}\n')
    home.send(SetWakeWords(words=("hey_jarvis",)))
    await home.next("earshot-welcome")
    for nonsense in NONSENSE:
        home.send_raw(nonsense)
        await home.closed()
        await home.link()
    # Who goes without reading thousands of answers fills no log with them.
    home.send_raw(b'{"type": "ping"}\n' * 5_000)
    await home._writer.drain()
    home._writer.transport.abort()
    await home.link()
    log = satellite.read_log()
    assert "Traceback" not in log
    assert "hallo" not in log
    assert log.count("link closed") == 1, "the first of a spate is told, and not each"
    assert " asyncio: " not in log


async def test_silence_of_every_kind_is_given_up(home: Home, satellite: SatelliteProcess) -> None:
    """A home that neither reads nor writes, a stranger who says nothing, and one half of something.

    All of it within seconds, told once; the next home comes in, and hearing went on meanwhile.
    """
    silent_reader, silent = await asyncio.open_connection("127.0.0.1", satellite.port)
    half_reader, half = await asyncio.open_connection("127.0.0.1", satellite.port)
    half.write(b'{"type": "ping", "data_length": 100}\n{')
    assert home._task is not None
    home._task.cancel()
    assert await answer(silent_reader) == b""
    assert await answer(half_reader) == b""
    silent.close()
    half.close()
    await asyncio.to_thread(wait_for, lambda: not satellite.status()["linked"], "noticed", 5)
    other = Home(satellite.port, owner="other")
    await other.link()
    assert satellite.read_log().count("is gone") == 1
    assert len(satellite.sound.recorders()) == 1
    await other.close()


async def test_silent_connections_do_not_lock_the_home_out(satellite: SatelliteProcess) -> None:
    satellite.start()
    home = Home(satellite.port)
    await home.link()
    await home.close()
    crowd = [await asyncio.open_connection("127.0.0.1", satellite.port) for _ in range(30)]
    await home.link()
    await home.close()
    for _, writer in crowd:
        writer.close()


async def test_pings_are_answered_while_a_long_reply_waits(
    home: Home, satellite: SatelliteProcess
) -> None:
    """A reply fills the queue to its bound; the link lives on, and mute is obeyed."""
    home.send(turn.Announce(turn="a" * 16))
    home.send(turn.ReplyStart(turn="a" * 16, rate=22_050))
    for _ in range(100):
        home.send(turn.ReplyAudio(turn="a" * 16, rate=22_050, pcm=bytes(44_100)))
    home.send(Event("earshot-set-mute", {"muted": True, "nonce": "99"}))
    async with asyncio.timeout(5):
        while (await home.next("earshot-receipt")).data["nonce"] != "99":
            pass
    assert not satellite.sound.recorders()


async def test_wake_words_are_chosen_from_home_and_kept(
    home: Home, satellite: SatelliteProcess
) -> None:
    home.send(SetWakeWords(words=("alexa",)))
    await home.next("earshot-welcome")
    # Beside the loop: a home that answers no pings for five seconds is dropped.
    await asyncio.to_thread(
        wait_for, lambda: satellite.status()["microphone"]["words"] == ["alexa"], "alexa"
    )
    home.send(SetWakeWords(words=("no_such_word",)))
    welcome = Welcome.from_event(await home.next("earshot-welcome"))
    assert welcome.active_words == ("alexa",)
    await home.close()
    satellite.stop()
    satellite.start()
    assert (await home.link()).active_words == ("alexa",)


def test_a_taken_port_is_told(satellite: SatelliteProcess) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", satellite.port))
        other.listen()
        satellite.config.write_text(satellite.settings)
        done = satellite.cli("run")
    assert done.returncode == 3
    assert f"port {satellite.port} is taken" in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_microphone_that_vanishes_is_a_problem_and_comes_back(
    home: Home, satellite: SatelliteProcess
) -> None:
    # Which microphone it has is asked when it begins to hear.
    await asyncio.sleep(1.0)
    satellite.sound.unplug(MICROPHONE)
    satellite.sound.pactl("set-default-source", f"{SPEAKER}.monitor", check=False)
    broken = {"microphone_missing", "microphone_failed"}

    async def problems() -> set[str]:
        # A null sink that nobody plays into is a silent microphone: that one may stay.
        event = await home.next("earshot-problems", timeout_s=60)
        return {problem["code"] for problem in event.data["problems"]} & broken

    async with asyncio.timeout(60):
        while not await problems():
            pass
    assert not satellite.status()["microphone"]["hearing"]
    satellite.sound.plug_in(MICROPHONE, 16_000)
    async with asyncio.timeout(60):
        while await problems():
            pass
    assert satellite.status()["microphone"]["hearing"]
    assert len(satellite.sound.recorders()) == 1


async def test_a_loudspeaker_that_is_missing_does_not_stop_a_turn(
    home: Home, satellite: SatelliteProcess
) -> None:
    """`failed` is told, the problem too, and both are over when it is back."""
    satellite.sound.unplug(SPEAKER)
    satellite.sound.stop()
    home.send(turn.Announce(turn="a" * 16))
    home.send(turn.ReplyStart(turn="a" * 16, rate=22_050))
    home.send(turn.ReplyAudio(turn="a" * 16, rate=22_050, pcm=bytes(4_410)))
    home.send(turn.ReplyEnd(turn="a" * 16))
    played = turn.Played.from_event(await home.next("played", timeout_s=40))
    assert played.result == "failed"
    assert not satellite.status()["speaker"]["usable"]
    satellite.sound.start()
    # In a thread: this home has to go on answering pings.
    await asyncio.to_thread(wait_for, lambda: not satellite.status()["problems"], "recovery", 40)
    home.send(turn.Announce(turn="b" * 16))
    home.send(turn.ReplyStart(turn="b" * 16, rate=22_050))
    home.send(turn.ReplyAudio(turn="b" * 16, rate=22_050, pcm=bytes(4_410)))
    home.send(turn.ReplyEnd(turn="b" * 16))
    assert (await home.next("played")).data["result"] == "ended"


def test_it_starts_without_any_sound_and_hears_when_there_is_some(
    satellite: SatelliteProcess,
) -> None:
    satellite.sound.stop()
    satellite.start()

    def codes() -> set[str]:
        problems = _status(satellite).get("problems", [])
        assert all(each["remedy"] for each in problems)
        return {each["code"].partition("_")[0] for each in problems}

    wait_for(lambda: codes() >= {"microphone", "speaker"}, "both problems", 30)
    satellite.sound.start()
    satellite.wait_hearing(30)
    assert "Traceback" not in satellite.read_log()


def _status(satellite: SatelliteProcess) -> dict[str, list[dict[str, str]]]:
    done = satellite.cli("status", "--json")
    return dict(json.loads(done.stdout)) if done.returncode == 0 else {}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_ends_cleanly(
    home: Home, satellite: SatelliteProcess, number: signal.Signals
) -> None:
    process = satellite.process
    assert process is not None
    process.send_signal(number)
    assert await asyncio.to_thread(process.wait, 3) == 0
    satellite.process = None
    assert not satellite.sound.recorders()
    assert "control.sock" not in os.listdir(satellite.state)  # noqa: PTH208
    assert "Traceback" not in satellite.read_log()
