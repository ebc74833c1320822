"""The seals of rooms as the rest of the integration uses them.

A sealed room is kept and not played: whoever wants to hear what was kept of it needs a passphrase.
Forgotten passphrases cannot be replaced; what they seal still expires and can be deleted.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from ..policy.tries import Tries
from . import database, passphrase, sealing
from .errors import VaultClosedError
from .seal_errors import SealBusyError, SealUnknownError, SealWaitError, SealWrongError
from .sealing import KeyPair
from .slots import HOUSE, SEALS, Seal, SealTables, Slot

DERIVE_S = 60.0
"""Argon2id takes about a quarter of a second on a PC and some on the smallest boards."""

MAX_WAITING = 4
"""Passphrases that wait to be tried: each takes 64 MiB, one after the other."""

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_MAX_LABEL = 64


class Seals:
    """Which rooms are sealed, and who can open what. Raises `VaultError`, see `seal_errors`.

    Passphrases are tried one after the other; a person has five tries at a seal, then growing
    waits. No passphrase and no private key is kept here.
    """

    def __init__(
        self,
        tables: SealTables,
        seals: dict[str, Seal],
        worker: ThreadPoolExecutor,
        clock: Callable[[], float],
    ) -> None:
        self._tables = tables
        self._seals = seals
        self._worker = worker
        self._clock = clock
        self._tries: dict[tuple[str, str], Tries] = {}
        self._waiting = 0
        self._closed = False

    @classmethod
    async def async_open(cls, folder: Path, clock: Callable[[], float] = time.monotonic) -> Self:
        """Open the seals of the vault in `folder`; raises `StoreDamagedError`."""
        worker = ThreadPoolExecutor(1, thread_name_prefix="earshot-seals")
        try:
            loop = asyncio.get_running_loop()
            tables, seals = await loop.run_in_executor(worker, _opened, folder)
        except BaseException:
            worker.shutdown(wait=False)
            raise
        return cls(tables, seals, worker, clock)

    def seal_of(self, room_id: str) -> str | None:
        """Return the seal for what is kept of a room from now on, or None."""
        by_scope = {scope: seal.id for seal in self._seals.values() for scope in seal.scopes}
        return by_scope.get(room_id, by_scope.get(HOUSE))

    def get(self, seal_id: str) -> Seal:
        """Return a seal; raises `SealUnknownError`."""
        if (seal := self._seals.get(seal_id)) is None:
            raise SealUnknownError("there is no such seal")
        return seal

    def all(self) -> tuple[Seal, ...]:
        """Return every seal, those of rooms that were unsealed too."""
        return tuple(self._seals.values())

    def public_key(self, seal_id: str) -> bytes:
        """Return what a seal's captures are wrapped to; raises `SealUnknownError`."""
        return self.get(seal_id).public_key

    async def async_create(
        self, rooms: frozenset[str] | None, user_id: str, label: str, secret: str
    ) -> str:
        """Make a seal for rooms, or for the house with None, opened by one passphrase so far.

        Raises `PassphraseWeakError`, and `SealExistsError` if a room has one already.
        """
        scopes = {HOUSE} if rooms is None else set(rooms)
        if not scopes or not all(scope == HOUSE or _ID.fullmatch(scope) for scope in scopes):
            raise ValueError("a seal covers rooms by their ids, or the house")
        seal_id, pair = secrets.token_hex(8), sealing.new_pair()
        slot = await self._new_slot(seal_id, pair, user_id, label, secret)
        await self._change(self._tables.create, seal_id, pair.public, scopes, slot)
        return seal_id

    async def async_add_slot(
        self, seal_id: str, private_key: bytes, user_id: str, label: str, secret: str
    ) -> None:
        """Let a person open a seal too, or change that person's passphrase.

        It takes the private key, so somebody who can open it. Raises `SealWrongError` for
        another one, and `PassphraseWeakError`.
        """
        pair = KeyPair(self.public_key(seal_id), private_key)
        if sealing.public_of(private_key) != pair.public:
            raise SealWrongError("this is the private key of another seal")
        slot = await self._new_slot(seal_id, pair, user_id, label, secret)
        await self._change(self._tables.put, seal_id, slot)
        self._tries.pop((seal_id, user_id), None)

    async def async_remove_slot(self, seal_id: str, user_id: str) -> None:
        """Let a person not open a seal any more; raises `SealLastSlotError`.

        Of a seal that covers no room any more the last slot may go. Then nothing opens what it
        sealed.
        """
        self._slot(seal_id, user_id)
        await self._change(self._tables.remove, seal_id, user_id)

    async def async_unseal(self, room_id: str | None) -> None:
        """Seal nothing new of a room, or of the house with None; what is sealed stays so."""
        await self._change(self._tables.uncover, HOUSE if room_id is None else room_id)

    async def async_unlock(self, seal_id: str, user_id: str, secret: str) -> bytes:
        """Return the private key, which whoever asked must forget after some minutes.

        Raises `SealWrongError`, `SealWaitError`, `SealBusyError`, `SealUnknownError` and
        `SealDamagedError`.
        """
        seal, slot = self.get(seal_id), self._slot(seal_id, user_id)
        tries, now = self._tries.get((seal_id, user_id), Tries()), self._clock()
        if wait := tries.wait_s(now):
            raise SealWaitError(wait)
        if self._waiting >= MAX_WAITING:
            raise SealBusyError("other passphrases are being tried")
        # It counts as failed until it has succeeded, so many at once are no way around the limit.
        self._tries[seal_id, user_id] = tries.after_failure(now)
        private_key = await self._derive(slot.open, seal, secret[: passphrase.MAX_LENGTH * 4])
        self._tries.pop((seal_id, user_id), None)
        return private_key

    async def async_close(self) -> None:
        """Close, after what is being done. Twice is once."""
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._worker, self._tables.close)
        self._worker.shutdown()

    def _slot(self, seal_id: str, user_id: str) -> Slot:
        if (slot := self.get(seal_id).slot_of(user_id)) is None:
            raise SealUnknownError("this person has no passphrase for this seal")
        return slot

    async def _new_slot(
        self, seal_id: str, pair: KeyPair, user_id: str, label: str, secret: str
    ) -> Slot:
        passphrase.check(secret)
        if not _ID.fullmatch(user_id) or not label.isprintable() or len(label) > _MAX_LABEL:
            raise ValueError("a slot needs the id of a user and a short label")
        return await self._derive(Slot.make, seal_id, pair.private, user_id, label, secret)

    async def _derive[**P, R](self, function: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R:
        """Do what takes long and much memory, after what others want of that kind."""
        if self._waiting >= MAX_WAITING:
            raise SealBusyError("other passphrases are being tried")
        self._waiting += 1
        try:
            async with asyncio.timeout(DERIVE_S):
                return await self._run(function, *args, **kw)
        except TimeoutError:
            raise SealBusyError("the passphrase took too long") from None
        finally:
            self._waiting -= 1

    async def _change[**P](self, change: Callable[P, None], *args: P.args, **kw: P.kwargs) -> None:
        def changed() -> dict[str, Seal]:
            change(*args, **kw)
            with database.storage_errors():
                return self._tables.all()

        self._seals = await self._run(changed)

    async def _run[**P, R](self, function: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R:
        if self._closed:
            raise VaultClosedError("the seals are closed")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, lambda: function(*args, **kw))


def remove(folder: Path) -> None:
    """Destroy every seal of a vault whose seals are closed."""
    with database.storage_errors():
        database.remove(folder / SEALS)


def _opened(folder: Path) -> tuple[SealTables, dict[str, Seal]]:
    tables = SealTables.open(folder)
    with database.storage_errors():
        return tables, tables.all()
