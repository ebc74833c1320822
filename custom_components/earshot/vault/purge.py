"""What of a capture must go: by the ceiling it was kept under or by today's, if that is stricter.

A wider policy of today never lengthens the life of what is kept.
"""

from collections.abc import Callable
from datetime import datetime

from ..policy.retention import Ceiling, Outcome, Verdict
from .records import Part, Row

type Policy = Callable[[Outcome], Verdict]
"""What a room would keep today of a turn with this outcome."""


def due(row: Row, now: datetime, policy: Policy | None) -> Part:
    """Return the parts that must be gone; `policy` is None for a room that is not known now."""
    today = None if policy is None else policy(row.outcome)
    parts = Part(0)
    if _over(row, now, row.audio_expires, None if today is None else today.audio):
        parts |= Part.AUDIO
    if _over(row, now, row.words_expires, None if today is None else today.transcript):
        parts |= Part.WORDS
    return parts & row.parts


def _over(row: Row, now: datetime, expires: datetime | None, today: Ceiling | None) -> bool:
    if expires is not None and expires <= now:
        return True
    end = None if today is None else today.expires(row.started)
    return today is not None and (not today.allows or (end is not None and end <= now))
