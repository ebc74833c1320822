"""The keys: one of the house, and one of each kept part, wrapped by it.

Audio and words of a capture have keys of their own, because each can go without the other: a part
whose key was destroyed is gone, whatever a disk still holds of it. Keys live apart from what they
open, so that a copy of the records alone is a copy of nothing. In a sealed room they are wrapped to
the room's seal instead, which only a private key opens that the vault does not have.
"""

import contextlib
import json
import secrets
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from . import crypto, database, files, sealing
from .crypto import Place, Purpose, SealError
from .errors import CaptureDamagedError, CaptureSealedError, KeyLostError, StoreDamagedError
from .records import Doomed, Part, Row
from .sealed_rooms import RoomSeal

HOUSE_KEY = "house.key"
KEYS = "keys.db"

_FORMAT = b"\x01"
_ID_BYTES = 8

_MIGRATIONS = (
    """
    CREATE TABLE house (key_id TEXT PRIMARY KEY, proof BLOB NOT NULL) STRICT;
    CREATE TABLE keys (
        capture TEXT NOT NULL, purpose TEXT NOT NULL, wrapped BLOB NOT NULL,
        PRIMARY KEY (capture, purpose)
    ) STRICT, WITHOUT ROWID
    """,
    "ALTER TABLE keys ADD COLUMN seal TEXT",
)

type Private = Mapping[str, bytes]
"""The private keys of unlocked seals, by the id of the seal."""


@dataclass(frozen=True)
class Wrapped:
    """One stored key."""

    raw: bytes = field(repr=False)
    seal_id: str | None
    """None: wrapped by the house key."""


