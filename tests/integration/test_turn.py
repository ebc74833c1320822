"""A spoken command, from the wake word to the end of the reply, and all that can go wrong in it."""

import asyncio

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
)
from homeassistant.helpers import (
    device_registry as dr,
)
from homeassistant.helpers import (
    entity_registry as er,
)
from homeassistant.helpers import (
    issue_registry as ir,
)
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import DOMAIN
from custom_components.earshot.voice import reply as reply_module
from custom_components.earshot.voice import turn as turn_module
from custom_components.earshot.wire.phrases import FAILED, NOT_UNDERSTOOD, SPEECH_UNAVAILABLE
from custom_components.earshot.wire.speech import LeftOut
from custom_components.earshot.wire.turn import (
    Heard,
    Listen,
    Played,
    ReplyAudio,
    ReplyEnd,
    ReplyStart,
    Say,
    StandDown,
    TurnAudio,
    TurnEnd,
)

from .conftest import LIGHT, add_room, until
from .fake_satellite import FakeSatellite
from .fake_speech import RATE, FakeSpeech, letter_pcm

COMMAND = bytes(32 * 1000)
FIRST, SECOND = "00000000000000a1", "00000000000000b2"
ENTITY = "assist_satellite.kitchen"
EVENT = "event.kitchen_voice_command"


async def say(satellite: FakeSatellite, turn: str = FIRST, age_ms: int = 0) -> TurnEnd:
    """Wake the room, speak, and return how the turn ended."""
    await satellite.wake(turn, age_ms=age_ms)
    await satellite.expect(Listen, turn)
    await satellite.speak(turn, COMMAND)
    return await satellite.expect(TurnEnd, turn)


async def outcome(hass: HomeAssistant) -> str | None:
    """Return the type of the last event of the room."""
    await hass.async_block_till_done()
    return hass.states.get(EVENT).attributes.get("event_type")


