"""A turn with the events of engines that are not ours, and with faults that are hard to provoke."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from homeassistant.components.assist_pipeline import (
    PipelineEvent,
    PipelineNotFound,
)
from homeassistant.components.assist_pipeline import (
    PipelineEventType as Type,
)
from homeassistant.core import HomeAssistant

from custom_components.earshot.voice import answering
from custom_components.earshot.voice import turn as turn_module
from custom_components.earshot.voice.spoken_sentences import Command, Spoken
from custom_components.earshot.voice.turn import CHUNKS_LIMIT, Turn
from custom_components.earshot.wire.message import Message
from custom_components.earshot.wire.turn import Heard, Say, TurnAudio, TurnEnd, Wake

ID = "00000000000000a1"


class Wire:
    """A link that remembers what it was given."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.up = True

    def send(self, message: Message) -> bool:
        """Take a message."""
        self.sent.append(message)
        return self.up

    async def send_patiently(self, message: Message) -> None:
        """Take a message."""
        self.send(message)


class Answering:
    """Answers every order the same."""

    def __init__(self) -> None:
        self.orders: list[Command] = []

    async def async_answer(self, command: Command, say: answering.Say) -> answering.Answer:
        """Answer."""
        self.orders.append(command)
        if command.kind is Spoken.WHAT_HEARD:
            raise RuntimeError("turn on the SECRET light")
        return answering.Answer("yes")


@pytest.fixture
def home() -> None:
    """Do without the voice assistant of the other tests."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait long for a loudspeaker that is not there."""
    monkeypatch.setattr(turn_module, "PHRASE_S", 0.1)


def a_turn(
    hass: HomeAssistant, wire: Wire, *, pre_roll: bool, answers: Answering | None = None
) -> Turn:
    """Return a turn of a wake word just heard."""
    wake = Wake(turn=ID, word="hey_jarvis", phrase="hey jarvis", score=0.9, snr_db=9.0, age_ms=0)
    return Turn(hass, wire, wake, answers or Answering(), pre_roll=pre_roll)


def audio(timestamp: int, milliseconds: int) -> TurnAudio:
    """Return audio whose every sample tells its time."""
    samples = range(timestamp * 16, (timestamp + milliseconds) * 16)
    return TurnAudio(
        turn=ID,
        timestamp=timestamp,
        pcm=b"".join((it % 65536).to_bytes(2, "little") for it in samples),
    )


async def collect(stream: AsyncGenerator[bytes]) -> bytes:
    """Return all the audio of a command."""
    return b"".join([pcm async for pcm in stream])


@pytest.mark.parametrize(("pre_roll", "first_ms"), [(True, -400), (False, 0)])
async def test_only_our_engine_gets_the_end_of_the_wake_word(
    hass: HomeAssistant, pre_roll: bool, first_ms: int
) -> None:
    """Another engine would write it down; from the detection on not a sample is missing."""
    turn = a_turn(hass, Wire(), pre_roll=pre_roll)
    heard: list[bytes] = []

    async def pipeline(stream: AsyncGenerator[bytes]) -> None:
        heard.append(await collect(stream))

    for at in range(-400, 800, 80):
        turn.feed(audio(at, 80))
    turn.end_of_audio("asked")
    turn.feed(audio(800, 80))
    await turn.run(pipeline)
    assert heard == [audio(first_ms, 800 - first_ms).pcm]


@pytest.mark.parametrize(
    ("events", "outcome", "phrase"),
    [
        ([], "false_wake", None),
        (
            [(Type.STT_VAD_START, None), (Type.STT_VAD_END, None)],
            "not_understood",
            "not_understood",
        ),
    ],
)
async def test_an_engine_that_needs_home_assistants_ear(
    hass: HomeAssistant, events: list[tuple[Type, Any]], outcome: str, phrase: str | None
) -> None:
    """Without a text, it is what Home Assistant's own detection heard that decides."""
    wire = Wire()
    turn = a_turn(hass, wire, pre_roll=False)

    async def pipeline(stream: AsyncGenerator[bytes]) -> None:
        for kind, data in events:
            turn.on_event(PipelineEvent(kind, data))
        assert bool([it for it in wire.sent if isinstance(it, Heard)]) == bool(events)
        turn.on_event(PipelineEvent(Type.ERROR, {"code": "stt-no-text-recognized", "message": ""}))
        if phrase:
            hass.loop.call_later(0.01, lambda: turn._reply and turn._reply.played("ended"))

    await turn.run(pipeline)
    assert [it.phrase for it in wire.sent if isinstance(it, Say)] == ([phrase] if phrase else [])
    assert wire.sent[-1] == TurnEnd(turn=ID, outcome=outcome)


