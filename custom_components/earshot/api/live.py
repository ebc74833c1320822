"""What changes, told as it happens, so that nobody has to ask again and again."""

import time
from dataclasses import replace
from functools import partial
from typing import Any, Final

from homeassistant.components.websocket_api import event_message
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED
from homeassistant.core import CALLBACK_TYPE, HassJob, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later

from ..audit import LISTENS, Line, Verb
from ..const import DOMAIN, EntryKind
from ..entries import entries_of
from ..policy.access import Act
from ..room import Room
from ..vault.views import Change
from ..wire.microphone import Receipt
from .ask import Ask
from .commands import command
from .errors import ApiError
from .overview import tell_live

MAX_FEEDS: Final = 16
"""Of one connection; a dashboard has one for each card."""

_HOLDS: Final = frozenset({Verb.PINNED, Verb.UNPINNED})
_TELLS_OF_LISTENING: Final = LISTENS | {Verb.NOT_OPENED}
_MAX_IDS: Final = 500
_SETTLE_S: Final = 0.5
"""Changes that come together are told once."""


@command("subscribe")
async def subscribe(ask: Ask, message: dict[str, Any]) -> None:
    """Tell from now on what changes: captures of one's rooms, rooms, the house.

    Events: `captures` (kind, room_id, ids or null for many), `room` (its microphone, mute and
    locality), `receipt` (the microphone was verified anew, and is as it was), `listened` (in which
    room and how), `pin` (made or taken away), `overview` (ask for it again), `deletion`,
    `deletion_check`.
    """
    ask.demand_person()
    assert ask.connection is not None
    feeds = [it for it in ask.connection.subscriptions.values() if isinstance(it, Feed)]
    if len(feeds) >= MAX_FEEDS:
        raise ApiError("too_many_feeds")
    if not ask.is_connected:
        # It ended while we found out who asks: nobody would end the subscription.
        return
    feed = Feed(ask, message["id"])
    ask.connection.subscriptions[message["id"]] = feed
    feed.start()


COMMANDS: Final = (subscribe,)


class Feed:
    """One subscription. Calling it ends it, as Home Assistant does with its own."""

    def __init__(self, ask: Ask, message_id: int) -> None:
        self._ask = ask
        self._id = message_id
        self._ends: list[CALLBACK_TYPE] = []
        self._rooms: dict[str, CALLBACK_TYPE] = {}
        self._told: dict[str, dict[str, Any]] = {}
        self._receipts: dict[str, Receipt | None] = {}
        self._settling: CALLBACK_TYPE | None = None

    def __call__(self) -> None:
        """End it."""
        for end in (*self._ends, *self._rooms.values()):
            end()
        if self._settling is not None:
            self._settling()

    @callback
    def start(self) -> None:
        """Begin to listen."""
        house, api = self._ask.house, self._ask.api
        self._ends = [
            house.async_listen(self._overview),
            house.async_listen_captures(self._captures),
            house.rules.async_listen(self._overview),
            house.guest.async_listen(self._overview),
            house.audit.async_listen(self._line),
            api.deletions.async_listen(self._deletion),
            api.checks.async_listen(partial(self._send, "deletion_check")),
            async_dispatcher_connect(
                self._ask.hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entries_changed
            ),
        ]
        self._follow()

    @callback
    def _follow(self) -> None:
        """Listen to the rooms that are set up, and to no others."""
        rooms = {
            entry.entry_id: entry.runtime_data
            for entry in entries_of(self._ask.hass, EntryKind.ROOM)
            if getattr(entry, "runtime_data", None) is not None
        }
        for end in self._rooms.values():
            end()
        self._rooms = {
            room_id: room.async_listen(partial(self._room, room_id))
            for room_id, room in rooms.items()
        }

    @callback
    def _entries_changed(self, _change: Any, entry: Any) -> None:
        if entry.domain == DOMAIN:
            self._follow()
            self._overview()

    @callback
    def _room(self, room_id: str) -> None:
        entry = self._ask.hass.config_entries.async_get_entry(room_id)
        room: Room | None = getattr(entry, "runtime_data", None)
        told, receipt = tell_live(room), room.receipt if room else None
        # A receipt comes every 10 s and mostly says the same; but that it came is news, as an old
        # one is worth nothing.
        left_s = told.get("mute_left_s")
        news = told | {
            "microphone": told["microphone"] | {"verified_s": None},
            "mute_left_s": None if left_s is None else round(time.monotonic() + left_s),
        }
        if self._told.get(room_id) != news:
            self._told[room_id] = news
            self._send("room", room_id=room_id, **told)
        elif receipt is not None and receipt is not self._receipts.get(room_id):
            verified_s = told["microphone"]["verified_s"]
            self._send("receipt", room_id=room_id, verified_s=verified_s)
        self._receipts[room_id] = receipt

    @callback
    def _captures(self, change: Change) -> None:
        if self._is_stranger(change.room_id):
            return
        ids = change.capture_ids if len(change.capture_ids) <= _MAX_IDS else None
        self._send("captures", kind=change.kind, room_id=change.room_id, ids=ids)

    @callback
    def _line(self, line: Line) -> None:
        if line.verb in _TELLS_OF_LISTENING:
            self._send("listened", room_id=line.room_id, verb=line.verb)
        elif line.verb in _HOLDS and line.room_id and not self._is_stranger(line.room_id):
            self._send(
                "pin", room_id=line.room_id, verb=line.verb, capture_id=line.target,
                user_id=line.actor.user_id,
            )  # fmt: skip

    def _is_stranger(self, room_id: str) -> bool:
        """Return whether the asker is none of the people of a room, as things are now."""
        connection = self._ask.connection
        assert connection is not None
        asker = replace(self._ask.asker, is_active=connection.user.is_active)
        return replace(self._ask, asker=asker).verdict(Act.READ, room_id).is_stranger

    @callback
    def _deletion(self, user_id: str, told: dict[str, Any]) -> None:
        if user_id == self._ask.asker.user_id:
            self._send("deletion", **told)

    @callback
    def _overview(self) -> None:
        if self._settling is None:
            self._settling = async_call_later(
                self._ask.hass, _SETTLE_S, HassJob(self._settled, cancel_on_shutdown=True)
            )

    @callback
    def _settled(self, _now: object) -> None:
        self._settling = None
        self._send("overview")

    @callback
    def _send(self, event: str, **told: Any) -> None:
        connection = self._ask.connection
        if connection is not None and connection.user.is_active:
            connection.send_message(event_message(self._id, {"event": event, **told}))
