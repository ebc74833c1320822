"""The rules that hold now, and the one way to change them.

What is written in the entries' options is the wish; what holds is that and every older rule that
still binds (see `policy.changes`).
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.event import async_call_later, async_track_time_interval

from .audit import Actor, Verb
from .const import DOMAIN, EntryKind
from .entries import entries_of
from .logged import ToLog, async_log, log_soon
from .notices import Notices
from .pending import MOST, MOST_OF_OTHERS, PendingStore, Remembered, TooManyChangesError
from .policy.access import RoomAccess
from .policy.allowance import Allowance
from .policy.changes import (
    GRACE_S,
    SHOWN_S,
    Effect,
    RoomRules,
    binding,
    effect,
    elapsed,
    recent,
    strictest_access,
)
from .policy.clock import Reading
from .policy.listening import Unasked
from .policy.retention import HouseRetention, Outcome, Verdict, decide, loosest, strictest
from .retention import (
    HOUSE,
    Options,
    house_rules,
    parse_house,
    parse_room,
    room_rules,
    rules_of,
    scope_of,
)
from .rule_changes import Change, aspects_of, changes_of, details, differences
from .spared import EACH_S

if TYPE_CHECKING:
    from .house import House

LOOK_INTERVAL: Final = timedelta(minutes=1)

type Policies = dict[str, Callable[[Outcome], Verdict]]
"""By room: what would be kept of a turn with this outcome."""


class Rules:
    """What may be kept, and by whom it may be reached, in every room."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        self._hass = hass
        self._house = house
        self._store = PendingStore(hass)
        self._notices = Notices(hass, house, self._store)
        self._listeners: set[Callable[[], None]] = set()
        self._waiting: set[tuple[str, datetime]] = set()
        self._loosenings: dict[tuple[str, str | None], Allowance] = {}
        self._changing = asyncio.Lock()

    async def async_start(self) -> None:
        """Read what is remembered, and look from time to time what has begun to hold."""
        await self._store.async_load()
        async_track_time_interval(
            self._hass, self._look, LOOK_INTERVAL, name="earshot rules", cancel_on_shutdown=True
        )

    @callback
    def async_listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have a function called when other rules hold; returns what ends that."""
        self._listeners.add(listener)
        return partial(self._listeners.discard, listener)

    def verdict(self, room_id: str, outcome: Outcome, now: Reading | None = None) -> Verdict:
        """Return what may be kept of a turn that is over now."""
        clock = now or self._house.reading()
        house, *houses = self._house_rules(room_id, clock)
        room, *rooms = self._room_rules(room_id, clock)
        # The ceilings of house and room do not touch, so not every pair needs to be seen.
        return strictest(
            [
                decide(house, room.retention, outcome, guest=self._house.guest.is_on),
                *(decide(house, it.retention, outcome) for it in rooms),
                *(decide(it, room.retention, outcome) for it in houses),
            ]
        )

    def kept_policies(self, now: Reading | None = None) -> Policies:
        """Return what the rules would keep of what is kept already.

        A rule that was lowered counts five minutes later; so long it can be raised again.
        """
        clock = now or self._house.reading()
        return {room.entry_id: partial(self._kept, room, clock) for room in self._rooms()}

    def policies_with(self, entry: ConfigEntry, changes: Options) -> Policies:
        """Return what would be kept if these options were changed, and the five minutes over."""
        house: Options = self._house_options()
        rooms: dict[str, Options] = {it.entry_id: it.options for it in self._rooms()}
        if scope_of(entry) == HOUSE:
            house = {**house, **changes}
        else:
            rooms[entry.entry_id] = {**entry.options, **changes}
        return {
            room_id: partial(decide, house_rules(house), room_rules(its).retention)
            for room_id, its in rooms.items()
        }

    def audience(self, room_id: str) -> frozenset[str]:
        """Return the ids of the users who may reach what is heard now."""
        return self.access(room_id).listeners

    def access(self, room_id: str, heard: datetime | None = None) -> RoomAccess:
        """Return who may reach a room, and how: now, or what was heard then."""
        rules = self._room_rules(room_id, self._house.reading(), heard)
        return strictest_access([it.access for it in rules])

    def allows_debug(self, room_id: str) -> bool:
        """Return whether commands are taken although Home Assistant records them."""
        rules = self._room_rules(room_id, self._house.reading())
        return all(it.debug_allowed for it in rules)

    def listening(self, room_id: str) -> Unasked:
        """Return when a room may listen although nobody there woke it, as all that binds allows."""
        rules = self._room_rules(room_id, self._house.reading())
        return Unasked(
            child=any(it.access.child for it in rules),
            remote_listen=all(it.remote_listen for it in rules),
            follow_up=all(it.follow_up for it in rules),
        )

    def changes(self, room_id: str | None = None) -> tuple[Change, ...]:
        """Return what changed in the last seven days for a room, or anywhere; newest first."""
        clock = self._house.reading()
        scopes = tuple(self._store.scopes) if room_id is None else (room_id, HOUSE)
        found = [
            change
            for scope_id in scopes
            for edit in self._store.edits(scope_id)
            if elapsed(clock, edit.made) < SHOWN_S
            for change in changes_of(scope_id, room_id, edit, clock)
        ]
        return tuple(sorted(found, key=lambda it: it.made.wall, reverse=True))

    def preview(self, entry: ConfigEntry, changes: Options) -> dict[str, Effect]:
        """Return what changed options of an entry would do, by room."""
        return self._effects(entry, entry.options, {**entry.options, **changes})

    async def async_observe(self, entry: ConfigEntry) -> None:
        """Take up an entry that is set up.

        What it says at first is no change. What it says otherwise than when it was last seen, as
        after the restore of a backup, is a change made now.
        """
        options = rules_of(entry.options)
        async with self._changing:
            scope = self._store.scopes.get(scope_of(entry))
            if scope is None:
                await self._store.async_adopt(scope_of(entry), options)
            elif scope.known != options:
                await self._remember(entry, scope.known, options, Actor(), done=True)
        self._notices.tell()

    async def async_change(
        self, entry: ConfigEntry, changes: Options, actor: Actor
    ) -> dict[str, Effect]:
        """Change options of a room or of the house; return what that does, by room.

        Raises `ServiceValidationError` for what is no rule or too much at once, and
        `HomeAssistantError` when something is loosened and the log cannot be written.
        """
        has_say = await self._has_say(entry, actor)
        async with self._changing:
            before, after = rules_of(entry.options), {**entry.options, **changes}
            _check(entry, after)
            effects = self.preview(entry, changes)
            if any(it.loosened for it in effects.values()):
                self._allow_one_more(scope_of(entry), actor, has_say=has_say)
            if before != rules_of(after):
                most = MOST if has_say else MOST_OF_OTHERS
                after_rules = rules_of(after)
                await self._remember(entry, before, after_rules, actor, done=False, most=most)
            self._hass.config_entries.async_update_entry(entry, options=after)
        self._changed()
        self._notices.tell()
        return effects

    async def _has_say(self, entry: ConfigEntry, actor: Actor) -> bool:
        """Return whether somebody may listen there, or is an administrator."""
        if actor.user_id is None:
            return False
        rooms = [it.entry_id for it in self._rooms()]
        rooms = rooms if scope_of(entry) == HOUSE else [entry.entry_id]
        if any(actor.user_id in self.audience(room_id) for room_id in rooms):
            return True
        user = await self._hass.auth.async_get_user(actor.user_id)
        return user is not None and user.is_admin

    def _allow_one_more(self, scope_id: str, actor: Actor, *, has_say: bool) -> None:
        whose = (scope_id, actor.user_id)
        used = self._loosenings.get(whose, Allowance(each_s=60.0 if has_say else EACH_S))
        if (left := used.after_one(time.monotonic())) is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="loosened_too_often"
            )
        self._loosenings[whose] = left

    async def async_confirm(self, room_id: str) -> int:
        """Let what waits in a room begin, as somebody there wants; return how many changes.

        Raises `HomeAssistantError` when the log cannot be written.
        """
        clock = self._house.reading()
        async with self._changing:
            waiting = [
                edit
                for edit in (*self._store.edits(room_id), *self._store.edits(HOUSE))
                if edit.loosened and edit.waits(room_id, clock)
            ]
            if not waiting:
                return 0
            line = ToLog(Verb.WIDENED, Actor(name="satellite"), room_id, detail="confirmed")
            await async_log(self._house, line)
            await self._store.async_mark(waiting, room_id, confirmed=clock.started(0).wall)
        self._changed()
        self._notices.confirmed(room_id)
        return len(waiting)

    async def async_forget(self, room_id: str) -> None:
        """Forget a room that was removed."""
        for whose in [it for it in self._loosenings if it[0] == room_id]:
            del self._loosenings[whose]
        await self._store.async_forget(room_id)

    async def async_destroy(self) -> None:
        """Forget everything, because the last of Earshot is removed."""
        await self._store.async_remove()

    @callback
    def async_linked(self) -> None:
        """Say what could not be said while a satellite was away."""
        self._notices.tell()

    async def _remember(
        self, entry: ConfigEntry, before: Options, after: Options, actor: Actor, *, done: bool,
        most: int = MOST,
    ) -> None:  # fmt: skip
        """Remember a change and write it to the log: before, if it loosens and is not `done`."""
        effects = self._effects(entry, before, after).values()
        loosened = frozenset[str]().union(*(it.loosened for it in effects))
        room_id = None if scope_of(entry) == HOUSE else entry.entry_id
        lines = [
            ToLog(
                Verb.WIDENED if aspects_of(option) & loosened else Verb.POLICY_CHANGED,
                actor,
                room_id,
                target=option,
                detail=what,
            )
            for option, was, now in differences(before, after)
            for what in details(was, now)
        ]
        at_once = bool(loosened) and not done
        if at_once:
            for line in lines:
                await async_log(self._house, line)
        clock = self._house.reading()
        edit = Remembered(
            before=before,
            after=after,
            made=clock.started(0),
            loosened=loosened,
            idle=not any(it.loosened or it.tightened for it in effects),
        )
        try:
            await self._store.async_add(scope_of(entry), edit, clock, most)
        except TooManyChangesError:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="too_many_changes"
            ) from None
        if not at_once:
            for line in lines:
                if line.verb is Verb.WIDENED:
                    log_soon(self._hass, self._house, line)
                else:
                    self._house.spared.log_soon(line)
        if any(it.tightened for it in effects):
            job = HassJob(self._grace_over, "earshot grace", cancel_on_shutdown=True)
            async_call_later(self._hass, GRACE_S + 1, job)

    @callback
    def _grace_over(self, _now: datetime) -> None:
        self._house.retention_changed()

    @callback
    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    @callback
    def _look(self, _now: datetime) -> None:
        """Notice what has begun to hold, and say what could not be said yet."""
        clock = self._house.reading()
        waiting = {
            (room.entry_id, edit.made.wall)
            for room in self._rooms()
            for edit in (*self._store.edits(room.entry_id), *self._store.edits(HOUSE))
            if edit.waits(room.entry_id, clock)
        }
        if self._waiting - waiting:
            self._changed()
        self._waiting = waiting
        self._notices.tell()

    def _rooms(self) -> list[ConfigEntry]:
        return entries_of(self._hass, EntryKind.ROOM)

    def _house_options(self) -> Options:
        return self._house.entry.options if self._house.entry else {}

    def _effects(self, entry: ConfigEntry, before: Options, after: Options) -> dict[str, Effect]:
        if scope_of(entry) != HOUSE:
            house = house_rules(self._house_options())
            pair = (house, room_rules(before)), (house, room_rules(after))
            return {entry.entry_id: effect(*pair)}
        was, will = house_rules(before), house_rules(after)
        rooms = {room.entry_id: room_rules(room.options) for room in self._rooms()}
        return {room_id: effect((was, its), (will, its)) for room_id, its in rooms.items()}

    def _house_rules(self, room_id: str, clock: Reading) -> list[HouseRetention]:
        written = self._written(HOUSE, self._house_options())
        bound = binding(self._store.edits(HOUSE), room_id, clock)
        return [house_rules(it) for it in (*written, *bound)]

    def _room_rules(
        self, room_id: str, clock: Reading, heard: datetime | None = None
    ) -> list[RoomRules]:
        entry = self._hass.config_entries.async_get_entry(room_id)
        if entry is None or entry.domain != DOMAIN:
            return [RoomRules()]
        written = self._written(room_id, entry.options)
        bound = binding(self._store.edits(room_id), room_id, clock, heard)
        return [room_rules(it) for it in (*written, *bound)]

    def _written(self, scope_id: str, options: Options) -> list[Options]:
        """Return the options of an entry and, should they differ, those that were seen last."""
        scope = self._store.scopes.get(scope_id)
        if scope is None or scope.known == rules_of(options):
            return [options]
        return [options, scope.known]

    def _kept(self, room: ConfigEntry, clock: Reading, outcome: Outcome) -> Verdict:
        # While the house's entry is being made again, what it said last still holds.
        house = self._written(HOUSE, self._house_options())[0 if self._house.entry else -1]
        houses = {house_rules(it) for it in (house, *recent(self._store.edits(HOUSE), clock))}
        edits = self._store.edits(room.entry_id)
        rooms = {room_rules(it).retention for it in (room.options, *recent(edits, clock))}
        return loosest(decide(one, its, outcome) for one in houses for its in rooms)


def _check(entry: ConfigEntry, options: Options) -> None:
    try:
        if scope_of(entry) == HOUSE:
            parse_house(options)
        else:
            parse_room(options)
    except ValueError:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_such_rule"
        ) from None
