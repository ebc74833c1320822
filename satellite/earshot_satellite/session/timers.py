"""The timers of a room, on its own clock, so that they ring whether home is there or not.

Home keeps timers in its memory and tells of each change; here is what makes them heard. The clock
is the device's boot time, which goes on while the device sleeps and which nobody sets.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from earshot_wire.timers import MAX_LEFT_S, MAX_TIMERS, TimerState

RING_S = 300.0
"""A timer that nobody stops rings for so long."""

_RUNG = 64


@dataclass(frozen=True)
class _Timer:
    ends_at: float | None
    """None while it is paused."""

    left_s: float

    def left(self, now: float) -> float:
        return self.left_s if self.ends_at is None else max(0.0, self.ends_at - now)


class Timers:
    """Pure: what happened and the time in; what rings can be asked."""

    def __init__(self) -> None:
        self._timers: dict[str, _Timer] = {}
        self._ringing: dict[str, float] = {}
        self._rung: deque[str] = deque(maxlen=_RUNG)

    def set(self, timer: str, left_s: float, now: float, *, active: bool = True) -> bool:
        """Begin or change one; with nothing left it rings. False when there are too many.

        One that has rung does not ring again, however late home tells of its end.
        """
        if timer in self._ringing or timer in self._rung:
            return True
        if active and left_s <= 0:
            self._timers.pop(timer, None)
            self._ring(timer, now)
            return True
        if timer not in self._timers and len(self._timers) >= MAX_TIMERS:
            return False
        self._timers[timer] = _Timer(now + left_s if active else None, left_s)
        return True

    def cancel(self, timer: str) -> None:
        """Forget one; if it rings, it is silent."""
        self._timers.pop(timer, None)
        self._ringing.pop(timer, None)

    def stop(self) -> bool:
        """Silence all that ring; return whether any did."""
        rang = bool(self._ringing)
        self._ringing.clear()
        return rang

    def tick(self, now: float) -> bool:
        """Let what is due ring, and what rang for long enough be silent; return if any changed."""
        due = [name for name, it in self._timers.items() if it.ends_at is not None]
        due = [name for name in due if self._timers[name].left(now) <= 0]
        for name in due:
            del self._timers[name]
            self._ring(name, now)
        over = [name for name, since in self._ringing.items() if now - since >= RING_S]
        for name in over:
            del self._ringing[name]
        return bool(due or over)

    @property
    def rings(self) -> bool:
        """Whether any rings."""
        return bool(self._ringing)

    def next_s(self, now: float) -> float | None:
        """Return in how long something will change by itself, or None."""
        ends = [it.left(now) for it in self._timers.values() if it.ends_at is not None]
        ends += [max(0.0, since + RING_S - now) for since in self._ringing.values()]
        return min(ends, default=None)

    def told(self, now: float) -> tuple[TimerState, ...]:
        """Return all of them, as the wire tells it; what rings first."""
        ringing = [
            TimerState(id=name, left_ms=0, active=True, ringing=True) for name in self._ringing
        ]
        running = [
            TimerState(
                id=name,
                left_ms=round(min(it.left(now), MAX_LEFT_S) * 1_000),
                active=it.ends_at is not None,
            )
            for name, it in sorted(self._timers.items(), key=lambda each: each[1].left(now))
        ]
        return tuple((ringing + running)[:MAX_TIMERS])

    def _ring(self, timer: str, now: float) -> None:
        self._ringing[timer] = now
        self._rung.append(timer)
