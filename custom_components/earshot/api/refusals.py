"""Refused tries go into the log, so that a household can see who knocked."""

import logging
import time
from typing import Final

from homeassistant.core import HomeAssistant, callback

from ..audit import Actor, AuditError, Verb
from ..house import House
from ..policy.access import Asker

_LOGGER = logging.getLogger(__name__)

EVERY_S: Final = 60.0
"""One line for the same person, room and reason in so long: knocking must not fill the log."""

_MOST: Final = 1_000


class Refusals:
    """Writes a line for a refused try, behind the answer: both take equally long for a room that
    exists and for one that does not."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        self._hass = hass
        self._house = house
        self._written: dict[tuple[str | None, str | None, str], float] = {}
        self._troubled = False

    @callback
    def note(self, asker: Asker, room_id: str | None, reason: str) -> None:
        """Have a line written; `room_id` None for what does not exist."""
        now = time.monotonic()
        self._written = {it: at for it, at in self._written.items() if now - at < EVERY_S}
        key = (asker.user_id, room_id, reason)
        if key in self._written or len(self._written) >= _MOST:
            return
        self._written[key] = now
        self._hass.async_create_task(
            self._write(Actor(asker.user_id, asker.session, "user"), room_id, reason),
            "earshot refused",
        )

    async def _write(self, actor: Actor, room_id: str | None, reason: str) -> None:
        try:
            await self._house.audit.async_write(Verb.REFUSED, actor, room_id, detail=reason)
        except (TimeoutError, AuditError) as err:
            if not self._troubled:
                _LOGGER.warning("A refused try could not be noted (%s)", type(err).__name__)
            self._troubled = True
        else:
            self._troubled = False
