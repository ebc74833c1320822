"""What is asked in a room about what was heard: answered before any agent, true, and untraced."""

import asyncio
import logging
import os
from datetime import datetime, timedelta

import pytest
from homeassistant.components import conversation
from homeassistant.components.assist_pipeline import (
    PipelineEvent,
    PipelineEventType,
    async_get_pipelines,
    async_update_pipeline,
)
from homeassistant.components.assist_pipeline.runtime import KEY_ASSIST_PIPELINE
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import intent
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.earshot.audit import Actor, AuditError, Line, Verb
from custom_components.earshot.const import CONF_LISTENERS, CONF_SEALED
from custom_components.earshot.house import DATA_HOUSE, House
from custom_components.earshot.policy.clock import Moment
from custom_components.earshot.policy.retention import Ceiling, Outcome, Rule, Verdict
from custom_components.earshot.typed import REFUSAL
from custom_components.earshot.vault.model import NewCapture
from custom_components.earshot.vault.views import Query, Selection
from custom_components.earshot.voice import spoken as spoken_module
from custom_components.earshot.voice.vocabulary import async_get_vocabulary
from custom_components.earshot.wire.phrases import FAILED, SPEECH_UNAVAILABLE
from custom_components.earshot.wire.turn import Listen, ReplyEnd, ReplyStart, Say, TurnEnd

from .conftest import LIGHT, until
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .test_turn import ENTITY, outcome

COMMAND = bytes(32 * 1000)
WEEK = Verdict(audio=Ceiling(7 * 86_400, Rule.HOUSE), transcript=Ceiling(7 * 86_400, Rule.HOUSE))


class Talk:
    """Somebody in the kitchen."""

    def __init__(self, hass: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech) -> None:
        self.house: House = hass.data[DATA_HOUSE]
        self._hass = hass
        self._satellite = satellite
        self._speech = speech
        self._turns = 0

    async def begin(self, text: str) -> str:
        """Say something; return its turn."""
        self._turns += 1
        turn = f"{self._turns:016x}"
        self._speech.text = text
        await self._satellite.wake(turn)
        await self._satellite.expect(Listen, turn)
        await self._satellite.speak(turn, COMMAND)
        return turn

    async def say(self, text: str) -> str:
        """Say something to its end; return what is answered."""
        before = len(self._speech.spoken)
        turn = await self.begin(text)
        await self._satellite.expect(TurnEnd, turn)
        await self._hass.async_block_till_done()
        return " ".join(self._speech.spoken[before:])

    async def kept(self, room: str | None = None) -> int:
        """Return how many captures there are."""
        vault = await self.house.async_vault()
        counts = await vault.async_count(Selection(pinned=True))
        return sum(it.captures for key, it in counts.items() if room in (None, key))

    async def keeps(self, count: int) -> None:
        """Wait until so much is kept."""
        async with asyncio.timeout(10):
            while await self.kept() != count:  # noqa: ASYNC110 - the vault's own thread
                await asyncio.sleep(0.02)

    async def lines(self, verb: Verb) -> list[Line]:
        """Return the lines of the log about one thing, the newest first."""
        return [it for it in await self.house.audit.async_lines(None, None, 100) if it.verb is verb]