@pytest.mark.parametrize(
    ("fault", "phrase"),
    [
        (PipelineNotFound("pipeline_not_found", "gone"), "not_ready"),
        (RuntimeError("turn on the SECRET light"), "failed"),
    ],
)
async def test_a_pipeline_that_raises(
    hass: HomeAssistant, fault: Exception, phrase: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The turn ends and tells; what an exception says is not logged."""
    wire = Wire()
    turn = a_turn(hass, wire, pre_roll=True)

    async def pipeline(stream: AsyncGenerator[bytes]) -> None:
        hass.loop.call_later(0.01, lambda: turn._reply and turn._reply.played("failed"))
        raise fault

    await turn.run(pipeline)
    assert [it.phrase for it in wire.sent if isinstance(it, Say)] == [phrase]
    assert wire.sent[-1] == TurnEnd(turn=ID, outcome="failed")
    assert turn.report().record["phrase_failed"] == "speaker"
    assert "SECRET" not in caplog.text


async def test_a_phrase_without_a_link(hass: HomeAssistant) -> None:
    """Nobody to tell, nothing to wait for."""
    wire = Wire()
    wire.up = False
    turn = a_turn(hass, wire, pre_roll=True)

    async def pipeline(stream: AsyncGenerator[bytes]) -> None:
        raise PipelineNotFound("pipeline_not_found", "gone")

    await turn.run(pipeline)
    assert not [it for it in wire.sent if isinstance(it, TurnEnd)]


async def test_crumbs_of_audio_are_bounded(hass: HomeAssistant) -> None:
    """A satellite that sends single samples cannot fill the memory with them."""
    turn = a_turn(hass, Wire(), pre_roll=True)
    for _ in range(CHUNKS_LIMIT + 10):
        turn.feed(TurnAudio(turn=ID, timestamp=0, pcm=b"\0\0"))
    heard: list[bytes] = []

    async def pipeline(stream: AsyncGenerator[bytes]) -> None:
        heard.append(await collect(stream))

    await turn.run(pipeline)
    assert len(heard[0]) <= 2 * CHUNKS_LIMIT


@pytest.mark.parametrize(
    ("text", "outcome", "phrase"),
    [
        ("Hey Jarvis, delete that.", "understood", "speech_unavailable"),
        ("what did you hear", "failed", "failed"),
    ],
)
async def test_an_order_that_cannot_be_answered_aloud(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, text: str, outcome: str, phrase: str
) -> None:
    """Done or not, the stored phrase says which; nothing of it is in the report or the log."""
    wire = Wire()
    answers = Answering()
    turn = a_turn(hass, wire, pre_roll=True, answers=answers)

    async def pipeline(stream: AsyncGenerator[bytes]) -> None:
        turn.feed(audio(0, 100))
        with pytest.raises(answering.AnsweredHereError) as ended:
            turn.on_event(PipelineEvent(Type.STT_END, {"stt_output": {"text": text}}))
        turn.on_event(PipelineEvent(Type.ERROR, {"code": ended.value.code, "message": ""}))

    await turn.run(pipeline)
    assert len(answers.orders) == 1
    assert [it.phrase for it in wire.sent if isinstance(it, Say)] == [phrase]
    report = turn.report()
    assert (report.outcome, report.keeps) == (outcome, False)
    assert (report.pcm, report.transcript) == (b"", None)
    assert "SECRET" not in caplog.text
    assert text not in repr(report.record)
