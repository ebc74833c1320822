"""The timers of a room: Home Assistant's own, told to the satellite that rings them.

Home Assistant keeps them in its memory. The satellite keeps them too, and rings although we are
not there; what it still has when we come back from a restart is taken up again.
"""

import logging
import math
import time
from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.components.intent import (
    TimerEventType,
    TimerInfo,
    async_register_timer_handler,
)
from homeassistant.components.intent.const import TIMER_DATA
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import intent
from homeassistant.util import dt as dt_util

from .wire.timers import MAX_LEFT_S, CancelTimer, SetTimer, StopRinging, Timers, TimerState

if TYPE_CHECKING:
    from .room import Room

_LOGGER = logging.getLogger(__name__)

_ENDED: Final = 256


class RoomTimers:
    """What the satellite of one room is told of its timers, and what it says of them."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, room: Room) -> None:
        self._hass = hass
        self._room = room
        self._device_id: str | None = None
        self._running: dict[str, TimerInfo] = {}
        self._ended: deque[tuple[str, bool]] = deque(maxlen=_ENDED)
        """Of this run of Home Assistant: the id, and whether it is up and not cancelled."""

        self._compared = False
        self._states: tuple[TimerState, ...] = ()
        self._told_at = dt_util.utcnow()

    @callback
    def async_register(self, device_id: str) -> CALLBACK_TYPE:
        """Let timers be set in the room by voice; returns what ends that.

        Those of before are still there when only the room was set up anew.
        """
        self._device_id = device_id
        for timer in self._hass.data[TIMER_DATA].timers.values():
            if timer.device_id == device_id and not timer.conversation_command:
                self._running[timer.id] = timer
        return async_register_timer_handler(self._hass, device_id, self._handle)

    @property
    def rings(self) -> bool:
        """Whether one rings at the satellite."""
        return any(it.ringing for it in self._states)

    @property
    def next_at(self) -> datetime | None:
        """When the next one will be up."""
        left = [it.left_ms for it in self._states if it.active and not it.ringing]
        return self._told_at + timedelta(milliseconds=min(left)) if left else None

    def stop(self) -> bool:
        """Have the satellite stop ringing; return whether it can be told."""
        return self._room.link.send(StopRinging())

    @callback
    def link_down(self) -> None:
        """Take notice that nothing is known of the satellite's timers any more."""
        self._compared, self._states = False, ()

    @callback
    def told(self, message: Timers) -> None:
        """Take what the satellite says; the first time, bring both ends together."""
        self._states, self._told_at = message.timers, dt_util.utcnow()
        if not self._compared:
            self._compared = True
            self._compare(message.timers)
        self._room.changed()

    @callback
    def _handle(self, event: TimerEventType, timer: TimerInfo) -> None:
        match event:
            case TimerEventType.STARTED | TimerEventType.UPDATED:
                self._running[timer.id] = timer
                self._send(timer)
            case TimerEventType.CANCELLED:
                self._end(timer.id, is_up=False)
            case TimerEventType.FINISHED:
                self._end(timer.id, is_up=True)

    def _end(self, timer_id: str, *, is_up: bool) -> None:
        self._running.pop(timer_id, None)
        self._ended.append((timer_id, is_up))
        self._tell_end(timer_id, is_up=is_up)

    def _tell_end(self, timer_id: str, *, is_up: bool) -> None:
        message = SetTimer(id=timer_id, left_ms=0) if is_up else CancelTimer(id=timer_id)
        self._room.link.send(message)

    def _send(self, timer: TimerInfo) -> None:
        left_s = float(timer.seconds)
        if timer.is_active:
            left_s -= (time.monotonic_ns() - timer.updated_at) / 1e9
        left_ms = round(min(max(left_s, 0.001), MAX_LEFT_S) * 1_000)
        self._room.link.send(SetTimer(id=timer.id, left_ms=left_ms, active=timer.is_active))

    def _compare(self, there: tuple[TimerState, ...]) -> None:
        """Tell the satellite what it missed, and take up what only it remembers."""
        for timer in tuple(self._running.values()):
            self._send(timer)
        ended = dict(self._ended)
        for state in there:
            if state.ringing or state.id in self._running:
                continue
            if state.id in ended:
                self._tell_end(state.id, is_up=ended[state.id])
            elif self._device_id is not None:
                self._adopt(state, self._device_id)

    def _adopt(self, state: TimerState, device_id: str) -> None:
        """Have Home Assistant know a timer from before its restart, so that a voice can end it.

        What it was called, nobody remembers: that is a word somebody said, and was only in memory.
        """
        timers = self._hass.data[TIMER_DATA]
        seconds = max(1, math.ceil(state.left_ms / 1_000))
        try:
            timer_id = timers.start_timer(
                device_id, None, None, seconds, self._hass.config.language
            )
            if not state.active:
                timers.pause_timer(timer_id)
        except intent.IntentError as err:
            # The satellite rings it all the same.
            _LOGGER.debug("A timer is not taken up again: %s", type(err).__name__)
            return
        self._room.link.send(CancelTimer(id=state.id))
