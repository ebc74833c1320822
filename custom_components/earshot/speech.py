"""The speech service as Home Assistant knows it: where it is, and whether it is there."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant, callback
from wyoming.info import Info

from .link.speech import SpeechClient, SpeechError

_LOGGER = logging.getLogger(__name__)

CHECK_S: Final = 30.0
RETRY_S: Final = 2.0


class Speech:
    """Watches over one speech service. Its end and its return are each logged once."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self.client = SpeechClient(entry.data[CONF_HOST], entry.data[CONF_PORT])
        self.info: Info | None = None
        self.available = True
        """Taken for granted until the first look, so that no command waits for it."""

        self._hass = hass
        self._entry = entry
        self._listeners: set[Callable[[], None]] = set()
        self._look = asyncio.Event()

    @callback
    def async_start(self) -> None:
        """Begin to watch."""
        self._entry.async_create_background_task(self._hass, self._watch(), "earshot speech")

    @callback
    def async_listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have a function called when the service goes or comes; returns what ends that."""
        self._listeners.add(listener)
        return partial(self._listeners.discard, listener)

    @callback
    def worked(self) -> None:
        """Take notice that the service answered."""
        self._set_available(True, "")

    @callback
    def failed(self, error: SpeechError) -> None:
        """Take notice that the service did not answer."""
        if error.reason in {"unreachable", "no_answer"}:
            self._set_available(False, error.reason)
            self._look.set()

    async def _watch(self) -> None:
        while True:
            try:
                self.info = await self.client.describe()
                self.worked()
            except SpeechError as err:
                self._set_available(False, err.reason)
            self._look.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECK_S if self.available else RETRY_S):
                    await self._look.wait()

    def _set_available(self, available: bool, reason: str) -> None:
        if available == self.available:
            return
        self.available = available
        where = (self.client.host, self.client.port)
        if available:
            _LOGGER.info("The speech service at %s:%s is back", *where)
        else:
            _LOGGER.warning("The speech service at %s:%s is gone (%s)", *where, reason)
        for listener in tuple(self._listeners):
            listener()
