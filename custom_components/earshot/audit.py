"""The log of who listened, as the rest of the integration uses it: `house.audit`."""

import asyncio
import re
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, TypedDict

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from . import const
from .policy.clock import Reading
from .policy.witnesses import AuditVerdict, Found, Testimony, judge
from .vault.audit.line import LISTENS, Actor, Line, Verb
from .vault.audit.log import AuditError, AuditLog, New, remove
from .vault.audit.replay import GENERATION, Tip
from .vault.errors import VaultError
from .witness import RoomWitness

__all__ = ["LISTENS", "Actor", "Audit", "AuditError", "AuditVerdict", "Line", "Verb"]

WRITE_S: Final = 10.0
VERIFY_S: Final = 60.0
MAX_WAITING: Final = 256
"""Lines on their way to the disk: an automation may open all microphones of a large house."""

_OPTIONS: Final = frozenset(
    {"guest_mode", *(value for name, value in vars(const).items() if name.startswith("CONF_"))}
)
_ID: Final = re.compile(
    r"[0-9a-f]{16}|[0-9a-f]{32}"  # of a seal, a turn; of a capture, a user, a certificate
    r"|[0-9A-HJKMNP-TV-Z]{26}"  # of a config entry
    r"|[a-z0-9_]{1,64}\.[a-z0-9_]{1,64}"  # of an entity: an engine
)
_KNOWN: Final = f"{const.DOMAIN}.audit"


class _Known(TypedDict):
    chain: str


