"""The keys of our paired links: files in the one place that no backup of Home Assistant includes.

Whoever had them could pose as this Home Assistant to its satellites and listen. A backup lies on
other machines and with other people, so it must not hold them: what is restored elsewhere is
paired again, with a code that somebody carries from the satellite.
"""

import re
import secrets
import ssl
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.singleton import singleton
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, VAULT_FOLDER
from ..wire.identity import Trust, TrustError
from ..wire.tls import paired_client
from ..wire.trust_file import TrustFile

FOLDER: Final = "links"
ABANDONED_S: Final = 3_600.0
"""A pairing that no entry names is one of a flow that goes on, unless it is older."""

_KEYS: HassKey[LinkKeys] = HassKey(f"{DOMAIN}.link_keys")
_ID: Final = re.compile(r"[0-9a-f]{32}")
_ENDING: Final = ".pem"


@dataclass(frozen=True)
class Credentials:
    """What a paired link is made with."""

    trust: Trust = field(repr=False)
    context: ssl.SSLContext


class LinkKeys:
    """Pairings by their id, which config entries name. Files are read and written off the loop."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._fresh: set[str] = set()
        self._folder = Path(hass.config.path(*VAULT_FOLDER, FOLDER))

    async def async_load(self, pairing_id: str) -> Credentials:
        """Return what a link is made with; raises `TrustError` when it is lost or damaged."""
        return await self._hass.async_add_executor_job(self._load, pairing_id)

    async def async_save(self, trust: Trust) -> str:
        """Keep a pairing under a new id; raises `OSError`."""
        pairing_id = secrets.token_hex(16)
        await self._hass.async_add_executor_job(self._file(pairing_id).save, trust)
        self._fresh.add(pairing_id)
        return pairing_id

    def take_fresh(self, pairing_id: str | None) -> bool:
        """Return, once, whether a pairing was made since Home Assistant started."""
        if pairing_id not in self._fresh:
            return False
        self._fresh.discard(pairing_id)
        return True

    async def async_remove(self, pairing_id: str) -> None:
        """Forget a pairing; raises `OSError`."""
        await self._hass.async_add_executor_job(self._file(pairing_id).remove)

    async def async_sweep(self, named: Collection[str]) -> None:
        """Forget the pairings that no entry names, but for those that were just made."""
        await self._hass.async_add_executor_job(self._sweep, frozenset(named))

    def _load(self, pairing_id: str) -> Credentials:
        trust = self._file(pairing_id).load()
        if trust is None:
            raise TrustError("it is not there")
        return Credentials(trust, paired_client(trust))

    def _file(self, pairing_id: str) -> TrustFile:
        if not _ID.fullmatch(pairing_id):
            raise TrustError("it is no pairing's id")
        return TrustFile(self._folder / (pairing_id + _ENDING))

    def _sweep(self, named: frozenset[str]) -> None:
        old = time.time() - ABANDONED_S
        for file in self._folder.glob(f"*{_ENDING}"):
            if file.stem not in named and file.stat().st_mtime < old:
                TrustFile(file).remove()


@singleton(_KEYS)
@callback
def link_keys(hass: HomeAssistant) -> LinkKeys:
    """Return the keys; a flow may want them before there is any entry."""
    return LinkKeys(hass)
