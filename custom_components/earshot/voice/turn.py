"""One spoken command, owned from the wake word to the end of the reply."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from homeassistant.components import tts
from homeassistant.components.assist_pipeline import (
    PipelineEvent,
    PipelineEventType,
    PipelineNotFound,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..policy.listening import Why
from ..policy.retention import Outcome
from ..wire.limits import MAX_TURN_S
from ..wire.phrases import FAILED
from ..wire.speech import Result
from ..wire.turn import (
    COMMAND_RATE,
    Heard,
    Listen,
    Played,
    Say,
    TurnAudio,
    TurnAudioEnd,
    TurnEnd,
    Wake,
)
from .answering import AnsweredHereError, Answers, answer_here
from .outcome import Conclusion, Seen, conclude, without_wake_phrase
from .reply import Reply, ReplyError, Sender
from .saying import Saying
from .spoken_sentences import Command, understand
from .timing import Timing
from .unasked import Unasked

_LOGGER = logging.getLogger(__name__)

LISTENING_S: Final = MAX_TURN_S + 3.0
"""From the grant to the end of the audio; the satellite ends it at `MAX_TURN_S`."""

RECOGNISING_S: Final = 30.0
PROCESSING_S: Final = 30.0
PHRASE_S: Final = 12.0
PCM_LIMIT: Final = int((MAX_TURN_S + 2.0) * COMMAND_RATE) * 2
CHUNKS_LIMIT: Final = 2048
_CUT_OFF: Final = {
    "muted": Outcome.MUTED, "microphone": Outcome.FAILED, "stopped": Outcome.FALSE_WAKE,
}  # fmt: skip

CURRENT_TURN: ContextVar[Turn | None] = ContextVar("earshot_turn", default=None)
"""The turn that the running task belongs to.

