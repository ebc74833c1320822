"""Whether a microphone is opened by name, or by what addresses many things at once.

Home Assistant carries a call to a group or a scene on as calls that name its members, in the same
context. Without this, a scene that somebody made of the lamps of a room opens its microphone too.
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
class Addressing:
    """What the calls in one context have meant an entity by; it begins with none."""

    how: Addressed
    onward: int
    """Calls still to come that name it because a group or a scene has it."""

    at: float
    """When the last call was, in seconds of a clock that is never set."""


def after(before: Addressing | None, how: Addressed, onward: int, now: float) -> Addressing:
    """Return what holds after one more call, which will be carried on `onward` times.

    A call that carries on an earlier one counts as that did, whatever it names.
    """
    if before is not None and before.onward and now - before.at < ONWARD_S:
        return Addressing(before.how, before.onward - 1 + onward, now)
    return Addressing(how, onward, now)
