"""The keys: one of the house, and one of each kept part, wrapped by it.

Audio and words of a capture have keys of their own, because each can go without the other: a part
whose key was destroyed is gone, whatever a disk still holds of it. Keys live apart from what they
open, so that a copy of the records alone is a copy of nothing.
"""

import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from . import crypto, database, files
from .crypto import Place, Purpose, SealError
from .errors import CaptureDamagedError, KeyLostError, StoreDamagedError

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
)


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
        key_id, wrapping = _parts(raw)
        connection = database.connect(folder / KEYS, _MIGRATIONS)
        proof = crypto.seal(wrapping, b"", Place(purpose=Purpose.PROOF, key_id=key_id))
        connection.execute("INSERT INTO house VALUES (?, ?)", (key_id, proof))
        files.sync_folder(folder)
        return cls(key_id, wrapping, connection)

    def prove(self) -> None:
        """Raise `KeyLostError` if the house key is not the one that wrapped these keys."""
        query = "SELECT proof FROM house WHERE key_id = ?"
        row = self._connection.execute(query, (self.key_id,)).fetchone()
        try:
            place = Place(purpose=Purpose.PROOF, key_id=self.key_id)
            crypto.unseal(self._wrapping, row[0] if row else b"", place)
        except SealError:
            raise KeyLostError("the house key is not the one of these captures") from None

    def put(self, capture_id: str, room_id: str, keys: dict[Purpose, bytes]) -> None:
        """Wrap and store the keys of a new capture."""
        rows = []
        for purpose, key in keys.items():
            place = self._place(capture_id, room_id, purpose)
            rows.append((capture_id, purpose, crypto.seal(self._wrapping, key, place)))
        with database.transaction(self._connection):
            self._connection.executemany("INSERT INTO keys VALUES (?, ?, ?)", rows)

    def get(self, capture_id: str, room_id: str, purpose: Purpose) -> bytes:
        """Return a key; raises `CaptureDamagedError`."""
        query = "SELECT wrapped FROM keys WHERE capture = ? AND purpose = ?"
        row = self._connection.execute(query, (capture_id, purpose)).fetchone()
        try:
            place = self._place(capture_id, room_id, purpose)
            return crypto.unseal(self._wrapping, row[0] if row else b"", place)
        except SealError:
            raise CaptureDamagedError("a key of this capture is missing or damaged") from None

    def drop(self, kept: Iterable[tuple[str, Purpose]]) -> None:
        """Destroy keys, by capture and purpose."""
        with database.transaction(self._connection):
            self._connection.executemany(
                "DELETE FROM keys WHERE capture = ? AND purpose = ?", list(kept)
            )

    def all(self) -> set[tuple[str, Purpose]]:
        """Return which keys there are."""
        rows = self._connection.execute("SELECT capture, purpose FROM keys")
        return {(capture, Purpose(purpose)) for capture, purpose in rows}

    def checkpoint(self) -> bool:
        """Leave no destroyed key in the log; False when another reader kept that from happening."""
        return database.checkpoint(self._connection)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def _place(self, capture_id: str, room_id: str, purpose: Purpose) -> Place:
        return Place(purpose=purpose, capture_id=capture_id, room_id=room_id, key_id=self.key_id)


def destroy(folder: Path) -> None:
    """Destroy the house key and every captures' key."""
    files.shred(folder / HOUSE_KEY)
    database.remove(folder / KEYS)


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
