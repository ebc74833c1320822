"""The wish to have a room's microphone closed: kept here, carried out by the satellite."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Final, NotRequired, TypedDict

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .audit import Actor, AuditError, Verb
from .const import DOMAIN
from .mute_timer import MuteTimer
from .policy.allowance import Allowance
from .wire.message import Message
from .wire.microphone import Receipt, SetMute

ANSWER_S: Final = 5.0
"""A satellite closes and verifies its microphone well within this."""

MAX_MINUTES: Final = 720

SYSTEM: Final = Actor(name="system")
SATELLITE: Final = Actor(name="satellite")

type Log = Callable[[Verb, Actor, str], Awaitable[object]]
"""Writes a line about this room, with its detail; raises `AuditError`."""


class _Wish(TypedDict):
    muted: bool
    pending: bool
    left_s: NotRequired[float | None]
    """Of a mute that ends by itself. After a restart this much begins again."""


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
    up again, before any audio. A mute for a time ends by itself, unless somebody mutes or unmutes
    the room meanwhile.
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
        log: Log,
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
        self._log = log
        self._unmutes = self._notes = Allowance()
        self._answers: dict[str, asyncio.Future[Receipt]] = {}
        self._store: MuteStore | None = None
        self._timer: MuteTimer | None = None

    @property
    def left_s(self) -> float | None:
        """Return how long a mute still lasts that ends by itself; None for any other."""
        return None if self._timer is None else self._timer.left_s

    @property
    def is_on(self) -> bool:
        """Return whether the room is meant to be muted, by whomever."""
        return self.wished or self.at_device

    async def async_load(self) -> None:
        """Read the wish; to be done before the link is made."""
        self._store = await async_mute_store(self._hass)
        wish = self._store.get(self._entry_id)
        self.wished, self.pending = wish["muted"], wish["pending"]
        if self.wished and (left_s := wish.get("left_s")) is not None:
            self._timer = MuteTimer(self._hass, left_s, self._tick)

    @callback
    def stop(self) -> None:
        """Let go of the timer; what is left of it is kept."""
        if self._timer is not None:
            self._timer.stop()

    async def async_set(self, muted: bool, actor: Actor = SYSTEM) -> None:
        """Mute or unmute the room, until somebody says otherwise.

        Raises `ServiceValidationError` when the mute was set at the satellite, or was lifted too
        often of late, and `HomeAssistantError` when the log cannot be written: no microphone is
        opened without a line. Without a link, or without an answer, the wish stays and is carried
        out when the satellite is back.
        """
        if not muted and self.at_device:
            raise self._muted_at_device()
        if not muted and self.wished:
            if (left := self._unmutes.after_one(time.monotonic())) is None:
                raise ServiceValidationError(
                    translation_domain=DOMAIN,
                    translation_key="unmuted_too_often",
                    translation_placeholders={"room": self._room},
                )
            self._unmutes = left
            try:
                await self._log(Verb.UNMUTED, actor, "")
            except AuditError as err:
                raise HomeAssistantError(
                    translation_domain=DOMAIN, translation_key="audit_unavailable"
                ) from err
        is_new = muted and not self.wished
        self._drop_timer()
        await self._wish(muted)
        if is_new:
            self._note(Verb.MUTED, actor)

    async def async_set_for(self, minutes: int, actor: Actor = SYSTEM) -> None:
        """Mute the room for 1 to 720 minutes. A mute without an end stays without one."""
        if not 1 <= minutes <= MAX_MINUTES:
            raise ValueError(f"a mute for a time lasts 1 to {MAX_MINUTES} minutes")
        if not self.wished or self._timer is not None:
            self._drop_timer()
            self._timer = MuteTimer(self._hass, minutes * 60.0, self._tick)
        await self._wish(True)
        self._note_some(Verb.MUTED, actor, f"{minutes}_minutes")

    async def _wish(self, muted: bool) -> None:
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
        before = self.is_on
        self.at_device = "local" in receipt.muted_by
        remote = "remote" in receipt.muted_by
        settled = (remote, False) if not self.pending or remote == self.wished else None
        if settled is not None and settled != (self.wished, self.pending):
            self.wished, self.pending = settled
            if not self.wished:
                self._drop_timer()
            self._hass.async_create_task(self._save(), f"earshot mute {self._entry_id}")
        if self.is_on:
            self._silence()
        if self.is_on != before:
            self._note_some(Verb.MUTED if self.is_on else Verb.UNMUTED, SATELLITE)
        if (answer := self._answers.get(receipt.nonce)) is not None and not answer.done():
            answer.set_result(receipt)

    @callback
    def _tick(self) -> None:
        """Keep what is left of a mute for a time, or end it; a mute at the satellite stays."""
        ended = self.left_s == 0
        self._hass.async_create_background_task(
            self._end() if ended else self._save(), f"earshot mute {self._entry_id}"
        )

    async def _end(self) -> None:
        self._drop_timer()
        with contextlib.suppress(ServiceValidationError):
            await self._wish(False)
        self._note(Verb.UNMUTED, SYSTEM, "in_time")

    @callback
    def _note(self, verb: Verb, actor: Actor, detail: str = "") -> None:
        """Have a line written of what holds already, with or without it."""
        self._hass.async_create_background_task(
            self._write(verb, actor, detail), f"earshot mute {self._entry_id}"
        )

    @callback
    def _note_some(self, verb: Verb, actor: Actor, detail: str = "") -> None:
        """Have a line written of what can be done again and again, unless the log fills with it."""
        if (left := self._notes.after_one(time.monotonic())) is not None:
            self._notes = left
            self._note(verb, actor, detail)

    async def _write(self, verb: Verb, actor: Actor, detail: str) -> None:
        with contextlib.suppress(AuditError):
            await self._log(verb, actor, detail)

    def _drop_timer(self) -> None:
        self.stop()
        self._timer = None

    async def _save(self) -> None:
        if self._store is not None:
            wish = _Wish(muted=self.wished, pending=self.pending, left_s=self.left_s)
            await self._store.async_set(self._entry_id, wish)

    def _muted_at_device(self) -> ServiceValidationError:
        return ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="muted_at_device",
            translation_placeholders={"room": self._room},
        )