class Audit:
    """The log. A line is on the disk before what it tells of happens.

    `witnesses` returns the satellites that could witness it: room id, whether the link is paired,
    and the witness.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        folder: Path,
        reading: Callable[[], Reading],
        witnesses: Callable[[], Iterable[tuple[str, bool, RoomWitness]]],
    ) -> None:
        self.tip: Tip | None = None
        """Where the log stands; None while it is not open."""

        self.verdict: AuditVerdict | None = None
        """What was said of it when it was last gone through since the start."""

        self._hass = hass
        self._folder = folder
        self._reading = reading
        self._witnesses = witnesses
        # In `.storage`, so that a log which is not there any more is missed.
        self._known: Store[_Known] = Store(hass, 1, _KNOWN, private=True, atomic_writes=True)
        self._log: AuditLog | None = None
        self._writer: ThreadPoolExecutor | None = None
        self._opened = asyncio.Event()
        """Set once it is known whether it can be opened."""

        self._waiting = 0
        self._listeners: set[Callable[[Line], None]] = set()

    async def async_open(self) -> None:
        """Open the log, in the vault's folder, which has to be there. Raises `VaultError`."""
        if self._log is not None:
            return
        try:
            await self._open()
        finally:
            self._opened.set()
        await self._remember()

    async def _open(self) -> None:
        known = await self._known.async_load()
        writer = ThreadPoolExecutor(1, thread_name_prefix="earshot-audit")
        open_log = partial(
            AuditLog.open, self._folder, self._reading().now, known and known["chain"]
        )
        opening = writer.submit(open_log)
        try:
            log = await asyncio.wrap_future(opening)
            tip = await self._hass.loop.run_in_executor(writer, lambda: log.tip)
        except BaseException:
            # Given up while its thread still opens it: the end of Home Assistant waits for both.
            await asyncio.shield(self._hass.loop.run_in_executor(writer, _close_again, opening))
            writer.shutdown(wait=False)
            raise
        self._writer, self._log = writer, log
        self._stands_at(tip)

    async def async_write(
        self, verb: Verb, actor: Actor, room_id: str | None, target: str = "", detail: str = ""
    ) -> int:
        """Write a line and return its number; it is on the disk then.

        `target` is an id of ours or the name of an option, `detail` a word of ours. Raises
        `AuditError`: then what it would tell of must not happen.
        """
        if target and target not in _OPTIONS and not _ID.fullmatch(target):
            raise ValueError("a line of the log names an id or an option")
        if self._waiting >= MAX_WAITING:
            raise AuditError("too many lines wait to be written")
        self._waiting += 1
        try:
            async with asyncio.timeout(WRITE_S):
                lines, tip = await self._run(
                    _write, New(verb, actor, room_id, target, detail), self._reading()
                )
        except TimeoutError:
            raise AuditError("the log cannot be written in time") from None
        finally:
            self._waiting -= 1
        self._stands_at(tip)
        if len(lines) > 1:
            await self._remember()
        for line in lines:
            for listener in tuple(self._listeners):
                listener(line)
        return lines[-1].seq

    async def async_lines(
        self, rooms: frozenset[str] | None, before: int | None, limit: int
    ) -> tuple[Line, ...]:
        """Return lines before a number, newest first, of some rooms and of the whole house.

        None: of all rooms. Raises `AuditError`.
        """
        return tuple(await self._run(AuditLog.lines, rooms, before, limit))

    async def async_listens(
        self, rooms: frozenset[str] | None, before: int | None, limit: int
    ) -> tuple[Line, ...]:
        """Return the lines that tell of listening, as `async_lines`.

        Not of a room that was to be listened to and whose satellite refused. Raises `AuditError`.
        """
        return tuple(await self._run(AuditLog.listens, rooms, before, limit))

    async def async_verify(self) -> AuditVerdict:
        """Go through the log and ask the satellites; raises `AuditError`."""
        asked = await self._run(lambda log: log.tip)
        answers = await asyncio.gather(
            *(_ask(room_id, paired, witness) for room_id, paired, witness in self._witnesses())
        )
        testimonies = [answer for answer in answers if answer is not None]
        wanted = frozenset(seq for it in testimonies for _, seq, _ in it.claims)
        # Who listens or opens a microphone meanwhile must not wait for their line.
        copy = await self._run(AuditLog.copy)
        try:
            async with asyncio.timeout(VERIFY_S):
                found = await self._hass.async_add_executor_job(_found, copy, wanted)
        except TimeoutError:
            raise AuditError("the log could not be gone through in time") from None
        except AuditError:
            raise
        except VaultError as error:
            raise AuditError(f"the log cannot be read: {error}") from error
        self.verdict = judge(found, testimonies, asked.seq)
        return self.verdict

    @callback
    def async_listen(self, listener: Callable[[Line], None]) -> Callable[[], None]:
        """Have a function called with each new line; returns what ends that."""
        self._listeners.add(listener)
        return partial(self._listeners.discard, listener)

    @callback
    def witness_up(self, witness: RoomWitness) -> None:
        """Tell a satellite that came where the log stands."""
        if self.tip is not None:
            witness.tell(self.tip)

    async def async_close(self) -> None:
        """Close the log, after what waits to be written is. Twice is once."""
        writer, log = self._writer, self._log
        self._writer = self._log = self.tip = None
        if writer is not None and log is not None:
            await self._hass.loop.run_in_executor(writer, log.close)
            writer.shutdown()

    async def async_destroy(self) -> None:
        """Destroy the log with all that was kept, because the last of Earshot is removed."""
        await self.async_close()
        await self._hass.async_add_executor_job(remove, self._folder)
        await self._known.async_remove()

    def _stands_at(self, tip: Tip) -> None:
        if self.tip is not None and tip.seq <= self.tip.seq:
            return
        self.tip = tip
        for _, _, witness in self._witnesses():
            witness.tell(tip)

    async def _remember(self) -> None:
        if self.tip is not None:
            await self._known.async_save(_Known(chain=self.tip.chain))

    async def _run[*Ts, R](self, function: Callable[[AuditLog, *Ts], R], *args: *Ts) -> R:
        try:
            async with asyncio.timeout(WRITE_S):
                await self._opened.wait()
        except TimeoutError:
            raise AuditError("the log is not open yet") from None
        if self._writer is None or self._log is None:
            raise AuditError("the log is not open")
        try:
            return await self._hass.loop.run_in_executor(self._writer, function, self._log, *args)
        except AuditError:
            raise
        except VaultError as error:
            raise AuditError(f"the log cannot be read: {error}") from error


def _write(log: AuditLog, new: New, reading: Reading) -> tuple[tuple[Line, ...], Tip]:
    lines = log.append(new, reading.now)
    # The line is there. What is too old and cannot be left out now is tried again with the next.
    with suppress(VaultError):
        log.trim(reading.now if reading.trusted else None)
    return lines, log.tip


def _found(log: AuditLog, wanted: frozenset[int]) -> Found:
    try:
        seen, tip = log.verify(wanted), log.tip
        return Found(
            first=seen.first,
            last=seen.last,
            lines=log.count(),
            broken_at=seen.broken_at,
            unkeyed=seen.unkeyed,
            chains=frozenset(chain.id for chain in seen.chains),
            generation=log.generation or tip.chain[:GENERATION],
            heads=seen.heads,
        )
    finally:
        log.close()


async def _ask(room_id: str, paired: bool, witness: RoomWitness) -> Testimony | None:
    claims = await witness.async_ask()
    return None if claims is None else Testimony(room_id, paired, claims)


def _close_again(opening: Future[AuditLog]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
