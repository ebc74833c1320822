"""Captures: a page of them, how many, away with them, pins and labels."""

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, Final

import probatio as vol
from homeassistant.util import dt as dt_util

from ..audit import Verb
from ..policy.access import Act
from ..vault.views import (
    MAX_PIN,
    MAX_REASON,
    MAX_RIGHT_TEXT,
    Label,
    Listed,
    Page,
    Pin,
    Query,
    Selection,
)
from . import fields
from .ask import Ask
from .commands import command
from .deletions import MAX_UNDO_S
from .errors import ApiError
from .rooms import sort_rooms
from .told import people, tell_capture, tell_pin

_ROUNDS: Final = 20
"""Pages of the vault looked through for one page of somebody who may see only some captures."""


@command("captures", fields.QUERY, words=True)
async def captures(ask: Ask, message: dict[str, Any]) -> dict[str, Any]:
    """Return a page of captures with their words, newest first, of the rooms that may be read."""
    ask.demand_person()
    rooms = sort_rooms(ask, Act.READ, message.get("rooms"))
    answer: dict[str, Any] = {"captures": [], "cursor": None, "complete": True}
    answer["refused"] = rooms.told()
    if not rooms.allowed:
        return answer
    query = Query(
        rooms=rooms.allowed,
        outcomes=message.get("outcomes"),
        since=message.get("since"),
        until=message.get("until"),
        text=message.get("text"),
        cursor=message.get("cursor"),
        limit=message.get("limit", Query.limit),
    )
    if query.text is not None:
        # That nothing is found is an answer too, so a search leaves its line before it begins.
        vault = await ask.vault()
        searched = {it for it in rooms.allowed if not vault.is_locked(it, ask.private)}
        await ask.api.readings.async_note(ask.actor, searched)
    found, page = await find(ask, query)
    await ask.api.readings.async_note(ask.actor, {it.room_id for it in found if _has_words(it)})
    names = await people(ask.hass)
    answer["captures"] = [tell_capture(it, names) for it in found]
    answer["cursor"], answer["complete"] = page.cursor, page.complete
    return answer


@command("captures/count", fields.SELECTION)
async def count(ask: Ask, message: dict[str, Any]) -> dict[str, Any]:
    """Return how much a selection holds, and the moment before which it was counted."""
    selection = await _selection(ask, message)
    return await _counted(ask, selection)


@command(
    "captures/delete",
    fields.SELECTION
    | {
        vol.Required("seen"): fields.number(0, 10**9),
        vol.Optional("undo", default=0): fields.number(0, MAX_UNDO_S),
    },
)
async def delete(ask: Ask, message: dict[str, Any]) -> dict[str, Any]:
    """Delete a selection, unless it holds more captures than the `seen` that were agreed to.

    `undo`: seconds in which it can be taken back. What comes meanwhile is not taken.
    """
    selection = await _selection(ask, message)
    counted = await _counted(ask, selection)
    if counted["captures"] > message["seen"]:
        raise ApiError("count_changed", count=str(counted["captures"]))
    deletion_id, due = ask.api.deletions.schedule(selection, ask.actor, message["undo"])
    return counted | {"deletion_id": deletion_id, "due": due}


@command("captures/undo", {vol.Required("deletion_id"): fields.identifier})
async def undo(ask: Ask, message: dict[str, Any]) -> None:
    """Take back a deletion of one's own that is not carried out yet."""
    if not ask.api.deletions.undo(message["deletion_id"], ask.demand_person()):
        raise ApiError("deletion_over")


@command(
    "captures/pin",
    {
        vol.Required("capture_id"): fields.capture_id,
        vol.Required("days"): fields.number(1, MAX_PIN.days),
        vol.Required("reason"): fields.text(MAX_REASON),
    },
    words=True,
)
async def pin(ask: Ask, message: dict[str, Any]) -> dict[str, Any]:
    """Keep a capture past its ceiling, for a reason and until a day; every listener sees it."""
    found = await ask.capture(Act.PIN, message["capture_id"])
    now = dt_util.utcnow()
    if not ask.house.rules.verdict(found.room_id, found.outcome).allows:
        raise ApiError("never_kept")
    made = Pin(
        until=now + timedelta(days=message["days"]),
        reason=message["reason"],
        by=ask.demand_person(),
        made=now,
    )
    await ask.write(Verb.PINNED, found.room_id, found.id, f"{message['days']}_days")
    await (await ask.vault()).async_pin(found.id, made)
    return tell_pin(made, await people(ask.hass))


