"""The wish to have a room's microphone closed: kept here, carried out by the satellite."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Final, TypedDict

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .wire.message import Message
from .wire.microphone import Receipt, SetMute

ANSWER_S: Final = 5.0
"""A satellite closes and verifies its microphone well within this."""


class _Wish(TypedDict):
    muted: bool
    pending: bool


_STORE: HassKey[MuteStore] = HassKey(f"{DOMAIN}.mute")


class MuteStore:
    """The wishes of all rooms, on disk before they are acknowledged."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._store: Store[dict[str, _Wish]] = Store(
            hass, 1, f"{DOMAIN}.mute", private=True, atomic_writes=True
        )
        self._wishes: dict[str, _Wish] = {}

    async def async_load(self) -> None:
        """Read what was wished before."""
        self._wishes = await self._store.async_load() or {}

    def get(self, entry_id: str) -> _Wish:
        """Return a room's wish; a room never asked for is not muted."""
        return self._wishes.get(entry_id, _Wish(muted=False, pending=False))

    async def async_set(self, entry_id: str, wish: _Wish | None) -> None:
        """Keep a room's wish, or forget it."""
        if wish is None:
            if self._wishes.pop(entry_id, None) is None:
                return
        else:
            self._wishes[entry_id] = wish
        await self._store.async_save(dict(self._wishes))


@singleton(_STORE, async_=True)
async def async_mute_store(hass: HomeAssistant) -> MuteStore:
    """Return the store, loaded."""
    store = MuteStore(hass)
    await store.async_load()
    return store


class Mute:
    """The mute of one room.

    `wished` is what Home Assistant asked for, `at_device` what was set at the satellite itself,
    which Home Assistant cannot lift. A wish made while the link is down is carried out when it is
    up again, before any audio.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        room: str,
        send: Callable[[Message], bool],
        *,
        changed: Callable[[], None],
        silence: Callable[[], None],
    ) -> None:
        """Make the mute of a room; `silence` ends what is being listened to when it is on."""
        self.wished = False
        self.pending = False
        self.at_device = False
        self._hass = hass
        self._entry_id = entry_id
        self._room = room
        self._send = send
        self._changed = changed
        self._silence = silence
        self._answers: dict[str, asyncio.Future[Receipt]] = {}
        self._store: MuteStore | None = None

    @property
    def is_on(self) -> bool:
        """Return whether the room is meant to be muted, by whomever."""
        return self.wished or self.at_device

    async def async_load(self) -> None:
        """Read the wish; to be done before the link is made."""
        self._store = await async_mute_store(self._hass)
        wish = self._store.get(self._entry_id)
        self.wished, self.pending = wish["muted"], wish["pending"]

    async def async_set(self, muted: bool) -> None:
        """Mute or unmute the room.

        Raises `ServiceValidationError` when the mute was set at the satellite. Without a link, or
        without an answer, the wish stays and is carried out when the satellite is back.
        """
        if not muted and self.at_device:
            raise self._muted_at_device()
        self.wished, self.pending = muted, True
        if muted:
            self._silence()
        await self._save()
        self._changed()
        nonce = secrets.token_hex(16)
        answer = self._answers[nonce] = self._hass.loop.create_future()
        try:
            if not self._send(SetMute(muted=muted, nonce=nonce)):
                return
            async with asyncio.timeout(ANSWER_S):
                await answer
        except TimeoutError:
            return
        finally:
            del self._answers[nonce]
        if not muted and self.at_device:
            raise self._muted_at_device()

    @callback
    def link_up(self) -> None:
        """Carry out a wish that the satellite has not confirmed, and repeat a mute.

        A satellite that lost its state greets us as unmuted: that must not count as our wish.
        """
        self.pending = self.pending or self.wished
        if self.pending:
            self._send(SetMute(muted=self.wished, nonce=secrets.token_hex(16)))

    @callback
    def receipt(self, receipt: Receipt) -> None:
        """Learn from a receipt what holds at the satellite."""
        self.at_device = "local" in receipt.muted_by
        remote = "remote" in receipt.muted_by
        settled = (remote, False) if not self.pending or remote == self.wished else None
        if settled is not None and settled != (self.wished, self.pending):
            self.wished, self.pending = settled
            self._hass.async_create_task(self._save(), f"earshot mute {self._entry_id}")
        if self.is_on:
            self._silence()
        if (answer := self._answers.get(receipt.nonce)) is not None and not answer.done():
            answer.set_result(receipt)

    async def _save(self) -> None:
        if self._store is not None:
            await self._store.async_set(
                self._entry_id, _Wish(muted=self.wished, pending=self.pending)
            )

    def _muted_at_device(self) -> ServiceValidationError:
        return ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="muted_at_device",
            translation_placeholders={"room": self._room},
        )