@dataclass(frozen=True)
class Keys:
    """The open key store. Used by one thread."""

    key_id: str
    """Random name of the house key: its generation."""

    _wrapping: bytes = field(repr=False)
    _connection: sqlite3.Connection = field(repr=False)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open what is there; raises `KeyLostError` if a part is missing, damaged or strange."""
        raw = _read(folder / HOUSE_KEY)
        if not (folder / KEYS).is_file():
            raise KeyLostError("the captures' keys are missing")
        try:
            connection = database.connect(folder / KEYS, _MIGRATIONS)
        except StoreDamagedError as error:
            raise KeyLostError("the captures' keys are damaged") from error
        keys = cls(*_parts(raw), connection)
        try:
            keys.prove()
        except BaseException:
            connection.close()
            raise
        return keys

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make a new house key and no captures' keys; what was there is destroyed."""
        destroy(folder)
        raw = _FORMAT + secrets.token_bytes(_ID_BYTES) + crypto.new_key()
        files.write(folder / HOUSE_KEY, raw)
        keys = cls(*_parts(raw), database.connect(folder / KEYS, _MIGRATIONS))
        keys._prove_by_these()
        files.sync_folder(folder)
        return keys

    @classmethod
    def save(cls, folder: Path, path: Path, captures: Iterable[Row]) -> int:
        """Copy what can be read of damaged keys into a new database; return how many those are.

        Raises `KeyLostError` without a house key.
        """
        new = cls(*_parts(_read(folder / HOUSE_KEY)), database.connect(path, _MIGRATIONS))
        damaged = sqlite3.connect(folder / KEYS, isolation_level=None)
        count = 0
        try:
            with database.transaction(new._connection):
                for row in captures:
                    for purpose, wrapped in _readable(damaged, row.id):
                        with contextlib.suppress(CaptureDamagedError, ValueError):
                            new._take_over(row, Purpose(purpose), wrapped)
                            count += 1
                new._prove_by_these()
            new.checkpoint()
        finally:
            damaged.close()
            new.close()
        return count

    def _take_over(self, row: Row, purpose: Purpose, wrapped: Wrapped) -> None:
        with contextlib.suppress(CaptureSealedError):
            self.unwrap(row.id, row.room_id, purpose, wrapped, {})
        self._connection.execute(
            "INSERT INTO keys VALUES (?, ?, ?, ?)", (row.id, purpose, wrapped.raw, wrapped.seal_id)
        )

    def _prove_by_these(self) -> None:
        proof = crypto.seal(self._wrapping, b"", Place(purpose=Purpose.PROOF, key_id=self.key_id))
        self._connection.execute("INSERT INTO house VALUES (?, ?)", (self.key_id, proof))

    def prove(self) -> None:
        """Raise `KeyLostError` if the house key is not the one that wrapped these keys."""
        query = "SELECT proof FROM house WHERE key_id = ?"
        row = self._connection.execute(query, (self.key_id,)).fetchone()
        try:
            place = Place(purpose=Purpose.PROOF, key_id=self.key_id)
            crypto.unseal(self._wrapping, row[0] if row else b"", place)
        except SealError:
            raise KeyLostError("the house key is not the one of these captures") from None

    def put(
        self,
        capture_id: str,
        room_id: str,
        keys: Mapping[Purpose, bytes],
        seal: RoomSeal | None = None,
    ) -> None:
        """Wrap and store keys of a capture, for the house or for the seal of its room."""
        rows = []
        for purpose, key in keys.items():
            wrapped = self._wrap(capture_id, room_id, purpose, key, seal)
            rows.append((capture_id, purpose, wrapped.raw, wrapped.seal_id))
        with database.transaction(self._connection):
            self._connection.executemany(
                "REPLACE INTO keys (capture, purpose, wrapped, seal) VALUES (?, ?, ?, ?)", rows
            )

    def get(self, capture_id: str, room_id: str, purpose: Purpose, private: Private) -> bytes:
        """Return a key; raises `CaptureDamagedError` and `CaptureSealedError`."""
        query = "SELECT wrapped, seal FROM keys WHERE capture = ? AND purpose = ?"
        row = self._connection.execute(query, (capture_id, purpose)).fetchone()
        return self.unwrap(capture_id, room_id, purpose, Wrapped(*row) if row else None, private)

    def unwrap(
        self,
        capture_id: str,
        room_id: str,
        purpose: Purpose,
        wrapped: Wrapped | None,
        private: Private,
    ) -> bytes:
        """Open a stored key; raises `CaptureDamagedError` and `CaptureSealedError`."""
        try:
            if wrapped is None:
                raise SealError
            if wrapped.seal_id is None:
                place = self._place(capture_id, room_id, purpose)
                return crypto.unseal(self._wrapping, wrapped.raw, place)
            if wrapped.seal_id not in private:
                raise CaptureSealedError("this capture is sealed")
            belongs = _belongs(capture_id, room_id, purpose, wrapped.seal_id)
            return sealing.unwrap(private[wrapped.seal_id], wrapped.raw, belongs)
        except SealError:
            raise CaptureDamagedError("a key of this capture is missing or damaged") from None

    def of(self, capture_ids: Iterable[str]) -> dict[tuple[str, Purpose], Wrapped]:
        """Return the stored keys of some captures."""
        rows = self._connection.execute(
            "SELECT capture, purpose, wrapped, seal FROM keys"
            " WHERE capture IN (SELECT value FROM json_each(?))",
            (json.dumps(list(capture_ids)),),
        ).fetchall()
        return {
            (capture, Purpose(purpose)): Wrapped(raw, seal) for capture, purpose, raw, seal in rows
        }

    def rewrap(self, capture_ids: Iterable[str], room_id: str, seal: RoomSeal) -> int:
        """Wrap the house's keys of some captures to a seal; return how many keys that were."""
        rows = []
        for (capture_id, purpose), wrapped in self.of(capture_ids).items():
            if wrapped.seal_id is not None:
                continue
            try:
                key = self.unwrap(capture_id, room_id, purpose, wrapped, {})
            except CaptureDamagedError:
                continue
            new = self._wrap(capture_id, room_id, purpose, key, seal)
            rows.append((new.raw, new.seal_id, capture_id, purpose))
        if rows:
            with database.transaction(self._connection):
                self._connection.executemany(
                    "UPDATE keys SET wrapped = ?, seal = ? WHERE capture = ? AND purpose = ?", rows
                )
        return len(rows)

    def _wrap(
        self, capture_id: str, room_id: str, purpose: Purpose, key: bytes, seal: RoomSeal | None
    ) -> Wrapped:
        if seal is None:
            place = self._place(capture_id, room_id, purpose)
            return Wrapped(crypto.seal(self._wrapping, key, place), None)
        belongs = _belongs(capture_id, room_id, purpose, seal.id)
        return Wrapped(sealing.wrap(seal.public_key, key, belongs), seal.id)

    def drop(self, kept: Iterable[tuple[str, Purpose]]) -> None:
        """Destroy keys, by capture and purpose."""
        with database.transaction(self._connection):
            self._connection.executemany(
                "DELETE FROM keys WHERE capture = ? AND purpose = ?", list(kept)
            )

    def drop_all_of(self, capture_ids: Iterable[str]) -> None:
        """Destroy every key of some captures."""
        with database.transaction(self._connection):
            self._connection.executemany(
                "DELETE FROM keys WHERE capture = ?", [(it,) for it in capture_ids]
            )

    def destroy(self, doomed: Sequence[Doomed]) -> None:
        """Destroy the keys of what is to go."""
        some = [it for it in doomed if not it.whole]
        self.drop_all_of(it.id for it in doomed if it.whole)
        self.drop((it.id, Purpose.AUDIO_KEY) for it in some if Part.AUDIO in it.parts)
        self.drop(
            (it.id, purpose)
            for it in some
            if Part.WORDS in it.parts
            for purpose in (Purpose.WORDS_KEY, Purpose.LABEL_KEY)
        )

    def all(self, beginning: str = "") -> set[tuple[str, Purpose]]:
        """Return which keys there are, of captures whose ids begin in a way."""
        rows = self._connection.execute(
            "SELECT capture, purpose FROM keys WHERE capture >= ? AND capture < ?",
            (beginning, beginning + "g"),
        ).fetchall()
        return {(capture, Purpose(purpose)) for capture, purpose in rows}

    def reading(self, folder: Path) -> Self:
        """Return the same keys by a connection of its own that cannot write."""
        return replace(self, _connection=database.connect_reading(folder / KEYS))

    def checkpoint(self) -> bool:
        """Leave no destroyed key in the log; False when another reader kept that from happening."""
        return database.checkpoint(self._connection)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def _place(self, capture_id: str, room_id: str, purpose: Purpose) -> Place:
        return Place(purpose=purpose, capture_id=capture_id, room_id=room_id, key_id=self.key_id)


