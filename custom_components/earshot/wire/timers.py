"""Timers: set by voice at home, kept and rung at the satellite.

A satellite that was told of a timer rings when it is up, whether home is there or not. A name that
somebody gave a timer is what was said, so it stays at home.
"""

from __future__ import annotations

from dataclasses import dataclass

from .message import Message, Record, flag, identifier, records, whole

MAX_TIMERS = 32
MAX_LEFT_S = 7 * 24 * 3_600.0

_LEFT_MS = int(MAX_LEFT_S * 1_000)


@dataclass(frozen=True, kw_only=True)
class SetTimer(Message, kind="earshot-set-timer"):
    """Home to satellite: begin or change a timer; one with nothing left is up now."""

    id: str = identifier()
    left_ms: int = whole(0, _LEFT_MS)
    active: bool = flag(default=True)
    """False while it is paused."""


@dataclass(frozen=True, kw_only=True)
class CancelTimer(Message, kind="earshot-cancel-timer"):
    """Home to satellite: forget a timer, also one that rings."""

    id: str = identifier()


@dataclass(frozen=True, kw_only=True)
class StopRinging(Message, kind="earshot-stop-ringing"):
    """Home to satellite: be silent, whichever timer is up."""


@dataclass(frozen=True, kw_only=True)
class TimerState(Record):
    """A timer as the satellite has it."""

    id: str = identifier()
    left_ms: int = whole(0, _LEFT_MS)
    active: bool = flag()
    ringing: bool = flag(default=False)


@dataclass(frozen=True, kw_only=True)
class Timers(Message, kind="earshot-timers"):
    """Satellite to home: all of its timers; after `Welcome`, and when one changes or rings."""

    timers: tuple[TimerState, ...] = records(TimerState, MAX_TIMERS)
