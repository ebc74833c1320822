"""Answers to what is asked in a room about what was heard there, and its orders carried out.

Nothing here opens, widens or lengthens anything: no sentence unmutes, unseals, pins or ends guest
mode before its time.
"""

import asyncio
import logging
import math
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..audit import Actor, AuditError, Verb
from ..guest import DEFAULT_HOURS, MOST_HOURS
from ..mute import MAX_MINUTES
from ..policy.retention import Outcome, Verdict
from ..vault import VaultError
from ..vault.views import Count, Listed, Query, Selection
from . import spoken_answers as texts
from .answering import Answer, Say
from .spoken_sentences import Command, Spoken

if TYPE_CHECKING:
    from ..house import House
    from ..room import Room
    from .turn import TurnReport

_LOGGER = logging.getLogger(__name__)

VOICE: Final = Actor(name="voice")
LATELY: Final = timedelta(minutes=2)
LISTENS_KNOWN: Final = timedelta(days=7)
TOLD_BACK: Final = 5
KEEPING_S: Final = 5.0
DELETING_S: Final = 12.0
LOOK_S: Final = 0.2
_LINES: Final = 500


@dataclass(frozen=True)
class _Last:
    """The last turn that was no order about what was heard."""

    started: datetime
    outcome: Outcome
    over: float
    """On the monotonic clock."""

    kept: asyncio.Task[str | None] | None
    """Ends with the id of what was kept of it; None when the rules allowed nothing."""


