"""The session's decisions: what happened and the time in, the next session and deeds out.

    idle -> asking -> listening -> processing -> responding -> idle
    idle -> prompting -> listening -> ...       home asked, no wake word
    idle -> announcing -> idle

Every state but idle has a deadline. A wake word begins a new turn in any state (barge-in), an
announcement too; what comes for any other turn than the current one is late and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from earshot_wire.limits import MAX_TURN_S
from earshot_wire.phrases import FAILED, NOT_READY

from . import happenings as h

GRANT_S = 2.0
"""Home answers a wake word within it. Choosing between rooms takes it 0.12 s."""

TONE_S = 5.0
"""The tone before listening that nobody woke us for is short; a loudspeaker may have to open."""

LIMIT_SLACK_S = 1.0
"""The limit of an utterance is counted in samples; this long after it the clock decides."""

REPLY_S = 30.0
"""From the end of a command to its reply. A slow language model on a small machine."""

MORE_S = 5.0
"""After a reply, for another one or the end of the turn."""

STALL_S = 30.0
"""Within a reply that is still being made, from one piece to the next."""

QUEUED_MAX = 8
"""Replies and phrases of one turn that may wait for the loudspeaker."""

DRAIN_SLACK_S = 5.0
"""A loudspeaker that takes this much longer than the reply is long is stuck."""


class State(StrEnum):
    """What the satellite is doing."""

    IDLE = "idle"
    ASKING = "asking"
    PROMPTING = "prompting"
    LISTENING = "listening"
    PROCESSING = "processing"
    RESPONDING = "responding"
    ANNOUNCING = "announcing"


_HEARING = frozenset({State.ASKING, State.LISTENING})


@dataclass(frozen=True)
class Session:
    """Where a session stands."""

    state: State = State.IDLE
    turn: str = ""
    deadline: float | None = None
    """On the caller's monotonic clock, in seconds."""

    playing: int = 0
    """Replies and phrases of this turn that have not left the loudspeaker."""

    complete: bool = True
    """Whether home has sent all of the reply it began."""

    replied: bool = False
    """Whether this turn has had a reply."""

    over: bool = False
    """Whether home has nothing more for this turn."""

    remote: bool = False
    """Whether nobody here woke it."""


IDLE = Session()

Step = tuple[Session, tuple[h.Deed, ...]]


def step(  # noqa: PLR0911, PLR0912 - a table
    session: Session, happening: h.Happening, now: float, *, linked: bool = True
) -> Step:
    """Return the session after what happened, and what is to be done in that order.

    `linked`: whether there is a home to ask.
    """
    match happening:
        case h.WakeHeard(turn):
            return _wake(session, turn, now, linked=linked)
        case h.AnnouncementBegan(turn):
            started = Session(State.ANNOUNCING, turn, now + REPLY_S)
            return started, _abandon(session, "asked")
        case h.Invited():
            return _invited(session, happening, now)
        case h.StopAsked():
            return _stopped(session)
        case h.DeadlinePassed():
            return _deadline(session, now)
        case h.LinkLost():
            return _link_lost(session)
        case h.Muted():
            return _unheard(session, "muted")
        case h.MicrophoneLost():
            return _unheard(session, "microphone")
        case _ if session.state is State.IDLE or happening.turn != session.turn:
            return session, ()
        case h.Granted() | h.StoodDown() | h.UtteranceOver() | h.LimitReached():
            return _command(session, happening, now)
        case h.ToneOver() if session.state is State.PROMPTING:
            return _prompted(session, happening.result, now)
        case _ if session.state is State.PROMPTING and not isinstance(happening, h.TurnOver):
            return session, ()
        case _:
            return _reply(session, happening, now)


def _wake(session: Session, turn: str, now: float, *, linked: bool) -> Step:
    stop = _abandon(session, "")
    if not linked:
        return IDLE, (*stop, h.EndCommand(turn), h.SayStored(NOT_READY))
    return Session(State.ASKING, turn, now + GRANT_S), (*stop, h.AskHome(turn))


def _abandon(session: Session, reason: str) -> tuple[h.Deed, ...]:
    """Return what ends a turn in favour of another one; our own sounds end as well.

    The ear has begun the new turn's command when the reason is empty, so it is left alone.
    """
    deeds: list[h.Deed] = []
    if reason and session.state in _HEARING:
        deeds.append(h.EndCommand(session.turn, reason))
    if session.state is State.PROMPTING:
        deeds.append(h.AnswerInvitation(session.turn, "busy"))
    deeds.append(h.StopPlayback())
    if session.playing:
        deeds.append(h.TellPlayed(session.turn, "interrupted"))
    return tuple(deeds)


def _invited(session: Session, invited: h.Invited, now: float) -> Step:
    refusal = invited.refusal or ("" if session.state is State.IDLE else "busy")
    if refusal:
        return session, (h.AnswerInvitation(invited.turn, refusal),)
    prompting = Session(State.PROMPTING, invited.turn, now + TONE_S, remote=True)
    return prompting, (h.MakeTone(invited.turn),)


def _prompted(session: Session, result: str, now: float) -> Step:
    """Listen only after the whole tone: it must be heard, and must not be in the command."""
    turn = session.turn
    if result != "ended":
        return IDLE, (h.AnswerInvitation(turn, "speaker"),)
    listening = replace(session, state=State.LISTENING, deadline=now + MAX_TURN_S + LIMIT_SLACK_S)
    return listening, (h.OpenEar(turn, MAX_TURN_S), h.AnswerInvitation(turn, "begun"))


