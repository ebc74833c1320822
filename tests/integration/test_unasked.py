"""Listening although nobody in the room woke it: when it may be, and what is left of it."""

import asyncio
from typing import Any

import pytest
from homeassistant.components import conversation
from homeassistant.components.assist_satellite.const import DATA_COMPONENT
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import intent
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.audit import Actor, Verb
from custom_components.earshot.const import (
    CONF_FOLLOW_UP,
    CONF_REMOTE_LISTEN,
    CONF_ROOM_KIND,
)
from custom_components.earshot.house import House
from custom_components.earshot.unasked import AT_ONCE
from custom_components.earshot.voice import invitation
from custom_components.earshot.wire.turn import (
    Announce,
    Heard,
    Invite,
    Invited,
    Listen,
    TurnAudio,
    TurnEnd,
)
from custom_components.earshot.wire.vocabulary import Vocabulary

from .conftest import LIGHT, add_room, over, until
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .test_locality import use
from .test_turn import COMMAND, ENTITY, EVENT, FIRST, say


@pytest.fixture
async def room(
    home: HomeAssistant, speech_entry: MockConfigEntry, satellite: FakeSatellite
) -> MockConfigEntry:
    """Have a room whose options allow it from the beginning."""
    options = {CONF_ROOM_KIND: "other", CONF_REMOTE_LISTEN: True}
    return await add_room(home, satellite, options=options)


async def quiet() -> None:
    """Wait until what was changed was said in the room."""
    await until(lambda: not [it for it in asyncio.all_tasks() if "notice" in it.get_name()])


async def listen(hass: HomeAssistant) -> None:
    """Have the kitchen listen now."""
    await hass.services.async_call("earshot", "listen", {"entity_id": ENTITY}, blocking=True)


async def ask(hass: HomeAssistant, **data: Any) -> Any:
    """Ask a question in the kitchen and return the answer."""
    return await hass.services.async_call(
        "assist_satellite", "ask_question",
        {"entity_id": ENTITY, "question": "red or blue", "preannounce": False} | data,
        blocking=True, return_response=True,
    )  # fmt: skip


async def logged(house: House) -> list[tuple[str, str]]:
    """Return verb and detail of the newest lines, newest first."""
    lines = await house.audit.async_lines(None, None, 5)
    return [(it.verb.value, it.detail) for it in lines]


def why(raised: pytest.ExceptionInfo[HomeAssistantError]) -> str | None:
    """Return the key of the error's text."""
    return raised.value.translation_key


async def test_an_automation_has_the_room_listen(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, house: House
) -> None:
    """Without a wake word and without a grant; the command is carried out like any other."""
    await listen(hass)
    (invite,) = satellite.all(Invite)
    assert (invite.why, invite.after) == ("asked", "")
    assert ("opened", "asked") in await logged(house)
    await satellite.speak(invite.turn, COMMAND)
    assert (await satellite.expect(TurnEnd, invite.turn)).outcome == "understood"
    assert hass.states.get(LIGHT).state == "on"
    assert satellite.all(Heard, invite.turn)
    assert not satellite.all(Listen)
    await until(lambda: hass.states.get(ENTITY).state == "idle")


