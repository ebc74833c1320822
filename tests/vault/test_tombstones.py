"""P5: what is left of a deletion finds its bytes wherever they are, and is itself no trace."""

from datetime import timedelta

import pytest

from custom_components.earshot.vault import Selection, Tombstone, Vault, tombstones

from .conftest import KITCHEN, NOW, at, capture, contents, verdict
from .test_deleting import secrets_of


async def test_fingerprints_are_in_every_sealed_byte_and_in_nothing_after(vault, folder):
    kept = await vault.async_keep(capture(), verdict())
    secrets = secrets_of(folder, kept)[1:]
    (stone,) = (await vault.async_delete(KITCHEN)).tombstones
    assert (stone.id, stone.room_id) == (kept, "kitchen")
    for secret in secrets:
        assert any(print_ in secret for print_ in stone.fingerprints)
    assert len(stone.fingerprints) == len(set(stone.fingerprints)) == len(secrets)
    assert all(len(print_) == 12 for print_ in stone.fingerprints)

    everything = b"".join(contents(folder).values())
    assert stone.id.encode() not in everything
    assert bytes.fromhex(stone.id) not in everything
    assert [it for it in stone.fingerprints if it in everything] == []


async def test_they_outlive_a_restart_and_grow_with_what_goes_later(vault, folder):
    kept = await vault.async_keep(capture(), verdict(60, 120))
    secrets = secrets_of(folder, kept)[1:]
    await vault.async_purge(at(NOW + timedelta(seconds=60)))
    assert await vault.async_tombstones() == (), "its words are still there"
    await vault.async_purge(at(NOW + timedelta(seconds=120)))
    (stone,) = await vault.async_tombstones()
    assert all(any(it in secret for it in stone.fingerprints) for secret in secrets)
    await vault.async_close()
    again = await Vault.async_open(folder)
    assert await again.async_tombstones() == (stone,)
    await again.async_close()


async def test_they_outlive_forgetting_everything(vault):
    await vault.async_keep(capture(), verdict())
    (stone,) = (await vault.async_delete(KITCHEN)).tombstones
    await vault.async_delete_all()
    assert await vault.async_tombstones() == (stone,)


async def test_they_go_after_thirty_days(vault):
    await vault.async_keep(capture(), verdict(60, 60))
    await vault.async_purge(at(NOW + timedelta(days=1)))
    await vault.async_purge(at(NOW + timedelta(days=30)))
    assert len(await vault.async_tombstones()) == 1
    await vault.async_purge(at(NOW + timedelta(days=31)))
    assert await vault.async_tombstones() == ()


async def test_there_are_not_more_than_ten_thousand(vault, monkeypatch):
    monkeypatch.setattr(tombstones, "MOST", 3)
    kept = []
    for number in range(6):
        kept.append(await vault.async_keep(capture(pcm=None), verdict()))
        ids = frozenset({kept[-1]})
        deletion = await vault.async_delete(Selection(ids=ids))
        assert len(deletion.tombstones) == 1, number
    assert {it.id for it in await vault.async_tombstones()} == set(kept[3:])


def test_it_prints_nothing_to_look_for():
    stone = Tombstone(id="a", room_id="r", deleted=NOW, fingerprints=(b"PLANTED",))
    assert "PLANTED" not in repr(stone)


@pytest.mark.parametrize("harm", ["secure_delete = OFF"])
async def test_without_overwriting_the_bytes_would_be_found(vault, folder, harm):
    """What the search of these tests is worth: it finds what a plain deletion leaves."""
    kept = await vault.async_keep(capture(), verdict())
    secrets = secrets_of(folder, kept)
    connection = vault._store._records.connection
    await vault._run(connection.execute, f"PRAGMA {harm}")
    keys = vault._store._keys._connection
    await vault._run(keys.execute, f"PRAGMA {harm}")
    (stone,) = (await vault.async_delete(KITCHEN)).tombstones
    everything = b"".join(contents(folder).values())
    assert [it for it in secrets[1:] if it in everything]
    assert [it for it in stone.fingerprints if it in everything]
