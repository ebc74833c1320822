"""The service's port: protocol, bad input, stock clients."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import Any

import pytest
from wyoming.asr import Transcribe as StockTranscribe
from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.ping import Ping
from wyoming.tts import Synthesize

from earshot_wire.limits import VERSION
from earshot_wire.speech import Grammar, LeftOut, NeedGrammar, Result, Transcribe
from earshot_wire.vocabulary import Name, Vocabulary

from .client import connect, recognise, room, silence, speech
from .conftest import Service
from .home import HOME

UNSEEN = Vocabulary(
    language="en", names=(Name(name="Blue Lantern", domain="light"),), areas=("Cellar",)
)


def test_it_says_what_it_is(service: Service) -> None:
    async def ask() -> Info:
        async with connect(service.port) as connection:
            await connection.send(Describe().event())
            event = await connection.receive()
            assert event is not None
            return Info.from_event(event)

    info = asyncio.run(ask())
    assert info.asr[0].models[0].languages == ["en"]
    assert info.tts[0].voices[0].name == "espeak-ng"


def test_a_grammar_is_asked_for_once_while_the_audio_goes_on(service: Service) -> None:
    """Named by hash, so that any of several services can answer."""
    audio = room(silence(300), speech("turn on the blue lantern", "rms"), silence(1_500))
    result = asyncio.run(recognise(service.port, audio, vocabulary=UNSEEN, pace=8.0))
    assert result.text == "turn on the blue lantern"

    async def again() -> Event | None:
        async with connect(service.port) as connection:
            request = Transcribe(version=VERSION, grammar=UNSEEN.sha256)
            await connection.send(request.event())
            await connection.send(AudioStop().event())
            return await connection.receive()

    event = asyncio.run(again())
    assert event is not None
    assert not NeedGrammar.is_type(event.type)


def test_what_nobody_can_say_to_it_is_told_with_each_result(service: Service) -> None:
    """Home Assistant may have forgotten since the grammar was sent."""
    names = (Name(name="台所", domain="light"), Name(name="Lamp", domain="light"))
    vocabulary = Vocabulary(language="en", names=names, sentences=("play {song}", "open sesame"))

    async def again() -> list[Event]:
        async with connect(service.port) as connection:
            request = Transcribe(version=VERSION, grammar=vocabulary.sha256)
            await connection.send(request.event())
            await connection.send(AudioStop().event())
            heard = []
            while (event := await connection.receive()) is not None:
                heard.append(event)
            return heard

    audio = room(silence(300), speech("turn on the lamp", "rms"), silence(1_500))
    asyncio.run(recognise(service.port, audio, vocabulary=vocabulary, pace=8.0))
    left_out, result = asyncio.run(again())
    assert LeftOut.from_event(left_out) == LeftOut(count=1, what=("台所",))
    assert Result.is_type(result.type)


def test_a_grammar_of_another_hash_is_refused(service: Service) -> None:
    async def ask() -> tuple[Event | None, Event | None]:
        async with connect(service.port) as connection:
            wanted = "ab" * 32
            await connection.send(Transcribe(version=VERSION, grammar=wanted).event())
            first = await connection.receive()
            wrong = Grammar(grammar=wanted, vocabulary=HOME.canonical)
            await connection.send(wrong.event())
            return first, await connection.receive()

    first, second = asyncio.run(ask())
    assert first is not None
    assert NeedGrammar.is_type(first.type)
    assert second is not None
    assert (second.type, second.data["code"]) == ("error", "bad_message")


def test_a_stock_client_gets_a_transcript_after_its_own_end(service: Service) -> None:
    """With the grammar that a home named last."""
    lock = room(silence(200), speech("lock the front door", "rms"), silence(300))
    asyncio.run(recognise(service.port, lock, stop=True, pace=4.0))

    async def ask() -> str:
        async with connect(service.port) as connection:
            await connection.send(StockTranscribe(language="en").event())
            await connection.send(AudioStart(rate=16_000, width=2, channels=1).event())
            await connection.audio(lock)
            await connection.send(AudioStop().event())
            event = await connection.receive()
            assert event is not None
            return Transcript.from_event(event).text

    assert asyncio.run(ask()) == "lock the front door"


def test_a_reply_is_spoken(service: Service) -> None:
    async def ask() -> list[Event]:
        events: list[Event] = []
        async with connect(service.port) as connection:
            await connection.send(Synthesize(text="The light is on. It is nine.").event())
            while not events or not AudioStop.is_type(events[-1].type):
                event = await connection.receive()
                assert event is not None
                events.append(event)
        return events

    events = asyncio.run(ask())
    assert AudioStart.is_type(events[0].type)
    assert events[0].data["rate"] == 22_050
    seconds = sum(len(e.payload or b"") for e in events if AudioChunk.is_type(e.type)) / 44_100
    assert 1.0 < seconds < 6.0


def test_a_text_that_is_too_long_is_refused(service: Service) -> None:
    event = one_answer(service, Synthesize(text="word " * 1_000).event())
    assert (event.type, event.data["code"]) == ("error", "bad_text")


def test_another_version_is_refused(service: Service) -> None:
    event = one_answer(service, Transcribe(version=99, grammar=HOME.sha256).event())
    assert (event.type, event.data["code"]) == ("error", "version")


def test_audio_of_another_form_is_refused(service: Service) -> None:
    async def ask() -> Event | None:
        async with connect(service.port) as connection:
            await connection.send(StockTranscribe(language="en").event())
            chunk = AudioChunk(rate=44_100, width=2, channels=2, audio=b"\0" * 400)
            await connection.send(chunk.event())
            return await connection.receive()

    event = asyncio.run(ask())
    assert event is not None
    assert (event.type, event.data["code"]) == ("error", "unsupported_audio")


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        os.urandom(2_000) + b"\n",
        b"x" * 20_000,
        b'{"type": "earshot-transcribe", "data_length": 99999999}\n',
        b'{"type": "earshot-grammar", "payload_length": 9999999999}\n',
        b'{"type": "earshot-transcribe", "data": {"version": "one"}}\n',
        b'{"type": "synthesize", "data": {"text": 5}}\n',
        b'{"type": "transcribe"}\n{"type": "audio-chunk", "data": {}}\n',
    ],
)
def test_garbage_ends_only_its_connection(service: Service, garbage: bytes) -> None:
    async def send() -> None:
        async with connect(service.port) as connection:
            connection.writer.write(garbage)
            while await connection.receive(10.0) is not None:
                pass

    service.new_lines()
    asyncio.run(send())
    # One line for the first of its kind, none for those after it: tests/wire/test_spate.py.
    assert not [line for line in service.new_lines() if "WARNING" not in line]
    assert one_answer(service, Ping().event()).type == "pong"


def test_a_half_message_ends_only_its_connection(service: Service) -> None:
    async def send() -> None:
        async with connect(service.port) as connection:
            connection.writer.write(b'{"type": "earshot-transcribe", "data_length": 500}\n{"ver')
            connection.writer.write_eof()
            assert await connection.receive(10.0) is None

    asyncio.run(send())
    assert one_answer(service, Ping().event()).type == "pong"


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["--port", "TAKEN"], "another port"),
        (["--open", "--host", "a" * 64], "no host name"),
        (["--open", "--host", "192.0.2.1", "--port", "0"], "--host"),
        (["--config", "/nowhere.toml"], "no such file"),
    ],
)
def test_a_start_that_cannot_be_names_the_remedy(
    service: Service, arguments: list[str], remedy: str
) -> None:
    arguments = [part.replace("TAKEN", str(service.port)) for part in arguments]
    done = run_cli("run", *arguments)
    assert done.returncode == 2
    assert remedy in done.stderr
    assert "Traceback" not in done.stderr


def test_a_decoder_that_is_killed_is_replaced(service: Service) -> None:
    """The turn that it was at may fail; the next one works."""
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(service.process.pid)],
        capture_output=True, text=True, check=True, timeout=10,
    ).stdout.split()  # fmt: skip
    assert children
    for child in children:
        os.kill(int(child), 9)
    audio = room(silence(200), speech("lock the front door", "rms"), silence(300))
    result = asyncio.run(recognise(service.port, audio, stop=True, pace=4.0))
    assert result.text == "lock the front door"


def one_answer(service: Service, event: Event) -> Event:
    async def ask() -> Event | None:
        async with connect(service.port) as connection:
            await connection.send(event)
            return await connection.receive()

    answer = asyncio.run(ask())
    assert answer is not None
    return answer


def run_cli(*arguments: str) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "earshot_speech", *arguments],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
