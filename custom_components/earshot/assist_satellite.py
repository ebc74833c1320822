"""The satellite of a room, on Home Assistant's own pipelines."""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator
from typing import Any, override

from homeassistant.components import tts
from homeassistant.components.assist_pipeline import Pipeline, PipelineEvent, PipelineNotFound
from homeassistant.components.assist_satellite import (
    AssistSatelliteAnnouncement,
    AssistSatelliteAnswer,
    AssistSatelliteConfiguration,
    AssistSatelliteEntity,
    AssistSatelliteEntityFeature,
    AssistSatelliteWakeWord,
)
from homeassistant.components.assist_satellite.const import PREANNOUNCE_URL
from homeassistant.components.assist_satellite.errors import SatelliteBusyError
from homeassistant.components.conversation import HOME_ASSISTANT_AGENT
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.start import async_at_started

from .aloud import spoken
from .audit import Actor, AuditError
from .const import DOMAIN
from .engines import pipeline_is_complete, room_pipeline, stt_is_ours, word_pipeline_select
from .entity import RoomEntity, actor_of
from .issues import tell_pipeline
from .models import RoomConfigEntry
from .policy.listening import Why
from .policy.retention import Outcome
from .unasked import unasked_error
from .voice.announce import announce
from .voice.invitation import Invitation
from .voice.phrases import Phrases
from .voice.reply import Reply, ReplyError
from .voice.turn import Turn
from .voice.unasked import Unasked
from .voice.warm import warm
from .wire.greeting import SetWakeWords
from .wire.turn import (
    Announce,
    Invited,
    Played,
    StandDown,
    TurnAudio,
    TurnAudioEnd,
    TurnEnd,
    Wake,
)

_LOGGER = logging.getLogger(__name__)

PARALLEL_UPDATES = 0

LAST_TURN_S = 2.0
"""A turn that was cut off has let go of the pipeline by then."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: RoomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the satellite of a room."""
    async_add_entities([EarshotSatellite(entry)])


