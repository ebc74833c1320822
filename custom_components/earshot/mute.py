"""The wish to have a room's microphone closed: kept here, carried out by the satellite."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .audit import Actor, AuditError, Verb
from .const import DOMAIN
from .mute_store import MuteStore, Wish, async_mute_store
from .mute_timer import MuteTimer
from .policy.allowance import Allowance
from .wire.message import Message
from .wire.microphone import Receipt, SetMute

_LOGGER = logging.getLogger(__name__)

ANSWER_S: Final = 5.0
"""A satellite closes and verifies its microphone well within this."""

MAX_MINUTES: Final = 720

RETRY_S: Final = 60.0
"""How much longer a mute lasts each time that its end cannot be written down."""

SYSTEM: Final = Actor(name="system")
SATELLITE: Final = Actor(name="satellite")

type Log = Callable[[Verb, Actor, str], Awaitable[object]]
"""Writes a line about this room, with its detail; raises `AuditError`."""


class Mute:
    """The mute of one room.

    `wished` is what Home Assistant asked for, `at_device` what was set at the satellite itself,
    which Home Assistant cannot lift. A wish made while the link is down is carried out when it is
    up again, before any audio. A mute for a time ends by itself, unless somebody mutes or unmutes
    the room meanwhile. Of several orders the last one holds: an unmute that waits for the log is
    dropped when a mute was asked for in between.
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
        overdue: Callable[[bool], None],
        log: Log,
    ) -> None:
        """Make the mute of a room.

        `silence` ends what is being listened to when it is on; `overdue` tells that a mute for a
        time goes on, because its end cannot be written down, and when that is over.
        """
        self.wished = False
        self.pending = False
        self.at_device = False
        self.asked = 0
        """How often a mute was asked for; an order to unmute is worth nothing once that grew."""

        self._hass = hass
        self._entry_id = entry_id
        self._room = room
        self._send = send
        self._changed = changed
        self._silence = silence
        self._overdue = overdue
        self._log = log
        self._unmutes = self._notes = Allowance()
        self._answers: dict[str, asyncio.Future[Receipt]] = {}
        self._newest = ""
        """The nonce of the latest order; only its answer settles what is pending."""

        self._latest: Receipt | None = None
        self._lifting = 0
        """Unmutes whose line is being written."""

        self._is_overdue = False
        self._store: MuteStore | None = None
        self._timer: MuteTimer | None = None
        self._timed: str | None = None

    @property
    def left_s(self) -> float | None:
        """Return how long a mute still lasts that ends by itself; None for any other."""
        return None if self._timer is None else self._timer.left_s

    @property
    def is_on(self) -> bool:
        """Return whether the room is meant to be muted, by whomever."""
        return self.wished or self.at_device

    async def async_load(self) -> None:
        """Read the wish; to be done before the link is made.

        Of an unmute nothing is read but that it is no mute: the satellite says what holds there.
        """
        self._overdue(False)
        self._store = await async_mute_store(self._hass)
        wish = self._store.get(self._entry_id)
        self.wished = self.pending = wish["muted"]
        if self.wished and (left_s := wish.get("left_s")) is not None:
            self._timer = MuteTimer(self._hass, left_s, self._tick)
            self._timed = wish.get("timed")

    @callback
    def stop(self) -> None:
        """Let go of the timer; what is left of it is kept."""
        if self._timer is not None:
            self._timer.stop()

    async def async_set(
        self, muted: bool, actor: Actor = SYSTEM, *, asked: int | None = None
    ) -> None:
        """Mute or unmute the room, until somebody says otherwise.

        An unmute that was overtaken by a mute is dropped without a word, for the room is as the
        later order wants it; `asked` is what that was when the unmute was ordered, if not now.

        Raises `ServiceValidationError` when the mute was set at the satellite, or was lifted too
        often of late, and `HomeAssistantError` when the log cannot be written: no microphone is
        opened without a line. Without a link, or without an answer, the wish stays and is carried
        out when the satellite is back.
        """
        if not muted:
            await self._unmute(actor, self.asked if asked is None else asked)
            return
        is_new = not self.wished or self._lifting > 0
        self._drop_timer()
        await self._wish(True)
        if is_new:
            self._note(Verb.MUTED, actor)

    async def async_set_for(self, minutes: int, actor: Actor = SYSTEM) -> None:
        """Mute the room for 1 to 720 minutes. A mute that lasts longer already is left to."""
        if not 1 <= minutes <= MAX_MINUTES:
            raise ValueError(f"a mute for a time lasts 1 to {MAX_MINUTES} minutes")
        wanted_s = minutes * 60.0
        if not self.wished or (self.left_s is not None and self.left_s < wanted_s):
            self._begin_timer(wanted_s)
        await self._wish(True)
        self._note_some(Verb.MUTED, actor, f"{minutes}_minutes")

    async def _unmute(self, actor: Actor, asked: int) -> None:
        if asked != self.asked:
            return
        if self.at_device:
            raise self._muted_at_device()
        if self.wished:
            if (left := self._unmutes.after_one(time.monotonic())) is None:
                raise ServiceValidationError(
                    translation_domain=DOMAIN,
                    translation_key="unmuted_too_often",
                    translation_placeholders={"room": self._room},
                )
            self._unmutes = left
            try:
                await self._write_first(actor, "")
            except AuditError as err:
                raise HomeAssistantError(
                    translation_domain=DOMAIN, translation_key="audit_unavailable"
                ) from err
            if asked != self.asked:
                return
            if self.at_device:
                raise self._muted_at_device()
        self._drop_timer()
        await self._wish(False)

    async def _write_first(self, actor: Actor, detail: str) -> None:
        """Write the line of an unmute that is still to come; raises `AuditError`."""
        self._lifting += 1
        try:
            await self._log(Verb.UNMUTED, actor, detail)
        finally:
            self._lifting -= 1

    async def _wish(self, muted: bool) -> None:
        """Order it before anything is waited for, and wait for the answer."""
        self.wished, self.pending = muted, True
        if muted:
            self.asked += 1
            self._silence()
        nonce = secrets.token_hex(16)
        answer = self._answers[nonce] = self._hass.loop.create_future()
        try:
            is_sent = self._order(nonce)
            self._changed()
            await self._save()
            if not is_sent or not await self._is_answered(answer):
                return
        finally:
            del self._answers[nonce]
        if not muted and self.at_device:
            raise self._muted_at_device()

    async def _is_answered(self, answer: asyncio.Future[Receipt]) -> bool:
        try:
            async with asyncio.timeout(ANSWER_S):
                await answer
        except TimeoutError:
            return False
        return True

    @callback
    def _order(self, nonce: str) -> bool:
        """Tell the satellite what is wished; False without a link."""
        self._newest = nonce
        return self._send(SetMute(muted=self.wished, nonce=nonce))

    @callback
    def link_up(self) -> None:
        """Carry out a wish that the satellite has not confirmed, and repeat a mute.

        A satellite that lost its state greets us as unmuted: that must not count as our wish. What
        it says now is the latest: a machine that was set back counts from where it was.
        """
        self._latest = None
        self.pending = self.pending or self.wished
        if self.pending:
            self._order(secrets.token_hex(16))

    @callback
    def receipt(self, receipt: Receipt) -> bool:
        """Learn from a receipt what holds at the satellite; return whether it is the latest yet.

        One that crossed an order was written before it and says nothing of it.
        """
        before = self.is_on
        is_answer = self.pending and receipt.nonce == self._newest != ""
        if is_news := self._is_news(receipt):
            self._latest = receipt
            self.at_device = "local" in receipt.muted_by
        if is_answer or (is_news and not self.pending):
            self._settle("remote" in receipt.muted_by, is_answer=is_answer)
        if self.is_on:
            self._silence()
        if self.is_on != before:
            self._note_some(Verb.MUTED if self.is_on else Verb.UNMUTED, SATELLITE)
        if (answer := self._answers.get(receipt.nonce)) is not None and not answer.done():
            answer.set_result(receipt)
        return is_news

    def _is_news(self, receipt: Receipt) -> bool:
        """Return whether no later receipt was there before: answers may come out of order."""
        latest = self._latest
        return (
            latest is None
            or receipt.boot_id != latest.boot_id
            or receipt.sequence >= latest.sequence
        )

    def _settle(self, remote: bool, *, is_answer: bool) -> None:
        """Take up what holds; that a mute was not carried out is no reason to drop it."""
        if (is_answer and self.wished and not remote) or (remote, False) == (
            self.wished,
            self.pending,
        ):
            return
        self.wished, self.pending = remote, False
        if not remote:
            self._drop_timer()
        self._hass.async_create_task(self._save(), f"earshot mute {self._entry_id}")

    @callback
    def _tick(self) -> None:
        """Keep what is left of a mute for a time, or end it; a mute at the satellite stays."""
        ended = self.left_s == 0
        self._hass.async_create_background_task(
            self._end() if ended else self._save(), f"earshot mute {self._entry_id}"
        )

    async def _end(self) -> None:
        """End a mute for a time, or let it go on for a while when no line can be written."""
        timer, asked = self._timer, self.asked
        try:
            await self._write_first(SYSTEM, "in_time")
        except AuditError:
            if self._timer is timer:
                self._timer = MuteTimer(self._hass, RETRY_S, self._tick)
                self._set_overdue(True)
                await self._save()
            return
        if self._timer is not timer or self.asked != asked:
            return
        self._drop_timer()
        with contextlib.suppress(ServiceValidationError):
            await self._wish(False)

    def _set_overdue(self, overdue: bool) -> None:
        """Tell once that it goes on, and once that it does no more."""
        if overdue is self._is_overdue:
            return
        self._is_overdue = overdue
        self._overdue(overdue)
        if overdue:
            _LOGGER.warning("%s stays muted beyond its time: the log cannot be written", self._room)
        else:
            _LOGGER.info("%s is no longer muted beyond its time", self._room)

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

    def _begin_timer(self, seconds: float) -> None:
        self._drop_timer()
        self._timer = MuteTimer(self._hass, seconds, self._tick)
        self._timed = secrets.token_hex(16)

    def _drop_timer(self) -> None:
        self.stop()
        self._timer = self._timed = None
        self._set_overdue(False)

    async def _save(self) -> None:
        if self._store is not None:
            wish = Wish(muted=self.wished, left_s=self.left_s, timed=self._timed)
            await self._store.async_set(self._entry_id, wish)

    def _muted_at_device(self) -> ServiceValidationError:
        return ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="muted_at_device",
            translation_placeholders={"room": self._room},
        )
