"""What was wished of the mutes, kept so that no restored backup opens a microphone.

Wishes are in Home Assistant's storage, which backups include. That a mute ends by itself is an
order to unmute: it holds only while a second file agrees, in the folder that no backup includes.
Without that, a backup made during a mute of ten minutes would end the mute for good that came
after it. For the same reason an unmute that was not carried out is not kept at all.
"""

import asyncio
import logging
from pathlib import Path
from typing import Final, NotRequired, TypedDict

from homeassistant.core import HomeAssistant
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, VAULT_FOLDER
from .vault import files

_LOGGER = logging.getLogger(__name__)

FOLDER: Final = "mutes"


class Wish(TypedDict):
    """What is wished of one room."""

    muted: bool
    left_s: NotRequired[float | None]
    """Of a mute that ends by itself. After a restart this much begins again."""

    timed: NotRequired[str | None]
    """Which of its mutes that is; also in the second file."""


_STORE: HassKey[MuteStore] = HassKey(f"{DOMAIN}.mute")


class MuteStore:
    """The wishes of all rooms, on disk before they are acknowledged."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._store: Store[dict[str, Wish]] = Store(
            hass, 1, f"{DOMAIN}.mute", private=True, atomic_writes=True
        )
        self._folder = Path(hass.config.path(*VAULT_FOLDER, FOLDER))
        self._wishes: dict[str, Wish] = {}
        self._timed: dict[str, str] = {}
        """What the second files say."""

        self._saving = asyncio.Lock()
        self._failed = False

    async def async_load(self) -> None:
        """Read what was wished before."""
        self._wishes = await self._store.async_load() or {}
        self._timed = await self._hass.async_add_executor_job(_read, self._folder)

    def get(self, entry_id: str) -> Wish:
        """Return a room's wish; a room never asked for is not muted."""
        wish = self._wishes.get(entry_id, Wish(muted=False))
        timed = wish.get("timed")
        if timed is None or timed != self._timed.get(entry_id):
            return Wish(muted=wish["muted"])
        return wish

    async def async_set(self, entry_id: str, wish: Wish | None) -> None:
        """Keep a room's wish, or forget it."""
        if wish is None:
            if self._wishes.pop(entry_id, None) is None:
                return
        else:
            self._wishes[entry_id] = wish
        async with self._saving:
            timed = self._wishes.get(entry_id, Wish(muted=False)).get("timed")
            await self._agree(entry_id, timed)
            await self._store.async_save(dict(self._wishes))

    async def _agree(self, entry_id: str, timed: str | None) -> None:
        """Have the second file say the same."""
        if timed == self._timed.get(entry_id):
            return
        try:
            await self._hass.async_add_executor_job(_write, self._folder, entry_id, timed)
        except OSError as err:
            if not self._failed:
                why = err.strerror or type(err).__name__
                _LOGGER.warning("Mutes for a time have no end after a restart: %s", why)
            self._failed, timed = True, None
        else:
            if self._failed:
                _LOGGER.info("Mutes for a time end after a restart again")
            self._failed = False
        if timed is None:
            self._timed.pop(entry_id, None)
        else:
            self._timed[entry_id] = timed


@singleton(_STORE, async_=True)
async def async_mute_store(hass: HomeAssistant) -> MuteStore:
    """Return the store, loaded."""
    store = MuteStore(hass)
    await store.async_load()
    return store


def _read(folder: Path) -> dict[str, str]:
    found = {}
    for path in folder.glob("*"):
        try:
            found[path.name] = path.read_text("ascii")
        except OSError, UnicodeDecodeError:
            continue  # That mute has no end then.
    return found


def _write(folder: Path, entry_id: str, timed: str | None) -> None:
    if timed is None:
        (folder / entry_id).unlink(missing_ok=True)
    else:
        files.make_folder(folder)
        files.write(folder / entry_id, timed.encode("ascii"))
