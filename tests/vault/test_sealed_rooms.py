"""Sealed rooms: kept there, counted, deleted, and open to nobody without the private key."""

import sqlite3

import pytest

from custom_components.earshot.vault import (
    CaptureDamagedError,
    CaptureSealedError,
    KeyLostError,
    Label,
    Pin,
    Query,
    Selection,
    Vault,
    VaultState,
)
from custom_components.earshot.vault.sealing import new_pair

from .conftest import KITCHEN, NOW, WORDS, at, capture, contents, verdict
from .test_pins import pin

PAIR = new_pair()
UNLOCKED = {"seal-1": PAIR.private}


def wrapped_keys(folder):
    """Return {(capture, purpose): (wrapped, seal)}."""
    with sqlite3.connect(folder / "keys.db") as keys:
        rows = keys.execute("SELECT capture, purpose, wrapped, seal FROM keys").fetchall()
    keys.close()
    return {row[:2]: row[2:] for row in rows}


async def listed(vault, private=None, room="kitchen"):
    page = await vault.async_page(Query(rooms=frozenset({room})), at(NOW), private)
    return page.items


async def test_new_captures_of_a_sealed_room_are_closed(vault):
    await vault.async_seal_room("kitchen", "seal-1", PAIR.public)
    kept = await vault.async_keep(capture(), verdict())
    with pytest.raises(CaptureSealedError):
        await vault.async_read(kept, at(NOW))
    with pytest.raises(CaptureSealedError):
        await vault.async_read(kept, at(NOW), {"seal-2": new_pair().private})
    with pytest.raises(CaptureDamagedError):
        await vault.async_read(kept, at(NOW), {"seal-1": new_pair().private})
    read = await vault.async_read(kept, at(NOW), UNLOCKED)
    assert (read.transcript, bool(read.audio)) == (WORDS, True)

    (item,) = await listed(vault)
    assert item.sealed
    assert (item.transcript, item.record, item.peaks) == (None, None, None)
    assert item.audio_bytes
    (item,) = await listed(vault, UNLOCKED)
    assert item.sealed
    assert item.transcript == WORDS
    assert await vault.async_words(KITCHEN) == ()
    assert await vault.async_words(KITCHEN, UNLOCKED) == (WORDS,)


async def test_what_was_kept_before_is_sealed_as_well(vault, folder):
    kept = await vault.async_keep(capture(), verdict())
    other = await vault.async_keep(capture("study"), verdict())
    await vault.async_label(kept, Label.NOT_FOR_YOU)
    before = wrapped_keys(folder)
    assert await vault.async_seal_room("kitchen", "seal-1", PAIR.public)

    after = wrapped_keys(folder)
    old = [before[it][0] for it in before if it[0] == kept]
    assert len(old) == 3
    everything = b"".join(contents(folder).values())
    assert [it for it in old if it in everything] == []
    assert {it: seal for it, (_, seal) in after.items()} == {
        it: "seal-1" if it[0] == kept else None for it in before
    }
    with pytest.raises(CaptureSealedError):
        await vault.async_read(kept, at(NOW))
    assert (await vault.async_read(kept, at(NOW), UNLOCKED)).transcript == WORDS
    assert (await vault.async_read(other, at(NOW))).transcript == WORDS
    (item,) = await listed(vault, UNLOCKED)
    assert item.label == "not_for_you"


async def test_unsealing_counts_for_new_captures_only(vault):
    old = await vault.async_keep(capture(), verdict())
    await vault.async_seal_room("kitchen", "seal-1", PAIR.public)
    await vault.async_open_room("kitchen")
    new = await vault.async_keep(capture(), verdict())
    assert (await vault.async_read(new, at(NOW))).transcript == WORDS
    with pytest.raises(CaptureSealedError):
        await vault.async_read(old, at(NOW))


