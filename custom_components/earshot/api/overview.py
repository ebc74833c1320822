"""The house at a glance: what every member of the household may know, and what the asker may do."""

from typing import Any, Final

from homeassistant.helpers import device_registry as dr

from ..const import DOMAIN, EntryKind
from ..entries import entries_of
from ..house import House
from ..models import RoomConfigEntry
from ..policy.access import Act
from ..policy.retention import Ceiling, Outcome
from ..room import Room
from .ask import Ask
from .commands import command
from .log import last_listens
from .told import Names, people, tell_change


@command("overview")
async def overview(ask: Ask, message: dict[str, Any]) -> dict[str, Any]:
    """Return the house and its rooms; nothing that was said."""
    ask.demand_person()
    names = await people(ask.hass)
    entries = entries_of(ask.hass, EntryKind.ROOM)
    last = await last_listens(ask, [entry.entry_id for entry in entries])
    return {
        "house": _house(ask, names),
        "rooms": [_room(ask, entry, names, last.get(entry.entry_id)) for entry in entries],
    }


COMMANDS: Final = (overview,)


def _house(ask: Ask, names: Names) -> dict[str, Any]:
    house, asker = ask.house, ask.asker
    usage = house.usage.values()
    expiries = [it.next_expiry for it in usage if it.next_expiry is not None]
    return {
        "vault": house.is_open,
        "clock": house.reading().trusted,
        "guest_until": house.guest.until,
        "captures": sum(it.captures for it in usage),
        "bytes": sum(it.bytes for it in usage),
        "oldest": min((it.oldest for it in usage), default=None),
        "next_expiry": min(expiries, default=None),
        "changes": [tell_change(it, names) for it in house.rules.changes()],
        "user_id": asker.user_id,
        "has_second_factor": asker.has_second_factor,
        "second_factor_s": ask.api.second_factor.left_s(asker.session or ""),
    }


def _room(
    ask: Ask, entry: RoomConfigEntry, names: Names, listened: dict[str, Any] | None
) -> dict[str, Any]:
    room_id = entry.entry_id
    access = ask.access(room_id)
    usage = ask.house.usage.get(room_id)
    device = dr.async_get(ask.hass).async_get_device_by_identifier((DOMAIN, room_id), room_id)
    return {
        "room_id": room_id,
        "name": entry.title,
        "device_id": device and device.id,
        "area_id": device and device.area_id,
        "may": {act.value: ask.verdict(act, room_id).told for act in Act},
        "listeners": [
            {"user_id": user_id, "name": names.get(user_id)} for user_id in sorted(access.listeners)
        ],
        "rules": {
            "child": access.child,
            "sealed": access.sealed,
            "second_factor": access.second_factor,
            "remote": access.remote,
            "long_lived": access.long_lived,
            "plain_http": access.plain_http,
            "local_only": access.local_only,
        },
        "retention": _retention(ask.house, room_id),
        "captures": usage.captures if usage else 0,
        "bytes": usage.bytes if usage else 0,
        "oldest": usage and usage.oldest,
        "next_expiry": usage and usage.next_expiry,
        "listened": listened,
        **tell_live(getattr(entry, "runtime_data", None)),
    }


def tell_live(room: Room | None) -> dict[str, Any]:
    """Return what is known of a room that is set up; nothing comforting of one that is not."""
    if room is None:
        return {
            "microphone": {"state": None, "reason": "not_linked", "since": None, "holders": []},
            "muted": None,
            "locality": None,
        }
    microphone, locality = room.microphone, room.locality
    return {
        "microphone": {
            "state": microphone.state,
            "reason": str(microphone.reason),
            "verified_s": room.receipt_age_s if room.receipt else None,
            "since": room.microphone_since,
            "holders": _holders(room),
        },
        "muted": room.mute.is_on,
        "muted_at_device": room.mute.at_device,
        "mute_left_s": room.mute.left_s,
        "mute_waits": room.mute.pending and not room.link.is_up,
        "locality": {
            "state": locality.state,
            "engines": [
                {
                    "role": it.role,
                    "engine": it.engine,
                    "state": it.state,
                    "reason": it.reason,
                    "word_of": it.voucher and it.voucher.by,
                    "word_given": it.voucher and it.voucher.given,
                }
                for it in locality.reasons
            ],
        },
    }


def _holders(room: Room) -> list[str]:
    """Return the names of other programs that record from the microphone, as far as was seen."""
    evidence = room.receipt.evidence if room.receipt and room.link.is_up else ()
    return sorted({it.detail for it in evidence if it.state == "other" and it.detail})


def _retention(house: House, room_id: str) -> dict[str, Any]:
    """Return how long a turn would be kept, by its outcome, and which rule says so."""
    verdicts = {outcome: house.rules.verdict(room_id, outcome) for outcome in Outcome}
    return {
        outcome.value: {"audio": _ceiling(it.audio), "transcript": _ceiling(it.transcript)}
        for outcome, it in verdicts.items()
    }


def _ceiling(ceiling: Ceiling) -> dict[str, Any]:
    return {"seconds": ceiling.seconds, "rule": ceiling.rule}
