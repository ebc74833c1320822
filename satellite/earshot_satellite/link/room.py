"""A home that speaks our own messages."""

from __future__ import annotations

import asyncio
import logging
import secrets

from wyoming.event import Event

from earshot_wire import (
    consent,
    greeting,
    media,
    microphone,
    phrases,
    timers,
    tuning,
    turn,
    witness,
)
from earshot_wire.message import Message, parser
from earshot_wire.pairing import Unpair

from ..ear.process import Detection
from ..mute.control import Source, Verified
from ..session import happenings as h
from ..session.command import Piece
from ..wake.cascade import Sensitivity
from ..words import Choice
from .peer import Peer
from .satellite import Satellite
from .witnessing import Witnessing

_LOGGER = logging.getLogger(__name__)

_ERRANDS = 16
_MUTES = 8
_FLUSH_S = 1.0
_CONFIRM_S = 8.0
"""Home writes to its log and its rules first."""

_parse = parser(
    turn.Listen,
    turn.StandDown,
    turn.Heard,
    turn.ReplyStart,
    turn.ReplyAudio,
    turn.ReplyEnd,
    turn.Say,
    turn.TurnEnd,
    turn.Announce,
    turn.Invite,
    timers.SetTimer,
    timers.CancelTimer,
    timers.StopRinging,
    media.MediaStart,
    media.MediaAudio,
    media.MediaEnd,
    media.MediaPause,
    media.MediaStop,
    media.SetVolume,
    tuning.SetTuning,
    microphone.SetMute,
    phrases.StorePhrase,
    greeting.SetWakeWords,
    consent.Confirmed,
    witness.Witness,
    witness.AskWitness,
    Unpair,
)

_BACKGROUND = (
    timers.SetTimer, timers.CancelTimer, timers.StopRinging,
    media.MediaStart, media.MediaAudio, media.MediaEnd, media.MediaPause, media.MediaStop,
    media.SetVolume,
    tuning.SetTuning,
)  # fmt: skip

Errand = phrases.StorePhrase | greeting.SetWakeWords