class RoomAnswers:
    """What one room says of itself."""

    def __init__(self, hass: HomeAssistant, room: Room) -> None:
        self._hass = hass
        self._room = room
        self._last: _Last | None = None

    def turn_over(self, report: TurnReport, kept: asyncio.Task[str | None] | None) -> None:
        """Remember the last turn, for "what I just said"."""
        if report.keeps and report.outcome is not Outcome.MUTED:
            self._last = _Last(report.started, report.outcome, time.monotonic(), kept)

    async def async_answer(self, command: Command, say: Say) -> Answer:
        """Carry out a command and return what is to be said of it."""
        try:
            return await self._answer(command, say)
        except VaultError, TimeoutError:
            return Answer(texts.UNREACHABLE)

    async def _answer(  # noqa: PLR0911 - a table
        self, command: Command, say: Say
    ) -> Answer:
        match command.kind:
            case Spoken.DELETE_LAST:
                return Answer(await self._delete_last())
            case Spoken.DELETE_TODAY:
                return Answer(await self._delete_today(say))
            case Spoken.NOT_FOR_YOU:
                return await self._not_for_you()
            case Spoken.WHAT_HEARD:
                return Answer(await self._what_heard())
            case Spoken.RECORDING:
                return Answer(self._recording())
            case Spoken.STOP_LISTENING:
                return Answer(await self._stop_listening(command))
            case Spoken.GUEST_ON:
                return Answer(await self._guest_on(command))
            case Spoken.GUEST_OFF:
                return Answer(self._guest_off())
            case Spoken.WHO_CAN_HEAR:
                return Answer(await self._who_can_hear())
            case Spoken.WHO_LISTENED:
                return Answer(await self._who_listened())

    async def _delete_last(self) -> str:
        if self._last is None:
            return texts.NOTHING_HEARD
        listed, why = await self._kept(self._last)
        if listed is None:
            return why
        return await self._delete(
            Selection(ids=frozenset({listed.id})),
            texts.deleted_last(self._local(self._last.started), self._now()),
        )

    async def _delete_today(self, say: Say) -> str:
        await self._settle()
        midnight = dt_util.start_of_local_day(self._now())
        today = await self._count(since=midnight)
        if not today.captures:
            return texts.NOTHING_TODAY
        if today.pinned == today.captures:
            return texts.all_pinned(today.pinned)
        await say(texts.deletes_today(today.captures - today.pinned))
        older = await self._count(until=midnight)
        done = texts.deleted_today(today.pinned, older.captures)
        return await self._delete(Selection(rooms=self._rooms, since=midnight), done)

    async def _not_for_you(self) -> Answer:
        last = self._last
        if last is None or time.monotonic() - last.over > LATELY.total_seconds():
            return Answer(texts.NOT_LATELY)
        listed, why = await self._kept(last)
        # What was silence has been counted as a false wake before.
        outcome = Outcome.UNDERSTOOD if last.outcome is Outcome.FALSE_WAKE else Outcome.FALSE_WAKE
        self._last = None
        if listed is None:
            return Answer(texts.not_for_you(why), outcome)
        deletion = self._delete(Selection(ids=frozenset({listed.id})), texts.DELETED_IT)
        return Answer(texts.not_for_you(await deletion), outcome)

    async def _what_heard(self) -> str:
        if self._house.rules.access(self._room.id).sealed:
            return texts.SEALED
        await self._settle()
        reading = self._house.reading()
        since = reading.started(LATELY.total_seconds()).wall
        vault = await self._house.async_vault()
        query = Query(rooms=self._rooms, since=since, limit=TOLD_BACK)
        page = await vault.async_page(query, reading)
        if not page.items:
            return texts.NOTHING_LATELY
        if all(it.sealed for it in page.items):
            return texts.SEALED
        told = [it for it in reversed(page.items) if it.transcript]
        if not told:
            doubted = any(it.uncertain for it in page.items)
            return texts.UNCERTAIN if doubted else texts.NO_WORDS_LATELY
        try:
            for listed in told:
                await self._house.audit.async_write(
                    Verb.HEARD_BACK, VOICE, self._room.id, listed.id
                )
        except AuditError:
            return texts.NOT_LOGGED
        return texts.heard([it.transcript for it in told if it.transcript])

    def _recording(self) -> str:
        guard = self._room.guard
        return texts.recording(
            self._verdict(), guard.locality.state, recorded_by_core=guard.is_recorded
        )

    async def _stop_listening(self, command: Command) -> str:
        minutes = command.minutes
        if command.timed and not minutes:
            return texts.HOW_LONG
        if minutes is not None and minutes > MAX_MINUTES:
            return texts.at_most(MAX_MINUTES // 60)
        mute = self._room.mute
        if minutes is None:
            await mute.async_set(True, VOICE)
        else:
            await mute.async_set_for(minutes, VOICE)
        left_s = mute.left_s
        ends = None if left_s is None else self._now() + timedelta(seconds=left_s)
        receipt = self._room.receipt
        state = None if mute.pending or receipt is None else receipt.state
        return texts.stopped(state, texts.until(ends, self._now()))

    async def _guest_on(self, command: Command) -> str:
        if command.timed and not command.minutes:
            return texts.GUESTS_HOW_LONG
        hours = math.ceil(command.minutes / 60) if command.minutes else DEFAULT_HOURS
        if hours > MOST_HOURS:
            return texts.at_most(MOST_HOURS)
        await self._house.guest.async_begin(hours, VOICE)
        until = self._house.guest.until
        return texts.GUEST_OFF if until is None else texts.guest_on(self._local(until), self._now())

    def _guest_off(self) -> str:
        until = self._house.guest.until
        if until is None:
            return texts.GUEST_OFF
        return texts.guest_stays(self._local(until), self._now())

    async def _who_can_hear(self) -> str:
        access = self._house.rules.access(self._room.id)
        names = [name for id_ in access.listeners if (name := await self._name(id_))]
        return texts.who_can_hear(sorted(names), self._verdict(), sealed=access.sealed)

    async def _who_listened(self) -> str:
        try:
            lines = await self._house.audit.async_listens(self._rooms, None, _LINES)
        except AuditError:
            return texts.NO_LOG
        since = dt_util.utcnow() - LISTENS_KNOWN
        listens = [it for it in lines if it.when >= since]
        if not listens:
            return texts.nobody_listened()
        last = max(listens, key=lambda it: it.seq)
        user_id = last.actor.user_id
        name = None if user_id is None else await self._name(user_id) or "Somebody"
        return texts.who_listened(name, self._local(last.when), self._now(), len(listens))

    async def _count(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> Count:
        vault = await self._house.async_vault()
        selection = Selection(rooms=self._rooms, since=since, until=until, pinned=True)
        return (await vault.async_count(selection)).get(self._room.id, Count())

    async def _kept(self, last: _Last) -> tuple[Listed | None, str]:
        """Return what is kept of a turn, or what to say when that is nothing."""
        capture_id = None
        if last.kept is not None:
            async with asyncio.timeout(KEEPING_S):
                capture_id = await asyncio.shield(last.kept)
        if capture_id is None:
            return None, texts.NOTHING_KEPT
        listed = await (await self._house.async_vault()).async_find(capture_id)
        if listed is None:
            return None, texts.GONE_ALREADY
        if listed.pin is not None:
            return None, texts.pinned(self._local(listed.pin.until), self._now())
        return listed, ""

    async def _settle(self) -> None:
        """Wait for what was just said to be in the vault, so that it is not passed over."""
        if self._last is not None and self._last.kept is not None:
            async with asyncio.timeout(KEEPING_S):
                await asyncio.shield(self._last.kept)

    async def _delete(self, selection: Selection, done: str) -> str:
        """Delete, to its end whatever becomes of the turn, and return what is true of it.

        The check of every place for what may be left goes on behind the answer.
        """
        deleting = self._hass.async_create_background_task(
            self._deletion(selection), f"earshot deletion {self._room.name}"
        )
        vault = await self._house.async_vault()
        async with asyncio.timeout(DELETING_S):
            while not deleting.done() and await vault.async_count(selection):
                await asyncio.wait([deleting], timeout=LOOK_S)
        if deleting.done() and not deleting.result():
            return texts.UNREACHABLE
        return done

    async def _deletion(self, selection: Selection) -> bool:
        try:
            await self._house.async_delete(selection, VOICE)
        except (VaultError, HomeAssistantError, TimeoutError) as err:
            _LOGGER.warning("A deletion in a room did not end well: %s", type(err).__name__)
            return False
        return True

    async def _name(self, user_id: str) -> str | None:
        user = await self._hass.auth.async_get_user(user_id)
        return user.name if user is not None and user.is_active else None

    def _verdict(self) -> Verdict:
        return self._house.rules.verdict(self._room.id, Outcome.UNDERSTOOD)

    def _now(self) -> datetime:
        return self._local(self._house.reading().started(0).wall)

    def _local(self, when: datetime) -> datetime:
        return dt_util.as_local(when)

    @property
    def _rooms(self) -> frozenset[str]:
        return frozenset({self._room.id})

    @property
    def _house(self) -> House:
        return self._room.house
