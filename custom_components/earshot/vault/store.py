"""The vault's doing, step by step, on the one thread that writes.

Keeping: key, blob, then the row that makes it a capture. Deleting: a mark in the row, then key,
blob, and row. Whatever a crash leaves between two steps is put right by `reconcile` at the start.
"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from ..policy.clock import ClockState, Doubt, Moment, Reading
from ..policy.retention import Verdict
from . import (
    backup,
    clock,
    codec,
    crypto,
    database,
    files,
    pins,
    purge,
    salvage,
    sealed_rooms,
    tombstones,
)
from . import keys as key_store
from .blobs import Blobs
from .browse import Browser
from .crypto import Purpose
from .errors import (
    CaptureUnknownError,
    KeyLostError,
    StoreDamagedError,
    VaultFullError,
    VaultUnavailableError,
)
from .keys import Keys
from .model import MAX_RECORD, NewCapture, PurgeReport, RoomUsage, VaultState
from .opening import KEY_OF, label_bytes, place
from .peaks import peaks
from .reconcile import reconcile
from .records import Doomed, Part, Records, Row, Sealed
from .schema import RECORDS
from .sealed_rooms import RoomSeal, SealedRooms
from .views import Label, Pin, Policy, Selection, Tombstone

_CLOCK = "clock"
_FORGETTING = "forgetting"
_LOCK = "lock"
_REWRAPPING = "rewrapping"


@dataclass(frozen=True, kw_only=True)
class Destroyed:
    """What one step of destroying did."""

    report: PurgeReport
    went: tuple[Doomed, ...]
    tombstones: tuple[Tombstone, ...]


@dataclass
class Store:
    """The open files of the vault. Every method raises `VaultError` and nothing else of storage."""

    folder: Path
    blobs: Blobs
    _lock: int
    backup_folder: Path | None = None
    """Where the copy for a backup is while one is made, and where a restore puts it."""

    _records: Records | None = None
    _keys: Keys | None = None
    _seals: SealedRooms | None = None
    _usage: dict[str, RoomUsage] | None = None
    lost: int = 0
    """Parts found at the start that had lost their key or their blob, and were removed."""

    lost_captures: int = 0
    """Captures that a damaged database lost, as far as their keys tell."""

    @classmethod
    def open(cls, folder: Path, backup_folder: Path | None = None) -> Self:
        """Open the vault in this folder, or make one; finish what a crash interrupted."""
        with database.storage_errors():
            files.make_folder(folder)
            store = cls(folder, Blobs(folder / "audio"), _locked(folder / _LOCK), backup_folder)
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
        self.blobs.prepare()
        try:
            self._records, salvaged = salvage.open_records(self.folder)
        except StoreDamagedError:
            return
        try:
            self._seals = sealed_rooms.load(self.folder)
            self._keys = salvage.open_keys(self.folder, self._records)
        except KeyLostError:
            if self._seals is None or not self._records.empty():
                return
            self._keys = Keys.create(self.folder)
        self._finish(self._records, self._keys)
        if self.backup_folder is not None:
            backup.take_back(self.backup_folder, self._records, self._keys, self.blobs)
            backup.remove(self.backup_folder)
        found = reconcile(self._records, self._keys, self.blobs)
        if salvaged:
            self.lost_captures = found.without_row
        self.lost = sum(len(parts) for parts in found.broken.values())
        self._destroy(found.broken, None)

    def browser(self) -> Browser:
        """Return what reads beside this."""
        return Browser.open(self.folder, self.blobs, self._keys if self._readable() else None)

    def mend(self) -> None:
        """Open everything anew after damage, and save what can be read."""
        with database.storage_errors():
            self._close_databases()
            self._load()

    def keep(self, capture: NewCapture, verdict: Verdict) -> Row | None:
        """Keep what the verdict allows; None, and not a byte written, when that is nothing."""
        audio = capture.pcm if verdict.audio.allows else None
        words = verdict.transcript.allows and bool(capture.transcript or capture.record)
        if not audio and not words:
            return None
        records, keys, seals = self._ready()
        moment = capture.moment or Moment(capture.started)
        row = Row(
            id=secrets.token_hex(16),
            room_id=capture.room_id,
            # In local time, an hour later would be none when the clocks change.
            moment=replace(moment, wall=moment.wall.astimezone(UTC)),
            outcome=capture.outcome,
            audience=capture.audience,
        )
        new_keys: dict[Purpose, bytes] = {}

        def sealed(purpose: Purpose, plain: bytes, key: bytes) -> bytes:
            return crypto.seal(key, plain, place(row, purpose, keys.key_id))

        blob = outline = transcript = record = None
        if audio:
            key = new_keys[Purpose.AUDIO_KEY] = crypto.new_key()
            blob = sealed(Purpose.AUDIO, codec.encode(audio), key)
            outline = sealed(Purpose.PEAKS, peaks(audio), key)
        if words:
            key = new_keys[Purpose.WORDS_KEY] = crypto.new_key()
            if capture.transcript:
                transcript = sealed(Purpose.TRANSCRIPT, capture.transcript.encode(), key)
            record = sealed(Purpose.RECORD, _record(capture, verdict), key)
        row = replace(
            row,
            audio_bytes=None if blob is None else len(blob) + len(outline or b""),
            audio_expires=verdict.audio.expires(row.started) if blob else None,
            words_bytes=None if record is None else len(record) + len(transcript or b""),
            words_expires=verdict.transcript.expires(row.started) if record else None,
        )
        with database.storage_errors():
            try:
                keys.put(row.id, row.room_id, new_keys, seals.get(row.room_id))
                if blob is not None:
                    self.blobs.write(row.id, blob)
                row = records.insert(
                    row, Sealed(transcript=transcript, record=record, peaks=outline)
                )
            except BaseException:
                # Should this fail as well, the next start finds parts without a row.
                with contextlib.suppress(Exception):
                    self.blobs.remove([row.id])
                    keys.drop_all_of([row.id])
                raise
        self._count_in(row)
        return row

    def usage(self) -> dict[str, RoomUsage]:
        """Return what is kept of each room."""
        if self._usage is None:
            with database.storage_errors():
                self._usage = self._readable().usage()
        return dict(self._usage)

    def _count_in(self, row: Row) -> None:
        if self._usage is None:
            return
        before = self._usage.get(row.room_id)
        ends = [it for it in (row.audio_expires, row.words_expires) if it is not None]
        if before is not None and before.next_expiry is not None:
            ends.append(before.next_expiry)
        self._usage[row.room_id] = RoomUsage(
            captures=1 + (before.captures if before else 0),
            bytes=row.bytes + (before.bytes if before else 0),
            oldest=min(row.started, before.oldest) if before else row.started,
            next_expiry=min(ends, default=None),
        )

    def purge(self, reading: Reading, policies: Mapping[str, Policy], limit: int) -> Destroyed:
        """Destroy some of what is due."""
        with database.storage_errors():
            records = self._readable()
            for capture_id in pins.over(records.connection, reading.earliest):
                self._unpin(capture_id)
            parts = purge.due(records.connection, reading, policies, limit)
            return self._destroy(parts, reading.earliest)

    def delete(self, selection: Selection, now: datetime, limit: int) -> Destroyed:
        """Destroy some of what somebody selected."""
        with database.storage_errors():
            parts = purge.selected(self._readable().connection, selection, limit)
            return self._destroy(parts, now)

    def evict(self, size: int, now: datetime, limit: int) -> Destroyed:
        """Destroy some of the oldest captures that are not pinned, to free this many bytes."""
        with database.storage_errors():
            parts = purge.oldest(self._readable().connection, size, limit)
            return self._destroy(parts, now)

    def _destroy(self, parts: Mapping[str, Part], now: datetime | None) -> Destroyed:
        """Destroy parts of captures: keys, blobs and rows. Without a time no stone is set."""
        records = self._readable()
        stones: tuple[Tombstone, ...] = ()
        if now is not None and parts:
            stones = self._stones(records, parts, now)
        try:
            with database.transaction(records.connection):
                records.doom(parts)
                tombstones.add(records.connection, stones)
                if now is not None:
                    tombstones.weed(records.connection, now)
        except Exception as error:
            if not isinstance(database.vault_error(error), VaultFullError):
                raise
            # The mark needs room on the disk. Blobs give it, and a row without one is put right.
            self.blobs.remove(it for it, has in parts.items() if Part.AUDIO in has)
            stones = ()
            with database.transaction(records.connection):
                records.doom(parts)
        self._usage = None
        report, went = self._finish(records, self._keys)
        return Destroyed(report=report, went=went, tombstones=stones)

    def _stones(
        self, records: Records, parts: Mapping[str, Part], now: datetime
    ) -> tuple[Tombstone, ...]:
        wrapped = {} if self._keys is None else self._keys.of(parts)
        stones = []
        for row, sealed in records.sealed(parts):
            goes = parts[row.id]
            gone = purge.gone_with(goes, whole=not row.parts & ~goes)
            keys = {KEY_OF[purpose] for purpose in gone}
            raws = [wrapped[row.id, key].raw for key in keys if (row.id, key) in wrapped]
            raws += [raw for raw in map(sealed.of, gone) if raw is not None]
            prints = [crypto.fingerprint(raw) for raw in raws]
            if Part.AUDIO in goes:
                prints += self.blobs.fingerprint(row.id)
            stones.append(
                Tombstone(id=row.id, room_id=row.room_id, deleted=now, fingerprints=tuple(prints))
            )
        return tuple(stones)

    def _finish(
        self, records: Records, keys: Keys | None
    ) -> tuple[PurgeReport, tuple[Doomed, ...]]:
        doomed = records.doomed()
        clean = True
        if keys is not None:
            keys.destroy(doomed)
            clean = keys.checkpoint()
        self.blobs.remove(it.id for it in doomed if Part.AUDIO in it.parts)
        report = records.finish()
        clean = records.checkpoint() and clean
        return report + PurgeReport(pending=not clean), tuple(doomed)

    def pin(self, capture_id: str, pin: Pin) -> Row:
        """Pin a capture; return it as it was."""
        records, keys, seals = self._ready()
        with database.storage_errors():
            row, _ = _known(records, capture_id)
            key = crypto.new_key()
            keys.put(row.id, row.room_id, {Purpose.REASON_KEY: key}, seals.get(row.room_id))
            reason = crypto.seal(key, pin.reason.encode(), place(row, Purpose.REASON, keys.key_id))
            pins.put(records.connection, row, pin, reason)
            return row

    def unpin(self, capture_id: str) -> Row:
        """Unpin a capture; return it as it was."""
        with database.storage_errors():
            row, _ = _known(self._readable(), capture_id)
            self._unpin(capture_id)
            return row

    def _unpin(self, capture_id: str) -> None:
        pins.remove(self._readable().connection, capture_id)
        if self._keys is not None:
            self._keys.drop([(capture_id, Purpose.REASON_KEY)])

    def label(self, capture_id: str, label: Label | None, right_text: str | None) -> Row:
        """Label a capture, or take its label away; return it."""
        records, keys, seals = self._ready()
        with database.storage_errors():
            row, _ = _known(records, capture_id)
            if label is None:
                records.set_label(row, None)
                keys.drop([(row.id, Purpose.LABEL_KEY)])
                return row
            key = crypto.new_key()
            keys.put(row.id, row.room_id, {Purpose.LABEL_KEY: key}, seals.get(row.room_id))
            plain = label_bytes(label, right_text)
            records.set_label(row, crypto.seal(key, plain, place(row, Purpose.LABEL, keys.key_id)))
            return row

    def seal_room(self, room_id: str, seal: RoomSeal | None) -> None:
        """Have the keys of a room's new captures wrapped to a seal, or by the house key again."""
        with database.storage_errors():
            records, _, seals = self._ready()
            changed = {room: it for room, it in seals.items() if room != room_id}
            if seal is not None:
                changed[room_id] = seal
                records.note(_REWRAPPING, json.dumps([*self.unfinished(), room_id]))
            sealed_rooms.save(self.folder, changed)
            self._seals = changed

    @property
    def seals(self) -> SealedRooms:
        """The sealed rooms."""
        return dict(self._seals or {})

    def unfinished(self) -> list[str]:
        """Return the sealed rooms of which not all keys are in the seal yet."""
        with database.storage_errors():
            rooms: list[str] = json.loads(self._readable().noted(_REWRAPPING) or "[]")
            return rooms

    def rewrap(self, room_id: str, after: int, limit: int) -> tuple[int | None, bool]:
        """Wrap keys of some kept captures of a sealed room to its seal.

        Return the number to go on after, None at the end; and whether nothing old is left in the
        log, which is only so at the end.
        """
        with database.storage_errors():
            records, keys, seals = self._ready()
            captures = []
            if room_id in seals:
                captures = records.of_room(room_id, after, limit)
                keys.rewrap([it for _, it in captures], room_id, seals[room_id])
            if len(captures) == limit:
                return captures[-1][0], False
            clean = keys.checkpoint()
            if clean:
                left = [it for it in self.unfinished() if it != room_id]
                records.note(_REWRAPPING, json.dumps(left))
            return None, clean

    def clock_state(self) -> ClockState | None:
        """Return what the clock's watch left behind."""
        if self._records is None:
            return None
        with database.storage_errors():
            text = self._records.noted(_CLOCK)
        return None if text is None else clock.from_text(text)

    def note_clock(self, state: ClockState) -> None:
        """Store what the clock's watch must know after a restart."""
        with database.storage_errors():
            self._readable().note(_CLOCK, clock.to_text(state))

    def date_anew(self, doubt: Doubt, reading: Reading) -> list[tuple[int, Row]]:
        """Date captures anew of which the clock was in doubt or that are ahead of it now.

        Return them with the numbers they had.
        """
        with database.storage_errors():
            return self._readable().date_anew(doubt, reading)

    def begin_backup(self) -> None:
        """Put a copy of what is sealed, without its keys, where backups look."""
        assert self.backup_folder is not None
        with database.storage_errors():
            self._ready()
            try:
                backup.make(self.backup_folder, self.folder, self.blobs)
            except BaseException:
                with contextlib.suppress(OSError):
                    backup.remove(self.backup_folder)
                raise

    def end_backup(self) -> None:
        """Remove the copy."""
        assert self.backup_folder is not None
        with database.storage_errors():
            backup.remove(self.backup_folder)

    def delete_all(self) -> None:
        """Destroy everything, keys first, whatever state it is in, and begin anew."""
        with database.storage_errors():
            stones = self._all_stones()
            files.write(self.folder / _FORGETTING, b"")
            self._close_databases()
            self._load()
            self.lost = self.lost_captures = 0
            if stones and self._records is not None:
                with database.transaction(self._records.connection):
                    tombstones.add(self._records.connection, stones)

    def _all_stones(self) -> tuple[Tombstone, ...]:
        """Return what was deleted before, so that it can still be looked for; best effort."""
        with contextlib.suppress(sqlite3.Error):
            if self._records is not None:
                return tombstones.all_of(self._records.connection)
        return ()

    def destroy_all(self) -> None:
        """Destroy everything and leave no folder."""
        with database.storage_errors():
            files.write(self.folder / _FORGETTING, b"")
            self._close_databases()
            self._forget()
            shutil.rmtree(self.folder)

    def _forget(self) -> None:
        key_store.destroy(self.folder)
        if self.backup_folder is not None:
            backup.remove(self.backup_folder)
        salvage.forget(self.folder)
        database.remove(self.folder / RECORDS)
        if self.blobs.folder.is_dir():
            for path in self.blobs.folder.iterdir():
                path.unlink()
            self.blobs.folder.rmdir()
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
        self._records = self._keys = self._seals = self._usage = None

    def _readable(self) -> Records:
        if self._records is None:
            raise StoreDamagedError(
                "the vault's database is damaged; delete everything to start anew"
            )
        return self._records

    def _ready(self) -> tuple[Records, Keys, SealedRooms]:
        records = self._readable()
        if self._keys is None or self._seals is None:
            raise KeyLostError("the vault's keys are lost; delete everything to start anew")
        return records, self._keys, self._seals


def _known(records: Records, capture_id: str) -> tuple[Row, Sealed]:
    found = records.get(capture_id)
    if found is None:
        raise CaptureUnknownError("there is no such capture")
    return found


def _record(capture: NewCapture, verdict: Verdict) -> bytes:
    rules = {"audio": verdict.audio.rule, "transcript": verdict.transcript.rule}
    record: dict[str, Any] = {**capture.record, "kept_by": rules}
    # What an intent was given can hold times and other objects.
    raw = json.dumps(record, ensure_ascii=False, default=str).encode()
    if len(raw) > MAX_RECORD:
        raise ValueError("the record of a capture is too long")
    return raw


def _locked(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise VaultUnavailableError("another program has the vault open") from None
    return handle
