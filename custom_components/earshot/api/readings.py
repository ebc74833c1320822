"""Reading what was said is listening with the eyes: it leaves a line too, one in a while."""

import time
from collections.abc import Iterable
from typing import Final

from ..audit import Actor, Verb
from ..house import House

EVERY_S: Final = 300.0
"""One line for the same session and room in so long: turning pages is one act."""

_MOST: Final = 1_000


class Readings:
    """Who has read words of which room of late."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._written: dict[tuple[Actor, str], float] = {}

    async def async_note(self, actor: Actor, rooms: Iterable[str]) -> None:
        """Write what is not written yet, before the words go out; raises `AuditError`."""
        now = time.monotonic()
        self._written = {it: at for it, at in self._written.items() if now - at < EVERY_S}
        for room_id in rooms:
            if (actor, room_id) in self._written:
                continue
            await self._house.audit.async_write(Verb.READ, actor, room_id)
            if len(self._written) < _MOST:
                self._written[actor, room_id] = now