async def test_a_command_is_carried_out_and_answered(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """The main promise: the light is on, the reply is spoken, the room is idle again."""
    end = await say(satellite)

    assert end.outcome == "understood"
    assert hass.states.get(LIGHT).state == "on"
    assert satellite.all(Heard, FIRST)
    assert satellite.all(ReplyStart, FIRST)[0].rate == RATE
    assert satellite.reply(FIRST) == letter_pcm() * len(speech.spoken[-1])
    assert satellite.all(ReplyEnd, FIRST)
    assert await outcome(hass) == "understood"
    assert hass.states.get(ENTITY).state == "idle"
    assert hass.states.get("sensor.kitchen_last_command").state != "unknown"


async def test_nothing_is_sent_before_the_grant_and_all_of_it_after(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """Not one sample of the command is lost on the way to our engine, pre-roll included."""
    pcm = b"".join(number.to_bytes(2, "little") for number in range(16000))
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await satellite.speak(FIRST, pcm)
    await satellite.expect(TurnEnd, FIRST)
    heard = speech.heard[0]
    assert len(heard) >= 32 * speech.needs_ms
    assert heard == pcm[: len(heard)]
    assert speech.requests[0].wake_phrase == "hey jarvis"


async def test_the_grammar_is_sent_once_and_named_by_hash(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """A server that lacks the vocabulary asks for it while audio goes on; later it has it."""
    await say(satellite, FIRST)
    await say(satellite, SECOND)
    assert speech.asked_for_grammar == 1
    assert speech.requests[0].grammar == speech.requests[1].grammar


async def test_what_cannot_be_said_is_in_repairs_until_it_can(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """A sentence that stands for too many is shown as it was written, and is no link."""
    speech.left_out = LeftOut(count=12, what=("[red|blue](red|blue)", "台`所"))
    await say(satellite, FIRST)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, "left_out")
    assert issue is not None
    assert issue.translation_placeholders == {
        "count": "12",
        "what": "`[red|blue](red|blue)`, `台'所`, …",
    }
    speech.left_out = None
    await say(satellite, SECOND)
    assert ir.async_get(hass).async_get_issue(DOMAIN, "left_out") is None


async def test_speech_that_is_no_command(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """It gets the stored phrase, never a random action."""
    speech.kind = "not_command"
    end = await say(satellite)
    assert end.outcome == "not_understood"
    assert [it.phrase for it in satellite.all(Say, FIRST)] == [NOT_UNDERSTOOD]
    assert not satellite.all(ReplyStart, FIRST)
    assert hass.states.get(LIGHT).state == "off"
    assert await outcome(hass) == "not_understood"
    assert hass.states.get(ENTITY).state == "idle"


async def test_silence_after_the_wake_word_is_answered_with_silence(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """A false wake must not make the house talk."""
    speech.kind = "no_speech"
    end = await say(satellite)
    assert end.outcome == "false_wake"
    assert not satellite.all(Say, FIRST)
    assert not satellite.all(ReplyStart, FIRST)
    assert await outcome(hass) == "false_wake"
    assert hass.states.get("sensor.kitchen_last_command").state == "unknown"


async def test_words_that_no_agent_can_use(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """Home Assistant answers itself that it did not understand; the outcome says so too."""
    speech.text = "paint the moon green"
    end = await say(satellite)
    assert end.outcome == "not_understood"
    assert satellite.reply(FIRST)


async def test_the_speech_service_is_gone_and_comes_back(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """The room says so aloud, shows it, and recovers without help."""
    await speech.stop()
    end = await say(satellite, FIRST)
    assert end.outcome == "failed"
    assert [it.phrase for it in satellite.all(Say, FIRST)] == [SPEECH_UNAVAILABLE]
    await hass.async_block_till_done()
    assert hass.states.get("stt.earshot_speech_recognition").state == "unavailable"
    assert hass.states.get("tts.earshot_speech_voice").state == "unavailable"

    await speech.start()
    end = await say(satellite, SECOND)
    assert end.outcome == "understood"
    assert hass.states.get(LIGHT).state == "on"
    await hass.async_block_till_done()
    assert hass.states.get("stt.earshot_speech_recognition").state != "unavailable"


async def test_the_speech_service_fails(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """An error of the engine is told as an error of the engine."""
    speech.error = True
    end = await say(satellite)
    assert end.outcome == "failed"
    assert [it.phrase for it in satellite.all(Say, FIRST)] == [SPEECH_UNAVAILABLE]


async def test_the_speech_service_hangs(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No turn waits for ever, and the next one works."""
    monkeypatch.setattr(turn_module, "RECOGNISING_S", 0.3)
    speech.hangs = True
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await satellite.speak(FIRST, COMMAND)
    await satellite.end_audio(FIRST, "limit")
    end = await satellite.expect(TurnEnd, FIRST)
    assert end.outcome == "failed"
    assert [it.phrase for it in satellite.all(Say, FIRST)] == [FAILED]
    assert hass.states.get(ENTITY).state == "idle"

    speech.hangs = False
    monkeypatch.undo()
    assert (await say(satellite, SECOND)).outcome == "understood"


async def test_a_satellite_that_stops_sending(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A grant that is not used ends by itself."""
    monkeypatch.setattr(turn_module, "LISTENING_S", 0.3)
    await satellite.wake(FIRST)
    end = await satellite.expect(TurnEnd, FIRST)
    assert end.outcome == "failed"
    assert hass.states.get(ENTITY).state == "idle"


async def test_a_command_longer_than_the_limit(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """The satellite ends it; what was said until then is recognised."""
    speech.needs_ms = 60_000
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await satellite.speak(FIRST, bytes(32 * 15_000))
    await satellite.end_audio(FIRST, "limit")
    end = await satellite.expect(TurnEnd, FIRST)
    assert end.outcome == "understood"
    assert len(speech.heard[0]) == 32 * 15_000


async def test_a_satellite_that_does_not_keep_the_limit(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """More audio than an utterance can have is not taken, whatever the satellite sends."""
    speech.needs_ms = 60_000
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await satellite.speak(FIRST, bytes(32 * 20_000))
    await satellite.expect(TurnEnd, FIRST)
    assert len(speech.heard[0]) <= turn_module.PCM_LIMIT


async def test_the_voice_fails_after_the_deed(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """The light is on and the outcome says so; that nothing can speak is told by the phrase."""
    speech.voice_fails = True
    end = await say(satellite)
    assert end.outcome == "understood"
    assert hass.states.get(LIGHT).state == "on"
    assert [it.phrase for it in satellite.all(Say, FIRST)] == [SPEECH_UNAVAILABLE]
    assert hass.states.get(ENTITY).state == "idle"


async def test_the_voice_stalls_in_a_reply(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A reply that stops half-way does not leave the room responding."""
    monkeypatch.setattr(reply_module, "NEXT_AUDIO_S", 0.2)
    speech.voice_stalls = True
    end = await say(satellite)
    assert end.outcome == "understood"
    assert satellite.reply(FIRST) == letter_pcm()
    assert hass.states.get(ENTITY).state == "idle"


async def test_a_loudspeaker_that_never_ends(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Never stuck in responding: the most felt fault of satellites today."""
    monkeypatch.setattr(reply_module, "PLAYED_MARGIN_S", 0.2)
    satellite.plays = False
    end = await say(satellite)
    assert end.outcome == "understood"
    assert hass.states.get(ENTITY).state == "idle"


async def test_the_link_is_cut_in_mid_command(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """The pipeline ends, the room is unavailable, and then idle and working again."""
    speech.needs_ms = 5000
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await satellite.speak(FIRST, COMMAND)
    states: list[str] = []
    hass.bus.async_listen(
        "state_changed",
        lambda event: (
            event.data["entity_id"] == ENTITY and states.append(event.data["new_state"].state)
        ),
    )
    satellite.cut()
    await satellite.wait(lambda: satellite.linked and satellite.hellos == 2)
    await until(lambda: hass.states.get(ENTITY).state == "idle")
    assert "unavailable" in states
    assert await outcome(hass) == "failed"

    speech.needs_ms = 500
    assert (await say(satellite, SECOND)).outcome == "understood"


async def test_barge_in_while_listening(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """A wake word in the middle of a command begins anew; the old turn is dead."""
    speech.needs_ms = 800
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await satellite.speak(FIRST, COMMAND[: 32 * 500])
    end = await say(satellite, SECOND)
    assert end.outcome == "understood"
    assert not satellite.all(ReplyStart, FIRST)
    assert hass.states.get(LIGHT).state == "on"
    assert hass.states.get(ENTITY).state == "idle"


async def test_barge_in_over_the_reply(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """A wake word over the reply ends the reply; what was understood stays understood."""
    satellite.plays = False
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await satellite.speak(FIRST, COMMAND)
    await satellite.expect(ReplyEnd, FIRST)
    satellite.plays = True
    speech.text = "turn off the kitchen light"
    await satellite.send(Played(turn=FIRST, result="interrupted"))
    end = await say(satellite, SECOND)
    assert end.outcome == "understood"
    assert hass.states.get(LIGHT).state == "off"


async def test_late_messages_change_nothing(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """Audio, ends and answers of a turn that is over are left alone."""
    await say(satellite, FIRST)
    for late in (
        TurnAudio(turn=FIRST, timestamp=0, pcm=bytes(320)),
        Played(turn=FIRST, result="ended"),
    ):
        await satellite.send(late)
    await satellite.end_audio(FIRST)
    assert (await say(satellite, SECOND)).outcome == "understood"
    assert len(speech.heard) == 2


async def test_two_rooms_at_once(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """Two people say it in two rooms within 2 s: core would reject the second, we do not."""
    async with FakeSatellite("Bedroom") as bedroom:
        await add_room(hass, bedroom)
        ends = await asyncio.gather(say(satellite, FIRST, age_ms=400), say(bedroom, SECOND))
        assert [end.outcome for end in ends] == ["understood", "understood"]
        assert satellite.reply(FIRST)
        assert bedroom.reply(SECOND)
        assert not satellite.all(ReplyAudio, SECOND)


async def test_a_room_without_a_pipeline_is_not_ready(
    hass: HomeAssistant, home: HomeAssistant, satellite: FakeSatellite
) -> None:
    """No audio is asked for, and Repairs offers to make the pipeline."""
    entry = await add_room(hass, satellite)
    await satellite.wake(FIRST)
    down = await satellite.expect(StandDown, FIRST)
    assert down.reason == "not_ready"
    assert not satellite.all(Listen)
    issue = ir.async_get(hass).async_get_issue("earshot", f"pipeline_missing.{entry.entry_id}")
    assert issue is not None
    assert issue.is_fixable


async def test_an_announcement_ends_a_turn(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    """The loudspeaker is the announcement's; the command is over and the room is not stuck."""
    speech.needs_ms = 5000
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await satellite.speak(FIRST, COMMAND)
    await hass.services.async_call(
        "assist_satellite",
        "announce",
        {"entity_id": ENTITY, "message": "hello", "preannounce": False},
        blocking=True,
    )
    assert satellite.all(TurnEnd, FIRST)[0].outcome == "cancelled"
    assert hass.states.get(ENTITY).state == "idle"


async def test_stages_are_told_without_a_word(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The event has milliseconds and scores; nothing else."""
    await say(satellite)
    await hass.async_block_till_done()
    attributes = hass.states.get(EVENT).attributes
    told = {key: value for key, value in attributes.items() if key.endswith("_ms")}
    assert {"granted_ms", "heard_ms", "recognised_ms", "answered_ms", "reply_ms"} <= told.keys()
    assert all(isinstance(value, int) for value in told.values())
    assert attributes["score"] == 0.97


async def test_core_keeps_no_file_of_a_reply(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, tmp_path
) -> None:
    """Home Assistant's speech cache on disk gets nothing of what is said to a room."""
    await say(satellite)
    await hass.async_block_till_done()
    # Core writes its file when the whole reply was made, which it was before it was heard.
    await asyncio.sleep(0.2)
    files = await hass.async_add_executor_job(lambda: list((tmp_path / "tts").rglob("*")))
    assert files == []


async def test_the_acknowledgement_for_things_in_the_same_room(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Core answers with its sound; without ffmpeg that is silent, and not called a failure."""
    area = ar.async_get(hass).async_create("Kitchen area")
    entities = er.async_get(hass)
    device = entities.async_get(ENTITY).device_id
    dr.async_get(hass).async_update_device(device, area_id=area.id)
    entities.async_update_entity(LIGHT, area_id=area.id)
    end = await say(satellite)
    assert end.outcome == "understood"
    assert hass.states.get(LIGHT).state == "on"
    assert not satellite.all(Say, FIRST)
    assert hass.states.get(ENTITY).state == "idle"
