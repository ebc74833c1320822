"""A change of rules, option by option: for the log, and for whoever looks at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from .pending import Remembered
from .policy.changes import Aspect
from .policy.clock import Moment, Reading
from .retention import HOUSE, Options

_OF_ONE: Final = frozenset(it.value for it in Aspect if it is not Aspect.ROOM_KIND)
"""The options that loosen what has their name."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One option that was changed, as it is shown for seven days."""

    room_id: str | None
    """None: of the house."""

    option: str
    before: Any
    after: Any
    """None: not set, which is the default."""

    made: Moment
    loosens: bool
    confirmed: bool
    begins: datetime | None
    """When what it loosens begins to hold; None when it holds already, or loosens nothing."""


def changes_of(
    scope_id: str, room_id: str | None, edit: Remembered, clock: Reading
) -> Iterator[Change]:
    """Yield what an edit of a scope changed, as seen from a room, or from nowhere."""
    of = None if scope_id == HOUSE else scope_id
    where = room_id or of or ""
    for option, before, after in differences(edit.before, edit.after):
        loosens = bool(aspects_of(option) & edit.loosened)
        yield Change(
            room_id=of,
            option=option,
            before=before,
            after=after,
            made=edit.made,
            loosens=loosens,
            confirmed=where in edit.confirmed,
            begins=edit.begins(where) if loosens and edit.waits(where, clock) else None,
        )


def differences(before: Options, after: Options) -> Iterator[tuple[str, Any, Any]]:
    """Yield the options that differ, with both values."""
    for option in sorted(before.keys() | after.keys()):
        if (was := before.get(option)) != (now := after.get(option)):
            yield option, was, now


def aspects_of(option: str) -> frozenset[str]:
    """Return what an option can loosen: a kind of room and a ceiling of an outcome, both clocks."""
    if option in _OF_ONE:
        return frozenset({option})
    return frozenset({Aspect.AUDIO, Aspect.TRANSCRIPT, Aspect.ROOM_KIND})


def details(was: Any, now: Any) -> Iterator[str]:
    """Yield a change in words that the log takes: one for each listener, else one."""
    if not isinstance(was, list) and not isinstance(now, list):
        yield f"{was}>{now}".lower()
        return
    before, after = set(was or ()), set(now or ())
    yield from (f"+{it}" for it in sorted(after - before))
    yield from (f"-{it}" for it in sorted(before - after))
