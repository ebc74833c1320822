"""Seals and their slots in a database of their own, `seals.db`.

A seal is a key pair. Its public key seals what is kept of the rooms that it covers; its private key
lies in slots, one for each person, each encrypted with a key made of that person's passphrase.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from . import crypto, database, sealing
from .crypto import Place, Purpose, SealError
from .passphrase import Derivation
from .seal_errors import SealDamagedError, SealExistsError, SealLastSlotError, SealWrongError

SEALS = "seals.db"
HOUSE = ""
"""Scope of a seal that covers every room which has none of its own."""

_MIGRATIONS = (
    """
    CREATE TABLE seals (id TEXT PRIMARY KEY, public BLOB NOT NULL, made REAL NOT NULL) STRICT;
    CREATE TABLE covers (
        scope TEXT PRIMARY KEY, seal TEXT NOT NULL REFERENCES seals (id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE slots (
        seal TEXT NOT NULL REFERENCES seals (id), user TEXT NOT NULL, label TEXT NOT NULL,
        kdf TEXT NOT NULL, salt BLOB NOT NULL, wrapped BLOB NOT NULL, made REAL NOT NULL,
        PRIMARY KEY (seal, user)
    ) STRICT, WITHOUT ROWID
    """,
)


@dataclass(frozen=True)
class Slot:
    """One person's way to the private key of a seal."""

    user_id: str
    label: str
    derivation: Derivation
    wrapped: bytes = field(repr=False)
    made: datetime

    @classmethod
    def make(
        cls, seal_id: str, private_key: bytes, user_id: str, label: str, passphrase: str
    ) -> Self:
        """Encrypt a private key with a passphrase; slow, see `Derivation.key`."""
        derivation = Derivation.new()
        place = _place(seal_id, user_id, derivation)
        wrapped = crypto.seal(derivation.key(passphrase), private_key, place)
        return cls(user_id, label, derivation, wrapped, datetime.now(UTC))

    def open(self, seal: Seal, passphrase: str) -> bytes:
        """Return the private key; slow. Raises `SealWrongError` and `SealDamagedError`."""
        try:
            key = self.derivation.key(passphrase)
        except SealError:
            raise SealDamagedError("this slot cannot be used on this system") from None
        try:
            private = crypto.unseal(
                key, self.wrapped, _place(seal.id, self.user_id, self.derivation)
            )
        except SealError:
            raise SealWrongError("the passphrase is not the one") from None
        if sealing.public_of(private) != seal.public_key:
            raise SealDamagedError("the public key of the seal was exchanged")
        return private


@dataclass(frozen=True)
class Seal:
    """A key pair, whom it covers and who can open it."""

    id: str
    public_key: bytes
    made: datetime
    scopes: frozenset[str]
    """Rooms whose new captures it seals, or `HOUSE`. None: it only opens what it sealed before."""

    slots: tuple[Slot, ...]

    def slot_of(self, user_id: str) -> Slot | None:
        """Return the slot of a person."""
        return next((slot for slot in self.slots if slot.user_id == user_id), None)


@dataclass(frozen=True)
class SealTables:
    """The open database. Used by one thread."""

    _connection: sqlite3.Connection

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open or make it; raises `StoreDamagedError`."""
        return cls(database.connect(folder / SEALS, _MIGRATIONS))

    def all(self) -> dict[str, Seal]:
        """Return every seal by its id; raises `StoreDamagedError` for what cannot be read."""
        execute = self._connection.execute
        scopes: dict[str, set[str]] = {}
        for scope, seal in execute("SELECT scope, seal FROM covers"):
            scopes.setdefault(seal, set()).add(scope)
        slots: dict[str, list[Slot]] = {}
        rows = execute(
            "SELECT seal, user, label, kdf, salt, wrapped, made FROM slots ORDER BY user"
        )
        for seal, user, label, kdf, salt, wrapped, made in rows:
            try:
                derivation = Derivation.from_stored(kdf, salt)
            except SealError:
                continue
            slot = Slot(user, label, derivation, wrapped, _moment(made))
            slots.setdefault(seal, []).append(slot)
        return {
            seal: Seal(
                seal,
                public,
                _moment(made),
                frozenset(scopes.get(seal, ())),
                tuple(slots.get(seal, ())),
            )
            for seal, public, made in execute("SELECT id, public, made FROM seals")
        }

    def create(self, seal_id: str, public_key: bytes, scopes: Iterable[str], slot: Slot) -> None:
        """Add a seal with its first slot; raises `SealExistsError` if a scope has one already."""
        execute = self._connection.execute
        with database.storage_errors(), database.transaction(self._connection):
            made = slot.made.timestamp()
            execute("INSERT INTO seals VALUES (?, ?, ?)", (seal_id, public_key, made))
            for scope in scopes:
                taken = execute("SELECT 1 FROM covers WHERE scope = ?", (scope,)).fetchone()
                if taken is not None:
                    raise SealExistsError("the room is sealed already")
                execute("INSERT INTO covers VALUES (?, ?)", (scope, seal_id))
            self._put(seal_id, slot)

    def put(self, seal_id: str, slot: Slot) -> None:
        """Add a slot, in place of the same person's older one."""
        with database.storage_errors():
            with database.transaction(self._connection):
                self._put(seal_id, slot)
            database.checkpoint(self._connection)

    def _put(self, seal_id: str, slot: Slot) -> None:
        derivation = slot.derivation
        self._connection.execute(
            "INSERT OR REPLACE INTO slots VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                seal_id,
                slot.user_id,
                slot.label,
                derivation.stored,
                derivation.salt,
                slot.wrapped,
                slot.made.timestamp(),
            ),
        )

    def remove(self, seal_id: str, user_id: str) -> None:
        """Destroy a slot, and with the last one the seal; raises `SealLastSlotError`."""
        execute = self._connection.execute
        with database.storage_errors():
            with database.transaction(self._connection):
                execute("DELETE FROM slots WHERE seal = ? AND user = ?", (seal_id, user_id))
                (left,) = execute(
                    "SELECT count(*) FROM slots WHERE seal = ?", (seal_id,)
                ).fetchone()
                if not left:
                    if execute("SELECT 1 FROM covers WHERE seal = ?", (seal_id,)).fetchone():
                        raise SealLastSlotError("the last passphrase of a sealed room")
                    execute("DELETE FROM seals WHERE id = ?", (seal_id,))
            database.checkpoint(self._connection)

    def uncover(self, scope: str) -> None:
        """Let nothing new of a room, or of the house, be sealed."""
        with database.storage_errors():
            self._connection.execute("DELETE FROM covers WHERE scope = ?", (scope,))

    def close(self) -> None:
        """Close the database."""
        self._connection.close()


def _place(seal_id: str, user_id: str, derivation: Derivation) -> Place:
    key_id = f"{seal_id} {user_id} {derivation.stored}"
    return Place(purpose=Purpose.SEAL_KEY, key_id=key_id)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
