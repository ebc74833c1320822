"""The log, for the people of a room; and for the whole household, whether anybody has listened."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import asdict
from typing import Any, Final

import probatio as vol

from ..audit import Line
from ..policy.access import Act
from . import fields
from .ask import Ask
from .commands import command
from .rooms import sort_rooms
from .told import Names, people
from .visits import Visits

LOOKED_THROUGH: Final = 2_000
"""Lines that count as listening; no others are looked through."""

_MOST: Final = 100
_PAGE: Final = 200
_BEFORE: Final = {
    vol.Optional("before"): fields.number(1, 2**62),
    vol.Optional("limit", default=50): fields.number(1, _MOST),
}


@command("audit", {vol.Optional("rooms"): fields.rooms} | _BEFORE)
async def audit(ask: Ask, message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return lines of one's rooms and of the house, newest first, with all they say."""
    rooms = sort_rooms(ask, Act.AUDIT, message.get("rooms")).allowed
    names = await people(ask.hass)
    found = await ask.house.audit.async_lines(rooms, message.get("before"), message["limit"])
    return [
        _tell(it, names) | {"target": it.target, "detail": it.detail, "session": it.actor.session}
        for it in found
    ]


@command("audit/listens", _BEFORE)
async def listens(ask: Ask, message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return who has listened and when, in every room and to every member of the household.

    What the same person did in the same room within half an hour of the last time is one entry:
    `when` and `seq` are of the last of its lines, `first` and `first_seq` of the first. The entries
    before these are those before the smallest `first_seq`.
    """
    ask.demand_person()
    names = await people(ask.hass)
    visits = Visits(message["limit"])
    async for line in back(ask, None, message.get("before")):
        if not visits.add(line):
            break
    return [
        _tell(it.last, names)
        | {"count": it.count, "first": it.first.when, "first_seq": it.first.seq}
        for it in visits
    ]


@command("audit/listened", {vol.Required("ids"): fields.set_of(fields.capture_id, _MOST)})
async def listened(ask: Ask, message: dict[str, Any]) -> dict[str, Any]:
    """Return who played or exported which of these captures.

    `complete` is false when the log goes further back than was looked.
    """
    captures = [await ask.capture(Act.AUDIT, it) for it in sorted(message["ids"])]
    names = await people(ask.hass)
    oldest = min(it.started for it in captures)
    by_capture: dict[str, list[dict[str, Any]]] = {it.id: [] for it in captures}
    looked, complete = 0, True
    async for line in back(ask, frozenset(it.room_id for it in captures)):
        looked += 1
        if line.when < oldest:
            break
        if line.target in by_capture:
            by_capture[line.target].append(_tell(line, names))
    else:
        complete = looked < LOOKED_THROUGH
    return {"captures": by_capture, "complete": complete}


@command("audit/verify")
async def verify(ask: Ask, message: dict[str, Any]) -> dict[str, Any]:
    """Go through the whole log and ask the witnesses whether anything is missing or altered."""
    ask.demand_person()
    async with ask.api.verifying:
        return asdict(await ask.house.audit.async_verify())


COMMANDS: Final = (audit, listens, listened, verify)


async def last_listens(ask: Ask, rooms: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the last time somebody listened, by room."""
    names = await people(ask.hass)
    wanted, found = set(rooms), dict[str, dict[str, Any]]()
    async for line in back(ask, None):
        if line.room_id in wanted and line.room_id not in found:
            found[line.room_id] = _tell(line, names)
        if len(found) == len(wanted):
            break
    return found


async def back(
    ask: Ask, rooms: frozenset[str] | None, before: int | None = None
) -> AsyncGenerator[Line]:
    """Yield lines of listening, from the newest or from one before `before`.

    Not more than it is worth.
    """
    for _ in range(LOOKED_THROUGH // _PAGE):
        page = await ask.house.audit.async_listens(rooms, before, _PAGE)
        for line in page:
            yield line
        if len(page) < _PAGE:
            return
        before = page[-1].seq


def _tell(line: Line, names: Names) -> dict[str, Any]:
    """Return what everybody may know of a line: who, what, where and when, not which capture."""
    user_id = line.actor.user_id
    return {
        "seq": line.seq,
        "when": line.when,
        "verb": line.verb,
        "room_id": line.room_id,
        "actor": line.actor.name,
        "user_id": user_id,
        "user": names.get(user_id) if user_id else None,
    }
