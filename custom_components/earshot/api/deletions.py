"""Deletions that can still be taken back for some seconds."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CALLBACK_TYPE, Event, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..audit import Actor, AuditError
from ..house import House
from ..traces.scan import async_get_checker
from ..vault import VaultError
from ..vault.views import Selection
from .errors import ApiError

_LOGGER = logging.getLogger(__name__)

MAX_UNDO_S: Final = 30
_MOST: Final = 32

type Told = Callable[[str, dict[str, Any]], None]
"""Is told how a deletion ended, by the user who wanted it."""


@dataclass
class _Waiting:
    selection: Selection
    actor: Actor
    due: datetime
    cancel: CALLBACK_TYPE = field(default=lambda: None)


class Deletions:
    """What is to be deleted soon. At the end of Home Assistant it is deleted at once."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        self._hass = hass
        self._house = house
        self._waiting: dict[str, _Waiting] = {}
        self._listeners: set[Told] = set()
        # Before us, so that the end of Home Assistant stops its looking for what we delete then.
        async_get_checker(hass)
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._finish)

    @callback
    def async_listen(self, told: Told) -> CALLBACK_TYPE:
        """Have a function told how deletions end; returns what ends that."""
        self._listeners.add(told)
        return partial(self._listeners.discard, told)

    @callback
    def schedule(self, selection: Selection, actor: Actor, undo_s: int) -> tuple[str, datetime]:
        """Have captures deleted in some seconds; returns the deletion's id and when it is due.

        Raises `ApiError` when too many wait.
        """
        if len(self._waiting) >= _MOST:
            raise ApiError("too_many_deletions")
        deletion_id = secrets.token_hex(8)
        due = dt_util.utcnow() + timedelta(seconds=undo_s)
        waiting = self._waiting[deletion_id] = _Waiting(selection, actor, due)
        waiting.cancel = async_call_later(
            self._hass, undo_s, HassJob(partial(self._is_due, deletion_id), cancel_on_shutdown=True)
        )
        return deletion_id, due

    @callback
    def undo(self, deletion_id: str, user_id: str) -> bool:
        """Take a deletion back; False when it is not this user's, or no longer waits."""
        waiting = self._waiting.get(deletion_id)
        if waiting is None or waiting.actor.user_id != user_id:
            return False
        waiting.cancel()
        del self._waiting[deletion_id]
        return True

    @callback
    def _is_due(self, deletion_id: str, _now: datetime) -> None:
        self._hass.async_create_task(self._carry_out(deletion_id), "earshot delete")

    async def _carry_out(self, deletion_id: str) -> None:
        if (waiting := self._waiting.pop(deletion_id, None)) is None:
            return
        told: dict[str, Any] = {"deletion_id": deletion_id}
        try:
            certificate = await self._house.async_delete(waiting.selection, waiting.actor)
        except (TimeoutError, VaultError, AuditError) as err:
            _LOGGER.warning("A deletion was not carried out (%s)", type(err).__name__)
            told["error"] = getattr(err, "code", "timeout")
        else:
            told["certificate"] = certificate.id
            told["captures"] = certificate.captures
        for listener in tuple(self._listeners):
            listener(waiting.actor.user_id or "", told)

    async def _finish(self, _event: Event) -> None:
        waiting = list(self._waiting)
        for deletion_id in waiting:
            self._waiting[deletion_id].cancel()
        # Not one after the other: the look at every place is long, and there is little time.
        await asyncio.gather(*map(self._carry_out, waiting))
