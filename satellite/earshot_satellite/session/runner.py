"""Does what the session's machine decides: between the ear, the home and the loudspeaker."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from earshot_wire.turn import BUTTON

from ..ear.process import CommandAsked, CommandAudio, CommandEnd, Detection, StopHeard
from ..playback.clip import Clip
from ..playback.phrases import Phrases
from ..playback.player import Player
from ..playback.program import HEARING, NOTHING, SPEAKING, Program
from ..settings import Settings
from ..sounds import REMOTE_LEAST, make_sound
from ..wake.cascade import Attention
from . import happenings as h
from .alarm import Alarm
from .command import Command, Piece
from .invitations import Circumstances, Invitations
from .machine import IDLE, Session, State, step
from .quiet import FirstMoment

_LOGGER = logging.getLogger(__name__)

_TONE_RATE = 22_050
_BY_HAND_DB = 100.0
"""Whoever presses a button is nearer to it than any voice."""

_HEARING = frozenset({State.ASKING, State.PROMPTING, State.LISTENING})
_SPEAKING = frozenset({State.RESPONDING, State.ANNOUNCING})


class Home(Protocol):
    """Whoever answers: Home Assistant behind a link. None of these waits."""

    def wake(self, turn: str, detection: Detection, age_ms: int) -> None:
        """Tell of a wake word and ask for the grant."""

    def command(self, turn: str, piece: Piece) -> None:
        """Send command audio."""

    def command_end(self, turn: str, reason: str) -> None:
        """Tell that no more command audio comes."""

    def played(self, turn: str, result: str) -> None:
        """Tell how the playing of a reply ended."""

    def invited(self, turn: str, result: str) -> None:
        """Tell what came of its asking to listen."""


class Ear(Protocol):
    """The part of the ear's keeper that a session needs."""

    @property
    def hearing(self) -> bool:
        """Whether an ear hears now."""

    def hush(self) -> None:
        """Let the ear forget the command."""

    def listen(self) -> bool:
        """Begin a command without a wake word; False when no ear hears."""

    def attend(self, attention: Attention) -> None:
        """Let the ear know what goes on in the room."""