@pytest.fixture
async def talk(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> Talk:
    talk = Talk(hass, satellite, speech)
    await talk.house.async_vault()
    return talk


class Listening(conversation.AbstractConversationAgent):
    """An agent that remembers all it is told, and asks back."""

    def __init__(self) -> None:
        self.told: list[str] = []

    @property
    def supported_languages(self) -> str:
        return "*"

    async def async_process(
        self, user_input: conversation.ConversationInput
    ) -> conversation.ConversationResult:
        self.told.append(user_input.text)
        response = intent.IntentResponse(language="en")
        response.async_set_speech("And then?")
        return conversation.ConversationResult(
            response, user_input.conversation_id, continue_conversation=True
        )


@pytest.fixture
async def agent(hass: HomeAssistant, room: MockConfigEntry) -> Listening:
    """Have another agent than Home Assistant's own answer in the kitchen."""
    agent = Listening()
    entry = MockConfigEntry(domain="listening", title="Listening")
    entry.add_to_hass(hass)
    conversation.async_set_agent(hass, entry, agent)
    (pipeline,) = (it for it in async_get_pipelines(hass) if it.name == "Earshot")
    await async_update_pipeline(
        hass, pipeline, conversation_engine=entry.entry_id, conversation_language="*"
    )
    return agent


EVERY = [
    "Delete what I just said.",
    "delete that",
    "Delete everything I said today.",
    "What did you hear?",
    "Are you recording me?",
    "That wasn't for you.",
    "Stop listening for ten minutes.",
    "Turn on guest mode.",
    "Turn off guest mode.",
    "Who can hear this room?",
    "Has anyone listened?",
]


@pytest.mark.parametrize("text", EVERY)
async def test_no_agent_sees_it_and_nothing_of_it_is_left(
    hass: HomeAssistant, talk: Talk, agent: Listening, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    """In the first turn and in a follow-up, where Home Assistant itself looks for no sentences."""
    caplog.set_level(logging.DEBUG, "custom_components.earshot")
    assert await talk.say("tell me a story") == "And then?"
    await talk.keeps(1)
    changes = []
    hass.bus.async_listen("*", lambda event: changes.append(repr(event.data)))

    answer = await talk.say(text)

    assert answer
    assert answer != "And then?"
    assert agent.told == ["tell me a story"]
    assert hass.states.get(ENTITY).state == "idle"
    assert await outcome(hass) in {"understood", "false_wake"}
    # The wake word cut off the listening that the agent had asked for: a turn without words.
    page = await (await talk.house.async_vault()).async_page(
        Query(rooms=frozenset(await _rooms(talk))), talk.house.reading()
    )
    assert {it.transcript for it in page.items} <= {None, "tell me a story"}
    assert all(it.audio_bytes is None for it in page.items if it.transcript is None)
    ours = [it.getMessage() for it in caplog.records if it.name.startswith("custom_components")]
    debug = hass.data[KEY_ASSIST_PIPELINE].pipeline_debug.values()
    runs = repr([run.events for runs in debug for run in runs.values()])
    assert "tell me a story" in runs
    for place in (*changes, *ours, runs):
        assert text.rstrip(".?!").lower() not in place.lower()
        assert answer not in place
    assert not await hass.async_add_executor_job(os.listdir, hass.config.path("tts"))


async def test_what_i_just_said(talk: Talk, hass: HomeAssistant) -> None:
    """The last command goes, and only it."""
    await talk.say("turn on the kitchen light")
    await talk.keeps(1)
    await talk.say("turn off the kitchen light")
    await talk.keeps(2)
    answer = await talk.say("delete what I just said")
    assert answer.startswith("I deleted what I heard at ")
    assert await talk.kept() == 1
    page = await (await talk.house.async_vault()).async_page(
        Query(rooms=frozenset(await _rooms(talk))), talk.house.reading()
    )
    assert [it.transcript for it in page.items] == ["turn on the kitchen light"]
    await until_lines(talk, Verb.DELETED, 1)
    (line,) = await talk.lines(Verb.DELETED)
    assert line.actor == Actor(name="voice")
    assert "It is gone already" in await talk.say("delete that")


async def test_a_question_in_between_is_not_what_i_just_said(talk: Talk) -> None:
    await talk.say("turn on the kitchen light")
    await talk.keeps(1)
    await talk.say("are you recording me")
    assert "I deleted" in await talk.say("delete that")
    assert await talk.kept() == 0


async def test_it_is_deleted_even_while_it_is_being_written(talk: Talk) -> None:
    """The order may come before the vault has the command."""
    await talk.say("turn on the kitchen light")
    assert "I deleted" in await talk.say("delete that")
    assert await talk.kept() == 0


async def test_nothing_was_kept(hass: HomeAssistant, talk: Talk, room: MockConfigEntry) -> None:
    assert "heard nothing else here" in await talk.say("delete that")
    hass.config_entries.async_update_entry(
        room, options=dict(room.options) | {"audio": "never", "transcript": "never"}
    )
    await talk.say("turn on the kitchen light")
    assert await talk.say("delete what I just said") == "I kept nothing of it."
    assert await talk.say("delete everything I said today") == "I kept nothing here today."
    assert await talk.say("what did you hear") == "I kept nothing of the last two minutes."


async def test_everything_of_today(hass: HomeAssistant, talk: Talk, room: MockConfigEntry) -> None:
    """It says first what goes, from whom, and how much; other rooms and days stay."""
    await _put(talk, room.entry_id, dt_util.start_of_local_day() - timedelta(seconds=1))
    await _put(talk, room.entry_id, dt_util.start_of_local_day())
    await _put(talk, "bedroom", dt_util.utcnow())
    await talk.say("turn on the kitchen light")
    await talk.keeps(4)
    answer = await talk.say("delete everything I said today")
    assert answer == (
        "This deletes everything from today in this room, from everybody: 2 commands."
        " It is deleted. From before today one command is still kept."
    )
    assert (await talk.kept(room.entry_id), await talk.kept("bedroom")) == (1, 1)


async def test_it_can_be_stopped_before_anything_is_deleted(
    hass: HomeAssistant, talk: Talk, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """The wake word over the announcement takes the order back."""
    await talk.say("turn on the kitchen light")
    await talk.keeps(1)
    speech.voice_stalls = True
    turn = await talk.begin("delete everything I said today")
    await satellite.expect(ReplyStart, turn)
    speech.voice_stalls = False
    await talk.say("are you recording me")
    assert await talk.kept() == 1


async def test_a_voice_that_fails_deletes_nothing_unannounced(
    talk: Talk, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """What must be said first was not heard, so it is not done, and that is told."""
    await talk.say("turn on the kitchen light")
    await talk.keeps(1)
    speech.voice_fails = True
    turn = await talk.begin("delete everything I said today")
    assert (await satellite.expect(TurnEnd, turn)).outcome == "failed"
    assert [it.phrase for it in satellite.all(Say, turn)] == [FAILED]
    assert await talk.kept() == 1


async def test_a_voice_that_fails_after_the_deed(
    talk: Talk, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    await talk.say("turn on the kitchen light")
    await talk.keeps(1)
    speech.voice_fails = True
    turn = await talk.begin("delete that")
    assert (await satellite.expect(TurnEnd, turn)).outcome == "understood"
    assert [it.phrase for it in satellite.all(Say, turn)] == [SPEECH_UNAVAILABLE]
    assert await talk.kept() == 0


async def test_not_for_you(hass: HomeAssistant, talk: Talk) -> None:
    """Exactly the clip before goes, and it counts as a false wake."""
    await talk.say("turn on the kitchen light")
    await talk.say("turn off the kitchen light")
    await talk.keeps(2)
    answer = await talk.say("that wasn't for you")
    assert answer == "Sorry, I count that as a false wake. I deleted what I heard."
    assert await outcome(hass) == "false_wake"
    assert await talk.kept() == 1
    assert "nothing else here in the last two minutes" in await talk.say("that wasn't for you")
    assert await talk.kept() == 1
    assert await outcome(hass) == "understood"


async def test_not_for_you_after_two_minutes(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    await talk.say("turn on the kitchen light")
    await talk.keeps(1)
    monkeypatch.setattr(spoken_module, "LATELY", timedelta())
    assert "nothing else here" in await talk.say("that wasn't for you")
    assert await talk.kept() == 1


async def test_what_did_you_hear(talk: Talk, room: MockConfigEntry) -> None:
    """Of the last two minutes, of this room; each command counts as listened to."""
    await _put(talk, room.entry_id, dt_util.utcnow() - timedelta(minutes=3))
    await _put(talk, "bedroom", dt_util.utcnow())
    await talk.say("turn on the kitchen light")
    await talk.keeps(3)
    answer = await talk.say("what did you hear")
    assert answer == "In the last two minutes I heard: turn on the kitchen light."
    (line,) = await talk.lines(Verb.HEARD_BACK)
    assert (line.actor, line.room_id) == (Actor(name="voice"), room.entry_id)
    assert "asked me in this room" in await talk.say("has anyone listened")


async def test_no_line_no_answer(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written down is not told back."""
    await talk.say("turn on the kitchen light")
    await talk.keeps(1)

    async def full(*_: object, **__: object) -> int:
        raise AuditError("disk full")

    monkeypatch.setattr(talk.house.audit, "async_write", full)
    answer = await talk.say("what did you hear")
    assert answer == "I cannot write down that you asked, so I do not answer."


async def test_a_sealed_room_tells_nothing_back(
    hass: HomeAssistant, talk: Talk, room: MockConfigEntry
) -> None:
    await talk.say("turn on the kitchen light")
    await talk.keeps(1)
    hass.config_entries.async_update_entry(room, options=dict(room.options) | {CONF_SEALED: True})
    answer = await talk.say("what did you hear")
    assert "sealed" in answer
    assert "light" not in answer
    assert not await talk.lines(Verb.HEARD_BACK)


async def test_are_you_recording_me(hass: HomeAssistant, talk: Talk, room: MockConfigEntry) -> None:
    answer = await talk.say("are you recording me")
    assert "the sound for one day, by the rule of the house" in answer
    assert "the words for 7 days, by the rule of the house" in answer
    hass.config_entries.async_update_entry(room, options=dict(room.options) | {"audio": "never"})
    assert "I keep no sound, by the rule of this room" in await talk.say("are you recording me")


async def test_stop_listening(
    hass: HomeAssistant, talk: Talk, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The answer is heard although the microphone is closed by then."""
    answer = await talk.say("stop listening for ten minutes")
    assert "My microphone is closed until" in answer
    assert satellite.remote_mute
    assert 590 < room.runtime_data.mute.left_s <= 600
    assert satellite.all(ReplyEnd)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("stop listening for a few minutes", "I did not understand for how long"),
        ("stop listening for thirteen hours", "12 hours is the most"),
        ("turn on guest mode for ninety hours", "72 hours is the most"),
        ("turn on guest mode for some hours", "I did not understand for how long"),
    ],
)
async def test_times_that_cannot_be(
    talk: Talk, satellite: FakeSatellite, text: str, answer: str
) -> None:
    assert answer in await talk.say(text)
    assert not satellite.remote_mute
    assert not talk.house.guest.is_on


async def test_a_satellite_that_does_not_confirm(
    talk: Talk, satellite: FakeSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not verified is not claimed."""
    monkeypatch.setattr("custom_components.earshot.mute.ANSWER_S", 0.1)
    satellite.answers_mute = False
    answer = await talk.say("stop listening for ten minutes")
    assert "has not confirmed" in answer
    assert "closed until" not in answer


async def test_guest_mode(talk: Talk) -> None:
    """Anybody begins it; no voice ends it early; nothing is kept meanwhile."""
    assert "Guest mode is on until" in await talk.say("turn on guest mode for two hours")
    assert 7_100 < talk.house.guest.left_s <= 7_200
    await talk.say("turn on the kitchen light")
    assert await talk.say("delete that") == "I kept nothing of it."
    assert "while guest mode is on" in await talk.say("are you recording me")
    assert "Guest mode ends by itself" in await talk.say("turn off guest mode")
    assert talk.house.guest.is_on
    assert await talk.kept() == 0


async def test_who_can_hear(
    hass: HomeAssistant, talk: Talk, room: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    assert await talk.say("who can hear this room") == "Nobody may listen to what I keep here."
    hass.config_entries.async_update_entry(
        room, options=dict(room.options) | {CONF_LISTENERS: [hass_admin_user.id]}
    )
    await talk.house.rules.async_observe(room)
    await talk.house.rules.async_confirm(room.entry_id)
    answer = await talk.say("who can hear this room")
    assert answer.endswith(f"{hass_admin_user.name} may listen to what I keep here.")


async def test_has_anyone_listened(
    talk: Talk, room: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    answer = await talk.say("has anyone listened")
    assert answer == "By my log, nobody has listened in the last seven days."
    for room_id in (room.entry_id, "bedroom"):
        await talk.house.audit.async_write(
            Verb.PLAYED, Actor(hass_admin_user.id, None, "user"), room_id, "0" * 32
        )
    answer = await talk.say("has anyone listened")
    assert answer.startswith(f"{hass_admin_user.name} listened, at ")
    assert answer.endswith("It was the only time in the last seven days.")


@pytest.mark.parametrize("text", EVERY)
async def test_typed_it_is_refused(
    hass: HomeAssistant, talk: Talk, room: MockConfigEntry, hass_admin_user: MockUser, text: str
) -> None:
    """Not even with the id of our satellite: anybody can name it."""
    await talk.say("turn on the kitchen light")
    await talk.keeps(1)
    result = await conversation.async_converse(
        hass, text, None, Context(user_id=hass_admin_user.id), "en", satellite_id=ENTITY
    )
    assert result.response.speech["plain"]["speech"] == REFUSAL
    assert await talk.kept() == 1
    assert not room.runtime_data.mute.is_on
    assert not talk.house.guest.is_on
    (line,) = await talk.lines(Verb.REFUSED)
    assert line.actor.user_id == hass_admin_user.id
    await conversation.async_converse(
        hass, text, None, Context(user_id=hass_admin_user.id), "en", satellite_id=ENTITY
    )
    assert len(await talk.lines(Verb.REFUSED)) == 1


async def test_an_event_from_elsewhere_is_no_order(
    hass: HomeAssistant, talk: Talk, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The turn that is spoken is known by the task it runs in, not by who names it."""
    await talk.say("turn on the kitchen light")
    await talk.keeps(1)
    await satellite.wake("00000000000000ff")
    await satellite.expect(Listen, "00000000000000ff")
    handler = room.runtime_data.handler
    await until(lambda: handler._running is not None)
    handler.on_pipeline_event(
        PipelineEvent(PipelineEventType.STT_END, {"stt_output": {"text": "delete that"}})
    )
    await satellite.end_audio("00000000000000ff", "limit")
    await satellite.expect(TurnEnd, "00000000000000ff")
    assert await talk.kept() >= 1
    assert hass.states.get(LIGHT).state == "on"


async def test_they_are_no_words_of_the_home(hass: HomeAssistant, talk: Talk) -> None:
    """Registered to be refused, they are not sent to the recogniser as the home's own."""
    assert not [it for it in async_get_vocabulary(hass).sentences if "listen" in it]


async def _put(talk: Talk, room_id: str, when: datetime) -> None:
    vault = await talk.house.async_vault()
    capture = NewCapture(
        room_id=room_id,
        started=when,
        moment=Moment(when),
        outcome=Outcome.UNDERSTOOD,
        transcript="open the garage door",
    )
    assert await vault.async_keep(capture, WEEK)


async def until_lines(talk: Talk, verb: Verb, count: int) -> None:
    """Wait for lines of the log: the one of a deletion may come behind the answer."""
    async with asyncio.timeout(30):
        while len(await talk.lines(verb)) < count:  # noqa: ASYNC110 - the log's own thread
            await asyncio.sleep(0.05)


async def _rooms(talk: Talk) -> set[str]:
    vault = await talk.house.async_vault()
    return set(await vault.async_count(Selection(pinned=True)))