def _stopped(session: Session) -> Step:
    """Be silent; a command that is being heard is no longer wanted either."""
    if session.state is State.IDLE:
        return session, ()
    return IDLE, _abandon(session, "stopped")


def _command(session: Session, happening: h.Happening, now: float) -> Step:
    turn = session.turn
    match happening:
        case h.Granted(_, max_s) if session.state is State.ASKING:
            listening = replace(
                session, state=State.LISTENING, deadline=now + max_s + LIMIT_SLACK_S
            )
            return listening, (h.SendCommand(turn, max_s), h.MakeSound("awake"))
        case h.StoodDown(_, reason) if session.state in _HEARING:
            told = () if reason in {"other_room", "muted"} else (h.SayStored(reason),)
            return IDLE, (h.EndCommand(turn), *told)
        case h.UtteranceOver() if session.state is State.LISTENING:
            return _processing(session, now), (h.EndCommand(turn, "asked"), h.MakeSound("done"))
        case h.LimitReached() if session.state is State.LISTENING:
            return _processing(session, now), (h.EndCommand(turn, "limit"), h.MakeSound("done"))
        case _:
            return session, ()


def _processing(session: Session, now: float) -> Session:
    return replace(session, state=State.PROCESSING, deadline=now + REPLY_S)


def _reply(  # noqa: PLR0911 - a table
    session: Session, happening: h.Happening, now: float
) -> Step:
    turn = session.turn
    heard = (h.EndCommand(turn, "asked"),) if session.state in _HEARING else ()
    # Home went on without an end of the reply before: the loudspeaker must not wait for one.
    close = () if session.complete else (h.CloseReply(),)
    spoken = session.state if session.state is State.ANNOUNCING else State.RESPONDING
    match happening:
        case h.ReplyBegan():
            speaking = replace(
                session,
                state=spoken,
                deadline=now + STALL_S,
                playing=session.playing + 1,
                complete=False,
                replied=True,
            )
            return speaking, (*heard, *close, h.OpenReply(turn))
        case h.ReplyGrew() if not session.complete:
            return replace(session, deadline=now + STALL_S), ()
        case h.ReplyComplete(_, left_s) if not session.complete:
            drain = now + left_s + DRAIN_SLACK_S
            return replace(session, complete=True, deadline=drain), ()
        case h.PhraseAsked(_, phrase) if session.playing < QUEUED_MAX:
            speaking = replace(
                session,
                state=spoken,
                deadline=now + STALL_S,
                playing=session.playing + 1,
                complete=True,
                replied=True,
            )
            return speaking, (*heard, *close, h.SayStored(phrase, turn))
        case h.PlaybackOver(_, result) if session.playing:
            return _played(session, result, now)
        case h.TurnOver():
            if session.playing:
                return replace(session, over=True, complete=True), close
            tone = (h.StopPlayback(),) if session.state is State.PROMPTING else ()
            return IDLE, (*heard, *tone)
        case _:
            return session, ()


def _played(session: Session, result: str, now: float) -> Step:
    told = (h.TellPlayed(session.turn, result),)
    left = replace(session, playing=session.playing - 1)
    if left.playing:
        return left, told
    if left.over:
        return IDLE, told
    waiting = left.state if left.state is State.ANNOUNCING else State.PROCESSING
    return replace(left, state=waiting, complete=True, deadline=now + MORE_S), told


def _deadline(session: Session, now: float) -> Step:
    turn = session.turn
    match session.state:
        case State.IDLE:
            return session, ()
        case State.ASKING:
            return IDLE, (h.EndCommand(turn), h.SayStored(NOT_READY))
        case State.LISTENING:
            return _processing(session, now), (h.EndCommand(turn, "limit"), h.MakeSound("done"))
        case State.PROMPTING:
            return IDLE, (h.StopPlayback(), h.AnswerInvitation(turn, "speaker"))
        case State.RESPONDING | State.ANNOUNCING if session.playing:
            return IDLE, (h.StopPlayback(), h.TellPlayed(turn, "failed"))
        case _:
            silent = session.replied or session.state is State.ANNOUNCING
            return IDLE, () if silent else (h.SayStored(FAILED),)


def _link_lost(session: Session) -> Step:
    """Say so, unless a whole reply is being played: it goes on to its end."""
    if session.state is State.IDLE or (session.playing and session.complete):
        return IDLE, ()
    if session.replied and not session.playing:
        return IDLE, ()
    if session.state is State.PROMPTING:
        return IDLE, (h.StopPlayback(),)
    ended = (h.EndCommand(session.turn),) if session.state in _HEARING else ()
    return IDLE, (*ended, h.StopPlayback(), h.SayStored(FAILED))


def _unheard(session: Session, reason: str) -> Step:
    """End a turn whose command can no longer be heard whole; half a command must not act."""
    if session.state is State.PROMPTING:
        return IDLE, (h.StopPlayback(), h.AnswerInvitation(session.turn, reason))
    if session.state not in _HEARING:
        return session, ()
    told = (h.SayStored(FAILED),) if reason == "microphone" else ()
    return IDLE, (h.EndCommand(session.turn, reason), *told)
