"""Answering a sentence about what was heard, in the place of any conversation agent."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from homeassistant.components.assist_pipeline.error import PipelineError

from ..policy.retention import Outcome
from .outcome import Seen
from .reply import ReplyError
from .saying import Saying
from .spoken_sentences import Command

_LOGGER = logging.getLogger(__name__)

ANSWER_S: Final = 30.0
"""From the order to the next thing that is said of it."""

type Say = Callable[[str], Awaitable[None]]
"""Speaks a sentence and returns when it was heard; raises `ReplyError`."""


@dataclass(frozen=True)
class Answer:
    """What is said at the end, and what the turn counts as."""

    text: str
    outcome: Outcome = Outcome.UNDERSTOOD


class Answers(Protocol):
    """Who knows what was kept of a room."""

    async def async_answer(self, command: Command, say: Say) -> Answer:
        """Carry out a command.

        What must be heard before anything is done is said with `say`: when that fails, nothing
        has been done.
        """


class AnsweredHereError(PipelineError):
    """Ends a pipeline's run before its agent: core tells it as an error of the run."""

    def __init__(self) -> None:
        super().__init__("earshot-answers", "Earshot answers this itself")


async def answer_here(
    command: Command,
    answers: Answers,
    saying: Saying,
    seen: Seen,
    move_deadline: Callable[[float | None], None],
) -> None:
    """Carry out a command and speak the answer; `seen` tells how it went.

    While something is said, the reply's own deadlines hold, which know how long it is.
    """

    async def say(sentence: str) -> None:
        move_deadline(None)
        await saying.say(sentence)
        move_deadline(ANSWER_S)

    move_deadline(ANSWER_S)
    try:
        answer = await answers.async_answer(command, say)
        seen.answered = True
        seen.counts_as = answer.outcome
        move_deadline(None)
        await saying.end(answer.text)
    except ReplyError as err:
        seen.reply_failed = err.reason in {"voice", "format"}
    except Exception as err:  # noqa: BLE001 - a turn ends whatever happens; the message may tell
        _LOGGER.warning("An order about what was heard failed: %s", type(err).__name__)
        seen.error = "unexpected"
    finally:
        move_deadline(ANSWER_S)
