"""How often rooms woke today although nobody spoke to them. Kept over restarts, without times."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, TypedDict

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .policy.retention import Outcome
from .voice.turn import TurnReport

SAVE_S: Final = 10.0
"""A wake word is seldom alone; what a crash forgets is a number of the last seconds."""


class _Kept(TypedDict):
    day: str
    rooms: dict[str, int]


_STORE: HassKey[FalseWakes] = HassKey(f"{DOMAIN}.false_wakes")


class FalseWakes:
    """The counts of all rooms; a day is one of the house's time zone."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._store: Store[_Kept] = Store(
            hass, 1, f"{DOMAIN}.false_wakes", private=True, atomic_writes=True
        )
        self._day = _today()
        self._rooms: dict[str, int] = {}
        self._listeners: set[Callable[[], None]] = set()
        self._midnight: CALLBACK_TYPE | None = None

    async def async_start(self) -> None:
        """Read what was counted before, and begin anew at each midnight."""
        if (kept := await self._store.async_load()) is not None:
            self._day, self._rooms = date.fromisoformat(kept["day"]), dict(kept["rooms"])
        self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._zone_changed)
        self._hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._stop)
        self._wait()

    def of(self, room_id: str) -> int:
        """Return how often a room did today."""
        return self._counts().get(room_id, 0)

    @property
    def total(self) -> int:
        """How often all rooms did today."""
        return sum(self._counts().values())

    @callback
    def async_listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have a function called when there is another number; returns what ends that."""
        self._listeners.add(listener)
        return partial(self._listeners.discard, listener)

    @callback
    def turn_over(self, room_id: str, report: TurnReport) -> None:
        """Count a turn of a room, if it was one."""
        if report.outcome is not Outcome.FALSE_WAKE or report.is_silence:
            return
        self._rooms = self._counts()
        self._day = _today()
        self._rooms[room_id] = self._rooms.get(room_id, 0) + 1
        self._store.async_delay_save(self._as_kept, SAVE_S)
        self._tell()

    def _counts(self) -> dict[str, int]:
        return self._rooms if self._day == _today() else {}

    def _as_kept(self) -> _Kept:
        return _Kept(day=self._day.isoformat(), rooms=self._rooms)

    @callback
    def _zone_changed(self, _event: Event) -> None:
        self._wait()
        self._tell()

    @callback
    def _stop(self, _event: Event | None = None) -> None:
        if self._midnight is not None:
            self._midnight()
            self._midnight = None

    @callback
    def _wait(self) -> None:
        self._stop()
        # Not "at 00:00": there are places where the clock jumps over that hour.
        midnight = dt_util.start_of_local_day(_today() + timedelta(days=1))
        self._midnight = async_track_point_in_utc_time(
            self._hass, self._day_over, dt_util.as_utc(midnight)
        )

    @callback
    def _day_over(self, _now: datetime) -> None:
        self._midnight = None
        self._wait()
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()


@singleton(_STORE, async_=True)
async def async_false_wakes(hass: HomeAssistant) -> FalseWakes:
    """Return the counts, read."""
    counts = FalseWakes(hass)
    await counts.async_start()
    return counts


def _today() -> date:
    return dt_util.now().date()