It is how our own engine knows whom it listens to, and how an order about what was heard is known
to have been spoken here: ids of satellites can be claimed by anybody, this cannot.
"""

type RunPipeline = Callable[[AsyncGenerator[bytes]], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class TurnReport:
    """What is left of a turn when it is over. The words and the audio go to the vault only."""

    outcome: Outcome
    started: datetime
    pcm: bytes = field(repr=False)
    transcript: str | None = field(repr=False)
    record: dict[str, Any] = field(repr=False)
    """What was heard, decided and done, with the words: for the vault."""

    figures: dict[str, Any] = field(default_factory=dict)
    """What may be shown to everybody: times and scores, no words."""

    keeps: bool = True
    """False: an order about what was heard, of which nothing may be kept."""

    why: Why | None = None
    """Why it was listened to although nobody in the room woke it; None when somebody did."""

    @property
    def is_silence(self) -> bool:
        """Whether nobody answered what home had the room listen for: no false wake, and nothing."""
        return self.why is not None and self.outcome is Outcome.FALSE_WAKE

    @classmethod
    def muted(cls) -> TurnReport:
        """Return the report of a wake word in a muted room: nothing was heard."""
        return cls(
            outcome=Outcome.MUTED, started=dt_util.utcnow(), pcm=b"", transcript=None, record={}
        )


class Turn:
    """Feeds a command to the pipeline, follows it, speaks the reply, concludes.

    All methods but `run` are called in the event loop and return at once. `run` always ends: each
    stage moves one deadline on.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        link: Sender,
        wake: Wake | Unasked,
        answers: Answers,
        *,
        pre_roll: bool,
    ) -> None:
        """Make the turn of a wake word, or of what stands in its place.

        `pre_roll` lets the audio before the detection in.
        """
        self.id = wake.turn
        self.wake = wake
        self.seen = Seen()
        self._hass = hass
        self._link = link
        self._answers = answers
        self._order: Command | None = None
        self._pre_roll = pre_roll
        self._started = dt_util.utcnow()
        self._timing = Timing(time.monotonic() - wake.age_ms / 1000)
        self._audio: asyncio.Queue[bytes | None] = asyncio.Queue(CHUNKS_LIMIT)
        self._pcm: list[bytes] = []
        self._pcm_size = 0
        self._listening = True
        self._told_heard = False
        self._acknowledges = False
        self._deadline: asyncio.Timeout | None = None
        self._stream: tts.ResultStream | None = None
        self._reply: Reply | None = None
        self._reply_task: asyncio.Task[None] | None = None
        self._record: dict[str, Any] = {}
        self._transcript: str | None = None
        self._conclusion = Conclusion(Outcome.FAILED)
        self._cut_off: Outcome | None = None
        self._continues = False
        self._was_heard = False
        self._task: asyncio.Task[Any] | None = None

    @property
    def why(self) -> Why | None:
        """Why it is listened to although nobody woke the room."""
        return self.wake.why if isinstance(self.wake, Unasked) else None

    @property
    def wants_follow_up(self) -> bool:
        """Whether the assistant asked something back and was heard to its end."""
        return self._continues and self._was_heard and self._cut_off is None

    def grant(self) -> None:
        """Allow the satellite to send the command."""
        self._link.send(Listen(turn=self.id))
        self._timing.mark("granted")

    def feed(self, audio: TurnAudio) -> None:
        """Take a piece of the command."""
        if not self._listening:
            return
        pcm = audio.pcm
        if audio.timestamp < 0 and not self._pre_roll:
            pcm = pcm[-audio.timestamp * COMMAND_RATE // 1000 * 2 :]
        if not pcm:
            return
        self._pcm_size += len(pcm)
        if self._pcm_size > PCM_LIMIT or self._audio.full():
            self.end_of_audio("limit")
            return
        self._timing.mark("audio")
        self._pcm.append(pcm)
        self._audio.put_nowait(pcm)

    def end_of_audio(self, reason: str) -> None:
        """Take notice that no more audio comes: `TurnAudioEnd.reason`."""
        if not self._listening:
            return
        if reason in _CUT_OFF:
            self.cut_off(_CUT_OFF[reason])
            return
        self._record["audio_end"] = reason
        self._stop_listening()

    def cut_off(self, outcome: Outcome) -> None:
        """Give up a command that is still being listened to: half of it is no command."""
        if not self._listening:
            return
        self._cut_off = outcome
        self._stop_listening()
        if self._task is not None:
            self._task.cancel()

    def played(self, message: Played) -> None:
        """Take the satellite's word that the reply or phrase ended."""
        if self._reply is not None:
            self._reply.played(message.result)

    def message(self, message: TurnAudio | TurnAudioEnd | Played) -> None:
        """Take what the satellite sent in this turn."""
        match message:
            case TurnAudio():
                self.feed(message)
            case TurnAudioEnd():
                self.end_of_audio(message.reason)
            case Played():
                self.played(message)

    def recognised(self, result: Result) -> None:
        """Take what our own engine says beyond the text."""
        self.seen.kind = result.kind
        self._record |= {
            "ending": result.ending,
            "speech_end_ms": result.speech_end_ms,
            "heard_ms": result.heard_ms,
        }

    @callback
    def on_event(self, event: PipelineEvent) -> None:
        """Follow the pipeline; raises `AnsweredHereError` to end it before its agent."""
        data = event.data or {}
        match event.type:
            case PipelineEventType.RUN_START:
                self._prepare_reply(data)
            case PipelineEventType.STT_VAD_START:
                self.seen.speech = True
            case PipelineEventType.STT_VAD_END:
                self._heard()
            case PipelineEventType.STT_END:
                self._recognised(data["stt_output"]["text"])
            case PipelineEventType.INTENT_PROGRESS:
                if data.get("tts_start_streaming"):
                    self._start_reply()
            case PipelineEventType.INTENT_END:
                self._answered(data)
            case PipelineEventType.TTS_START:
                self._acknowledges = bool(data.get("acknowledge_override"))
            case PipelineEventType.TTS_END:
                self._start_reply()
            case PipelineEventType.ERROR:
                if self._order is None:
                    self.seen.error = data["code"]
                self._stop_listening()

    async def run(self, run_pipeline: RunPipeline) -> None:
        """Go through the turn to its end. Read `report` afterwards, also when cancelled."""
        CURRENT_TURN.set(self)
        if self._cut_off is not None:
            self._end_cut_off(self._cut_off)
            return
        self._task = asyncio.current_task()
        try:
            async with asyncio.timeout(LISTENING_S) as self._deadline:
                await self._command(run_pipeline)
            self._conclusion = conclude(self.seen)
        except TimeoutError:
            self._conclusion = Conclusion(Outcome.FAILED, FAILED)
            _LOGGER.debug("Turn %s did not end in time", self.id)
        except asyncio.CancelledError:
            if (outcome := self._cut_off_by_now()) is not None:
                self._end_cut_off(outcome)
                if self._task is not None and self._task.uncancel():
                    raise
                return
            self._cancelled()
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            # Only the pipeline was cancelled: an announcement wants the loudspeaker.
            self._link.send(TurnEnd(turn=self.id, outcome="cancelled"))
            return
        finally:
            self._deadline = self._task = None
            self._stop_listening()
            if self._reply_task is not None:
                self._reply_task.cancel()
        _LOGGER.debug("Turn %s: %s, error %s", self.id, self._conclusion.outcome, self.seen.error)
        await self._tell()

    def report(self) -> TurnReport:
        """Return what is left; audio and words are let go of here.

        Timers that core started during the turn hold the turn itself for minutes.
        """
        if self._cut_off is not None or self._order is not None:
            self._pcm, self._transcript, self._record = [], None, {}
        pcm, self._pcm = b"".join(self._pcm), []
        words, self._transcript = self._transcript, None
        record, self._record = self._record, {}
        transcript = words and without_wake_phrase(words, self.wake.phrase)
        score: dict[str, Any] = {}
        if isinstance(self.wake, Wake):
            score = {"score": round(self.wake.score, 3), "snr_db": round(self.wake.snr_db, 1)}
            record |= {"wake_word": self.wake.word}
        else:
            record |= {"why": self.wake.why.value}
        stages = self._timing.milliseconds()
        return TurnReport(
            outcome=self._conclusion.outcome,
            started=self._started,
            pcm=pcm,
            transcript=transcript or None,
            record=record | {"stages": stages} | score,
            figures=score | stages,
            keeps=self._order is None,
            why=self.why,
        )

    async def _command(self, run_pipeline: RunPipeline) -> None:
        try:
            await run_pipeline(self._audio_stream())
        except PipelineNotFound as err:
            self.seen.error = err.code
        except Exception as err:  # noqa: BLE001 - a turn ends whatever an engine does
            # Its message could hold what was said.
            _LOGGER.warning("The pipeline of a turn failed: %s", type(err).__name__)
            self.seen.error = "unexpected"
        if self._order is not None:
            self._reply = Reply(self._link, self.id)
            saying = Saying(self._hass, self._reply, self._stream)
            await answer_here(self._order, self._answers, saying, self.seen, self._move_deadline)
        elif self._reply_task is not None:
            try:
                await self._reply_task
            except ReplyError as err:
                # An acknowledgement that does not sound needs no excuse: the deed is done.
                self.seen.reply_failed = (
                    err.reason in {"voice", "format"} and not self._acknowledges
                )
                self._record["reply_failed"] = err.reason

    async def _tell(self) -> None:
        """Say the stored phrase where there is one, and end the turn."""
        outcome = self._conclusion.outcome.value
        if (phrase := self._conclusion.phrase) is None:
            self._link.send(TurnEnd(turn=self.id, outcome=outcome))
            return
        self._heard()
        self._reply = Reply(self._link, self.id)
        if not self._link.send(Say(turn=self.id, phrase=phrase)):
            return
        self._timing.mark("phrase")
        try:
            await self._reply.wait_played(PHRASE_S)
        except ReplyError as err:
            self._record["phrase_failed"] = err.reason
        self._link.send(TurnEnd(turn=self.id, outcome=outcome))

    async def _audio_stream(self) -> AsyncGenerator[bytes]:
        while (pcm := await self._audio.get()) is not None:
            yield pcm

    def _stop_listening(self) -> None:
        if not self._listening:
            return
        self._listening = False
        self._timing.mark("heard")
        self._move_deadline(RECOGNISING_S)
        if self._audio.full():
            self._audio.get_nowait()
        self._audio.put_nowait(None)

    def _heard(self) -> None:
        if not self._told_heard:
            self._told_heard = True
            self._link.send(Heard(turn=self.id))
        self._stop_listening()

    def _recognised(self, text: str) -> None:
        self._timing.mark("recognised")
        self._heard()
        self._move_deadline(PROCESSING_S)
        if CURRENT_TURN.get() is self:
            self._order = understand(without_wake_phrase(text, self.wake.phrase))
        if self._order is not None:
            raise AnsweredHereError
        self._transcript = text
        if self.why is Why.QUESTION and text:
            # Home Assistant ends the run here: whoever asked has the answer.
            self.seen.answered = True

    def _prepare_reply(self, data: dict[str, Any]) -> None:
        if (output := data.get("tts_output")) is None:
            return
        self._stream = tts.async_get_stream(self._hass, output["token"])
        if self._stream is not None:
            # Home Assistant would keep what it says to a room as a file, past our retention.
            self._stream.use_file_cache = False

    def _answered(self, data: dict[str, Any]) -> None:
        self._timing.mark("answered")
        response = data["intent_output"]["response"]
        self.seen.answered = True
        self._continues = bool(data["intent_output"].get("continue_conversation"))
        if response["response_type"] == "error":
            self.seen.response_error = str(response["data"].get("code", "unknown"))
        self._record |= {
            "processed_locally": data.get("processed_locally"),
            "response": response,
        }

    def _start_reply(self) -> None:
        if self._reply_task is not None or self._stream is None:
            return
        self._reply = Reply(self._link, self.id)
        self._reply_task = self._hass.async_create_background_task(
            self._speak(self._reply, self._stream), f"earshot reply {self.id}"
        )

    async def _speak(self, reply: Reply, stream: tts.ResultStream) -> None:
        # From here the reply's own deadlines hold, which know how long it is.
        self._move_deadline(None)
        try:
            await reply.speak_wav(stream.async_stream_result())
            self._was_heard = reply.result == "ended"
        finally:
            if reply.first_sent is not None:
                self._timing.marks["reply"] = reply.first_sent
            self._timing.mark("reply_ended")
            self._move_deadline(PROCESSING_S)

    def _cut_off_by_now(self) -> Outcome | None:
        return self._cut_off

    def _end_cut_off(self, outcome: Outcome) -> None:
        self._conclusion = Conclusion(outcome)
        told = "cancelled" if outcome is Outcome.MUTED else outcome.value
        self._link.send(TurnEnd(turn=self.id, outcome=told))

    def _cancelled(self) -> None:
        if self.seen.answered:
            self._conclusion = conclude(self.seen)

    def _move_deadline(self, seconds: float | None) -> None:
        if self._deadline is None or self._deadline.expired():
            return
        now = asyncio.get_running_loop().time()
        self._deadline.reschedule(None if seconds is None else now + seconds)
