"""A home that speaks Wyoming's own satellite protocol, as Home Assistant's stock integration does.

Only in open mode. That protocol has no turns, no grant and no receipt: a turn's id is ours, the
grant is given at once, and pausing ends the ear like any other mute.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from typing import Any

from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioFormat, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import (
    Attribution,
    Describe,
    Info,
    MicProgram,
    SndProgram,
    WakeModel,
    WakeProgram,
)
from wyoming.info import (
    Satellite as SatelliteInfo,
)
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.satellite import PauseSatellite, RunSatellite
from wyoming.snd import Played
from wyoming.timer import TimerCancelled, TimerFinished
from wyoming.vad import VoiceStopped
from wyoming.wake import Detection as WakeDetection

from earshot_wire.limits import MAX_TURN_S
from earshot_wire.message import IDENTIFIER
from earshot_wire.phrases import FAILED, NOT_UNDERSTOOD
from earshot_wire.timers import MAX_LEFT_S
from earshot_wire.turn import COMMAND_RATE

from ..ear.process import Detection
from ..mute.control import Source, Verified
from ..session import happenings as h
from ..session.command import Piece
from ..session.machine import State
from .peer import Peer
from .satellite import Satellite

_LOGGER = logging.getLogger(__name__)

_NO_REPLY_S = 25.0
"""This protocol does not say that a turn has no reply: so long after the transcript it has none."""

_SPEECH_RATE = 22_050
_TIMERS = frozenset({"timer-started", "timer-updated", "timer-cancelled", "timer-finished"})
_SILENT_ERRORS = {"duplicate_wake_up_detected"}
_NOT_UNDERSTOOD = {"stt-no-text-recognized", "no-text-recognized"}


class StockLink:
    """A connection that may ask what we are, and become the home by asking us to run."""

    def __init__(self, peer: Peer, satellite: Satellite, claim: Callable[[], bool]) -> None:
        self._peer = peer
        self._satellite = satellite
        self._claim = claim
        self._turn = ""
        self._pausing: asyncio.Queue[bool] = asyncio.Queue(4)
        self._no_reply: asyncio.TimerHandle | None = None

    async def run(self, first: Event) -> None:
        """Serve this client until it is gone."""
        pausing = asyncio.create_task(self._run_pausing())
        try:
            self._handle(first)
            await self._peer.run(self._handle)
        finally:
            self._satellite.session.detach(self)
            if self._no_reply is not None:
                self._no_reply.cancel()
            await self._finish_pausing(pausing)

    def drop(self, why: str) -> None:
        """End the link."""
        self._satellite.session.detach(self)
        self._peer.drop(why)

    @property
    def may_be_replaced(self) -> bool:
        """Whether another home may take its place: any may, while it has paused us."""
        return self._peer.patient

    def wake(self, turn_id: str, detection: Detection, age_ms: int) -> None:
        """Tell of a wake word; the home listens at once."""
        self._turn = turn_id
        self._peer.send(WakeDetection(name=detection.word).event())
        run = RunPipeline(
            start_stage=PipelineStage.ASR, end_stage=PipelineStage.TTS, restart_on_end=False
        )
        self._peer.send(run.event())
        loop = asyncio.get_running_loop()
        loop.call_soon(self._satellite.session.happen, h.Granted(turn_id, MAX_TURN_S))

    def command(self, turn_id: str, piece: Piece) -> None:
        """Send command audio from the detection on: other engines do not know our pre-roll."""
        before = max(0, -piece.offset_ms)
        pcm = piece.pcm[before * COMMAND_RATE // 1_000 * 2 :]
        if not pcm:
            return
        chunk = AudioChunk(
            rate=COMMAND_RATE, width=2, channels=1, audio=pcm, timestamp=piece.offset_ms + before
        )
        self._peer.send(chunk.event())

    def command_end(self, turn_id: str, reason: str) -> None:
        """Tell that no more command audio comes."""
        self._peer.send(AudioStop().event())

    def played(self, turn_id: str, result: str) -> None:
        """Tell that the reply was played, or will not be."""
        self._peer.send(Played().event())

    def invited(self, turn_id: str, result: str) -> None:
        """Nothing in this protocol asks to listen without a wake word."""

    def timers_changed(self) -> None:
        """Nothing in this protocol tells of timers at the satellite."""

    def volume_changed(self) -> None:
        """Nothing in this protocol tells of a volume."""

    def tuning_changed(self) -> None:
        """Nothing in this protocol tells how the microphone is set."""

    def problems_changed(self) -> None:
        """Nothing in this protocol tells of problems."""

    def verified(self, verified: Verified) -> None:
        """Nothing in this protocol tells of the microphone."""

    def _handle(self, event: Event) -> None:
        kind = event.type
        if Describe.is_type(kind):
            self._peer.send(self._info().event())
        elif RunSatellite.is_type(kind):
            self._run_satellite()
        elif PauseSatellite.is_type(kind) and self._satellite.session.home is self:
            self._pause()
        elif kind in _TIMERS and self._satellite.session.home is self:
            self._timer(event)
        elif self._satellite.session.home is self:
            self._in_turn(event)

    def _run_satellite(self) -> None:
        if not self._claim():
            self._peer.drop("the satellite has a home")
            return
        self._peer.patient = False
        self._satellite.session.attach(self)
        _LOGGER.info("linked with %s (stock Wyoming, open mode)", self._peer.name)
        self._ask_pausing(paused=False)

    def _pause(self) -> None:
        # This home goes silent while it has muted us.
        self._peer.patient = True
        self._ask_pausing(paused=True)

    def _ask_pausing(self, *, paused: bool) -> None:
        try:
            self._pausing.put_nowait(paused)
        except asyncio.QueueFull:
            self._peer.drop("it asks for more than can be done")

    async def _run_pausing(self) -> None:
        while True:
            paused = await self._pausing.get()
            await self._satellite.mute.set(Source.PAUSED, paused)
            self._pausing.task_done()

    async def _finish_pausing(self, pausing: asyncio.Task[None]) -> None:
        """Do what was asked before the home left: it often pauses us and hangs up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5.0):
                await self._pausing.join()
        pausing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await pausing

    def _in_turn(self, event: Event) -> None:
        session, kind = self._satellite.session, event.type
        if Transcript.is_type(kind) or VoiceStopped.is_type(kind):
            session.happen(h.UtteranceOver(self._turn))
            self._await_reply()
        elif AudioStart.is_type(kind):
            self._begin_reply(event)
        elif AudioChunk.is_type(kind):
            session.reply_audio(self._turn, event.payload or b"")
        elif AudioStop.is_type(kind):
            session.end_reply(self._turn)
            session.happen(h.TurnOver(self._turn))
        elif Error.is_type(kind):
            self._failed(str(event.data.get("code", "")))

    def _timer(self, event: Event) -> None:
        alarm, kind = self._satellite.session.alarm, event.type
        name, seconds = event.data.get("id"), event.data.get("total_seconds", 0)
        if (
            not isinstance(name, str)
            or not IDENTIFIER.fullmatch(name)
            or not isinstance(seconds, int)
            or not 0 <= seconds <= MAX_LEFT_S
        ):
            self._peer.drop("it sent a timer that is none")
        elif TimerCancelled.is_type(kind):
            alarm.cancel(name)
        elif TimerFinished.is_type(kind):
            alarm.set(name, 0.0, active=True)
        else:
            alarm.set(name, float(seconds), active=event.data.get("is_active") is not False)

    def _begin_reply(self, event: Event) -> None:
        rate, channels, width = (event.data.get(key) for key in ("rate", "channels", "width"))
        if (
            not isinstance(rate, int)
            or not isinstance(channels, int)
            or not (8_000 <= rate <= 48_000 and channels in (1, 2) and width == 2)
        ):
            self._peer.drop("it sent a sound in a format that cannot be played")
            return
        session = self._satellite.session
        if session.state is State.IDLE:
            self._turn = secrets.token_hex(8)
            session.happen(h.AnnouncementBegan(self._turn))
        session.begin_reply(self._turn, rate, channels)

    def _failed(self, code: str) -> None:
        session = self._satellite.session
        if code not in _SILENT_ERRORS:
            phrase = NOT_UNDERSTOOD if code in _NOT_UNDERSTOOD else FAILED
            session.happen(h.PhraseAsked(self._turn, phrase))
        session.happen(h.TurnOver(self._turn))

    def _await_reply(self) -> None:
        if self._no_reply is not None:
            self._no_reply.cancel()
        over = h.TurnOver(self._turn)
        loop = asyncio.get_running_loop()
        self._no_reply = loop.call_later(_NO_REPLY_S, self._satellite.session.happen, over)

    def _info(self) -> Info:
        welcome = self._satellite.welcome()
        us: dict[str, Any] = {
            "attribution": Attribution(name="Earshot", url=""),
            "installed": True,
            "version": welcome.software,
        }
        return Info(
            satellite=SatelliteInfo(
                name=welcome.name,
                description="Earshot satellite",
                area=welcome.area or None,
                has_vad=False,
                active_wake_words=list(welcome.active_words),
                max_active_wake_words=welcome.max_active_words,
                supports_trigger=False,
                **us,
            ),
            wake=[
                WakeProgram(
                    name="earshot",
                    description="On the device",
                    models=[
                        WakeModel(
                            name=word.id,
                            description=word.phrase,
                            phrase=word.phrase,
                            languages=["en"],
                            **us,
                        )
                        for word in welcome.wake_words
                    ],
                    **us,
                )
            ],
            mic=[
                MicProgram(
                    name="mic",
                    description="Only after the wake word",
                    mic_format=AudioFormat(rate=COMMAND_RATE, width=2, channels=1),
                    **us,
                )
            ],
            snd=[
                SndProgram(
                    name="snd",
                    description="Any rate",
                    snd_format=AudioFormat(rate=_SPEECH_RATE, width=2, channels=1),
                    **us,
                )
            ],
        )
