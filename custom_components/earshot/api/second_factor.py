"""A second look at who asks: Home Assistant's own one-time passwords, asked for by us.

Home Assistant asks for them at login only, and a session does not tell that it did.
"""

import asyncio
import time
from typing import Final

from homeassistant.core import HomeAssistant

from ..policy.tries import Tries
from .errors import ApiError

OPEN_S: Final = 300.0
"""How long a code that was right holds, for the one session in which it was given."""

USED_S: Final = 120.0
"""A code is valid for 90 s at most; until this is over, the same one is not taken again."""

TOTP: Final = "totp"


class SecondFactor:
    """Who has given a second factor, and how often somebody tried."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._until: dict[str, float] = {}
        self._tries: dict[str, Tries] = {}
        self._used: dict[tuple[str, str], float] = {}
        self._lock = asyncio.Lock()

    async def async_is_set_up(self, user_id: str) -> bool:
        """Return whether the user has one-time passwords."""
        module = self._hass.auth.get_auth_mfa_module(TOTP)
        return module is not None and await module.async_is_user_setup(user_id)

    def left_s(self, session: str) -> float:
        """Return for how many seconds the session counts as looked at twice."""
        return max(0.0, self._until.get(session, 0.0) - time.monotonic())

    def is_open(self, session: str) -> bool:
        """Return whether the session counts as looked at twice."""
        return self.left_s(session) > 0

    async def async_give(self, user_id: str, session: str, code: str) -> None:
        """Take a code for a session.

        Raises `ApiError`: `second_factor_missing`, `second_factor_wrong`, or `second_factor_wait`
        with the seconds until the next try. One try at a time, or many at once would be free.
        """
        module = self._hass.auth.get_auth_mfa_module(TOTP)
        if module is None or not await module.async_is_user_setup(user_id):
            raise ApiError("second_factor_missing")
        async with self._lock:
            now = time.monotonic()
            tries = self._tries.get(user_id, Tries())
            if (wait_s := tries.wait_s(now)) > 0:
                raise ApiError("second_factor_wait", seconds=f"{wait_s:.0f}")
            self._forget(now)
            used = (user_id, code) in self._used
            if not await module.async_validate(user_id, {"code": code}) or used:
                self._tries[user_id] = tries.after_failure(now)
                raise ApiError("second_factor_wrong")
            self._tries.pop(user_id, None)
            self._used[user_id, code] = now + USED_S
            self._until[session] = now + OPEN_S

    def close(self, session: str) -> None:
        """Let a session count as looked at once only."""
        self._until.pop(session, None)

    def _forget(self, now: float) -> None:
        """Let go of what no longer matters, so that neither table grows."""
        self._until = {key: until for key, until in self._until.items() if until > now}
        self._used = {key: until for key, until in self._used.items() if until > now}