async def test_it_outlives_a_restart_and_forgetting_everything(vault, folder):
    await vault.async_seal_room("kitchen", "seal-1", PAIR.public)
    await vault.async_delete_all()
    await vault.async_close()
    again = await Vault.async_open(folder)
    kept = await again.async_keep(capture(), verdict())
    with pytest.raises(CaptureSealedError):
        await again.async_read(kept, at(NOW))
    assert (await again.async_read(kept, at(NOW), UNLOCKED)).transcript == WORDS
    await again.async_close()


async def test_notes_can_be_written_without_unlocking(vault):
    """Somebody in the room says "that was not for you"."""
    await vault.async_seal_room("kitchen", "seal-1", PAIR.public)
    kept = await vault.async_keep(capture(), verdict())
    await vault.async_label(kept, Label.WRONG_TEXT, "PLANTED")
    await vault.async_pin(kept, pin("because"))
    (item,) = await listed(vault)
    assert (item.label, item.right_text, item.pin.reason) == (None, None, "")
    (item,) = await listed(vault, UNLOCKED)
    assert (item.label, item.right_text, item.pin.reason) == ("wrong_text", "PLANTED", "because")


async def test_deleting_and_expiry_need_no_key(vault, folder):
    await vault.async_seal_room("kitchen", "seal-1", PAIR.public)
    for _ in range(2):
        await vault.async_keep(capture(), verdict(60, 60))
    assert (await vault.async_count(KITCHEN))["kitchen"].captures == 2
    (first, _) = await listed(vault)
    assert (await vault.async_delete(Selection(ids=frozenset({first.id})))).report.captures == 1
    assert (await vault.async_purge(at(NOW.replace(year=2027)))).captures == 1
    assert wrapped_keys(folder) == {}


async def test_a_key_does_not_open_in_anothers_place(vault, folder):
    await vault.async_seal_room("kitchen", "seal-1", PAIR.public)
    one, other = [await vault.async_keep(capture(), verdict()) for _ in range(2)]
    with sqlite3.connect(folder / "keys.db") as keys:
        for purpose in ("words-key", "audio-key"):
            rows = [
                keys.execute(
                    "SELECT wrapped FROM keys WHERE capture = ? AND purpose = ?", (it, purpose)
                ).fetchone()[0]
                for it in (one, other)
            ]
            for it, raw in zip((one, other), reversed(rows), strict=True):
                keys.execute(
                    "UPDATE keys SET wrapped = ? WHERE capture = ? AND purpose = ?",
                    (raw, it, purpose),
                )
    keys.close()
    for capture_id in (one, other):
        with pytest.raises(CaptureDamagedError):
            await vault.async_read(capture_id, at(NOW), UNLOCKED)


async def test_what_a_crash_left_unsealed_is_sealed_at_the_next_purge(vault, folder):
    kept = await vault.async_keep(capture(), verdict(None, None))
    from custom_components.earshot.vault.sealed_rooms import RoomSeal

    await vault._run(vault._store.seal_room, "kitchen", RoomSeal("seal-1", PAIR.public))
    await vault.async_close()
    again = await Vault.async_open(folder)
    assert (await again.async_read(kept, at(NOW))).transcript == WORDS
    await again.async_purge(at(NOW))
    with pytest.raises(CaptureSealedError):
        await again.async_read(kept, at(NOW))
    assert await again._run(again._store.unfinished) == []
    await again.async_close()


async def test_when_it_is_not_known_which_rooms_are_sealed_nothing_is_kept(vault, folder):
    await vault.async_seal_room("kitchen", "seal-1", PAIR.public)
    await vault.async_close()
    (folder / "sealed_rooms.json").write_text('{"kitchen": ')
    again = await Vault.async_open(folder)
    assert again.state is VaultState.KEY_LOST
    with pytest.raises(KeyLostError):
        await again.async_keep(capture(), verdict())
    await again.async_close()


def test_a_pin_has_limits():
    from datetime import timedelta

    for days in (0, -1, 31):
        with pytest.raises(ValueError, match="pin"):
            Pin(until=NOW + timedelta(days=days), made=NOW, by="ada", reason="")
