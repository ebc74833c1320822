"""The session's decisions, each transition with a clock of its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot_satellite.session import happenings as h
from earshot_satellite.session.machine import (
    DRAIN_SLACK_S,
    GRANT_S,
    IDLE,
    LIMIT_SLACK_S,
    MORE_S,
    QUEUED_MAX,
    REPLY_S,
    STALL_S,
    TONE_S,
    Session,
    State,
    step,
)
from earshot_wire.limits import MAX_TURN_S

T, OTHER = "a" * 16, "b" * 16
NOW = 1_000.0


def run(*happenings: h.Happening, linked: bool = True) -> tuple[Session, tuple[h.Deed, ...]]:
    """Return the session after all of them, and the last one's deeds."""
    session, deeds = IDLE, ()
    for happening in happenings:
        session, deeds = step(session, happening, NOW, linked=linked)
    return session, deeds


ASKING = (h.WakeHeard(T),)
LISTENING = (*ASKING, h.Granted(T, 10.0))
PROCESSING = (*LISTENING, h.UtteranceOver(T))
RESPONDING = (*PROCESSING, h.ReplyBegan(T))
COMPLETE = (*RESPONDING, h.ReplyComplete(T, 4.0))
PLAYED = (*COMPLETE, h.PlaybackOver(T, "ended"))
ANNOUNCING = (h.AnnouncementBegan(T), h.ReplyBegan(T))
PROMPTING = (h.Invited(T),)
INVITED = (*PROMPTING, h.ToneOver(T, "ended"))