class SessionRunner:
    """One satellite's session. Everything happens in the event loop."""

    def __init__(
        self,
        settings: Settings,
        player: Player,
        phrases: Phrases,
        ear: Ear,
        muted: Callable[[], bool],
    ) -> None:
        self.alarm = Alarm(player)
        self.program = Program(player)
        self._invitations = Invitations(
            forbidden=not settings.floor.remote_listen, follow_up=settings.session.follow_up
        )
        self._muted = muted
        self._ear = ear
        self._sounds = {"awake": settings.sounds.awake, "done": settings.sounds.done}
        self._max_s = settings.session.max_utterance_s
        self._player = player
        self._phrases = phrases
        self._session = IDLE
        self._home: Home | None = None
        self._detection: Detection | None = None
        self._moment: FirstMoment | None = None
        self._awake_due = False
        self._command: Command | None = None
        self._seq: int | None = None
        """The ear's number of the command; None while the ear has not begun it yet."""

        self._format = (_TONE_RATE, 1)
        self._reply: Clip | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._told: list[Callable[[], None]] = []
        self.alarm.on_change(self._changed)
        self.program.on_change(self._changed)

    def on_change(self, told: Callable[[], None]) -> None:
        """Have a function called after each change of what it does or of who is asked."""
        self._told.append(told)

    @property
    def state(self) -> State:
        """What the satellite is doing."""
        return self._session.state

    @property
    def home(self) -> Home | None:
        """Who is asked now."""
        return self._home

    def attach(self, home: Home) -> None:
        """Ask this home from now on."""
        if self._home is not None:
            self.detach(self._home)
        self._home = home
        self._changed()

    def detach(self, home: Home) -> None:
        """Ask it no more; nothing happens if another one took its place."""
        if self._home is home:
            self._home = None
            self.happen(h.LinkLost())
            self._changed()

    def heard(self, item: Detection | CommandAsked | StopHeard | CommandAudio | CommandEnd) -> None:
        """Take what the ear tells."""
        match item:
            case Detection() if self.alarm.is_heard:
                # Whoever says it wants the ringing to end; nothing else is listened to.
                _LOGGER.info("heard %s: no more ringing", item.word)
                self._ear.hush()
                self.alarm.stop()
            case Detection():
                _LOGGER.info("heard %s (score %.2f)", item.word, item.score)
                self._woken(item)
            case CommandAsked():
                self._asked(item)
            case StopHeard():
                self.stop()
            case CommandAudio():
                if self._command is not None and item.turn_seq == self._seq:
                    piece = Piece(item.offset_ms, item.pcm)
                    self._send(self._command.add(piece))
                    self._first_moment(piece)
            case CommandEnd() if item.turn_seq != self._seq:
                pass
            case CommandEnd(reason="limit"):
                self.happen(h.LimitReached(self._session.turn))
            case CommandEnd():
                self.happen(h.MicrophoneLost())

    def press(self) -> str:
        """Take that the button was pressed: stop what rings or speaks, or else listen.

        Return what came of it: `stopped`, `listening`, `muted` or `microphone`.
        """
        if self.stop():
            return "stopped"
        if self._muted():
            return "muted"
        if not self._ear.listen():
            return "microphone"
        return "listening"

    def stop(self) -> bool:
        """Be silent: what rings, else what is said or heard; return whether there was any."""
        if self.alarm.is_heard:
            return self.alarm.stop()
        if self._session.state is State.IDLE:
            return self.program.stop()
        self.happen(h.StopAsked())
        return True

    def invite(self, turn: str, why: str, after: str) -> None:
        """Take that home wants to listen although nobody here woke us."""
        now = time.monotonic()
        how = Circumstances(
            muted=self._muted(),
            hearing=self._ear.hearing,
            audible=self._player.usable,
            ringing=self.alarm.rings,
        )
        refusal = self._invitations.refusal(why, after, now, how)
        if not refusal and self._session.state is State.IDLE:
            self._invitations.begun(turn, why, now)
            _LOGGER.info("home asks to listen (%s)", why)
        elif refusal:
            _LOGGER.info("home may not listen (%s): %s", why, refusal)
        self.happen(h.Invited(turn, refusal))

    def begin_reply(self, turn: str, rate: int, channels: int) -> None:
        """Take the format of a reply."""
        self._format = (rate, channels)
        self.happen(h.ReplyBegan(turn))

    def reply_audio(self, turn: str, pcm: bytes) -> None:
        """Take a piece of the reply."""
        if turn == self._session.turn and self._reply is not None:
            if not self._reply.feed(pcm):
                _LOGGER.debug("more of a reply than may wait: the rest is not played")
            self.happen(h.ReplyGrew(turn))

    def end_reply(self, turn: str) -> None:
        """Take that the reply is complete."""
        if turn == self._session.turn and self._reply is not None:
            reply, self._reply = self._reply, None
            reply.finish()
            self.happen(h.ReplyComplete(turn, reply.left_s))

    def happen(self, happening: h.Happening) -> None:
        """Let something happen to the session."""
        before = self._session
        if isinstance(happening, h.PlaybackOver) and happening.result == "ended":
            self._invitations.replied(happening.turn, time.monotonic())
        self._session, deeds = step(
            before, happening, time.monotonic(), linked=self._home is not None
        )
        for deed in deeds:
            self._do(deed)
        if self._session.state is not before.state:
            _LOGGER.debug("%s after %s", self._session.state, type(happening).__name__)
        if self._session.deadline != before.deadline:
            self._set_timer(self._session.deadline)
        if self._session.state is not before.state:
            self.alarm.session_changed(idle=self._session.state is State.IDLE)
            self._changed()

    def close(self) -> None:
        """Stop everything; nothing is told to anybody."""
        self._home = None
        self._session = IDLE
        self._forget_command()
        self._set_timer(None)
        self.alarm.close()

    def _woken(self, detection: Detection) -> None:
        turn = secrets.token_hex(8)
        self._detection, self._seq = detection, detection.turn_seq
        self._invitations.woken(turn)
        self.happen(h.WakeHeard(turn))

    def _asked(self, item: CommandAsked) -> None:
        """Take up a command without a wake word: home's, or else whoever pressed the button."""
        if self._command is not None and self._seq is None:
            self._seq = item.turn_seq
            return
        if self._session.state is State.PROMPTING or self._muted():
            self._ear.hush()
            return
        _LOGGER.info("the button was pressed")
        self._woken(
            Detection(
                turn_seq=item.turn_seq,
                word=BUTTON,
                phrase="",
                score=1.0,
                snr_db=_BY_HAND_DB,
                monotonic_ns=item.monotonic_ns,
            )
        )

    def _changed(self) -> None:
        """Duck the background, let the ear know, and tell those who show it."""
        state = self._session.state
        speaks = state in _SPEAKING or self.alarm.rings
        if state in _HEARING:
            self._player.duck(HEARING)
        else:
            quiet = state is State.IDLE and not speaks
            self._player.duck(NOTHING if quiet else SPEAKING)
        self._ear.attend(Attention(own_voice=speaks or self.program.plays, stop=speaks))
        for told in self._told:
            told()

    def _set_timer(self, deadline: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if deadline is not None:
            delay = max(0.0, deadline - time.monotonic())
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(delay, self._deadline_passed, self._session)

    def _deadline_passed(self, session: Session) -> None:
        if self._session.deadline == session.deadline:
            _LOGGER.info("%s took too long", self._session.state)
            self.happen(h.DeadlinePassed())

    def _do(self, deed: h.Deed) -> None:  # noqa: PLR0912 - a table
        match deed:
            case h.AskHome(turn):
                self._command = Command(turn)
                if self._detection is not None:
                    self._moment = FirstMoment(self._detection.floor_dbfs)
                if self._home is not None and self._detection is not None:
                    age_ns = time.monotonic_ns() - self._detection.monotonic_ns
                    age_ms = min(60_000, max(0, age_ns // 1_000_000))
                    self._home.wake(turn, self._detection, age_ms)
            case h.SendCommand(_, max_s):
                if self._command is not None:
                    self._send(self._command.grant(min(max_s, self._max_s)))
            case h.EndCommand(turn, reason):
                self._forget_command()
                self._ear.hush()
                if reason and self._home is not None:
                    self._home.command_end(turn, reason)
            case h.MakeSound("awake"):
                self._awake_due = True
                self._first_moment(None)
            case h.MakeSound(sound):
                if self._sounds[sound]:
                    self._player.sound(sound)
            case h.MakeTone(turn):
                self._player.sound("remote", self._toned(turn), REMOTE_LEAST)
            case h.AnswerInvitation(turn, result):
                if self._home is not None:
                    self._home.invited(turn, result)
            case h.OpenEar(turn, max_s):
                self._command, self._seq = Command(turn), None
                self._send(self._command.grant(max_s))
                if self._muted() or not self._ear.listen():
                    asyncio.get_running_loop().call_soon(self.happen, h.MicrophoneLost())
            case h.SayStored(phrase, turn):
                self._say(phrase, turn)
            case h.OpenReply(turn):
                self._reply = self._clip(turn)
                self._player.play(self._reply)
            case h.CloseReply():
                if self._reply is not None:
                    self._reply.finish()
                    self._reply = None
            case h.StopPlayback():
                self._reply = None
                self._player.stop()
            case h.TellPlayed(turn, result):
                if self._home is not None:
                    self._home.played(turn, result)

    def _send(self, pieces: Iterator[Piece]) -> None:
        command = self._command
        if command is None:
            return
        for piece in pieces:
            if self._home is not None:
                self._home.command(command.turn, piece)
        if command.at_limit:
            # Not from within another happening.
            asyncio.get_running_loop().call_soon(self.happen, h.LimitReached(command.turn))

    def _say(self, phrase: str, turn: str) -> None:
        done = self._done(turn) if turn else None
        stored = self._phrases.get(phrase)
        if stored is not None:
            self._player.pcm(stored.rate, 1, stored.pcm, done)
        else:
            self._player.pcm(_TONE_RATE, 1, make_sound("error", _TONE_RATE), done)

    def _clip(self, turn: str) -> Clip:
        rate, channels = self._format
        return Clip(rate, channels, self._done(turn))

    def _toned(self, turn: str) -> Callable[[str], None]:
        loop = asyncio.get_running_loop()

        def done(result: str) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self.happen, h.ToneOver(turn, result))

        return done

    def _done(self, turn: str) -> Callable[[str], None]:
        loop = asyncio.get_running_loop()

        def done(result: str) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self.happen, h.PlaybackOver(turn, result))

        return done

    def _first_moment(self, piece: Piece | None) -> None:
        """Make the awake sound once it is due, if nobody spoke on in the first moment."""
        if self._moment is None:
            return
        if piece is not None:
            self._moment.add(piece)
        if self._awake_due and (quiet := self._moment.verdict) is not None:
            self._moment = None
            if quiet and self._sounds["awake"] and self._session.state is State.LISTENING:
                self._player.sound("awake")

    def _forget_command(self) -> None:
        self._command = self._detection = self._seq = self._moment = None
        self._awake_due = False
