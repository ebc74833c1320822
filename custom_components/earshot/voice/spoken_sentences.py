"""The sentences about what was heard, which Earshot answers itself. Pure.

Whole sentences only: "delete that from the list" is for whoever keeps the list.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final

from hassil import Intents, recognize

from .numbers import number_of


class Spoken(StrEnum):
    """What can be asked or ordered."""

    DELETE_LAST = "delete_last"
    DELETE_TODAY = "delete_today"
    WHAT_HEARD = "what_heard"
    RECORDING = "recording"
    NOT_FOR_YOU = "not_for_you"
    STOP_LISTENING = "stop_listening"
    GUEST_ON = "guest_on"
    GUEST_OFF = "guest_off"
    WHO_CAN_HEAR = "who_can_hear"
    WHO_LISTENED = "who_listened"


@dataclass(frozen=True)
class Command:
    """One of them, with its time."""

    kind: Spoken
    timed: bool = False
    """Whether a time was named."""

    minutes: int | None = None
    """The time that was named; None when there was none, or it is no number."""


_DELETE = "(delete|erase|remove|forget|wipe|clear)"
_TURN = "(turn|switch)"
_BEGIN = f"({_TURN} on guest mode|{_TURN} guest mode on|(start|begin|enable|activate) guest mode)"
_END = f"({_TURN} off guest mode|{_TURN} guest mode off|(stop|end|disable|deactivate) guest mode)"
_STOP = "(stop listening [to (me|us)]|(do not|don't) listen|mute (yourself|the microphone))"
_ANYBODY = "(anyone|anybody|someone|somebody)"
_HERE = "(this room|me|us|my recordings|our recordings|the recordings|what I say|what we say)"

SENTENCES: Final[dict[Spoken, tuple[str, ...]]] = {
    Spoken.DELETE_LAST: (
        "(delete|erase) (that|this)",
        f"{_DELETE} (what|everything) (I|we) just said",
        f"{_DELETE} what (I|we) [have] said",
        f"{_DELETE} [(my|the)] last (command|recording|sentence|words)",
        f"{_DELETE} the last thing (I said|we said|you heard)",
        f"{_DELETE} (what|that) you [have] just heard",
    ),
    Spoken.DELETE_TODAY: (
        f"{_DELETE} (everything|all) [that] (I|we) [have] said [to you] [today]",
        f"{_DELETE} (everything|all) [that] you [have] heard [today]",
        f"{_DELETE} (everything|all|all recordings|all my recordings) (of|from) today",
        f"{_DELETE} [all [of]] today's recordings",
    ),
    Spoken.WHAT_HEARD: (
        "what did you [just] hear",
        "what have you [just] heard",
        "what did you hear me say",
        "tell me what you [just] heard",
        "what did I just say",
    ),
    Spoken.RECORDING: (
        "are you [still] recording [(me|us|this)] [(now|right now)]",
        "are you [still] listening [to (me|us)] [(now|right now)]",
        "do you (record|keep) (me|us|this|what I say|what we say)",
        "am I being recorded",
        "are we being recorded",
        "is this being recorded",
    ),
    Spoken.NOT_FOR_YOU: (
        "that (was not|wasn't|is not|isn't) [meant] for you",
        "(I|we) (was not|wasn't|were not|weren't) talking to you",
        "(I|we) (did not|didn't) mean you",
    ),
    Spoken.STOP_LISTENING: (
        _STOP,
        f"{_STOP} for {{amount}} (minute|minutes)",
        f"{_STOP} for {{amount}} (hour|hours)",
    ),
    Spoken.GUEST_ON: (
        "guest mode [on]",
        "guest mode [on] for {amount} (hour|hours)",
        _BEGIN,
        f"{_BEGIN} for {{amount}} (hour|hours)",
    ),
    Spoken.GUEST_OFF: ("guest mode off", _END),
    Spoken.WHO_CAN_HEAR: (
        f"who (can|may) (hear|listen to) {_HERE}",
        "who has access to (this room|my recordings|our recordings|the recordings)",
    ),
    Spoken.WHO_LISTENED: (
        f"has {_ANYBODY} (listened|been listening) [to {_HERE}]",
        f"has {_ANYBODY} heard {_HERE}",
        f"did {_ANYBODY} listen [to {_HERE}]",
        f"who [has] listened [to {_HERE}]",
    ),
}
"""hassil templates; `{amount}` stands for a number in words or digits."""

_POLITE = "[(please|can you|could you)] {} [please]"
_POLITELY = {
    kind: tuple(_POLITE.format(it) for it in sentences) for kind, sentences in SENTENCES.items()
}
TEMPLATES: Final = frozenset(it for sentences in _POLITELY.values() for it in sentences)
"""All of them, as people say them."""

_LONGEST = 200


def understand(text: str) -> Command | None:
    """Return the command that a text is, whatever its punctuation and case; None for all others."""
    if len(text) > _LONGEST or (found := recognize(_plain(text), _intents())) is None:
        return None
    kind = Spoken(found.intent.name)
    if (amount := found.entities.get("amount")) is None:
        return Command(kind)
    number = number_of(str(amount.value))
    unit = 60 if re.search(r"\bhours?\b", _plain(text)) else 1
    minutes = None if number is None else round(number * unit)
    return Command(kind, timed=True, minutes=minutes)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s'-]", " ", text.lower().replace("\u2019", "'")).split())


@cache
def _intents() -> Intents:
    data: dict[str, Any] = {
        "language": "en",
        "lists": {"amount": {"wildcard": True}},
        "intents": {
            kind: {"data": [{"sentences": list(sentences)}]}
            for kind, sentences in _POLITELY.items()
        },
    }
    return Intents.from_dict(data)
