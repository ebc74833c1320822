"""The vault's doing, step by step, on the one thread that writes.

Keeping: key, blob, then the row that makes it a capture. Deleting: a mark in the row, then key,
blob, and row. Whatever a crash leaves between two steps is put right by `reconcile` at the start.
"""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from ..policy.retention import Verdict
from . import codec, crypto, database, files
from . import keys as key_store
from .blobs import Blobs
from .crypto import Place, Purpose, SealError
from .errors import (
    CaptureDamagedError,
    CaptureUnknownError,
    KeyLostError,
    StoreDamagedError,
    VaultFullError,
    VaultUnavailableError,
)
from .keys import Keys
from .model import MAX_RECORD, Capture, NewCapture, PurgeReport, RoomUsage, VaultState
from .purge import Policy, due
from .records import RECORDS, Part, Records, Row, ids

_FORGETTING = "forgetting"
_LOCK = "lock"
_KEYS_OF = {Part.AUDIO: Purpose.AUDIO_KEY, Part.WORDS: Purpose.WORDS_KEY}


@dataclass
class Store:
    """The open files of the vault. Every method raises `VaultError` and nothing else of storage."""

    folder: Path
    _lock: int
    _blobs: Blobs
    _records: Records | None = None
    _keys: Keys | None = None
    lost: int = 0
    """Parts found at the start that had lost their key or their blob, and were removed."""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the vault in this folder, or make one; finish what a crash interrupted."""
        with database.storage_errors():
            files.make_folder(folder)
            store = cls(folder, _locked(folder / _LOCK), Blobs(folder / "audio"))
            try:
                store._load()
            except BaseException:
                store.close()
                raise
        return store

    @property
    def state(self) -> VaultState:
        """How it is."""
        if self._records is None:
            return VaultState.DAMAGED
        return VaultState.KEY_LOST if self._keys is None else VaultState.READY

    def _load(self) -> None:
        if (self.folder / _FORGETTING).exists():
            self._forget()
        files.remove_parts(self.folder)
        self._blobs.prepare()
        try:
            self._records = Records.open(self.folder)
        except StoreDamagedError:
            return
        try:
            self._keys = Keys.open(self.folder)
        except KeyLostError:
            if not self._records.empty():
                return
            self._keys = Keys.create(self.folder)
        self._reconcile(self._records, self._keys)

    def _reconcile(self, records: Records, keys: Keys) -> None:
        self._finish(records, keys)
        rows = records.outline()
        there = self._blobs.all()
        keyed = keys.all()

        self._blobs.remove(there - ids(rows, Part.AUDIO))
        owed = {(row.id, _KEYS_OF[part]) for row in rows for part in row.parts}
        keys.drop(keyed - owed)
        broken = {
            row.id: lost for row in rows if (lost := _lost(row, blob=row.id in there, keyed=keyed))
        }
        self.lost = sum(len(lost) for lost in broken.values())
        self._destroy(broken)

    def keep(self, capture: NewCapture, verdict: Verdict) -> str | None:
        """Keep what the verdict allows; None, and not a byte written, when that is nothing."""
        audio = capture.pcm if verdict.audio.allows else None
        words = verdict.transcript.allows and bool(capture.transcript or capture.record)
        if not audio and not words:
            return None
        records, keys = self._ready()
        capture_id = secrets.token_hex(16)

        def place(purpose: Purpose) -> Place:
            return Place(
                purpose=purpose,
                capture_id=capture_id,
                room_id=capture.room_id,
                key_id=keys.key_id,
            )

        new_keys: dict[Purpose, bytes] = {}
        blob = transcript = record = None
        if audio:
            key = new_keys[Purpose.AUDIO_KEY] = crypto.new_key()
            blob = crypto.seal(key, codec.encode(audio), place(Purpose.AUDIO))
        if words:
            key = new_keys[Purpose.WORDS_KEY] = crypto.new_key()
            if capture.transcript:
                plain = capture.transcript.encode()
                transcript = crypto.seal(key, plain, place(Purpose.TRANSCRIPT))
            record = crypto.seal(key, _record(capture, verdict), place(Purpose.RECORD))
        row = Row(
            id=capture_id,
            room_id=capture.room_id,
            started=capture.started,
            outcome=capture.outcome,
            audio_bytes=None if blob is None else len(blob),
            audio_expires=verdict.audio.expires(capture.started),
            words_bytes=None if record is None else len(record) + len(transcript or b""),
            words_expires=verdict.transcript.expires(capture.started),
            transcript=transcript,
            record=record,
        )
        with database.storage_errors():
            try:
                keys.put(capture_id, capture.room_id, new_keys)
                if blob is not None:
                    self._blobs.write(capture_id, blob)
                records.insert(row)
            except BaseException:
                # Should this fail as well, the next start finds parts without a row.
                with contextlib.suppress(Exception):
                    self._blobs.remove([capture_id])
                    keys.drop((capture_id, purpose) for purpose in new_keys)
                raise
        return capture_id

    def read(self, capture_id: str, now: datetime) -> Capture:
        """Open a capture, without what is past its ceiling."""
        records, keys = self._ready()
        with database.storage_errors():
            row = records.get(capture_id)
            parts = Part(0) if row is None else row.parts & ~due(row, now, None)
            if row is None or not parts:
                raise CaptureUnknownError("there is no such capture")
            audio = transcript = record = None
            if Part.AUDIO in parts:
                audio = self._unseal(keys, row, Purpose.AUDIO, self._blobs.read(row.id))
            if Part.WORDS in parts:
                record = json.loads(self._unseal(keys, row, Purpose.RECORD, row.record))
                if row.transcript is not None:
                    plain = self._unseal(keys, row, Purpose.TRANSCRIPT, row.transcript)
                    transcript = plain.decode()
        return Capture(
            id=row.id,
            room_id=row.room_id,
            started=row.started,
            outcome=row.outcome,
            audio=audio,
            audio_type=None if audio is None else codec.media_type(audio),
            audio_expires=row.audio_expires if audio is not None else None,
            transcript=transcript,
            record=record,
            transcript_expires=row.words_expires if record is not None else None,
        )

    def _unseal(self, keys: Keys, row: Row, purpose: Purpose, sealed: bytes | None) -> bytes:
        wrapped_as = Purpose.AUDIO_KEY if purpose is Purpose.AUDIO else Purpose.WORDS_KEY
        key = keys.get(row.id, row.room_id, wrapped_as)
        place = Place(purpose=purpose, capture_id=row.id, room_id=row.room_id, key_id=keys.key_id)
        try:
            return crypto.unseal(key, sealed or b"", place)
        except SealError:
            raise CaptureDamagedError(f"the {purpose} of this capture is damaged") from None

    def usage(self) -> dict[str, RoomUsage]:
        """Return what is kept of each room."""
        with database.storage_errors():
            return self._readable().usage()

    def due(self, now: datetime, policies: Mapping[str, Policy]) -> dict[str, Part]:
        """Return what must be gone by now."""
        with database.storage_errors():
            rows = self._readable().outline()
        parts = {row.id: due(row, now, policies.get(row.room_id)) for row in rows}
        return {capture_id: part for capture_id, part in parts.items() if part}

    def of_room(self, room_id: str) -> dict[str, Part]:
        """Return all of a room."""
        with database.storage_errors():
            return {row.id: row.parts for row in self._readable().outline(room_id)}

    def destroy(self, parts: Mapping[str, Part]) -> PurgeReport:
        """Destroy parts of captures: keys, blobs and rows."""
        with database.storage_errors():
            return self._destroy(parts)

    def _destroy(self, parts: Mapping[str, Part]) -> PurgeReport:
        records = self._readable()
        try:
            with database.storage_errors():
                records.doom(parts)
        except VaultFullError:
            # The mark needs room on the disk. Blobs give it, and a row without one is put right.
            self._blobs.remove(_with(parts, Part.AUDIO))
            records.doom(parts)
        return self._finish(records, self._keys)

    def _finish(self, records: Records, keys: Keys | None) -> PurgeReport:
        doomed = records.doomed()
        clean = True
        if keys is not None:
            keys.drop(
                (capture_id, purpose)
                for part, purpose in _KEYS_OF.items()
                for capture_id in _with(doomed, part)
            )
            clean = keys.checkpoint()
        self._blobs.remove(_with(doomed, Part.AUDIO))
        report = records.finish()
        clean = records.checkpoint() and clean
        return report + PurgeReport(pending=not clean)

    def delete_all(self) -> None:
        """Destroy everything, keys first, whatever state it is in, and begin anew."""
        with database.storage_errors():
            files.write(self.folder / _FORGETTING, b"")
            self._close_databases()
            self._load()
            self.lost = 0

    def destroy_all(self) -> None:
        """Destroy everything and leave no folder."""
        with database.storage_errors():
            files.write(self.folder / _FORGETTING, b"")
            self._close_databases()
            self._forget()
            (self.folder / _LOCK).unlink(missing_ok=True)
            self.folder.rmdir()

    def _forget(self) -> None:
        key_store.destroy(self.folder)
        database.remove(self.folder / RECORDS)
        if self._blobs.folder.is_dir():
            for path in self._blobs.folder.iterdir():
                path.unlink()
            self._blobs.folder.rmdir()
        files.remove_parts(self.folder)
        files.sync_folder(self.folder)
        (self.folder / _FORGETTING).unlink(missing_ok=True)
        files.sync_folder(self.folder)

    def close(self) -> None:
        """Close everything; it can be opened again."""
        self._close_databases()
        os.close(self._lock)

    def _close_databases(self) -> None:
        for opened in (self._records, self._keys):
            if opened is not None:
                opened.close()
        self._records = self._keys = None

    def _readable(self) -> Records:
        if self._records is None:
            raise StoreDamagedError(
                "the vault's database is damaged; delete everything to start anew"
            )
        return self._records

    def _ready(self) -> tuple[Records, Keys]:
        records = self._readable()
        if self._keys is None:
            raise KeyLostError("the vault's keys are lost; delete everything to start anew")
        return records, self._keys


def _record(capture: NewCapture, verdict: Verdict) -> bytes:
    rules = {"audio": verdict.audio.rule, "transcript": verdict.transcript.rule}
    record: dict[str, Any] = {**capture.record, "kept_by": rules}
    # What an intent was given can hold times and other objects.
    raw = json.dumps(record, ensure_ascii=False, default=str).encode()
    if len(raw) > MAX_RECORD:
        raise ValueError("the record of a capture is too long")
    return raw


def _lost(row: Row, *, blob: bool, keyed: set[tuple[str, Purpose]]) -> Part:
    lost = Part(0)
    for part in row.parts:
        if (row.id, _KEYS_OF[part]) not in keyed or (part is Part.AUDIO and not blob):
            lost |= part
    return lost


def _with(parts: Mapping[str, Part], part: Part) -> list[str]:
    return [capture_id for capture_id, has in parts.items() if part in has]


def _locked(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise VaultUnavailableError("another program has the vault open") from None
    return handle