async def test_not_one_sample_is_lost_after_the_answer(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    house: House,
    speech: FakeSpeech,
) -> None:
    """The audio comes right behind the satellite's word that it began."""
    pcm = b"".join(number.to_bytes(2, "little") for number in range(16_000))
    task = hass.async_create_task(listen(hass))
    invite = await satellite.expect(Invite)
    for at in range(0, len(pcm), 2_560):
        piece = pcm[at : at + 2_560]
        await satellite.send(TurnAudio(turn=invite.turn, timestamp=at // 32, pcm=piece))
    await satellite.expect(TurnEnd, invite.turn)
    await task
    assert speech.heard[-1] == pcm[: len(speech.heard[-1])]
    assert speech.requests[-1].wake_phrase == ""


async def test_the_button_does_the_same(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, house: House
) -> None:
    await hass.services.async_call(
        "button", "press", {"entity_id": "button.kitchen_listen_now"}, blocking=True
    )
    assert satellite.all(Invite)[0].why == "asked"


async def test_it_is_off_until_somebody_in_the_room_agrees(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, house: House
) -> None:
    """Loosened in the options it waits for a day; the satellite's hand lets it begin."""
    await house.rules.async_change(room, {CONF_REMOTE_LISTEN: False}, Actor())
    for loosened in (False, True):
        await house.rules.async_change(room, {CONF_REMOTE_LISTEN: loosened}, Actor())
        await quiet()
        spoken = len(satellite.all(Announce))
        for act in (listen, ask):
            with pytest.raises(HomeAssistantError) as raised:
                await act(hass)
            assert why(raised) == "unasked_not_allowed"
        assert len(satellite.all(Announce)) == spoken, "not even the question is spoken"
    assert not satellite.all(Invite)
    assert spoken == 1, "that it was loosened is said in the room"
    await house.rules.async_confirm(room.entry_id)
    await quiet()
    await listen(hass)


async def test_its_owner_may_allow_it_at_the_satellite(
    hass: HomeAssistant, home: HomeAssistant, speech_entry: Any, satellite: FakeSatellite
) -> None:
    satellite.remote_listen = "allowed"
    await add_room(hass, satellite)
    await listen(hass)
    assert satellite.all(Invite)


@pytest.mark.parametrize(
    ("floor", "kind", "key"),
    [("forbidden", "other", "unasked_forbidden"), ("allowed", "child", "unasked_child")],
)
async def test_the_floor_and_a_childs_room_win(  # noqa: PLR0917 - fixtures
    hass: HomeAssistant,
    home: HomeAssistant,
    speech_entry: Any,
    satellite: FakeSatellite,
    floor: str,
    kind: str,
    key: str,
) -> None:
    satellite.remote_listen = floor
    options = {CONF_ROOM_KIND: kind, CONF_REMOTE_LISTEN: True}
    await add_room(hass, satellite, options=options)
    for act in (listen, ask):
        with pytest.raises(HomeAssistantError) as raised:
            await act(hass)
        assert why(raised) == key
    assert not satellite.all(Invite)


async def test_what_the_satellite_refuses_is_told(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, house: House
) -> None:
    """Each reason in its own words, to whoever asked."""
    reasons = ("muted", "forbidden", "too_often", "busy", "microphone", "speaker", "not_after")
    for satellite.invited in reasons:
        for act in (listen, ask):
            with pytest.raises(HomeAssistantError) as raised:
                await act(hass)
            assert why(raised) == f"unasked_{satellite.invited}"
    assert hass.states.get(ENTITY).state == "idle"


async def test_what_the_satellite_refused_was_no_listening_and_does_not_fill_the_log(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, house: House
) -> None:
    """The line before a microphone opens stays; that it did not is a line as well."""
    await listen(hass)
    (begun,) = satellite.all(Invite)
    await house.audit.async_write(Verb.PLAYED, Actor(), room.entry_id, "c" * 32)
    satellite.invited = "too_often"
    for _ in range(AT_ONCE + 3):
        with pytest.raises(HomeAssistantError) as raised:
            await listen(hass)
        assert why(raised) == "unasked_too_often"
    assert len(satellite.all(Invite)) == AT_ONCE
    await over("earshot log")
    lines = await house.audit.async_lines(None, None, 100)
    opened = [it.target for it in lines if it.verb is Verb.OPENED]
    refused = [it.target for it in lines if it.verb is Verb.NOT_OPENED]
    assert len(opened) == AT_ONCE
    assert sorted(opened) == sorted([*refused, begun.turn])
    listens = await house.audit.async_listens(None, None, 100)
    assert [(it.verb, it.target) for it in listens if it.verb is not Verb.PLAYED] == [
        (Verb.OPENED, begun.turn)
    ]
    assert hass.states.get("event.kitchen_listened").attributes["event_type"] == "refused"


async def test_a_muted_room_is_not_even_asked(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, house: House
) -> None:
    await room.runtime_data.mute.async_set(True, Actor())
    with pytest.raises(HomeAssistantError) as raised:
        await listen(hass)
    assert why(raised) == "unasked_muted"
    assert not satellite.all(Invite)


async def test_without_its_line_in_the_log_it_does_not_happen(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, house: House
) -> None:
    await house.audit.async_close()
    with pytest.raises(HomeAssistantError) as raised:
        await listen(hass)
    assert why(raised) == "unasked_audit"
    assert not satellite.all(Invite)


async def test_a_satellite_that_does_not_answer(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is told that nobody waits any more, and a link that breaks ends the wait."""
    satellite.invited = None
    monkeypatch.setattr(invitation, "INVITED_S", 0.1)
    with pytest.raises(HomeAssistantError) as raised:
        await listen(hass)
    assert why(raised) == "unasked_link"
    invite = satellite.all(Invite)[-1]
    assert (await satellite.expect(TurnEnd, invite.turn)).outcome == "cancelled"
    monkeypatch.setattr(invitation, "INVITED_S", 8.0)
    task = hass.async_create_task(listen(hass))
    await satellite.wait(lambda: len(satellite.all(Invite)) == 2)
    satellite.cut()
    with pytest.raises(HomeAssistantError):
        await task


async def test_one_invitation_at_a_time(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """A second one is refused at once, and the first is heard."""
    satellite.invited = None
    first = hass.async_create_task(listen(hass))
    await satellite.wait(lambda: satellite.all(Invite))
    with pytest.raises(HomeAssistantError) as raised:
        await listen(hass)
    assert why(raised) == "unasked_busy"
    (invite,) = satellite.all(Invite)
    await satellite.send(Invited(turn=invite.turn, result="begun"))
    await first
    assert not [it for it in satellite.all(TurnEnd) if it.outcome == "cancelled"]


async def test_a_mute_while_the_log_is_written_comes_first(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unasked = room.runtime_data.unasked
    note = unasked.async_note

    async def muted_meanwhile(*args: Any) -> None:
        await note(*args)
        await hass.services.async_call(
            "switch", "turn_on", {"entity_id": "switch.kitchen_mute"}, blocking=True
        )

    monkeypatch.setattr(unasked, "async_note", muted_meanwhile)
    with pytest.raises(HomeAssistantError) as raised:
        await listen(hass)
    assert why(raised) == "unasked_muted"
    assert not satellite.all(Invite)


async def test_a_question_and_its_answer(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    house: House,
    speech: FakeSpeech,
) -> None:
    """Our own engine expects the answers and nothing else; what was said is for the asker."""
    speech.text = "the blue one please"
    answers = [
        {"id": "red", "sentences": ["[the] red [one] [please]"]},
        {"id": "blue", "sentences": ["[the] blue [one] [please]", "blue {anything}"]},
    ]
    task = hass.async_create_task(ask(hass, answers=answers))
    invite = await satellite.expect(Invite)
    assert invite.why == "question"
    announced = satellite.all(Announce)[0].turn
    assert satellite.reply(announced), "the question comes first"
    await satellite.speak(invite.turn, COMMAND)
    answer = await task
    assert answer["id"] == "blue"
    assert (await satellite.expect(TurnEnd, invite.turn)).outcome == "understood"
    expected = Vocabulary(
        language="en", sentences=("[the] blue [one] [please]", "[the] red [one] [please]")
    )
    assert speech.requests[-1].grammar == expected.sha256
    assert hass.states.get(LIGHT).state == "off"
    await until(lambda: hass.states.get(ENTITY).state == "idle")
    await say(satellite)
    assert speech.requests[-1].grammar != expected.sha256, "commands as ever, afterwards"


async def test_a_question_that_nobody_answers(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    house: House,
    speech: FakeSpeech,
) -> None:
    """The asker learns it; it is no false wake, and nothing of it is kept."""
    speech.kind = "no_speech"
    task = hass.async_create_task(ask(hass))
    invite = await satellite.expect(Invite)
    await satellite.speak(invite.turn, COMMAND)
    with pytest.raises(HomeAssistantError) as raised:
        await task
    assert why(raised) == "no_answer"
    await satellite.expect(TurnEnd, invite.turn)
    await hass.async_block_till_done()
    assert hass.states.get(EVENT).state == "unknown"
    assert hass.states.get("sensor.kitchen_false_wakes_today").state == "0"


@pytest.mark.parametrize("ending", ["muted", "link", "stopped"])
async def test_a_question_ends_with_whatever_ends_the_listening(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, house: House, ending: str
) -> None:
    """Core waits for an answer for ever: it must be told."""
    task = hass.async_create_task(ask(hass))
    invite = await satellite.expect(Invite)
    await satellite.send(TurnAudio(turn=invite.turn, timestamp=0, pcm=bytes(640)))
    if ending == "link":
        satellite.cut()
    else:
        await satellite.end_audio(invite.turn, ending)
    async with asyncio.timeout(10):
        with pytest.raises(HomeAssistantError):
            await task


class Curious(conversation.AbstractConversationAgent):
    """Asks back for as long as it is told to."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.heard: list[str] = []
        self.conversations: list[str | None] = []

    @property
    def supported_languages(self) -> str:
        return "*"

    async def async_process(
        self, user_input: conversation.ConversationInput
    ) -> conversation.ConversationResult:
        self.heard.append(user_input.text)
        self.conversations.append(user_input.conversation_id)
        response = intent.IntentResponse(language="en")
        response.async_set_speech("which one")
        return conversation.ConversationResult(
            response=response, conversation_id=user_input.conversation_id,
            continue_conversation=len(self.heard) <= self.times,
        )  # fmt: skip


async def curious(hass: HomeAssistant, times: int) -> Curious:
    """Have the room's commands answered by somebody who asks back."""
    entry = MockConfigEntry(domain="test", title="Curious")
    entry.add_to_hass(hass)
    agent = Curious(times)
    conversation.async_set_agent(hass, entry, agent)
    await use(hass, conversation_engine=entry.entry_id, prefer_local_intents=False)
    return agent


async def test_a_follow_up_needs_no_wake_word(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, house: House
) -> None:
    """Right after the reply, in the same conversation, written down as what it is."""
    agent = await curious(hass, 1)
    await say(satellite)
    invite = await satellite.expect(Invite)
    assert (invite.why, invite.after) == ("follow_up", FIRST)
    await satellite.speak(invite.turn, COMMAND)
    await satellite.expect(TurnEnd, invite.turn)
    assert len(agent.heard) == 2
    assert agent.conversations[0] == agent.conversations[1]
    assert ("followed_up", "follow_up") in await logged(house)
    assert hass.states.get("event.kitchen_listened").state == "unknown"
    await hass.async_block_till_done()
    assert len(satellite.all(Invite)) == 1


@pytest.mark.parametrize("how", ["option", "device", "interrupted", "child"])
async def test_no_follow_up(
    hass: HomeAssistant,
    home: HomeAssistant,
    speech_entry: Any,
    satellite: FakeSatellite,
    how: str,
) -> None:
    """Where it is switched off, where children sleep, and after a reply that nobody heard."""
    satellite.follow_up = how != "device"
    options = {CONF_ROOM_KIND: "child" if how == "child" else "other"}
    if how == "option":
        options[CONF_FOLLOW_UP] = False
    await add_room(hass, satellite, options=options)
    agent = await curious(hass, 1)
    if how == "interrupted":
        satellite.played_result = "interrupted"
    await say(satellite)
    await hass.async_block_till_done(wait_background_tasks=False)
    await until(lambda: hass.states.get(ENTITY).state == "idle")
    assert agent.heard
    assert not satellite.all(Invite)


async def test_a_conversation_is_begun(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, house: House
) -> None:
    """Home speaks first and then listens; the state says so."""
    agent = await curious(hass, 0)
    await hass.services.async_call(
        "assist_satellite", "start_conversation",
        {"entity_id": ENTITY, "start_message": "hello", "preannounce": False},
        blocking=True, context=Context(),
    )  # fmt: skip
    invite = await satellite.expect(Invite)
    assert invite.why == "conversation"
    await until(lambda: hass.states.get(ENTITY).state == "listening")
    await satellite.speak(invite.turn, COMMAND)
    await satellite.expect(TurnEnd, invite.turn)
    assert agent.heard
    assert ("opened", "conversation") in await logged(house)
    await until(lambda: hass.states.get(ENTITY).state == "idle")


async def test_a_wake_word_is_told_to_whoever_waits_for_one(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Home Assistant's set-up dialog asks for it; no command is carried out then."""
    entity = hass.data[DATA_COMPONENT].get_entity(ENTITY)
    task = hass.async_create_task(entity.async_intercept_wake_word())
    await satellite.wake(FIRST)
    assert await task == "hey jarvis"
    await satellite.expect(TurnEnd, FIRST)
    assert hass.states.get(LIGHT).state == "off"
