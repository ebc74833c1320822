"""Does what the session's machine decides: between the ear, the home and the loudspeaker."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from ..ear.process import CommandAudio, CommandEnd, Detection
from ..playback.clip import Clip
from ..playback.phrases import Phrases
from ..playback.player import Player
from ..settings import Settings
from ..sounds import make_sound
from . import happenings as h
from .command import Command, Piece
from .machine import IDLE, Session, State, step

_LOGGER = logging.getLogger(__name__)

_TONE_RATE = 22_050


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


class SessionRunner:
    """One satellite's session. Everything happens in the event loop."""

    def __init__(
        self, settings: Settings, player: Player, phrases: Phrases, hush: Callable[[], None]
    ) -> None:
        self._sounds = {"awake": settings.sounds.awake, "done": settings.sounds.done}
        self._max_s = settings.session.max_utterance_s
        self._player = player
        self._phrases = phrases
        self._hush = hush
        self._session = IDLE
        self._home: Home | None = None
        self._detection: Detection | None = None
        self._command: Command | None = None
        self._format = (_TONE_RATE, 1)
        self._reply: Clip | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tell: list[Callable[[], None]] = []

    def on_change(self, tell: Callable[[], None]) -> None:
        """Have a function called after each change of what it does or of who is asked."""
        self._tell.append(tell)

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

    def heard(self, item: Detection | CommandAudio | CommandEnd) -> None:
        """Take what the ear tells."""
        match item:
            case Detection():
                self._detection = item
                _LOGGER.info("heard %s (score %.2f)", item.word, item.score)
                self.happen(h.WakeHeard(secrets.token_hex(8)))
            case CommandAudio():
                if self._command is not None:
                    self._send(self._command.add(Piece(item.offset_ms, item.pcm)))
            case CommandEnd(reason="limit"):
                self.happen(h.LimitReached(self._session.turn))
            case CommandEnd():
                self.happen(h.MicrophoneLost())

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
        self._session, deeds = step(
            before, happening, time.monotonic(), linked=self._home is not None
        )
        for deed in deeds:
            self._do(deed)
        if self._session.state is not before.state:
            _LOGGER.debug("%s after %s", self._session.state, type(happening).__name__)
            self._changed()
        if self._session.deadline != before.deadline:
            self._set_timer(self._session.deadline)

    def close(self) -> None:
        """Stop everything; nothing is told to anybody."""
        self._home = None
        self._session = IDLE
        self._forget_command()
        self._set_timer(None)

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
                if self._home is not None and self._detection is not None:
                    age_ns = time.monotonic_ns() - self._detection.monotonic_ns
                    age_ms = min(60_000, max(0, age_ns // 1_000_000))
                    self._home.wake(turn, self._detection, age_ms)
            case h.SendCommand(_, max_s):
                if self._command is not None:
                    self._send(self._command.grant(min(max_s, self._max_s)))
            case h.EndCommand(turn, reason):
                self._forget_command()
                self._hush()
                if reason and self._home is not None:
                    self._home.command_end(turn, reason)
            case h.MakeSound(sound):
                if self._sounds[sound]:
                    self._player.sound(sound)
            case h.SayStored(phrase, turn):
                self._say(phrase, turn)
            case h.OpenReply(turn):
                self._reply = self._clip(turn)
                self._player.play(self._reply)
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

    def _done(self, turn: str) -> Callable[[str], None]:
        loop = asyncio.get_running_loop()

        def done(result: str) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self.happen, h.PlaybackOver(turn, result))

        return done

    def _changed(self) -> None:
        for tell in self._tell:
            tell()

    def _forget_command(self) -> None:
        self._command = None
        self._detection = None
