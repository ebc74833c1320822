"""The sealed records in a backup: a copy without keys, and what of it a restore can bring back."""

import shutil
import sqlite3
from datetime import timedelta

import pytest

from custom_components.earshot.vault import Query, Selection, Vault, VaultState
from custom_components.earshot.vault.crypto import Purpose
from custom_components.earshot.vault.errors import CaptureSealedError
from custom_components.earshot.vault.sealed_rooms import RoomSeal
from custom_components.earshot.vault.store import Store
from custom_components.earshot.vault.views import Label

from .conftest import KITCHEN, NOW, WORDS, at, capture, contents, tone, verdict
from .dying import PRIVATE_KEY, PUBLIC_KEY
from .test_pins import pin

EVERYTHING = frozenset({"kitchen", "hall"})


@pytest.fixture
def copy(tmp_path):
    """Return where the copy for a backup is; not made yet."""
    return tmp_path / "earshot_sealed"


@pytest.fixture
async def vault(folder, copy):
    """Return an open vault that knows where backups look."""
    opened = await Vault.async_open(folder, backup=copy)
    yield opened
    await opened.async_close()


async def backed_up(vault, copy, to):
    """Make a backup of the copy, as Home Assistant does while it is there."""
    await vault.async_begin_backup()
    shutil.copytree(copy, to)
    await vault.async_end_backup()
    assert not copy.exists()


async def restored(vault, folder, copy, backup):
    """Close the vault, put the copy of a backup where it was, and open the vault again."""
    await vault.async_close()
    shutil.copytree(backup, copy)
    opened = await Vault.async_open(folder, backup=copy)
    assert not copy.exists()
    return opened


async def ids_of(vault):
    page = await vault.async_page(Query(rooms=EVERYTHING), at(NOW))
    return {it.id for it in page.items}


async def test_the_copy_has_what_is_sealed_and_no_key(vault, folder, copy, tmp_path):
    first = await vault.async_keep(capture(), verdict())
    await vault.async_pin(first, pin())
    with sqlite3.connect(folder / "keys.db") as keys:
        wrapped = [raw for (raw,) in keys.execute("SELECT wrapped FROM keys")]
    keys.close()
    house_key = (folder / "house.key").read_bytes()

    await backed_up(vault, copy, tmp_path / "backup")

    names = {path.relative_to(tmp_path / "backup").as_posix() for path in contents(tmp_path)
             if path.is_relative_to(tmp_path / "backup")}  # fmt: skip
    assert names == {"records.db", f"audio/{first}"}
    raw = b"".join(contents(tmp_path / "backup").values())
    assert len(wrapped) == 3
    here = b"".join(contents(folder).values())
    for key in (*wrapped, house_key[9:]):
        assert key in here
        assert key not in raw
    for plain in (WORDS.encode(), b"PLANTED", tone()[:64]):
        assert plain not in raw


async def test_nothing_of_what_was_deleted_is_in_the_copy(vault, copy, tmp_path):
    gone = await vault.async_keep(capture(), verdict())
    await vault.async_keep(capture("hall"), verdict())
    await vault.async_delete(KITCHEN)
    await backed_up(vault, copy, tmp_path / "backup")
    raw = b"".join(contents(tmp_path / "backup").values())
    turned = bytes(byte ^ 0xFF for byte in bytes.fromhex(gone))
    assert gone.encode() not in raw
    assert bytes.fromhex(gone) not in raw
    assert turned not in raw


async def test_lost_records_come_back_where_their_keys_are(vault, folder, copy, tmp_path):
    capture_id = await vault.async_keep(capture(), verdict())
    await vault.async_pin(capture_id, pin())
    await backed_up(vault, copy, tmp_path / "backup")
    await vault.async_close()
    for path in folder.glob("records.db*"):
        path.unlink()
    shutil.rmtree(folder / "audio")

    vault = await restored(vault, folder, copy, tmp_path / "backup")
    back = await vault.async_read(capture_id, at(NOW))
    assert back.transcript == WORDS
    assert back.audio
    ((_, pinned),) = await vault.async_pins()
    assert pinned.reason == pin().reason
    assert (vault.state, vault.lost, vault.lost_captures) == (VaultState.READY, 0, 0)
    await vault.async_close()


async def test_an_older_backup_neither_takes_nor_brings_back(vault, folder, copy, tmp_path):
    """Newer captures stay, deleted ones stay deleted, and nobody is told of any loss."""
    kept = await vault.async_keep(capture("hall"), verdict())
    gone = await vault.async_keep(capture(), verdict())
    await backed_up(vault, copy, tmp_path / "backup")
    await vault.async_delete(Selection(ids=frozenset({gone})))
    newer = await vault.async_keep(capture("hall", at=NOW + timedelta(seconds=1)), verdict())

    vault = await restored(vault, folder, copy, tmp_path / "backup")
    assert await ids_of(vault) == {kept, newer}
    assert (vault.lost, vault.lost_captures) == (0, 0)
    assert not (folder / "audio" / gone).exists()
    await vault.async_close()


