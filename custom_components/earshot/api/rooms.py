"""In which rooms somebody may do something."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..policy.access import AccessVerdict, Act, Reason
from .ask import Ask


@dataclass(frozen=True)
class Sorted:
    """Rooms, by whether the asker may."""

    allowed: frozenset[str]
    refused: dict[str, AccessVerdict]
    """Rooms of the asker's own, in which something is amiss."""

    def told(self) -> list[dict[str, str]]:
        """Return the refused ones for an answer."""
        return [
            {"room_id": room_id, "reason": verdict.told}
            for room_id, verdict in self.refused.items()
        ]


def sort_rooms(ask: Ask, act: Act, wanted: Iterable[str] | None) -> Sorted:
    """Return in which rooms, of those named or of all, the asker may do this.

    Raises `RefusedError` for a room named that is not the asker's, and when they have none at all.
    """
    allowed: set[str] = set()
    refused: dict[str, AccessVerdict] = {}
    for room_id in ask.rooms() if wanted is None else wanted:
        verdict = ask.verdict(act, room_id)
        if verdict.allowed:
            allowed.add(room_id)
        elif not verdict.is_stranger:
            refused[room_id] = verdict
        elif wanted is not None:
            ask.refuse(verdict, room_id)
    if not allowed and not refused:
        ask.refuse(AccessVerdict(Reason.NOT_LISTENER), None)
    for room_id, verdict in refused.items():
        # That a code is to be asked for is no try that failed.
        if verdict.reason is not Reason.SECOND_FACTOR:
            ask.api.refusals.note(ask.asker, room_id, verdict.reason)
    return Sorted(frozenset(allowed), refused)
