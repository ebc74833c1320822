"""One spoken command, from the wake word to the end of the reply.

A turn has an id, chosen by the satellite when its wake word was heard, or by Home Assistant for an
announcement or an invitation. Messages of any other turn than the current one are left alone: they
are late. Not one sample leaves the satellite before `Listen`, or before the tone that an `Invite`
makes it play.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .limits import MAX_TURN_S, PRE_ROLL_MS
from .message import Message, choice, identifier, payload, real, text, turn_id, whole

COMMAND_RATE = 16_000
"""Command audio is mono, 16 bit, little endian, at this rate in Hz."""

BUTTON = "button"
"""The `Wake.word` of a command that was begun by hand."""

_MAX_CHUNK = 64 * 1024
_TURN_OR_NONE = re.compile(r"(?:[0-9a-f]{16})?")
_TURN_MS = int(MAX_TURN_S * 1000)


@dataclass(frozen=True, kw_only=True)
class Wake(Message, kind="earshot-wake"):
    """Satellite to home: a wake word was heard. Ends any older turn (barge-in)."""

    turn: str = turn_id()
    word: str = identifier()
    """Its id; `BUTTON` when somebody pressed the satellite's button instead."""

    phrase: str = text(64)
    """As it is spoken; empty for a button."""

    score: float = real(0.0, 1.0)
    """Of the detector, for the record."""

    snr_db: float = real(-100.0, 200.0)
    """Energy of the word above the room's noise floor: the nearest satellite has the most."""

    age_ms: int = whole(0, 60_000)
    """From the detection to the sending of this message."""


@dataclass(frozen=True, kw_only=True)
class Listen(Message, kind="earshot-listen"):
    """Home to satellite: send the command. The grant without which nothing is sent."""

    turn: str = turn_id()
    max_s: float = real(1.0, MAX_TURN_S, default=MAX_TURN_S)


@dataclass(frozen=True, kw_only=True)
class StandDown(Message, kind="earshot-stand-down"):
    """Home to satellite: forget this turn, silently but for `not_ready`, `not_local`
    and `recorded`."""

    turn: str = turn_id()
    reason: str = choice("other_room", "not_ready", "not_local", "recorded", "muted")


@dataclass(frozen=True, kw_only=True)
class TurnAudio(Message, kind="audio-chunk"):
    """Satellite to home: a piece of the command, without gaps, oldest first."""

    turn: str = turn_id()
    timestamp: int = whole(-PRE_ROLL_MS - 1_000, 2 * _TURN_MS)
    """Of its first sample, in ms from the detection; negative in the pre-roll."""

    pcm: bytes = payload(_MAX_CHUNK, multiple_of=2)
    rate: int = choice(COMMAND_RATE, default=COMMAND_RATE)
    width: int = choice(2, default=2)
    channels: int = choice(1, default=1)


@dataclass(frozen=True, kw_only=True)
class TurnAudioEnd(Message, kind="audio-stop"):
    """Satellite to home: no more command audio in this turn."""

    turn: str = turn_id()
    reason: str = choice("asked", "limit", "microphone", "muted", "stopped")
    """`stopped`: by somebody in the room, who does not want it to be carried out."""


@dataclass(frozen=True, kw_only=True)
class Heard(Message, kind="earshot-heard"):
    """Home to satellite: the utterance is over; stop sending, an answer is being made."""

    turn: str = turn_id()


@dataclass(frozen=True, kw_only=True)
class Announce(Message, kind="earshot-announce"):
    """Home to satellite: begin a turn that only speaks. `ReplyStart` follows."""

    turn: str = turn_id()


@dataclass(frozen=True, kw_only=True)
class Invite(Message, kind="earshot-invite"):
    """Home to satellite: listen to one utterance although nobody woke this satellite.

    The satellite decides. If it agrees, it plays a tone that home can neither choose nor silence,
    and only then opens its ear; the command has no pre-roll and ends after `limits.MAX_TURN_S`.
    """

    turn: str = turn_id()
    why: str = choice("follow_up", "conversation", "question", "asked")
    after: str = text(16, pattern=_TURN_OR_NONE, default="")
    """Of a follow-up: the turn whose reply was just heard."""


@dataclass(frozen=True, kw_only=True)
class Invited(Message, kind="earshot-invited"):
    """Satellite to home: what came of an invitation. After `begun`, audio comes as in any turn."""

    turn: str = turn_id()
    result: str = choice(
        "begun", "muted", "forbidden", "too_often", "not_after", "busy", "microphone", "speaker"
    )
    """`forbidden` by the satellite's own settings; `not_after`: no reply to follow was heard just
    now; `speaker`: the tone could not be played."""


@dataclass(frozen=True, kw_only=True)
class ReplyStart(Message, kind="audio-start"):
    """Home to satellite: a reply begins, in PCM of this format."""

    turn: str = turn_id()
    rate: int = whole(8_000, 48_000)
    width: int = choice(2, default=2)
    channels: int = choice(1, 2, default=1)


@dataclass(frozen=True, kw_only=True)
class ReplyAudio(Message, kind="audio-chunk"):
    """Home to satellite: a piece of the reply."""

    turn: str = turn_id()
    pcm: bytes = payload(_MAX_CHUNK, multiple_of=2)
    rate: int = whole(8_000, 48_000)
    width: int = choice(2, default=2)
    channels: int = choice(1, 2, default=1)


@dataclass(frozen=True, kw_only=True)
class ReplyEnd(Message, kind="audio-stop"):
    """Home to satellite: the reply is complete; `Played` is awaited."""

    turn: str = turn_id()


@dataclass(frozen=True, kw_only=True)
class Say(Message, kind="earshot-say"):
    """Home to satellite: play a stored phrase, or its tone when none is stored; then `Played`."""

    turn: str = turn_id()
    phrase: str = identifier()


@dataclass(frozen=True, kw_only=True)
class Played(Message, kind="played"):
    """Satellite to home: the last sample of the reply, phrase or announcement left the speaker."""

    turn: str = turn_id()
    result: str = choice("ended", "interrupted", "failed")


@dataclass(frozen=True, kw_only=True)
class TurnEnd(Message, kind="earshot-turn-end"):
    """Home to satellite: nothing more comes in this turn; idle when what plays has ended."""

    turn: str = turn_id()
    outcome: str = choice(
        "understood", "not_understood", "false_wake", "failed", "announced", "cancelled"
    )