@pytest.mark.parametrize(
    ("before", "happening", "state", "deeds", "wait_s"),
    [
        ((), h.WakeHeard(T), "asking", (h.StopPlayback(), h.AskHome(T)), GRANT_S),
        (
            ASKING,
            h.Granted(T, 10.0),
            "listening",
            (h.SendCommand(T, 10.0), h.MakeSound("awake")),
            10.0 + LIMIT_SLACK_S,
        ),
        (ASKING, h.StoodDown(T, "other_room"), "idle", (h.EndCommand(T),), None),
        (
            ASKING,
            h.StoodDown(T, "not_ready"),
            "idle",
            (h.EndCommand(T), h.SayStored("not_ready")),
            None,
        ),
        (ASKING, h.DeadlinePassed(), "idle", (h.EndCommand(T), h.SayStored("not_ready")), None),
        (ASKING, h.TurnOver(T), "idle", (h.EndCommand(T, "asked"),), None),
        (
            ASKING,
            h.PhraseAsked(T, "speech_unavailable"),
            "responding",
            (h.EndCommand(T, "asked"), h.SayStored("speech_unavailable", T)),
            STALL_S,
        ),
        (
            LISTENING,
            h.UtteranceOver(T),
            "processing",
            (h.EndCommand(T, "asked"), h.MakeSound("done")),
            REPLY_S,
        ),
        (
            LISTENING,
            h.LimitReached(T),
            "processing",
            (h.EndCommand(T, "limit"), h.MakeSound("done")),
            REPLY_S,
        ),
        (
            LISTENING,
            h.DeadlinePassed(),
            "processing",
            (h.EndCommand(T, "limit"), h.MakeSound("done")),
            REPLY_S,
        ),
        (
            LISTENING,
            h.ReplyBegan(T),
            "responding",
            (h.EndCommand(T, "asked"), h.OpenReply(T)),
            STALL_S,
        ),
        (LISTENING, h.TurnOver(T), "idle", (h.EndCommand(T, "asked"),), None),
        (LISTENING, h.Muted(), "idle", (h.EndCommand(T, "muted"),), None),
        (
            LISTENING,
            h.MicrophoneLost(),
            "idle",
            (h.EndCommand(T, "microphone"), h.SayStored("failed")),
            None,
        ),
        (
            LISTENING,
            h.LinkLost(),
            "idle",
            (h.EndCommand(T), h.StopPlayback(), h.SayStored("failed")),
            None,
        ),
        (PROCESSING, h.ReplyBegan(T), "responding", (h.OpenReply(T),), STALL_S),
        (PROCESSING, h.DeadlinePassed(), "idle", (h.SayStored("failed"),), None),
        (PROCESSING, h.TurnOver(T), "idle", (), None),
        (PROCESSING, h.Muted(), "processing", (), REPLY_S),
        (PROCESSING, h.LinkLost(), "idle", (h.StopPlayback(), h.SayStored("failed")), None),
        (RESPONDING, h.ReplyComplete(T, 4.0), "responding", (), 4.0 + DRAIN_SLACK_S),
        (RESPONDING, h.LinkLost(), "idle", (h.StopPlayback(), h.SayStored("failed")), None),
        (COMPLETE, h.LinkLost(), "idle", (), None),
        (COMPLETE, h.PlaybackOver(T, "ended"), "processing", (h.TellPlayed(T, "ended"),), MORE_S),
        (COMPLETE, h.TurnOver(T), "responding", (), 4.0 + DRAIN_SLACK_S),
        # A reply that broke off: what comes instead does not wait for the rest of it.
        (
            RESPONDING,
            h.PhraseAsked(T, "failed"),
            "responding",
            (h.CloseReply(), h.SayStored("failed", T)),
            STALL_S,
        ),
        (RESPONDING, h.ReplyBegan(T), "responding", (h.CloseReply(), h.OpenReply(T)), STALL_S),
        (RESPONDING, h.TurnOver(T), "responding", (h.CloseReply(),), STALL_S),
        # No more than so many wait for the loudspeaker.
        (
            (*PROCESSING, *[h.PhraseAsked(T, "failed")] * QUEUED_MAX),
            h.PhraseAsked(T, "failed"),
            "responding",
            (),
            STALL_S,
        ),
        (
            (*COMPLETE, h.TurnOver(T)),
            h.PlaybackOver(T, "ended"),
            "idle",
            (h.TellPlayed(T, "ended"),),
            None,
        ),
        (
            COMPLETE,
            h.DeadlinePassed(),
            "idle",
            (h.StopPlayback(), h.TellPlayed(T, "failed")),
            None,
        ),
        (PLAYED, h.ReplyBegan(T), "responding", (h.OpenReply(T),), STALL_S),
        (PLAYED, h.DeadlinePassed(), "idle", (), None),
        (PLAYED, h.LinkLost(), "idle", (), None),
        (
            COMPLETE,
            h.WakeHeard(OTHER),
            "asking",
            (h.StopPlayback(), h.TellPlayed(T, "interrupted"), h.AskHome(OTHER)),
            GRANT_S,
        ),
        (LISTENING, h.WakeHeard(OTHER), "asking", (h.StopPlayback(), h.AskHome(OTHER)), GRANT_S),
        ((), h.AnnouncementBegan(T), "announcing", (h.StopPlayback(),), REPLY_S),
        (
            LISTENING,
            h.AnnouncementBegan(OTHER),
            "announcing",
            (h.EndCommand(T, "asked"), h.StopPlayback()),
            REPLY_S,
        ),
        (ANNOUNCING, h.Muted(), "announcing", (), STALL_S),
        ((), h.Invited(T), "prompting", (h.MakeTone(T),), TONE_S),
        ((), h.Invited(T, "muted"), "idle", (h.AnswerInvitation(T, "muted"),), None),
        (ASKING, h.Invited(OTHER), "asking", (h.AnswerInvitation(OTHER, "busy"),), GRANT_S),
        (
            PROMPTING,
            h.ToneOver(T, "ended"),
            "listening",
            (h.OpenEar(T, MAX_TURN_S), h.AnswerInvitation(T, "begun")),
            MAX_TURN_S + LIMIT_SLACK_S,
        ),
        (
            PROMPTING,
            h.ToneOver(T, "interrupted"),
            "idle",
            (h.AnswerInvitation(T, "speaker"),),
            None,
        ),
        (
            PROMPTING,
            h.DeadlinePassed(),
            "idle",
            (h.StopPlayback(), h.AnswerInvitation(T, "speaker")),
            None,
        ),
        (
            PROMPTING,
            h.Muted(),
            "idle",
            (h.StopPlayback(), h.AnswerInvitation(T, "muted")),
            None,
        ),
        (
            PROMPTING,
            h.MicrophoneLost(),
            "idle",
            (h.StopPlayback(), h.AnswerInvitation(T, "microphone")),
            None,
        ),
        (PROMPTING, h.LinkLost(), "idle", (h.StopPlayback(),), None),
        (PROMPTING, h.TurnOver(T), "idle", (h.StopPlayback(),), None),
        (PROMPTING, h.Granted(T, 5.0), "prompting", (), TONE_S),
        (PROMPTING, h.ReplyBegan(T), "prompting", (), TONE_S),
        (
            PROMPTING,
            h.WakeHeard(OTHER),
            "asking",
            (h.AnswerInvitation(T, "busy"), h.StopPlayback(), h.AskHome(OTHER)),
            GRANT_S,
        ),
        (
            PROMPTING,
            h.AnnouncementBegan(OTHER),
            "announcing",
            (h.AnswerInvitation(T, "busy"), h.StopPlayback()),
            REPLY_S,
        ),
        (
            PROMPTING,
            h.StopAsked(),
            "idle",
            (h.AnswerInvitation(T, "busy"), h.StopPlayback()),
            None,
        ),
        (
            INVITED,
            h.LimitReached(T),
            "processing",
            (h.EndCommand(T, "limit"), h.MakeSound("done")),
            REPLY_S,
        ),
        (INVITED, h.Muted(), "idle", (h.EndCommand(T, "muted"),), None),
        ((), h.StopAsked(), "idle", (), None),
        (LISTENING, h.StopAsked(), "idle", (h.EndCommand(T, "stopped"), h.StopPlayback()), None),
        (PROCESSING, h.StopAsked(), "idle", (h.StopPlayback(),), None),
        (
            RESPONDING,
            h.StopAsked(),
            "idle",
            (h.StopPlayback(), h.TellPlayed(T, "interrupted")),
            None,
        ),
        (
            ANNOUNCING,
            h.StopAsked(),
            "idle",
            (h.StopPlayback(), h.TellPlayed(T, "interrupted")),
            None,
        ),
        (
            (*ANNOUNCING, h.ReplyComplete(T, 1.0), h.TurnOver(T)),
            h.PlaybackOver(T, "ended"),
            "idle",
            (h.TellPlayed(T, "ended"),),
            None,
        ),
    ],
)
def test_transition(
    before: tuple[h.Happening, ...],
    happening: h.Happening,
    state: str,
    deeds: tuple[h.Deed, ...],
    wait_s: float | None,
) -> None:
    session, done = run(*before, happening)
    assert (session.state, done) == (state, deeds)
    assert session.deadline == (None if wait_s is None else NOW + wait_s)