class EarshotSatellite(RoomEntity, AssistSatelliteEntity):
    """Answers wake words: one turn at a time, the newest."""

    _attr_name = None
    _attr_translation_key = "satellite"
    _attr_supported_features = (
        AssistSatelliteEntityFeature.ANNOUNCE | AssistSatelliteEntityFeature.START_CONVERSATION
    )
    _outlives_link = False

    def __init__(self, entry: RoomConfigEntry) -> None:
        super().__init__(entry, "satellite")
        # The engine's own PCM, whatever its rate: nothing is converted on the way.
        self._attr_tts_options = {tts.ATTR_PREFERRED_FORMAT: "wav"}
        self._turn: Turn | None = None
        """The newest turn: the one that the satellite's messages are for."""

        self._running: Turn | None = None
        """The turn that has the pipeline: the one that its events are for."""

        self._task: asyncio.Task[None] | None = None
        self._announcement: tuple[str, Reply] | None = None
        self._invitation = Invitation(self._room, self._begin_unasked)
        self._answers: tuple[str, ...] = ()
        self._saying = asyncio.Lock()
        self._agent = HOME_ASSISTANT_AGENT
        self._phrases: Phrases | None = None
        self._warmed: Pipeline | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Begin to answer."""
        await super().async_added_to_hass()
        self._phrases = Phrases(self.hass, self._entry, self._room)
        self._room.handler = self
        if self.registry_entry is not None and self.registry_entry.device_id is not None:
            self.async_on_remove(self._room.timers.async_register(self.registry_entry.device_id))
        self.async_on_remove(self._let_go)
        self.async_on_remove(async_at_started(self.hass, self._started))

    @property
    @override
    def pipeline_entity_id(self) -> str | None:
        """Return the select that says which pipeline the wake word, or the room, uses."""
        word = self._word
        select = word_pipeline_select(self.hass, self._entry, word) if word else None
        return select or self._select("pipeline")

    @property
    @override
    def vad_sensitivity_entity_id(self) -> str | None:
        """Return the select that says how soon a command is over, for engines that cannot tell."""
        return self._select("vad_sensitivity")

    @callback
    @override
    def async_get_configuration(self) -> AssistSatelliteConfiguration:
        """Return the wake words of the satellite."""
        if (welcome := self._room.welcome) is None:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="satellite_unreachable",
                translation_placeholders={"room": self._room.name},
            )
        return AssistSatelliteConfiguration(
            available_wake_words=[
                AssistSatelliteWakeWord(id=word.id, wake_word=word.phrase, trained_languages=["en"])
                for word in welcome.wake_words
            ],
            active_wake_words=list(welcome.active_words),
            max_active_wake_words=welcome.max_active_words,
        )

    @override
    async def async_set_configuration(self, config: AssistSatelliteConfiguration) -> None:
        """Choose the wake words; the satellite answers with what it took."""
        if not self._room.link.send(SetWakeWords(words=tuple(config.active_wake_words))):
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="satellite_unreachable",
                translation_placeholders={"room": self._room.name},
            )

    @callback
    @override
    def on_pipeline_event(self, event: PipelineEvent) -> None:
        """Hand on what the pipeline does to the turn that has it."""
        if self._running is not None:
            self._running.on_event(event)

    @callback
    def wake(self, wake: Wake) -> None:
        """Grant a wake word at once, or stand it down; an older turn ends."""
        if not self._is_ready(wake.word):
            self._room.link.send(StandDown(turn=wake.turn, reason="not_ready"))
            return
        if (refusal := self._room.guard.ask(wake.word)) is not None:
            self._room.link.send(StandDown(turn=wake.turn, reason=refusal.value))
            return
        if self._room.guard.is_recorded:
            self._entry.async_create_background_task(
                self.hass, self._listen_recorded(wake), f"earshot recorded {self._room.name}"
            )
            return
        self._listen(wake)

    async def _listen_recorded(self, wake: Wake) -> None:
        """Listen although Home Assistant records it, as the room allows; the log has it before."""
        try:
            await self._room.guard.async_note_listening()
        except AuditError:
            self._room.link.send(StandDown(turn=wake.turn, reason="recorded"))
            return
        if self._room.mute.is_on:
            self._room.link.send(StandDown(turn=wake.turn, reason="muted"))
            return
        self._listen(wake)

    def _listen(self, wake: Wake) -> None:
        turn = self._take(wake)
        turn.grant()
        self._begin(turn)

    def _take(self, wake: Wake | Unasked) -> Turn:
        """Make a turn the one that the satellite's messages are for."""
        pre_roll = stt_is_ours(self.hass, self._entry, wake.word)
        turn = Turn(self.hass, self._room.link, wake, self._room.answers, pre_roll=pre_roll)
        self._turn = turn
        self._drop_announcement()
        return turn

    @callback
    def _begin(self, turn: Turn) -> None:
        before = self._task
        self._task = self._entry.async_create_background_task(
            self.hass, self._run(turn, before), f"earshot turn {self._room.name}"
        )

    @callback
    def turn_message(self, message: TurnAudio | TurnAudioEnd | Played | Invited) -> None:
        """Hand a message to the turn or announcement it belongs to; late ones belong to none."""
        if isinstance(message, Invited):
            self._invitation.answered(message)
        elif self._turn is not None and message.turn == self._turn.id:
            self._turn.message(message)
        elif (
            isinstance(message, Played)
            and self._announcement is not None
            and message.turn == self._announcement[0]
        ):
            self._announcement[1].played(message.result)

    @callback
    def muted(self) -> None:
        """Give up a command that is still being listened to."""
        if self._turn is not None:
            self._turn.cut_off(Outcome.MUTED)

    @callback
    def answered_elsewhere(self) -> None:
        """Give up a command that the satellite dropped for a word that another room answers."""
        if self._turn is not None:
            self._turn.cut_off(Outcome.FAILED)

    @callback
    def link_up(self) -> None:
        """See that the satellite can say what must be said when nothing else speaks."""
        self._is_ready()
        self._warm()
        if self._phrases is not None:
            self._phrases.linked()

    @callback
    def link_down(self) -> None:
        """End the turn: nobody is there to speak or to hear."""
        if self._task is not None:
            self._task.cancel()
        self._drop_announcement()
        self._invitation.link_down()

    @override
    async def async_internal_ask_question(
        self,
        question: str | None = None,
        question_media_id: str | None = None,
        preannounce: bool = True,
        preannounce_media_id: str = PREANNOUNCE_URL,
        answers: list[dict[str, Any]] | None = None,
    ) -> AssistSatelliteAnswer | None:
        """Ask a question; our own engine is told which sentences answer it."""
        self._answers = tuple(
            str(sentence) for answer in answers or () for sentence in answer["sentences"]
        )
        try:
            return await super().async_internal_ask_question(
                question, question_media_id, preannounce, preannounce_media_id, answers
            )
        finally:
            self._answers = ()

    @override
    async def async_start_conversation(
        self, start_announcement: AssistSatelliteAnnouncement
    ) -> None:
        """Speak, and then listen although nobody woke the room, if its rules allow that."""
        why = Why.CONVERSATION if self._ask_question_future is None else Why.QUESTION
        self._room.unasked.check(why)
        await self.async_announce(start_announcement)
        await self._invite(why, actor_of(self._context))

    async def async_listen(self, actor: Actor) -> None:
        """Listen although nobody woke the room; what is going on there ends.

        Raises `HomeAssistantError` when the room's rules, its satellite or the log refuse it.
        """
        self._room.unasked.check(Why.ASKED)
        if self._is_announcing:
            raise SatelliteBusyError
        await self._end_turn()
        await self._invite(Why.ASKED, actor)

    async def _invite(self, why: Why, actor: Actor, after: str = "", word: str = "") -> None:
        """Ask the satellite to listen; what it sends then is a turn. Raises as `async_listen`."""
        self._room.unasked.check(why, word)
        if not self._is_ready(word):
            raise unasked_error(self._room.name, "not_ready")
        await self._invitation.ask(why, actor, answers=self._answers, after=after, word=word)

    @callback
    def _begin_unasked(self, unasked: Unasked) -> None:
        """Take the audio from now on; run when whoever waited for the answer went on.

        Core says "idle" then.
        """
        self.hass.loop.call_soon(self._begin, self._take(unasked))

    @override
    async def async_announce(self, announcement: AssistSatelliteAnnouncement) -> None:
        """Speak in the room and return when it was heard."""
        await self._end_turn()
        turn = secrets.token_hex(8)
        if not self._room.link.send(Announce(turn=turn)):
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="satellite_unreachable",
                translation_placeholders={"room": self._room.name},
            )
        reply = Reply(self._room.link, turn)
        self._announcement = (turn, reply)
        try:
            await announce(self.hass, reply, announcement)
        except ReplyError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key=f"announcement_{err.reason}",
                translation_placeholders={"room": self._room.name},
            ) from None
        finally:
            self._announcement = None
            self._room.link.send(TurnEnd(turn=turn, outcome="announced"))

    async def _end_turn(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=LAST_TURN_S)

    async def async_say(self, text: str) -> None:
        """Say a text of ours when nobody is speaking; raises what an announcement raises."""
        async with self._saying:
            if self._task is not None and not self._task.done():
                await asyncio.wait([self._task])
            await self._announce_alone(spoken(self.hass, self._entry, text))

    async def async_announce_media(self, url: str) -> None:
        """Play a medium before all else; raises what an announcement raises."""
        await self._announce_alone(
            AssistSatelliteAnnouncement(
                message="",
                media_id=url,
                original_media_id=url,
                tts_token=None,
                media_id_source="url",
            )
        )

    async def _announce_alone(self, announcement: AssistSatelliteAnnouncement) -> None:
        if self._is_announcing:
            raise SatelliteBusyError
        self._is_announcing = True
        try:
            await self.async_announce(announcement)
        finally:
            self._is_announcing = False

    async def _run(self, turn: Turn, before: asyncio.Task[None] | None) -> None:
        """Take the pipeline over from the turn before and go through this one."""
        try:
            await self._go_through(turn, before)
        finally:
            if turn.why is Why.QUESTION:
                self._unanswered()
        if turn.wants_follow_up and self._turn is None and not self._is_announcing:
            await self._follow_up(turn)

    async def _go_through(self, turn: Turn, before: asyncio.Task[None] | None) -> None:
        if before is not None and not before.done():
            before.cancel()
            await asyncio.wait([before], timeout=LAST_TURN_S)
        self._running = turn
        try:
            await turn.run(self._accept)
        finally:
            if self._running is turn:
                self._running = None
            if self._turn is turn:
                self._turn = None
                if self._room.handler is self and not self._is_announcing:
                    self.tts_response_finished()
            self._room.turn_over(turn.report())
            self._warm()
            if self._phrases is not None:
                self._phrases.refresh()

    async def _follow_up(self, turn: Turn) -> None:
        """Listen once more, as the assistant asked something back."""
        try:
            await self._invite(Why.FOLLOW_UP, Actor(), after=turn.id, word=turn.wake.word)
        except HomeAssistantError as err:
            _LOGGER.debug("No follow-up in %s: %s", self._room.name, err.translation_key)

    @callback
    def _unanswered(self) -> None:
        """Let whoever asked a question know that no answer comes any more."""
        if (asked := self._ask_question_future) is not None and not asked.done():
            asked.set_result(None)

    async def _accept(self, audio: AsyncGenerator[bytes]) -> None:
        word = self._word
        pipeline = room_pipeline(self.hass, self._entry, word)
        if pipeline is None or self._room.guard.refusal(word) is not None:
            raise PipelineNotFound("pipeline_not_found", "The pipeline changed meanwhile")
        if pipeline.conversation_engine != self._agent:
            # Else core would go on with the agent that the conversation began with.
            self._agent, self._conversation_id = pipeline.conversation_engine, None
        phrase = None
        if self._wake_word_intercept_future is not None and self._running is not None:
            phrase = self._running.wake.phrase or None
        # Else without it: core would reject the same phrase from another room for 2 s.
        await self.async_accept_pipeline_from_satellite(
            self._guarded(audio), wake_word_phrase=phrase
        )

    async def _guarded(self, audio: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Give up the command as soon as it must no longer be listened to."""
        word = self._word
        async for pcm in audio:
            if (refusal := self._room.guard.ask(word)) is not None:
                if self._running is not None:
                    stand_down = StandDown(turn=self._running.id, reason=refusal.value)
                    self._room.link.send(stand_down)
                    self._running.cut_off(Outcome.FAILED)
                raise PipelineNotFound("pipeline_not_found", "The room must not listen any more")
            yield pcm

    @callback
    def _started(self, _hass: HomeAssistant) -> None:
        """Look at the pipeline when every engine had its chance to be there."""
        self._is_ready()
        if self._room.link.is_up:
            self.link_up()

    def _is_ready(self, word: str | None = None) -> bool:
        """Return whether a command could be carried out; tells in Repairs when not."""
        ready = pipeline_is_complete(self.hass, self._entry, word)
        if ready or self.hass.is_running:
            tell_pipeline(self.hass, self._entry, missing=not ready)
        return ready

    def _warm(self) -> None:
        """Prepare the room's pipeline in the background when it is another one than before."""
        pipeline = room_pipeline(self.hass, self._entry)
        if pipeline is not None and pipeline != self._warmed:
            self._warmed = pipeline
            # Not the entry's: core's converter waits for ffmpeg when it is cancelled.
            self.hass.async_create_background_task(
                warm(self.hass, pipeline), f"earshot warm {self._room.name}"
            )

    @property
    def _word(self) -> str | None:
        """Return the wake word of the turn that has the pipeline."""
        return self._running.wake.word if self._running is not None else None

    def _select(self, key: str) -> str | None:
        return er.async_get(self.hass).async_get_entity_id(
            Platform.SELECT, DOMAIN, f"{self._entry.entry_id}-{key}"
        )

    def _drop_announcement(self) -> None:
        if self._announcement is not None:
            self._announcement[1].played("interrupted")

    def _let_go(self) -> None:
        self._room.handler = None
        if self._task is not None:
            self._task.cancel()
