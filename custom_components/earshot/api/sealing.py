"""Keeps seals, rules and vault in step: who can open, what is wished, and what is sealed."""

import asyncio
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.start import async_at_started

from ..audit import Actor
from ..const import CONF_SEALED, EntryKind
from ..entries import entries_of
from ..house import House
from ..vault import VaultError
from ..vault.passphrase import PassphraseWeakError
from ..vault.seals import Seals
from ..vault.slots import HOUSE, SEALS, Seal
from .errors import ApiError

_LOGGER = logging.getLogger(__name__)

OPEN_S: Final = 30.0


class Sealing:
    """The seals of the house. Raises `VaultError` and `ApiError`."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        self._hass = hass
        self._house = house
        self._seals: Seals | None = None
        self._changing = asyncio.Lock()

    @callback
    def async_start(self) -> None:
        """Follow the rules: a room is unsealed when that has waited as long as it must."""
        self._house.rules.async_listen(self.async_look)
        async_at_started(self._hass, self.async_look)
        self._hass.bus.async_listen_once(EVENT_HOMEASSISTANT_FINAL_WRITE, self.async_close)

    async def async_all(self) -> tuple[Seal, ...]:
        """Return every seal."""
        return (await self._opened()).all()

    async def async_seal(
        self,
        rooms: frozenset[str] | None,
        user_id: str,
        label: str,
        passphrase: str,
        actor: Actor,
    ) -> str:
        """Seal rooms with a new seal, also what is kept of them; returns its id.

        None: the house, with the rooms that are added later. A room that has a seal keeps it.
        """
        seals = await self._opened()
        async with self._changing:
            try:
                seal_id = await seals.async_create(rooms, user_id, label, passphrase)
            except PassphraseWeakError:
                raise ApiError("passphrase_weak") from None
            for room_id in self._rooms() if rooms is None else rooms:
                await self._seal(seals, room_id)
                await self.async_wish(room_id, sealed=True, actor=actor)
        return seal_id

    async def async_wish(self, room_id: str, *, sealed: bool, actor: Actor) -> None:
        """Change the rule; raises `HomeAssistantError`. Unsealing waits like all that loosens."""
        entry = self._hass.config_entries.async_get_entry(room_id)
        if entry is None:
            raise ApiError("not_allowed")
        await self._house.rules.async_change(entry, {CONF_SEALED: sealed}, actor)

    async def async_unlock(self, seal_id: str, user_id: str, passphrase: str) -> bytes:
        """Return the private key of a seal."""
        return await (await self._opened()).async_unlock(seal_id, user_id, passphrase)

    async def async_add_person(
        self, seal_id: str, private_key: bytes, user_id: str, label: str, passphrase: str
    ) -> None:
        """Let a person open a seal, or change that person's passphrase."""
        seals = await self._opened()
        try:
            await seals.async_add_slot(seal_id, private_key, user_id, label, passphrase)
        except PassphraseWeakError:
            raise ApiError("passphrase_weak") from None

    async def async_remove_person(self, seal_id: str, user_id: str) -> None:
        """Let a person not open a seal any more."""
        await (await self._opened()).async_remove_slot(seal_id, user_id)

    async def async_follow(self) -> None:
        """Do what the rules say: seal what is to be sealed, and nothing new of what is not."""
        seals, vault = await self._opened(), await self._house.async_vault()
        async with self._changing:
            rooms, named = self._rooms(), {scope for it in seals.all() for scope in it.scopes}
            for room_id in named - {HOUSE, *rooms}:
                # It was removed, with all that was sealed of it.
                await vault.async_open_room(room_id)
                await seals.async_unseal(room_id)
            for room_id, entry in rooms.items():
                if seals.seal_of(room_id) is None:
                    continue
                if room_id not in named and CONF_SEALED not in entry.options:
                    # It was added to a house that is sealed.
                    await self._seal(seals, room_id)
                    await self.async_wish(room_id, sealed=True, actor=Actor())
                elif self._house.rules.access(room_id).sealed:
                    await self._seal(seals, room_id)
                else:
                    await vault.async_open_room(room_id)
                    await seals.async_unseal(room_id)
            sealed = [it for it in rooms if self._house.rules.access(it).sealed]
            if HOUSE in named and rooms and not sealed:
                # The last room of a sealed house was unsealed.
                await seals.async_unseal(None)

    def _rooms(self) -> dict[str, ConfigEntry]:
        return {entry.entry_id: entry for entry in entries_of(self._hass, EntryKind.ROOM)}

    async def _seal(self, seals: Seals, room_id: str) -> None:
        if (seal_id := seals.seal_of(room_id)) is not None:
            vault = await self._house.async_vault()
            await vault.async_seal_room(room_id, seal_id, seals.public_key(seal_id))

    @callback
    def async_look(self, *_: Any) -> None:
        """Do what the rules say, soon."""
        self._hass.async_create_background_task(self._follow(), "earshot seals")

    async def _follow(self) -> None:
        try:
            if await self._hass.async_add_executor_job((self._house.folder / SEALS).exists):
                await self.async_follow()
        except (TimeoutError, VaultError, HomeAssistantError) as err:
            _LOGGER.warning("A room could not be sealed or unsealed (%s)", type(err).__name__)

    async def _opened(self) -> Seals:
        # The vault first: it is what makes and holds the folder.
        await self._house.async_vault()
        async with self._changing:
            if self._seals is None:
                async with asyncio.timeout(OPEN_S):
                    self._seals = await Seals.async_open(self._house.folder)
            return self._seals

    async def async_close(self, _event: Event | None = None) -> None:
        """Close the seals; they are opened again when they are needed."""
        async with self._changing:
            seals, self._seals = self._seals, None
            if seals is not None:
                await seals.async_close()
