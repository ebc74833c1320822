"""Lines that anybody can cause again and again: so many are written, and of the rest how many.

Without this, whoever turns a select to and fro decides how far back the log goes.
"""

import time
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later

from .audit import Actor, Verb
from .logged import ToLog, async_log, log_soon
from .policy.allowance import Allowance

if TYPE_CHECKING:
    from .house import House

EACH_S: Final = 600.0
"""After twenty at once, one line and one that counts in so long."""

type _Kind = tuple[Verb, Actor, str | None]
"""By the same account, of the same room: nobody uses up what another's lines need."""


class SparedLog:
    """Takes lines that nothing waits for: what they tell of is refused, or changes little."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        self._hass = hass
        self._house = house
        self._allowances: dict[_Kind, Allowance] = {}
        self._left_out: dict[_Kind, int] = {}

    @callback
    def log_soon(self, line: ToLog) -> None:
        """Have a line written, or counted."""
        kind = (line.verb, Actor(line.actor.user_id, name=line.actor.name), line.room_id)
        left = self._allowances.get(kind, Allowance(each_s=EACH_S)).after_one(time.monotonic())
        if left is not None:
            self._allowances[kind] = left
            log_soon(self._hass, self._house, line)
            return
        if kind not in self._left_out:
            job = HassJob(partial(self._count, kind), "earshot log", cancel_on_shutdown=True)
            async_call_later(self._hass, EACH_S, job)
        self._left_out[kind] = self._left_out.get(kind, 0) + 1

    async def async_close(self) -> None:
        """Write what was counted, before the log is closed."""
        for kind in tuple(self._left_out):
            if (line := self._counted(kind)) is not None:
                with suppress(HomeAssistantError):
                    await async_log(self._house, line)

    @callback
    def _count(self, kind: _Kind, _now: datetime) -> None:
        if (line := self._counted(kind)) is not None:
            log_soon(self._hass, self._house, line)

    def _counted(self, kind: _Kind) -> ToLog | None:
        if not (count := self._left_out.pop(kind, 0)):
            return None
        verb, actor, room_id = kind
        return ToLog(verb, actor, room_id, detail=f"left_out_{count}")
