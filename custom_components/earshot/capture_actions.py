"""Actions on captures. None of them takes or returns a word, a sound or a file.

Home Assistant writes what goes into an action and what comes out onto its bus and into traces. So
a label comes without the right text and a pin with a reason from a list.
"""

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType

from .action_rooms import rooms_named
from .api import captures
from .api.ask import Ask
from .api.rooms import sort_rooms
from .audit import Actor, Verb
from .callers import async_caller, async_person
from .const import DOMAIN
from .deleting import async_delete, async_forget_everything
from .entity import actor_of
from .house import DATA_HOUSE
from .policy.access import Act
from .traces import Certificate
from .vault import CaptureUnknownError, Selection
from .vault.views import Count, Listed, Query

_SPAN: Final = ("capture_ids", "since", "until", "outcomes")
"""What of a deletion says that it is not everything."""


class PinReason(StrEnum):
    """Why something is kept longer."""

    MISUNDERSTOOD = "misunderstood"
    FALSE_WAKE = "false_wake"
    TO_SHOW = "to_show"
    OTHER = "other"


async def async_get(call: ServiceCall) -> ServiceResponse:
    """Return how much is kept, by room, and to a listener what: times and outcomes, no words."""
    rooms = rooms_named(call.hass, call.data)
    ask = await async_caller(call.hass, call.context)
    answer: JsonObjectType = {"captures": None, "cursor": None, "refused": []}
    if ask is not None:
        ask.demand_person()
        sorted_ = sort_rooms(ask, Act.READ, rooms)
        rooms = sorted_.allowed
        answer["refused"] = [dict(it) for it in sorted_.told()]
        answer["captures"], answer["cursor"] = await _page(ask, call, rooms)
    vault = await call.hass.data[DATA_HOUSE].async_vault()
    counts = await vault.async_count(_selection(call, rooms, pinned=True))
    answer["rooms"] = {room_id: _count(call, room_id, it) for room_id, it in counts.items()}
    return answer


async def async_remove(call: ServiceCall) -> ServiceResponse:
    """Delete captures, look for what may be left of them everywhere, and return what was found."""
    pinned = call.data["pinned"]
    everything = not any(key in call.data for key in _SPAN)
    if (pinned or everything) and not call.data["confirm"]:
        raise _not_confirmed()
    rooms = rooms_named(call.hass, call.data)
    if (ask := await async_caller(call.hass, call.context)) is not None:
        ask.demand_person()
        for capture_id in sorted(call.data.get("capture_ids", ())):
            await ask.capture(Act.DELETE, capture_id)
        rooms = sort_rooms(ask, Act.DELETE, rooms).allowed
    selection = _selection(call, rooms, pinned=pinned)
    house = call.hass.data[DATA_HOUSE]
    return _told(await async_delete(call.hass, house, selection, _actor(call, ask)))


async def async_forget_all(call: ServiceCall) -> ServiceResponse:
    """Destroy everything that is kept in the house, pinned or not, and the house key."""
    if not call.data["confirm"]:
        raise _not_confirmed()
    if (ask := await async_caller(call.hass, call.context)) is not None:
        ask.demand_person()
        for room_id in ask.rooms():
            ask.demand(Act.DELETE, room_id)
    house = call.hass.data[DATA_HOUSE]
    return _told(await async_forget_everything(call.hass, house, _actor(call, ask)))


async def async_pin(call: ServiceCall) -> ServiceResponse:
    """Keep a capture past its ceiling, until a day."""
    ask = await async_person(call.hass, call.context)
    pin = await captures.pin.answer(ask, dict(call.data))
    return {"until": pin["until"].isoformat()}


async def async_unpin(call: ServiceCall) -> ServiceResponse:
    """Let a capture go when its time is over."""
    if (ask := await async_caller(call.hass, call.context)) is not None:
        await captures.unpin.answer(ask, dict(call.data))
        return None
    house, capture_id = call.hass.data[DATA_HOUSE], call.data["capture_id"]
    vault = await house.async_vault()
    if (found := await vault.async_find(capture_id)) is None:
        raise CaptureUnknownError("there is no such capture")
    await house.audit.async_write(Verb.UNPINNED, Actor(), found.room_id, capture_id)
    await vault.async_unpin(capture_id)
    return None


async def async_label(call: ServiceCall) -> ServiceResponse:
    """Say that a capture was not meant for the room, or that its words are wrong."""
    ask = await async_person(call.hass, call.context)
    await captures.label.answer(ask, dict(call.data))
    return None


async def _page(
    ask: Ask, call: ServiceCall, rooms: frozenset[str]
) -> tuple[list[JsonValueType], str | None]:
    if not rooms:
        return [], None
    query = Query(
        rooms=rooms,
        outcomes=call.data.get("outcomes"),
        since=call.data.get("since"),
        until=call.data.get("until"),
        cursor=call.data.get("cursor"),
        limit=call.data["limit"],
    )
    found, page = await captures.find(ask, query)
    return [_listed(it) for it in found], page.cursor


def _listed(capture: Listed) -> JsonObjectType:
    """Return what may be told of a capture to a trace of an automation: no word of it."""
    return {
        "id": capture.id,
        "room_id": capture.room_id,
        "started": capture.started.isoformat(),
        "outcome": capture.outcome.value,
        "sealed": capture.sealed,
        "uncertain": capture.uncertain,
        "audio_bytes": capture.audio_bytes,
        "audio_expires": _iso(capture.audio_expires),
        "words_expires": _iso(capture.words_expires),
        "pinned_until": _iso(capture.pin.until if capture.pin else None),
        "label": capture.label and capture.label.value,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _count(call: ServiceCall, room_id: str, count: Count) -> JsonObjectType:
    entry = call.hass.config_entries.async_get_entry(room_id)
    return {"name": entry.title if entry else room_id, **asdict(count)}


def _selection(call: ServiceCall, rooms: frozenset[str] | None, *, pinned: bool) -> Selection:
    """Return what is meant, from before now: what comes meanwhile is not."""
    now = dt_util.utcnow()
    data: dict[str, Any] = dict(call.data)
    return Selection(
        ids=data.get("capture_ids"),
        rooms=rooms,
        since=data.get("since"),
        until=min(now, data.get("until", now)),
        outcomes=data.get("outcomes"),
        pinned=pinned,
    )


def _actor(call: ServiceCall, ask: Ask | None) -> Actor:
    return actor_of(call.context) if ask is None else ask.actor


def _told(certificate: Certificate | None) -> ServiceResponse:
    """Return what a deletion took and what was found afterwards, as far as that could be looked."""
    return {"certificate": None if certificate is None else certificate.as_dict()}


def _not_confirmed() -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key="not_confirmed")
