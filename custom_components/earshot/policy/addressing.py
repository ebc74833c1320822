"""Whether a microphone is opened by name, or by what addresses many things at once.

Home Assistant carries a call to a group or a scene on as calls that name its members, in the same
context. Without this, a scene that somebody made of the lamps of a room opens its microphone too.

What is carried on looks like what somebody said. So they are counted: only when a context has
named the switch to turn it off oftener than groups, scenes and the like in it can have done, was
it somebody's own order. Which of several calls at the same time was which need not be known.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ONWARD_S: Final = 60.0
"""A group or a scene calls its members at once; a scene that finds them right, never."""


class Addressed(StrEnum):
    """How a call means an entity."""

    BY_NAME = "by_name"
    AMONG_OTHERS = "among_others"
    """Through a group, a scene, a label, or something else that somebody put together."""

    WITH_ALL = "with_all"


@dataclass(frozen=True)
class Call:
    """A call that may unmute. One that names the switch to turn it on is none."""

    how: Addressed
    onward: int = 0
    """How often it is carried on at most as a call that names the switch to turn it off."""


@dataclass(frozen=True)
class Addressing:
    """What the calls in one context have meant an entity by."""

    how: Addressed
    onward: int
    """Calls by name still to come that nobody's own order is behind."""

    handed: int
    """Calls by name still to come that were somebody's own order."""

    asked: int
    """What `Mute.asked` was at the latest order by name."""

    at: float
    """When the last call was, in seconds of a clock that is never set."""


NONE: Final = Addressing(Addressed.AMONG_OTHERS, onward=0, handed=0, asked=0, at=float("-inf"))
"""Without any call."""


def after(before: Addressing, call: Call, asked: int, now: float) -> Addressing:
    """Return what holds after one more call; whatever could be either counts as the stricter."""
    fresh = now - before.at < ONWARD_S
    onward, handed = (before.onward, before.handed) if fresh else (0, 0)
    if call.how is not Addressed.BY_NAME:
        return Addressing(call.how, onward + call.onward, handed, before.asked, now)
    if call.onward:
        asked = before.asked if handed else asked
        return Addressing(before.how, onward, handed + call.onward, asked, now)
    if onward:
        return Addressing(before.how, onward - 1, handed, before.asked, now)
    asked = before.asked if handed else asked
    return Addressing(Addressed.BY_NAME, 0, max(handed - 1, 0), asked, now)