def test_without_a_home_it_says_so_and_forgets_the_command() -> None:
    session, deeds = run(h.WakeHeard(T), linked=False)
    assert session == IDLE
    assert deeds == (h.StopPlayback(), h.EndCommand(T), h.SayStored("not_ready"))


def test_each_piece_of_a_reply_gives_it_more_time() -> None:
    session, _ = run(*RESPONDING)
    later, _ = step(session, h.ReplyGrew(T), NOW + 20)
    assert later.deadline == NOW + 20 + STALL_S


LATE = [h.Granted, h.ReplyGrew, h.ReplyBegan, h.UtteranceOver, h.TurnOver, h.LimitReached]
happenings: st.SearchStrategy[Any] = st.one_of(
    *(
        st.builds(kind, st.sampled_from([T, OTHER]), *more)
        for kind, more in (
            (h.WakeHeard, ()),
            (h.Granted, (st.floats(1, 15),)),
            (h.StoodDown, (st.sampled_from(["other_room", "not_ready"]),)),
            (h.UtteranceOver, ()),
            (h.LimitReached, ()),
            (h.ReplyBegan, ()),
            (h.ReplyGrew, ()),
            (h.ReplyComplete, (st.floats(0, 60),)),
            (h.PhraseAsked, (st.just("failed"),)),
            (h.PlaybackOver, (st.sampled_from(["ended", "interrupted", "failed"]),)),
            (h.TurnOver, ()),
            (h.AnnouncementBegan, ()),
            (h.Invited, (st.sampled_from(["", "muted"]),)),
            (h.ToneOver, (st.sampled_from(["ended", "interrupted", "failed"]),)),
        )
    ),
    st.sampled_from(
        [h.MicrophoneLost(), h.Muted(), h.LinkLost(), h.DeadlinePassed(), h.StopAsked()]
    ),
)


@given(st.lists(happenings, max_size=30))
def test_it_never_hangs_and_never_sends_ungranted_audio(story: list[h.Happening]) -> None:
    """Every state but idle has a deadline, and passing deadlines always ends in idle."""
    session, granted = IDLE, set()
    for happening in story:
        session, deeds = step(session, happening, NOW)
        if isinstance(happening, h.Granted):
            granted.add(happening.turn)
        for deed in deeds:
            assert not isinstance(deed, h.SendCommand) or deed.turn in granted
        assert (session.state is State.IDLE) == (session.deadline is None)
    for _ in range(4):
        session, _ = step(session, h.DeadlinePassed(), NOW)
    assert session == IDLE


@given(st.lists(happenings, max_size=20), st.sampled_from(LATE))
def test_what_comes_late_changes_nothing(story: list[h.Happening], kind: Any) -> None:
    session, _ = run(*story)
    late = kind("c" * 16, 5.0) if kind is h.Granted else kind("c" * 16)
    assert step(session, late, NOW) == (session, ())


@given(st.lists(happenings, max_size=20))
def test_after_mute_no_command_goes_on(story: list[h.Happening]) -> None:
    """P3: a mute ends a command wherever it stands."""
    session, _ = run(*story, h.Muted())
    assert session.state not in {State.ASKING, State.PROMPTING, State.LISTENING}


@given(st.lists(happenings, max_size=30))
def test_an_ear_opens_unasked_only_after_a_whole_tone(story: list[h.Happening]) -> None:
    """The tone of this very turn was heard to its end, and each invitation is answered once."""
    session, opened = IDLE, 0
    invited, answered = 0, 0
    for happening in story:
        before = session
        session, deeds = step(session, happening, NOW)
        invited += isinstance(happening, h.Invited)
        answered += sum(isinstance(deed, h.AnswerInvitation) for deed in deeds)
        for deed in deeds:
            if isinstance(deed, h.OpenEar):
                assert happening == h.ToneOver(deed.turn, "ended")
                assert before.state is State.PROMPTING
                opened += 1
        if session.state in {State.PROMPTING, State.ASKING}:
            assert not any(isinstance(deed, h.SendCommand) for deed in deeds)
    waiting = session.state is State.PROMPTING
    unanswered = sum(isinstance(it, h.LinkLost | h.TurnOver) for it in story)
    assert invited - unanswered <= answered + waiting
    assert answered + waiting <= invited
