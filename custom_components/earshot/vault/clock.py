"""The machine's clocks, and the watch over them."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ..policy.clock import ClockState, Doubt, Moment, Reading, look

type Now = Callable[[], Moment]


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


_BOOT_ID = _boot_id()


def now() -> Moment:
    """Return this moment by both clocks."""
    return Moment(datetime.now(UTC), _BOOT_ID, time.clock_gettime(time.CLOCK_BOOTTIME))


class Watch:
    """Compares the clocks at every look. Used in one thread."""

    def __init__(self, state: ClockState | None = None, now: Now = now) -> None:
        self.state = state
        self.settled: Doubt | None = None
        """A doubt that is over and whose captures are not dated anew yet."""

        self._now = now

    def read(self) -> Reading:
        """Return what the clocks say and whether it can be believed."""
        doubt = self.state.doubt if self.state else None
        self.state, reading = look(self.state, self._now())
        if doubt is not None and reading.trusted:
            self.settled = doubt
        return reading


def to_text(state: ClockState) -> str:
    """Return a state to be stored."""
    doubt = state.doubt
    return json.dumps(
        {
            "believed": _moment_to(state.believed),
            "highest": state.highest.timestamp(),
            "seen": _moment_to(state.seen),
            "doubt": doubt and [_moment_to(doubt.since), doubt.seconds, doubt.ahead],
        }
    )


def from_text(text: str) -> ClockState | None:
    """Return a stored state; None for one that is damaged: then the clock is new to us."""
    try:
        raw = json.loads(text)
        doubt = raw["doubt"]
        return ClockState(
            believed=_moment_from(raw["believed"]),
            highest=datetime.fromtimestamp(raw["highest"], UTC),
            seen=_moment_from(raw["seen"]),
            doubt=doubt and Doubt(_moment_from(doubt[0]), float(doubt[1]), bool(doubt[2])),
        )
    except ValueError, TypeError, KeyError, LookupError, OverflowError, OSError:
        return None


def _moment_to(moment: Moment) -> list[object]:
    return [moment.wall.timestamp(), moment.boot_id, moment.boottime]


def _moment_from(raw: list[object]) -> Moment:
    wall, boot_id, boottime = raw
    return Moment(datetime.fromtimestamp(float(wall), UTC), str(boot_id), float(boottime))  # type: ignore[arg-type]
