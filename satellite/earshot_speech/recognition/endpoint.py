"""When is a command over? Decided anew with every piece of audio, from plain data.

How long a quiet must be depends on what was said so far: nobody goes on after "turn on the kitchen
light", somebody may after "set a timer for five minutes", and somebody surely will after "turn on
the". Home Assistant alone waits for 1.24 s after every command.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from ..grammar.automaton import Ending
from .reject import Fit
from .sound import Speech

DECODE_AFTER_MS = 80
"""Quiet after which the audio is decoded, so that the verdict is there when the quiet has lasted.
Longer than the closure of most plosives, short enough for the decoding to be done in time."""

SECOND_LOOK_MS = 250
"""Quiet after which a verdict that is no sure command is asked for again. The mean of the whole
sound is part of the decoding, and with 80 ms of quiet in it "the" can come out as "my": one of
seven turns with the same command failed so, and its sound was right with 170 ms of quiet."""

QUIET_MS = {Ending.TERMINAL: 250, Ending.EXTENDABLE: 600, Ending.INCOMPLETE: 1_200}
"""Quiet that ends an utterance. People pause for up to about 0.4 s inside a sentence."""

NO_SPEECH_MS = 3_500
"""Silence after the wake word that ends a turn: who is still thinking after that wakes again."""

WAKE_TAIL_MS = 450
"""Speech that ends this early in audio that follows a wake word is what was left of the word: the
audio begins at most 400 ms before the detection."""


class Step(Enum):
    """What to do now."""

    LISTEN = "listen"
    DECODE = "decode"
    HOLD = "hold"
    """Decode, and look at no later audio until that is done: the verdict may end the utterance."""

    END = "end"


@dataclass(frozen=True)
class Verdict:
    """What the recogniser made of the audio so far."""

    text: str = field(repr=False)
    """The words; empty when there were none, or only the wake word's."""

    ending: Ending
    """`INCOMPLETE` also when it was no command."""

    sure: bool
    decoded_ms: int
    """How much audio it knew."""

    speech_ms: int
    """Where the speech ended that it knew of."""

    only_wake: bool = False
    """Nothing was said after the wake word."""

    heard: str = field(default="", repr=False)
    """The words that came nearest, command or not."""

    fit: Fit | None = None
    """How well they explain the sound."""


@dataclass(frozen=True)
class Turn:
    """What is known of the utterance."""

    heard_ms: int
    """How much of the audio is looked at; more of it may have come while a decoding lasted."""

    speech: Speech | None
    verdict: Verdict | None
    limit_ms: int
    after_wake: bool


def decide(turn: Turn) -> Step:
    """Return what to do. The caller decodes one at a time; after END it uses a current verdict.

    It is a matter of the audio alone. A slow decoding makes the answer late, but it is the same.
    """
    if turn.heard_ms >= turn.limit_ms:
        return Step.END
    speech = command_speech(turn)
    if speech is None:
        waited = turn.heard_ms - (WAKE_TAIL_MS if turn.after_wake else 0)
        return Step.END if waited >= NO_SPEECH_MS else Step.LISTEN
    quiet = turn.heard_ms - speech.end_ms
    if quiet < DECODE_AFTER_MS:
        return Step.LISTEN
    if not is_current(turn):
        return Step.HOLD if quiet >= min(QUIET_MS.values()) else Step.DECODE
    assert turn.verdict is not None
    if quiet >= SECOND_LOOK_MS and wants_second_look(turn.verdict, speech):
        return Step.HOLD
    return Step.END if quiet >= quiet_needed(turn.verdict) else Step.LISTEN


def command_speech(turn: Turn) -> Speech | None:
    """Return the speech without what is certainly the wake word's."""
    speech, verdict = turn.speech, turn.verdict
    if speech is None or (turn.after_wake and speech.end_ms <= WAKE_TAIL_MS):
        return None
    if verdict is not None and verdict.only_wake and speech.end_ms <= verdict.decoded_ms:
        return None
    return speech


def is_current(turn: Turn) -> bool:
    """Return whether the verdict knows all the speech there was."""
    if turn.verdict is None or turn.speech is None:
        return False
    return turn.speech.end_ms <= turn.verdict.decoded_ms - DECODE_AFTER_MS // 2


def wants_second_look(verdict: Verdict, speech: Speech) -> bool:
    """Return whether a verdict that knew little of the quiet may be wrong."""
    early = verdict.decoded_ms - speech.end_ms < SECOND_LOOK_MS
    return early and (verdict.ending is Ending.INCOMPLETE or not verdict.sure)


def quiet_needed(verdict: Verdict) -> int:
    """Return the quiet in ms that ends an utterance of this verdict."""
    if verdict.ending is Ending.TERMINAL and not verdict.sure:
        return QUIET_MS[Ending.EXTENDABLE]
    return QUIET_MS[verdict.ending]
