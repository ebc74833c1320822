"""The words of administrators that an engine is local, kept until what they spoke for changes."""

from datetime import datetime
from typing import TypedDict

from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .policy.locality import Voucher


class _Word(TypedDict):
    user_id: str
    by: str
    given: str
    configuration: str


class Vouchers:
    """One word for each engine; the newest."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._store: Store[dict[str, _Word]] = Store(
            hass, 1, f"{DOMAIN}.locality", private=True, atomic_writes=True
        )
        self._words: dict[str, _Word] = {}

    async def async_load(self) -> None:
        """Read what was vouched for before."""
        self._words = await self._store.async_load() or {}

    def get(self, engine_id: str, configuration: str) -> Voucher | None:
        """Return the word for an engine that is still configured as it was then.

        `configuration` is any string that changes with the engine's settings.
        """
        word = self._words.get(engine_id)
        if word is None or word["configuration"] != configuration:
            return None
        if (given := dt_util.parse_datetime(word["given"])) is None:
            return None
        return Voucher(word["by"], given)

    async def async_give(
        self, engine_id: str, configuration: str, user: User, given: datetime
    ) -> None:
        """Keep a user's word for an engine."""
        self._words[engine_id] = _Word(
            user_id=user.id,
            by=user.name or user.id,
            given=given.isoformat(),
            configuration=configuration,
        )
        await self._store.async_save(dict(self._words))

    async def async_void(self, configurations: dict[str, str]) -> None:
        """Forget the words for engines that changed, so that changing back revives none.

        `configurations`: of the engines that are there, by engine id.
        """
        changed = [
            engine_id
            for engine_id, word in self._words.items()
            if configurations.get(engine_id, word["configuration"]) != word["configuration"]
        ]
        if not changed:
            return
        for engine_id in changed:
            del self._words[engine_id]
        await self._store.async_save(dict(self._words))
