"""The house's option to have its sealed records in Home Assistant's backups, never their keys."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant

from .const import CONF_BACKUP
from .privacy_issues import tell_not_in_backup
from .vault import VaultError

if TYPE_CHECKING:
    from .house import House

_LOGGER = logging.getLogger(__name__)

COPY_S: Final = 120.0
"""For the copy of a large vault on a slow card. A backup does not wait longer for it."""

LONGEST_S: Final = 6 * 3600.0
"""A backup that nobody ended by then is over: the Supervisor may have been restarted meanwhile."""


class Backups:
    """Puts a copy of what is sealed where backups look, for as long as one is being made."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        self._hass = hass
        self._house = house
        self._since: float | None = None

    @property
    def wanted(self) -> bool:
        """Return whether backups are to hold the sealed records."""
        entry = self._house.entry
        return entry is not None and entry.options.get(CONF_BACKUP) is True

    async def async_begin(self) -> None:
        """Make the copy. A backup of the home goes on without it, and Repairs says so."""
        if not self.wanted:
            return
        self._since = time.monotonic()
        try:
            async with asyncio.timeout(COPY_S):
                await (await self._house.async_vault()).async_begin_backup()
        except (TimeoutError, VaultError) as err:
            _LOGGER.warning("The sealed records are not in this backup (%s)", type(err).__name__)
            tell_not_in_backup(self._hass, True)
        else:
            tell_not_in_backup(self._hass, False)

    async def async_end(self) -> None:
        """Remove the copy. What cannot be removed now is when it is looked after, or at a start."""
        if self._since is None:
            return
        try:
            async with asyncio.timeout(COPY_S):
                await (await self._house.async_vault()).async_end_backup()
        except (TimeoutError, VaultError) as err:
            _LOGGER.warning("The copy for a backup is still there (%s)", type(err).__name__)
            # So that it is tried again soon.
            self._since = time.monotonic() - LONGEST_S
        else:
            self._since = None

    async def async_look_after(self) -> None:
        """Remove a copy that was forgotten."""
        if self._since is not None and time.monotonic() - self._since >= LONGEST_S:
            await self.async_end()
