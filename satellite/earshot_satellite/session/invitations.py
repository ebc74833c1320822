"""Whether this satellite may listen although its own wake word or button did not start it.

Home asks; what is decided here it cannot lift. Without this, whoever owns the Home Assistant could
make of any room a bug that opens as often as they like.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

FOLLOW_UP_S = 10.0
"""So long after the end of a reply, a follow-up is still one."""

FOLLOW_UPS = 8
"""In a row, before somebody has to wake the satellite again."""

RATES = ((4, 60.0), (20, 3_600.0))
"""At most so many times in so many seconds, follow-ups apart."""


@dataclass(frozen=True)
class Circumstances:
    """How things are when home asks."""

    muted: bool = False
    hearing: bool = True
    """Whether an ear hears now."""

    audible: bool = True
    """Whether the loudspeaker worked when it was last tried: the tone must be heard."""

    ringing: bool = False


class Invitations:
    """Remembers what was spoken and asked before. The caller's clock is monotonic, in seconds."""

    def __init__(self, *, forbidden: bool, follow_up: bool) -> None:
        self._forbidden = forbidden
        self._follow_up = follow_up
        self._asked: deque[float] = deque(maxlen=max(count for count, _ in RATES))
        self._current = ""
        self._in_row = 0
        self._replied = ""
        self._replied_at = 0.0

    def woken(self, turn: str) -> None:
        """Take notice that a wake word or the button began a turn here."""
        self._current, self._in_row, self._replied = turn, 0, ""

    def replied(self, turn: str, now: float) -> None:
        """Take notice that the reply to a turn was heard to its end."""
        if turn and turn == self._current:
            self._replied, self._replied_at = turn, now

    def refusal(self, why: str, after: str, now: float, how: Circumstances) -> str:
        """Return why not, as `Invited` tells it, or nothing: then it counts as done."""
        is_follow_up = why == "follow_up"
        if how.muted:
            return "muted"
        if self._forbidden or (is_follow_up and not self._follow_up):
            return "forbidden"
        if not how.hearing:
            return "microphone"
        if not how.audible:
            return "speaker"
        if how.ringing:
            return "busy"
        return self._follow(after, now) if is_follow_up else self._rate(now)

    def begun(self, turn: str, why: str, now: float) -> None:
        """Take notice that one was accepted."""
        if why == "follow_up":
            self._in_row += 1
        else:
            self._asked.append(now)
            self._in_row = 0
        self._current, self._replied = turn, ""

    def _follow(self, after: str, now: float) -> str:
        if not after or after != self._replied or now - self._replied_at > FOLLOW_UP_S:
            return "not_after"
        return "too_often" if self._in_row >= FOLLOW_UPS else ""

    def _rate(self, now: float) -> str:
        for count, seconds in RATES:
            if sum(now - at < seconds for at in self._asked) >= count:
                return "too_often"
        return ""
