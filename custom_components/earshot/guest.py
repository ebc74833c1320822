"""Guest mode: while it is on, nothing new is kept anywhere in the house."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import Store

from .aloud import async_say
from .audit import Actor, Verb
from .const import DOMAIN, EntryKind
from .entries import entries_of
from .logged import ToLog, async_log, log_soon
from .pending import dump_moment, load_moment
from .policy.allowance import Allowance
from .policy.changes import elapsed
from .policy.clock import Moment

if TYPE_CHECKING:
    from .house import House

DEFAULT_HOURS: Final = 12
MOST_HOURS: Final = 72
_SAME: Final = timedelta(minutes=1)
BEGUN: Final = "Guest mode is on for {hours}. Until then nothing that is said is kept in any room."
ENDED: Final = "Guest mode is over. What is said may be kept again, as the rules of each room say."


class Guest:
    """Whether guests are in the house. Anybody may say so; it ends by itself, or by a listener."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        self._hass = hass
        self._house = house
        self._store: Store[dict[str, Any]] = Store(
            hass, 1, f"{DOMAIN}.guest", private=True, atomic_writes=True
        )
        self._begun: Moment | None = None
        self._seconds = 0.0
        self._tellings = Allowance()
        self._told: set[str] = set()
        self._telling: set[str] = set()
        self._timer: CALLBACK_TYPE | None = None
        self._listeners: set[Callable[[], None]] = set()
        self._changing = asyncio.Lock()

    async def async_start(self) -> None:
        """Read whether it is on, and go on with it."""
        if (raw := await self._store.async_load()) is not None:
            self._begun, self._seconds = load_moment(raw["begun"]), float(raw["seconds"])
            self._told = set(raw["told"])
        if self._begun is not None:
            self._wait()

    @property
    def left_s(self) -> float:
        """Return how much longer it lasts; no clock that is set makes it end sooner."""
        if self._begun is None:
            return 0.0
        return max(0.0, self._seconds - elapsed(self._house.reading(), self._begun))

    @property
    def is_on(self) -> bool:
        """Return whether nothing may be kept now."""
        return self.left_s > 0

    @property
    def until(self) -> datetime | None:
        """Return when it ends by itself; None when it is off."""
        left = self.left_s
        if self._begun is None or not left:
            return None
        planned = self._begun.wall + timedelta(seconds=self._seconds)
        actual = self._house.reading().started(0).wall + timedelta(seconds=left)
        # The same moment each time, unless a clock was set meanwhile.
        return planned if abs(actual - planned) < _SAME else actual

    @callback
    def async_listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have a function called when it began or ended; returns what ends that."""
        self._listeners.add(listener)
        return partial(self._listeners.discard, listener)

    async def async_begin(self, hours: int, actor: Actor) -> None:
        """Begin it, or let it last longer; it is never shortened by that.

        Raises `ServiceValidationError` for fewer than 1 or more than `MOST_HOURS` hours. It begins
        even if the log cannot be written: it only keeps less. What is begun again and again is
        neither said nor written each time.
        """
        if not 1 <= hours <= MOST_HOURS:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="guest_mode_hours",
                translation_placeholders={"most": str(MOST_HOURS)},
            )
        async with self._changing:
            left = self._tellings.after_one(time.monotonic())
            if left is not None or not self.is_on:
                self._told = set()
            self._seconds = max(hours * 3_600.0, self.left_s)
            self._begun = self._house.reading().started(0)
            await self._save()
            self._wait()
        if left is not None:
            self._tellings = left
            line = ToLog(Verb.GUEST_BEGUN, actor, detail=f"{hours}_hours")
            log_soon(self._hass, self._house, line)
        self._changed()
        self.async_tell()

    async def async_end(self, actor: Actor) -> None:
        """End it before its time; nothing when it is off.

        Raises `ServiceValidationError` unless a listener of some room does, and
        `HomeAssistantError` when the log cannot be written.
        """
        if not self.is_on:
            return
        if actor.user_id is None or not self._is_listener(actor.user_id):
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="guest_mode_not_yours"
            )
        async with self._changing:
            if self._begun is not None:
                await self._over(actor)

    async def async_destroy(self) -> None:
        """Forget it, because the last of Earshot is removed."""
        async with self._changing:
            self._begun = None
            self._stop_waiting()
            await self._save()

    @callback
    def async_tell(self) -> None:
        """Say in every room that has not heard of it that it is on."""
        if not self.is_on:
            return
        for room in entries_of(self._hass, EntryKind.ROOM):
            if room.entry_id not in self._told:
                self._hass.async_create_background_task(
                    self._tell(room.entry_id), f"earshot guest mode {room.title}"
                )

    async def _tell(self, room_id: str) -> None:
        room = self._hass.config_entries.async_get_entry(room_id)
        if room is None or room_id in self._telling:
            return
        self._telling.add(room_id)
        try:
            while self.is_on and room_id not in self._told:
                begun = self._begun
                text = BEGUN.format(hours=_hours(self.left_s))
                if not await async_say(self._hass, room, text):
                    return
                if begun is self._begun:
                    self._told.add(room_id)
                    await self._save()
        finally:
            self._telling.discard(room_id)

    def _is_listener(self, user_id: str) -> bool:
        rooms = entries_of(self._hass, EntryKind.ROOM)
        return any(user_id in self._house.rules.audience(room.entry_id) for room in rooms)

    async def _over(self, actor: Actor) -> None:
        """End it; raises `HomeAssistantError` when that is early and the log cannot be written."""
        line = ToLog(Verb.GUEST_ENDED, actor)
        if self.is_on:
            await async_log(self._house, line)
        else:
            log_soon(self._hass, self._house, line)
        self._begun = None
        self._stop_waiting()
        await self._save()
        self._changed()
        for room in entries_of(self._hass, EntryKind.ROOM):
            self._hass.async_create_background_task(
                async_say(self._hass, room, ENDED), f"earshot guest mode {room.title}"
            )

    @callback
    def _wait(self) -> None:
        self._stop_waiting()
        job = HassJob(self._time_is_over, "earshot guest mode", cancel_on_shutdown=True)
        self._timer = async_call_later(self._hass, self.left_s, job)

    @callback
    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer()
            self._timer = None

    async def _time_is_over(self, _now: datetime) -> None:
        self._timer = None
        async with self._changing:
            if self.is_on:
                self._wait()
            elif self._begun is not None:
                await self._over(Actor())

    async def _save(self) -> None:
        if self._begun is None:
            await self._store.async_remove()
            return
        await self._store.async_save(
            {
                "begun": dump_moment(self._begun),
                "seconds": self._seconds,
                "told": sorted(self._told),
            }
        )

    @callback
    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def _hours(seconds: float) -> str:
    hours = max(1, round(seconds / 3_600))
    return "an hour" if hours == 1 else f"{hours} hours"