def _readable(damaged: sqlite3.Connection, capture_id: str) -> list[tuple[str, Wrapped]]:
    try:
        rows = damaged.execute(
            "SELECT purpose, wrapped, seal FROM keys WHERE capture = ?", (capture_id,)
        ).fetchall()
    except sqlite3.DatabaseError:
        return []
    return [(purpose, Wrapped(raw, seal)) for purpose, raw, seal in rows]


def destroy(folder: Path) -> None:
    """Destroy the house key and every captures' key."""
    files.shred(folder / HOUSE_KEY)
    database.remove(folder / KEYS)


def audit_key(folder: Path) -> tuple[str, bytes]:
    """Return the name of the house key and its subkey for the log; raises `KeyLostError`."""
    raw = _read(folder / HOUSE_KEY)
    id_end = len(_FORMAT) + _ID_BYTES
    return raw[len(_FORMAT) : id_end].hex(), crypto.subkey(raw[id_end:], "audit")


def _belongs(capture_id: str, room_id: str, purpose: Purpose, seal_id: str) -> bytes:
    """Return what a key in a seal is bound to."""
    return Place(
        purpose=purpose, capture_id=capture_id, room_id=room_id, key_id=seal_id
    ).associated_data


def _parts(raw: bytes) -> tuple[str, bytes]:
    id_end = len(_FORMAT) + _ID_BYTES
    return raw[len(_FORMAT) : id_end].hex(), crypto.subkey(raw[id_end:], "wrap")


def _read(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise KeyLostError("the house key is missing") from None
    if raw[: len(_FORMAT)] != _FORMAT or len(raw) != len(_FORMAT) + _ID_BYTES + crypto.KEY_BYTES:
        raise KeyLostError("the house key is damaged")
    return raw
