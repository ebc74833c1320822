"""What begins a turn in the place of a wake word: home asked the satellite to listen."""

from dataclasses import dataclass
from typing import Final

from ..policy.listening import Why
from ..wire.vocabulary import Vocabulary

_MAX_SENTENCE: Final = 500
_MAX_SENTENCES: Final = 200


@dataclass(frozen=True, kw_only=True)
class Unasked:
    """It has the names of a `Wake`, and nothing that only a detector could know."""

    turn: str
    why: Why
    answers: tuple[str, ...] = ()
    """Of a question: the sentences that answer it, where it is not open."""

    word: str = ""
    """The wake word of the conversation that goes on, if one does: its pipeline hears it."""

    phrase: str = ""
    age_ms: int = 0

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The words to expect, for an engine that must know them; None: those of any command.

        A sentence with a wildcard could be anything, which our own engine cannot hear.
        """
        closed = sorted(
            {line for it in self.answers if (line := " ".join(it.split())) and _fits(line)}
        )
        if not closed:
            return None
        return Vocabulary(language="en", sentences=tuple(closed[:_MAX_SENTENCES]))


def _fits(sentence: str) -> bool:
    return len(sentence) <= _MAX_SENTENCE and sentence.isprintable() and "{" not in sentence