@command("captures/unpin", {vol.Required("capture_id"): fields.capture_id})
async def unpin(ask: Ask, message: dict[str, Any]) -> None:
    """Let a capture go when its time is over; everybody of the room may."""
    found = await ask.capture(Act.UNPIN, message["capture_id"])
    await ask.write(Verb.UNPINNED, found.room_id, found.id)
    await (await ask.vault()).async_unpin(found.id)


@command("captures/pins", words=True)
async def pins(ask: Ask, message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is pinned in one's rooms, with reasons where one may read."""
    rooms = sort_rooms(ask, Act.UNPIN, None).allowed
    names = await people(ask.hass)
    found = []
    for listed, kept in await (await ask.vault()).async_pins():
        if listed.room_id not in rooms:
            continue
        told = tell_pin(kept, names)
        if not ask.verdict_of(Act.READ, listed).allowed:
            told["reason"] = None
        found.append(
            {"capture_id": listed.id, "room_id": listed.room_id, "started": listed.started} | told
        )
    return found


@command(
    "captures/label",
    {
        vol.Required("capture_id"): fields.capture_id,
        vol.Required("label"): vol.Any(None, fields.one_of(Label)),
        vol.Optional("right_text"): fields.text(MAX_RIGHT_TEXT),
    },
    words=True,
)
async def label(ask: Ask, message: dict[str, Any]) -> None:
    """Say that a capture was not meant for the room, or what was really said."""
    found = await ask.capture(Act.LABEL, message["capture_id"])
    right_text = message.get("right_text")
    if right_text is not None and message["label"] is not Label.WRONG_TEXT:
        raise ApiError("label_without_text")
    await ask.write(Verb.LABELLED, found.room_id, found.id, message["label"] or "")
    await (await ask.vault()).async_label(found.id, message["label"], right_text)


async def find(ask: Ask, query: Query) -> tuple[list[Listed], Page]:
    """Return a page of the captures that the asker may read, and where the vault's pages ended."""
    vault, reading = await ask.vault(), ask.house.reading()
    query = replace(query, listener=ask.asker.user_id)
    found: list[Listed] = []
    for _ in range(_ROUNDS):
        rest = replace(query, limit=query.limit - len(found))
        page = await vault.async_page(rest, reading, ask.private)
        found += (it for it in page.items if ask.verdict_of(Act.READ, it).allowed)
        query = replace(query, cursor=page.cursor)
        if page.cursor is None or len(found) >= query.limit:
            break
    return found, page


COMMANDS: Final = (captures, count, delete, undo, pin, unpin, pins, label)


async def _selection(ask: Ask, message: dict[str, Any]) -> Selection:
    """Return what is to be counted or deleted, of the asker's rooms and from before now."""
    ask.demand_person()
    if (ids := message.get("ids")) is not None:
        for capture_id in ids:
            await ask.capture(Act.DELETE, capture_id)
    rooms = sort_rooms(ask, Act.DELETE, message.get("rooms"))
    now = dt_util.utcnow()
    return Selection(
        ids=ids,
        rooms=rooms.allowed,
        since=message.get("since"),
        until=min(now, message.get("until", now)),
        outcomes=message.get("outcomes"),
        pinned=message["pinned"],
    )


async def _counted(ask: Ask, selection: Selection) -> dict[str, Any]:
    by_room = await (await ask.vault()).async_count(selection)
    return {
        "captures": sum(it.captures for it in by_room.values()),
        "pinned": sum(it.pinned for it in by_room.values()),
        "rooms": {room_id: asdict(it) for room_id, it in by_room.items()},
        "until": selection.until,
    }


def _has_words(capture: Listed) -> bool:
    return capture.transcript is not None or capture.record is not None