class RoomLink:
    """The owner's link. What takes time is done in order beside the reading."""

    def __init__(self, peer: Peer, satellite: Satellite) -> None:
        self._peer = peer
        self._satellite = satellite
        self._errands: asyncio.Queue[Errand] = asyncio.Queue(_ERRANDS)
        self._mutes: set[asyncio.Task[None]] = set()
        self._answers: dict[str, asyncio.Future[consent.Confirmed]] = {}
        self._unpairing: asyncio.Future[None] | None = None
        self._witnessing = Witnessing(peer, satellite.witness, satellite.problems)

    async def run(self) -> None:
        """Serve this home until it is gone."""
        self._peer.send(self._satellite.welcome())
        if (verified := self._satellite.mute.verified) is not None:
            self._peer.send(verified.receipt())
        self.problems_changed()
        self.volume_changed()
        self.tuning_changed()
        self.timers_changed()
        self._satellite.session.attach(self)
        self._satellite.session.program.attach(self._media_state)
        tasks = [
            asyncio.create_task(self._run_errands()),
            asyncio.create_task(self._witnessing.run()),
        ]
        _LOGGER.info("linked with %s", self._peer.name)
        try:
            await self._peer.run(self._handle)
        finally:
            self._satellite.session.detach(self)
            self._satellite.session.program.detach(self._media_state)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            _LOGGER.info("link with %s is gone", self._peer.name)

    def drop(self, why: str) -> None:
        """End the link."""
        self._satellite.session.detach(self)
        self._peer.drop(why)

    async def unpaired(self) -> None:
        """Tell home that it is trusted no more, and end the link."""
        self._satellite.session.detach(self)
        self._peer.send(Unpair())
        await self._peer.flush(_FLUSH_S)
        self.drop("it is not paired any more")

    def wake(self, turn_id: str, detection: Detection, age_ms: int) -> None:
        """Tell of a wake word and ask for the grant."""
        self._peer.send(
            turn.Wake(
                turn=turn_id,
                word=detection.word,
                phrase=detection.phrase.lower()[:64],
                score=min(max(detection.score, 0.0), 1.0),
                snr_db=min(max(detection.snr_db, -100.0), 200.0),
                age_ms=age_ms,
            )
        )

    def command(self, turn_id: str, piece: Piece) -> None:
        """Send command audio."""
        self._peer.send(turn.TurnAudio(turn=turn_id, timestamp=piece.offset_ms, pcm=piece.pcm))

    def command_end(self, turn_id: str, reason: str) -> None:
        """Tell that no more command audio comes."""
        self._peer.send(turn.TurnAudioEnd(turn=turn_id, reason=reason))

    def played(self, turn_id: str, result: str) -> None:
        """Tell how the playing of a reply ended."""
        self._peer.send(turn.Played(turn=turn_id, result=result))

    def invited(self, turn_id: str, result: str) -> None:
        """Tell what came of its asking to listen."""
        self._peer.send(turn.Invited(turn=turn_id, result=result))

    def timers_changed(self) -> None:
        """Tell all timers."""
        self._peer.send(timers.Timers(timers=self._satellite.session.alarm.now))

    def volume_changed(self) -> None:
        """Tell how loud it is."""
        volume = self._satellite.loudspeaker.volume
        self._peer.send(media.Volume(level=volume.level, muted=volume.muted))

    def tuning_changed(self) -> None:
        """Tell how the microphone is set."""
        now = self._satellite.tuning.now
        self._peer.send(tuning.Tuning(gain_db=now.gain_db, noise_suppression=now.noise_suppression))

    async def confirm(self) -> consent.Confirmed:
        """Agree, for the room, to what waits there; raises `TimeoutError`."""
        nonce = secrets.token_hex(16)
        answer: asyncio.Future[consent.Confirmed] = asyncio.get_running_loop().create_future()
        self._answers[nonce] = answer
        try:
            async with asyncio.timeout(_CONFIRM_S):
                self._peer.send(consent.Confirm(nonce=nonce))
                return await answer
        finally:
            del self._answers[nonce]

    def problems_changed(self) -> None:
        """Tell all that is wrong."""
        self._peer.send(greeting.Problems(problems=self._satellite.problems.now))

    def verified(self, verified: Verified) -> None:
        """Tell what was seen of the microphone."""
        self._peer.send(verified.receipt())

    def _handle(self, event: Event) -> None:
        message = _parse(event)
        if isinstance(message, microphone.SetMute):
            self._set_mute(message)
        elif isinstance(message, consent.Confirmed):
            answer = self._answers.get(message.nonce)
            if answer is not None and not answer.done():
                answer.set_result(message)
        elif isinstance(message, Unpair):
            self._ask_unpair()
        elif isinstance(message, witness.Witness | witness.AskWitness):
            self._witnessing.take(message)
        elif isinstance(message, _BACKGROUND):
            self._beside_turns(message)
        elif isinstance(message, Errand):
            try:
                self._errands.put_nowait(message)
            except asyncio.QueueFull:
                self._peer.drop("it asks for more than can be done")
        elif message is not None:
            self._in_turn(message)

    def _ask_unpair(self) -> None:
        if self._unpairing is None:
            # Not a task of this link's own: it ends the link.
            self._unpairing = asyncio.ensure_future(self._satellite.unpair())

    def _set_mute(self, message: microphone.SetMute) -> None:
        """Begin at once, whatever else is being done."""
        if len(self._mutes) >= _MUTES:
            self._peer.drop("it asks for more than can be done")
            return
        task = asyncio.create_task(self._mute(message.muted, message.nonce))
        self._mutes.add(task)
        task.add_done_callback(self._mutes.discard)

    async def _mute(self, muted: bool, nonce: str) -> None:
        verified = await self._satellite.mute.set(Source.REMOTE, muted)
        self._peer.send(verified.receipt(nonce))

    def _in_turn(self, message: Message) -> None:
        session = self._satellite.session
        if session.home is not self:
            return
        match message:
            case turn.Listen():
                session.happen(h.Granted(message.turn, message.max_s))
            case turn.StandDown():
                session.happen(h.StoodDown(message.turn, message.reason))
            case turn.Heard():
                session.happen(h.UtteranceOver(message.turn))
            case turn.ReplyStart():
                session.begin_reply(message.turn, message.rate, message.channels)
            case turn.ReplyAudio():
                session.reply_audio(message.turn, message.pcm)
            case turn.ReplyEnd():
                session.end_reply(message.turn)
            case turn.Say():
                session.happen(h.PhraseAsked(message.turn, message.phrase))
            case turn.TurnEnd():
                session.happen(h.TurnOver(message.turn))
            case turn.Announce():
                session.happen(h.AnnouncementBegan(message.turn))
            case turn.Invite():
                session.invite(message.turn, message.why, message.after)

    def _beside_turns(self, message: Message) -> None:
        session = self._satellite.session
        if session.home is not self:
            return
        match message:
            case timers.SetTimer():
                session.alarm.set(message.id, message.left_ms / 1_000, active=message.active)
            case timers.CancelTimer():
                session.alarm.cancel(message.id)
            case timers.StopRinging():
                session.alarm.stop()
            case media.MediaStart():
                session.program.start(message.stream, message.rate, message.channels)
            case media.MediaAudio():
                session.program.audio(message.stream, message.pcm)
            case media.MediaEnd():
                session.program.end(message.stream)
            case media.MediaPause():
                session.program.pause(message.stream, paused=message.paused)
            case media.MediaStop():
                session.program.stop(message.stream)
            case media.SetVolume():
                self._satellite.loudspeaker.set(message.level, muted=message.muted)
            case tuning.SetTuning():
                self._satellite.tuning.set(message.gain_db, message.noise_suppression)

    def _media_state(self, stream: str, state: str, played_s: float) -> None:
        self._peer.send(
            media.MediaState(stream=stream, state=state, played_ms=round(played_s * 1_000))
        )

    async def _run_errands(self) -> None:
        while True:
            match await self._errands.get():
                case phrases.StorePhrase() as phrase:
                    await self._store(phrase)
                case greeting.SetWakeWords(words=words, sensitivities=levels):
                    sensitivities = {name: Sensitivity(it) for name, it in levels.items()}
                    await self._satellite.choose_words(Choice(words, sensitivities))
                    self._peer.send(self._satellite.welcome())

    async def _store(self, phrase: phrases.StorePhrase) -> None:
        try:
            await asyncio.to_thread(
                self._satellite.phrases.store, phrase.id, phrase.rate, phrase.pcm
            )
        except ValueError as err:
            _LOGGER.warning("a phrase is not stored: %s", err)
        except OSError as err:
            self._satellite.problems.begin("state_not_writable", err.strerror or "")
        else:
            self._satellite.problems.end("state_not_writable")
