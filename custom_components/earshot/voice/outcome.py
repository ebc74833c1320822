"""How a spoken command ended, from what was seen of it. Pure."""

import re
from dataclasses import dataclass

from ..policy.retention import Outcome
from ..wire.phrases import FAILED, NOT_READY, NOT_UNDERSTOOD, SPEECH_UNAVAILABLE

_ERROR_PHRASES = {
    "stt-stream-failed": SPEECH_UNAVAILABLE,
    "stt-provider-missing": SPEECH_UNAVAILABLE,
    "stt-provider-unsupported-metadata": SPEECH_UNAVAILABLE,
    "tts-not-supported": SPEECH_UNAVAILABLE,
    "pipeline_not_found": NOT_READY,
    "validation-error": NOT_READY,
}
"""What to say for the errors of Home Assistant's pipeline; `failed` for all others."""

_NO_TEXT = "stt-no-text-recognized"
_NOT_UNDERSTOOD_RESPONSES = frozenset({"no_intent_match", "no_valid_targets"})


@dataclass
class Seen:
    """What has been seen of a turn so far."""

    error: str | None = None
    """The code of the pipeline's error."""

    kind: str | None = None
    """`command`, `no_speech` or `not_command` as our own engine told; None with another one."""

    speech: bool = False
    """Home Assistant's voice detection heard speech; only with engines that need it."""

    answered: bool = False
    """An agent answered, or we did."""

    counts_as: Outcome = Outcome.UNDERSTOOD
    """What an answer without an error makes of the turn."""

    response_error: str | None = None
    """The answer was an error of this code."""

    reply_failed: bool = False
    """The answer could not be spoken."""


@dataclass(frozen=True)
class Conclusion:
    """What a turn came to, and the stored phrase that tells it where no reply does."""

    outcome: Outcome
    phrase: str | None = None


def conclude(seen: Seen) -> Conclusion:
    """Return what a finished turn came to.

    Silence after the wake word is a false wake and is answered with silence. Speech without a
    text, or with one that no agent could use, is not understood.
    """
    if seen.error == _NO_TEXT:
        if seen.kind == "no_speech" or (seen.kind is None and not seen.speech):
            return Conclusion(Outcome.FALSE_WAKE)
        return Conclusion(Outcome.NOT_UNDERSTOOD, NOT_UNDERSTOOD)
    if seen.error is not None or not seen.answered:
        return Conclusion(Outcome.FAILED, _ERROR_PHRASES.get(seen.error or "", FAILED))
    phrase = SPEECH_UNAVAILABLE if seen.reply_failed else None
    if seen.response_error is None:
        return Conclusion(seen.counts_as, phrase)
    if seen.response_error in _NOT_UNDERSTOOD_RESPONSES:
        return Conclusion(Outcome.NOT_UNDERSTOOD, phrase)
    return Conclusion(Outcome.FAILED, phrase)


def without_wake_phrase(text: str, phrase: str) -> str:
    """Return a transcript without the wake phrase, or the end of it, at its head.

    The audio begins up to 400 ms before the detection, so that an engine that knows nothing of the
    wake word may write down its last syllables.
    """
    words = phrase.split()
    for first in range(len(words)):
        head = r"\W+".join(re.escape(word) for word in words[first:])
        if match := re.match(rf"\W*{head}\b\W*", text, re.IGNORECASE):
            return text[match.end() :]
    return text