async def test_a_part_that_went_since_stays_gone(vault, folder, copy, tmp_path):
    """Audio has a shorter clock: only the words still have a key."""
    capture_id = await vault.async_keep(capture(), verdict(60, 7_200))
    await backed_up(vault, copy, tmp_path / "backup")
    later = at(NOW + timedelta(hours=1))
    assert (await vault.async_purge(later)).audio == 1
    await vault.async_close()
    for path in folder.glob("records.db*"):
        path.unlink()

    vault = await restored(vault, folder, copy, tmp_path / "backup")
    back = await vault.async_read(capture_id, later)
    assert (back.transcript, back.audio) == (WORDS, None)
    assert (folder / "audio" / capture_id).exists() is False
    assert (vault.lost, vault.lost_captures) == (0, 0)
    await vault.async_close()


async def test_without_its_keys_a_backup_is_nothing(vault, folder, copy, tmp_path):
    """Another machine, or this one after Home Assistant restored all of itself."""
    await vault.async_keep(capture(), verdict())
    await backed_up(vault, copy, tmp_path / "backup")
    await vault.async_close()
    shutil.rmtree(folder)
    vault = await restored(vault, folder, copy, tmp_path / "backup")
    assert await ids_of(vault) == set()
    assert (vault.state, vault.lost, vault.lost_captures) == (VaultState.READY, 0, 0)
    await vault.async_close()


async def test_forgetting_everything_takes_the_copy_too(vault, copy):
    await vault.async_keep(capture(), verdict())
    await vault.async_begin_backup()
    assert copy.is_dir()
    await vault.async_delete_all()
    assert not copy.exists()


@pytest.mark.parametrize("spoil", ["rows", "sound", "link", "name"])
async def test_a_strange_copy_does_no_harm(vault, folder, copy, tmp_path, spoil):
    """A backup was somewhere else: what it says is believed no more than it must be."""
    kept = await vault.async_keep(capture("hall"), verdict())
    lost = await vault.async_keep(capture(), verdict())
    await backed_up(vault, copy, tmp_path / "backup")
    await vault.async_close()
    with sqlite3.connect(folder / "records.db") as records:
        records.execute("DELETE FROM captures WHERE id = ?", (lost,))
    records.close()
    backup = tmp_path / "backup"
    if spoil == "rows":
        (backup / "records.db").write_bytes(b"\xa5" * 8_192)
    elif spoil == "sound":
        (backup / "audio" / lost).write_bytes(b"\xa5")
    elif spoil == "name":
        with sqlite3.connect(backup / "records.db") as records:
            records.execute("UPDATE captures SET room = '../..'")
        records.close()
    if spoil == "link":
        copy.symlink_to(backup)
    else:
        shutil.copytree(backup, copy)
    vault = await Vault.async_open(folder, backup=copy)
    assert vault.state is VaultState.READY
    assert not copy.is_symlink()
    assert not copy.exists()
    assert (backup / "records.db").exists()
    found = await ids_of(vault)
    assert kept in found
    if spoil == "sound":
        back = await vault.async_read(lost, at(NOW))
        assert (back.transcript, back.audio) == (WORDS, None)
    else:
        assert lost not in found
    await vault.async_close()


def test_what_was_written_anew_since_is_not_mixed_up(folder, copy, tmp_path):
    """A label written anew has another key: the old one is left out, and the capture opens."""
    store = Store.open(folder, copy)
    row = store.keep(capture(), verdict())
    store.label(row.id, Label.WRONG_TEXT, "old")
    store.begin_backup()
    shutil.copytree(copy, tmp_path / "backup")
    store.label(row.id, Label.WRONG_TEXT, "new")
    store.close()
    for path in folder.glob("records.db*"):
        path.unlink()
    shutil.copytree(tmp_path / "backup", copy, dirs_exist_ok=True)
    again = Store.open(folder, copy)
    ((_, sealed),) = again._records.sealed([row.id])
    assert sealed.label is None
    assert sealed.transcript
    assert {it for _, it in again._keys.all()} == {Purpose.AUDIO_KEY, Purpose.WORDS_KEY}
    again.close()


def test_a_backup_of_before_a_room_was_sealed_brings_back_what_is_sealed(folder, copy, tmp_path):
    """The key of a capture was wrapped to the seal since; nobody here can open it, but a person."""
    store = Store.open(folder, copy)
    row = store.keep(capture(), verdict())
    store.begin_backup()
    shutil.copytree(copy, tmp_path / "backup")
    store.seal_room("kitchen", RoomSeal("seal-1", PUBLIC_KEY))
    store.rewrap("kitchen", 0, 500)
    store.close()
    for path in folder.glob("records.db*"):
        path.unlink()
    shutil.copytree(tmp_path / "backup", copy, dirs_exist_ok=True)
    again = Store.open(folder, copy)
    browser = again.browser()
    with pytest.raises(CaptureSealedError):
        browser.read(row.id, at(NOW), {})
    assert browser.read(row.id, at(NOW), {"seal-1": PRIVATE_KEY}).transcript == WORDS
    browser.close()
    again.close()
