"""What is damaged is named, the rest is kept, and the vault can always be emptied."""

from datetime import timedelta

import pytest

from custom_components.earshot.vault import (
    CaptureDamagedError,
    KeyLostError,
    StoreDamagedError,
    Vault,
    VaultState,
    VaultUnavailableError,
)

from .conftest import NOW, WORDS, at, capture, verdict


@pytest.fixture
async def kept(folder):
    """Return the ids of two captures in a closed vault."""
    vault = await Vault.async_open(folder)
    ids = [await vault.async_keep(capture(), verdict()) for _ in range(2)]
    await vault.async_close()
    return ids


def flip(path, at=None):
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 if at is None else at] ^= 1
    path.write_bytes(raw)


async def test_a_damaged_blob_costs_only_itself(folder, kept):
    flip(folder / "audio" / kept[0])
    vault = await Vault.async_open(folder)
    assert vault.state is VaultState.READY
    with pytest.raises(CaptureDamagedError):
        await vault.async_read(kept[0], at(NOW))
    assert (await vault.async_read(kept[1], at(NOW))).transcript == WORDS
    assert (await vault.async_purge(at(NOW + timedelta(days=1)))).captures == 2
    await vault.async_close()


async def test_blobs_in_each_others_place_do_not_open(folder, kept):
    first, second = (folder / "audio" / capture_id for capture_id in kept)
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    vault = await Vault.async_open(folder)
    for capture_id in kept:
        with pytest.raises(CaptureDamagedError):
            await vault.async_read(capture_id, at(NOW))
    await vault.async_close()


async def test_a_capture_moved_to_another_room_does_not_open(folder, kept):
    import sqlite3

    with sqlite3.connect(folder / "records.db") as records:
        records.execute("UPDATE captures SET room = 'guest' WHERE id = ?", (kept[0],))
    records.close()
    vault = await Vault.async_open(folder)
    with pytest.raises(CaptureDamagedError):
        await vault.async_read(kept[0], at(NOW))
    await vault.async_close()


async def test_a_blob_that_vanished_is_counted_and_its_words_stay(folder, kept):
    (folder / "audio" / kept[0]).unlink()
    vault = await Vault.async_open(folder)
    assert vault.lost == 1
    read = await vault.async_read(kept[0], at(NOW))
    assert (read.audio, read.transcript) == (None, WORDS)
    await vault.async_close()


async def test_what_has_no_row_is_removed_at_the_start(folder, kept):
    (folder / "audio" / ("e" * 32)).write_bytes(b"sealed long ago")
    (folder / "audio" / ("f" * 32 + ".part")).write_bytes(b"half")
    vault = await Vault.async_open(folder)
    assert {path.name for path in (folder / "audio").iterdir()} == set(kept)
    await vault.async_close()


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "house.key").unlink(),
        lambda folder: (folder / "house.key").write_bytes(b"short"),
        lambda folder: flip(folder / "house.key", -1),
        lambda folder: [path.unlink() for path in folder.glob("keys.db*")],
        lambda folder: (folder / "keys.db").write_bytes(b"no database at all" * 100),
    ],
    ids=["missing", "short", "another", "no-keys", "damaged-keys"],
)
async def test_a_lost_key_keeps_nothing_and_deletes_nothing_by_itself(folder, kept, harm):
    """What is kept cannot be read any more. It is said, it still expires, and a new start mends."""
    harm(folder)
    vault = await Vault.async_open(folder)
    assert vault.state is VaultState.KEY_LOST
    with pytest.raises(KeyLostError):
        await vault.async_keep(capture(), verdict())
    with pytest.raises(KeyLostError):
        await vault.async_read(kept[0], at(NOW))
    assert (await vault.async_usage())["kitchen"].captures == 2
    assert len(list((folder / "audio").iterdir())) == 2
    assert await vault.async_keep(capture(), verdict(0, 0)) is None

    assert (await vault.async_purge(at(NOW + timedelta(days=1)))).captures == 2
    await vault.async_delete_all()
    assert vault.state is VaultState.READY
    again = await vault.async_keep(capture(), verdict())
    assert (await vault.async_read(again, at(NOW))).transcript == WORDS
    await vault.async_close()


async def test_a_lost_key_with_nothing_kept_is_simply_made_again(folder):
    vault = await Vault.async_open(folder)
    await vault.async_close()
    (folder / "house.key").unlink()
    vault = await Vault.async_open(folder)
    assert vault.state is VaultState.READY
    assert await vault.async_keep(capture(), verdict())
    await vault.async_close()


@pytest.mark.parametrize("junk", [b"no database at all" * 500, b""])
async def test_a_damaged_database_is_told_and_can_be_started_anew(folder, kept, junk):
    """An empty file is what a wiped database is: then blobs and keys belong to nothing."""
    for companion in folder.glob("records.db-*"):
        companion.unlink()
    (folder / "records.db").write_bytes(junk)
    vault = await Vault.async_open(folder)
    if junk:
        assert vault.state is VaultState.DAMAGED
        for call in (
            vault.async_keep(capture(), verdict()),
            vault.async_read(kept[0], at(NOW)),
            vault.async_usage(),
            vault.async_purge(at(NOW)),
        ):
            with pytest.raises(StoreDamagedError):
                await call
        await vault.async_delete_all()
    assert vault.state is VaultState.READY
    assert await vault.async_usage() == {}
    assert not list((folder / "audio").iterdir())
    assert await vault.async_keep(capture(), verdict())
    await vault.async_close()


async def test_a_page_gone_bad_is_noticed_at_the_start(folder, kept):
    raw = (folder / "records.db").read_bytes()
    (folder / "records.db").write_bytes(raw[:4_096] + b"\xff" * (len(raw) - 4_096))
    vault = await Vault.async_open(folder)
    assert vault.state is VaultState.DAMAGED
    await vault.async_close()


async def test_a_store_of_a_newer_version_is_not_touched(folder, kept):
    import sqlite3

    with sqlite3.connect(folder / "records.db") as records:
        records.execute("PRAGMA user_version = 99")
    records.close()
    vault = await Vault.async_open(folder)
    assert vault.state is VaultState.DAMAGED
    with pytest.raises(StoreDamagedError):
        await vault.async_usage()
    assert len(list((folder / "audio").iterdir())) == 2
    await vault.async_close()


async def test_a_lock_that_is_a_link_elsewhere_is_refused(folder, tmp_path):
    folder.mkdir(parents=True)
    (tmp_path / "elsewhere").write_text("mine")
    (folder / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(VaultUnavailableError):
        await Vault.async_open(folder)
    assert (tmp_path / "elsewhere").read_text() == "mine"
