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

from .const import CONF_PAIRING
from .link.greet import ANOTHER, NOT_TRUSTED
from .link.keys import link_keys
from .link.speech import SpeechClient, SpeechError
from .link.trouble import KEYS_LOST, NOT_PAIRED, Distrust
from .policy.locality import Place, place_of
from .wire.identity import TrustError

_LOGGER = logging.getLogger(__name__)

CHECK_S: Final = 30.0
RETRY_S: Final = 2.0


class Speech:
    """Watches over one speech service. Its end and its return are each logged once."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self.client = SpeechClient(entry.data[CONF_HOST], entry.data[CONF_PORT], usable=False)
        self._distrust = Distrust(hass, entry)
        self.info: Info | None = None
        self.available = True
        """Taken for granted until the first look, so that no command waits for it."""

        self._hass = hass
        self._entry = entry
        self._listeners: set[Callable[[], None]] = set()
        self._look = asyncio.Event()

    async def async_start(self) -> None:
        """Begin to watch; a service that cannot be trusted is not asked anything."""
        host, port = self._entry.data[CONF_HOST], self._entry.data[CONF_PORT]
        pairing_id = self._entry.data.get(CONF_PAIRING)
        if pairing_id is not None:
            try:
                credentials = await link_keys(self._hass).async_load(pairing_id)
            except TrustError:
                self._cannot_start(KEYS_LOST)
                return
            self.client = SpeechClient(host, port, credentials)
        elif place_of(host) is Place.THIS_MACHINE:
            self.client = SpeechClient(host, port)
        else:
            self._cannot_start(NOT_PAIRED)
            return
        self._entry.async_create_background_task(self._hass, self._watch(), "earshot speech")

    def _cannot_start(self, reason: str) -> None:
        self._set_available(False, reason)
        self._distrust.down(reason)

    @callback
    def async_listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have a function called when the service goes or comes; returns what ends that."""
        self._listeners.add(listener)
        return partial(self._listeners.discard, listener)

    @callback
    def worked(self) -> None:
        """Take notice that the service answered."""
        self._distrust.up()
        self._set_available(True, "")

    @callback
    def failed(self, error: SpeechError) -> None:
        """Take notice that the service did not answer."""
        if error.reason in {"unreachable", "no_answer", ANOTHER, NOT_TRUSTED}:
            self._set_available(False, error.reason)
            self._look.set()

    async def _watch(self) -> None:
        while True:
            try:
                self.info = await self.client.describe()
                self.worked()
            except SpeechError as err:
                self._set_available(False, err.reason)
                self._distrust.down(err.reason)
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
