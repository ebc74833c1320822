"""What can happen to a session, and what it then asks to be done. Plain data, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WakeHeard:
    """The ear heard a wake word; `turn` is the new turn's id."""

    turn: str


@dataclass(frozen=True)
class Granted:
    """Home wants to hear the command."""

    turn: str
    max_s: float


@dataclass(frozen=True)
class StoodDown:
    """Home does not want it."""

    turn: str
    reason: str


@dataclass(frozen=True)
class UtteranceOver:
    """Home heard all of the command."""

    turn: str


@dataclass(frozen=True)
class LimitReached:
    """The command is as long as it may be."""

    turn: str


@dataclass(frozen=True)
class ReplyBegan:
    """Home begins to send a reply."""

    turn: str


@dataclass(frozen=True)
class ReplyGrew:
    """Home sent a piece of it."""

    turn: str


@dataclass(frozen=True)
class ReplyComplete:
    """Home sent all of it; `left_s` is how much has not been played yet."""

    turn: str
    left_s: float


@dataclass(frozen=True)
class PhraseAsked:
    """Home asks for a stored phrase in place of a reply."""

    turn: str
    phrase: str


@dataclass(frozen=True)
class PlaybackOver:
    """A reply left the loudspeaker, or will not; `result` as in `Played`."""

    turn: str
    result: str


@dataclass(frozen=True)
class TurnOver:
    """Home has nothing more for this turn."""

    turn: str


@dataclass(frozen=True)
class AnnouncementBegan:
    """Home begins a turn that only speaks."""

    turn: str


@dataclass(frozen=True)
class Invited:
    """Home asks to listen although nobody woke this satellite; `refusal` is why it may not."""

    turn: str
    refusal: str = ""


@dataclass(frozen=True)
class ToneOver:
    """The tone that tells of it left the loudspeaker, or did not; `result` as in `Played`."""

    turn: str
    result: str


@dataclass(frozen=True)
class StopAsked:
    """Somebody in the room wants it to be silent: the stop word, or a button."""


@dataclass(frozen=True)
class MicrophoneLost:
    """The ear ended by itself."""


@dataclass(frozen=True)
class Muted:
    """The microphone is being closed."""


@dataclass(frozen=True)
class LinkLost:
    """Home is gone."""


@dataclass(frozen=True)
class DeadlinePassed:
    """`Session.deadline` is over."""


Happening = (
    WakeHeard
    | Granted
    | StoodDown
    | UtteranceOver
    | LimitReached
    | ReplyBegan
    | ReplyGrew
    | ReplyComplete
    | PhraseAsked
    | PlaybackOver
    | TurnOver
    | AnnouncementBegan
    | Invited
    | ToneOver
    | StopAsked
    | MicrophoneLost
    | Muted
    | LinkLost
    | DeadlinePassed
)


@dataclass(frozen=True)
class AskHome:
    """Tell home of the wake word; hold the command audio."""

    turn: str


@dataclass(frozen=True)
class SendCommand:
    """Send the held command audio and what follows it, `max_s` from the detection at most."""

    turn: str
    max_s: float


@dataclass(frozen=True)
class EndCommand:
    """Let the ear forget the command, and the held audio with it.

    With a `reason`, home is told that no more audio comes.
    """

    turn: str
    reason: str = ""


@dataclass(frozen=True)
class MakeSound:
    """Make one of our own sounds: `awake`, `done`."""

    sound: str


@dataclass(frozen=True)
class MakeTone:
    """Make the tone that nobody but its maker can choose or silence; its end is awaited."""

    turn: str


@dataclass(frozen=True)
class AnswerInvitation:
    """Tell home what came of its asking to listen: `begun`, or why not."""

    turn: str
    result: str


@dataclass(frozen=True)
class OpenEar:
    """Begin a command without a wake word, and send it as it is heard."""

    turn: str
    max_s: float


@dataclass(frozen=True)
class SayStored:
    """Play a stored phrase, or its tone; with a `turn`, its end is awaited as a reply's is."""

    phrase: str
    turn: str = ""


@dataclass(frozen=True)
class OpenReply:
    """Get ready to play a reply as it arrives."""

    turn: str


@dataclass(frozen=True)
class CloseReply:
    """Nothing more comes of the reply that was begun: it ends with what has arrived."""


@dataclass(frozen=True)
class StopPlayback:
    """Be silent at once."""


@dataclass(frozen=True)
class TellPlayed:
    """Tell home how the playing of a reply ended."""

    turn: str
    result: str


Deed = (
    AskHome
    | SendCommand
    | EndCommand
    | MakeSound
    | MakeTone
    | AnswerInvitation
    | OpenEar
    | SayStored
    | OpenReply
    | CloseReply
    | StopPlayback
    | TellPlayed
)
