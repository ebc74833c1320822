"""A copy of the sealed records that is there while a backup is made, and the way back from one.

The vault stays where no backup looks; its keys never leave there. What a backup holds is therefore
a copy of what nobody can open without this machine. After a restore, what still has its keys here
and is missing here is taken in again; everything else of the copy goes. So nothing deleted comes
back, and a newer vault loses nothing to an older backup.
"""

import contextlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

from . import crypto, database, files, tombstones
from .blobs import Blobs
from .crypto import Purpose, SealError
from .errors import CaptureDamagedError, CaptureSealedError, StoreDamagedError
from .keys import Keys
from .opening import KEY_OF, place
from .records import Records, Row, Sealed
from .schema import RECORDS

_AUDIO = "audio"


def make(copy: Path, vault: Path, blobs: Blobs) -> None:
    """Copy the rows and link the sound of all captures; whatever lay there before is removed."""
    remove(copy)
    files.make_folder(copy)
    sound = Blobs(copy / _AUDIO)
    sound.prepare()
    new = Records.open_as(copy / RECORDS)
    try:
        execute = new.connection.execute
        execute("ATTACH ? AS vault", (str(vault / RECORDS),))
        # Neither tombstones nor notes: what is deleted is no business of a backup.
        with database.transaction(new.connection):
            execute("INSERT INTO captures SELECT * FROM vault.captures WHERE doomed = 0")
            execute(
                "INSERT INTO sealed SELECT * FROM vault.sealed"
                " WHERE number IN (SELECT number FROM captures)"
            )
        execute("DETACH vault")
        for (capture_id,) in execute("SELECT id FROM captures WHERE audio_bytes IS NOT NULL"):
            _link(blobs.folder / capture_id, sound.folder / capture_id)
        # One file, that needs no companion to be whole.
        execute("PRAGMA journal_mode = DELETE")
    finally:
        new.close()


def _link(source: Path, target: Path) -> None:
    """Give a blob a second name. They never change, so a link is a copy without its room."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        return
    except OSError:
        # A file system without links.
        shutil.copyfile(source, target)


def take_back(copy: Path, vault: Records, keys: Keys, blobs: Blobs) -> int:
    """Take in what is missing here and has its keys here; return how many captures that were.

    Before keys without a row are dropped. Done again after a crash, it goes on where it was.
    """
    if copy.is_symlink() or not (copy / RECORDS).is_file():
        return 0
    count = 0
    with contextlib.suppress(StoreDamagedError):
        old = Records.open_as(copy / RECORDS)
        try:
            gone = {stone.id for stone in tombstones.all_of(vault.connection)}
            for beginning in "0123456789abcdef":
                keyed = keys.all(beginning)
                missing = {it for it, _ in keyed} - vault.parts(beginning).keys() - gone
                for row, sealed in old.sealed(missing):
                    back = _with_keys(row, sealed, keys, Blobs(copy / _AUDIO))
                    if back is None:
                        continue
                    if back[0].audio_bytes is not None:
                        blobs.write(row.id, Blobs(copy / _AUDIO).read(row.id))
                    vault.insert(*back)
                    count += 1
        finally:
            old.close()
    return count


def _with_keys(row: Row, sealed: Sealed, keys: Keys, sound: Blobs) -> tuple[Row, Sealed] | None:
    """Return what of a capture can be opened here; None for nothing."""
    opened = {purpose: _opened(row, sealed, keys, purpose) for purpose in KEY_OF}
    audio = opened[Purpose.PEAKS] and row.audio_bytes is not None
    if not audio or sound.size(row.id) != (row.audio_bytes or 0) - len(sealed.peaks or b""):
        row = replace(row, audio_bytes=None, audio_expires=None)
        sealed = replace(sealed, peaks=None)
    if not opened[Purpose.RECORD]:
        row = replace(row, words_bytes=None, words_expires=None)
        sealed = replace(sealed, record=None)
    if not opened[Purpose.TRANSCRIPT] or row.words_bytes is None:
        sealed = replace(sealed, transcript=None)
    if not opened[Purpose.LABEL] or row.words_bytes is None:
        sealed = replace(sealed, label=None)
    if not opened[Purpose.REASON]:
        # Whoever unpinned it destroyed the key of the reason.
        row = replace(row, pin_until=None, pin_made=None, pin_by=None)
        sealed = replace(sealed, reason=None)
    return (row, sealed) if row.parts else None


def _opened(row: Row, sealed: Sealed, keys: Keys, purpose: Purpose) -> bool:
    """Return whether something sealed belongs to the key that is here; of a seal, whether it may.

    What was written anew since the backup has another key.
    """
    raw = sealed.of(purpose)
    wrapped = keys.of([row.id]).get((row.id, KEY_OF[purpose]))
    if raw is None or wrapped is None:
        return False
    try:
        key = keys.unwrap(row.id, row.room_id, KEY_OF[purpose], wrapped, {})
        crypto.unseal(key, raw, place(row, purpose, keys.key_id))
    except CaptureSealedError:
        return True
    except CaptureDamagedError, SealError:
        return False
    return True


def remove(copy: Path) -> None:
    """Remove the copy: rows first, so that what is left of it in a crash brings back nothing."""
    if not copy.is_dir() or copy.is_symlink():
        copy.unlink(missing_ok=True)
        return
    database.remove(copy / RECORDS)
    files.sync_folder(copy)
    shutil.rmtree(copy)
    files.sync_folder(copy.parent)
