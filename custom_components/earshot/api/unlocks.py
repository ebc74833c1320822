"""Private keys of unlocked seals: in memory, for minutes, for one connection."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

OPEN_S: Final = 300.0
HEADER: Final = "X-Earshot-Unlock"
"""A request shows with it that it belongs to the connection that unlocked."""


@dataclass
class _Unlocked:
    user_id: str
    session: str
    handle: str = field(default_factory=secrets.token_urlsafe, repr=False)
    keys: dict[str, tuple[bytes, float, CALLBACK_TYPE]] = field(default_factory=dict, repr=False)


class Unlocks:
    """Which connection has unlocked what. Its end locks, as five minutes do."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._of: dict[ActiveConnection, _Unlocked] = {}

    @callback
    def prepare(self, connection: ActiveConnection, session: str) -> None:
        """Notice from now on when a connection ends: to try a passphrase takes a while."""
        if connection not in self._of:
            self._of[connection] = _Unlocked(connection.user.id, session)
            connection.subscriptions["earshot_unlock"] = partial(self.lock, connection)

    @callback
    def unlock(self, connection: ActiveConnection, seal_id: str, private_key: bytes) -> str | None:
        """Remember a key and return the handle by which requests name this connection.

        None: the connection ended, or was locked again, since it was prepared.
        """
        if (unlocked := self._of.get(connection)) is None:
            return None
        self._drop(unlocked, seal_id)
        timer = async_call_later(
            self._hass,
            OPEN_S,
            HassJob(lambda _: self._drop(unlocked, seal_id), cancel_on_shutdown=True),
        )
        unlocked.keys[seal_id] = (private_key, time.monotonic() + OPEN_S, timer)
        return unlocked.handle

    @callback
    def lock(self, connection: ActiveConnection, seal_id: str | None = None) -> tuple[str, ...]:
        """Forget a key, or all of a connection; return the seals that were open."""
        if (unlocked := self._of.get(connection)) is None:
            return ()
        locked = tuple(it for it in unlocked.keys if seal_id in (None, it))
        for each in locked:
            self._drop(unlocked, each)
        if not unlocked.keys:
            del self._of[connection]
        return locked

    @callback
    def forget(self, seal_id: str) -> None:
        """Forget a key everywhere: the seal is gone, or a person was taken off it."""
        for connection in list(self._of):
            self.lock(connection, seal_id)

    def of_connection(self, connection: ActiveConnection) -> Mapping[str, bytes]:
        """Return the keys that a connection has unlocked, by seal."""
        return self._keys(self._of.get(connection))

    def of_handle(self, handle: str, user_id: str, session: str) -> Mapping[str, bytes]:
        """Return the keys behind a handle, if it is this user's in this session."""
        for unlocked in self._of.values():
            if secrets.compare_digest(unlocked.handle.encode(), handle.encode()):
                same = (unlocked.user_id, unlocked.session) == (user_id, session)
                return self._keys(unlocked) if same else {}
        return {}

    def left_s(self, connection: ActiveConnection, seal_id: str) -> float:
        """Return for how many seconds a connection can still open what a seal holds."""
        unlocked = self._of.get(connection)
        if unlocked is None or seal_id not in unlocked.keys:
            return 0.0
        return max(0.0, unlocked.keys[seal_id][1] - time.monotonic())

    def _keys(self, unlocked: _Unlocked | None) -> dict[str, bytes]:
        now = time.monotonic()
        keys = unlocked.keys if unlocked else {}
        return {seal_id: key for seal_id, (key, until, _) in keys.items() if until > now}

    @callback
    def _drop(self, unlocked: _Unlocked, seal_id: str) -> None:
        if (kept := unlocked.keys.pop(seal_id, None)) is not None:
            kept[2]()
