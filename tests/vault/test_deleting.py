"""P5: deleted is gone: no key, no blob, no row, and no byte of them in any file."""

import asyncio
import sqlite3
import threading
from datetime import timedelta

import pytest

from custom_components.earshot.vault import (
    CaptureUnknownError,
    PurgeReport,
    Vault,
    VaultState,
    VaultUnavailableError,
)
from custom_components.earshot.vault.reader import Reader
from custom_components.earshot.vault.store import Store
from custom_components.earshot.vault.views import Deletion, Pin

from .conftest import KITCHEN, NOW, WORDS, at, capture, contents, verdict


def secrets_of(folder, capture_id):
    """Return what would have to be found to open a capture: its id, keys, and sealed parts."""
    found = [capture_id.encode(), (folder / "audio" / capture_id).read_bytes()[:64]]
    with sqlite3.connect(folder / "keys.db") as keys:
        found += [row[0] for row in keys.execute(
            "SELECT wrapped FROM keys WHERE capture = ?", (capture_id,))]  # fmt: skip
    with sqlite3.connect(folder / "records.db") as records:
        found += records.execute(
            "SELECT transcript, record, peaks FROM sealed JOIN captures USING (number)"
            " WHERE id = ?",
            (capture_id,),
        ).fetchone()
    keys.close()
    records.close()
    assert len(found) == 7
    return found


def hits(folder, markers):
    everything = b"".join(contents(folder).values())
    return [marker for marker in markers if marker in everything]


@pytest.mark.parametrize("how", ["room", "expiry", "policy"])
async def test_not_a_byte_of_it_is_left(vault, folder, how):
    goes = await vault.async_keep(capture("kitchen"), verdict(60, 60))
    stays = await vault.async_keep(capture("study"), verdict(None, None))
    markers = secrets_of(folder, goes)
    # SQLite keeps the first change in its log, so the search must see that file too.
    assert sorted(hits(folder, markers)) == sorted(markers)

    if how == "room":
        report = (await vault.async_delete(KITCHEN)).report
    elif how == "expiry":
        report = await vault.async_purge(at(capture().started.replace(year=2027)))
    else:
        report = await vault.async_purge(at(NOW), {"kitchen": lambda _: verdict(0, 0)})
    assert report == PurgeReport(audio=1, transcripts=1, captures=1)

    assert hits(folder, markers) == []
    assert (await vault.async_read(stays, at(NOW))).transcript == WORDS
    with pytest.raises(CaptureUnknownError):
        await vault.async_read(goes, at(NOW))


async def test_words_that_expire_leave_nothing_beside_their_audio(vault, folder):
    kept = await vault.async_keep(capture(), verdict(None, 60))
    *_, words_key, transcript, record, _ = secrets_of(folder, kept)
    await vault.async_purge(at(NOW.replace(year=2027)))
    assert hits(folder, [words_key, transcript, record]) == []
    assert (await vault.async_read(kept, at(NOW))).audio


async def test_forgetting_everything_makes_a_new_house_key(vault, folder):
    kept = [await vault.async_keep(capture(room), verdict()) for room in ("kitchen", "study")]
    markers = [it for capture_id in kept for it in secrets_of(folder, capture_id)]
    house_key = (folder / "house.key").read_bytes()

    await vault.async_delete_all()
    assert hits(folder, [*markers, house_key[9:], house_key[1:9]]) == []
    assert await vault.async_usage() == {}
    assert vault.state is VaultState.READY
    again = await vault.async_keep(capture(), verdict())
    assert (await vault.async_read(again, at(NOW))).transcript == WORDS


async def test_destroying_leaves_no_folder(folder):
    vault = await Vault.async_open(folder)
    await vault.async_keep(capture(), verdict())
    await vault.async_destroy()
    assert not folder.exists()


async def test_deleting_twice_is_deleting_once(vault):
    await vault.async_keep(capture(), verdict())
    assert (await vault.async_delete(KITCHEN)).report.captures == 1
    assert (await vault.async_delete(KITCHEN)).report == PurgeReport()


async def test_two_purges_at_once_count_each_capture_once(vault):
    import asyncio

    for _ in range(5):
        await vault.async_keep(capture(), verdict())
    later = NOW.replace(year=2027)
    reports = await asyncio.gather(vault.async_purge(at(later)), vault.async_purge(at(later)))
    assert sum(report.captures for report in reports) == 5


async def test_nothing_goes_that_was_not_read(vault, monkeypatch):
    """A capture that is kept after the words were read is not destroyed without having been."""
    words = vault.async_words
    late = [capture(transcript="kept in between", audience=frozenset())]

    async def meanwhile(*args):
        found = await words(*args)
        if late:
            await vault.async_keep(late.pop(), verdict())
        return found

    monkeypatch.setattr(vault, "async_words", meanwhile)
    await vault.async_keep(capture(), verdict())
    found, deletion = await vault.async_take(KITCHEN)
    assert sorted(found) == ["kept in between", WORDS]
    assert deletion.report.captures == len(deletion.tombstones) == 2


async def test_what_is_pinned_is_neither_read_nor_taken(vault):
    """And the taking ends."""
    kept = await vault.async_keep(capture(), verdict())
    day = timedelta(days=1)
    await vault.async_pin(kept, Pin(until=NOW + day, reason="a reason", by="0" * 32, made=NOW))
    assert await vault.async_take(KITCHEN) == ((), Deletion(report=PurgeReport(), tombstones=()))


async def test_a_vault_nobody_waited_for_lets_the_next_one_in(folder, monkeypatch):
    """A slow disk: who gave up waiting holds no lock for good."""
    open_store, slow = Store.open, threading.Event()

    def slowly(*args):
        assert slow.wait(10)
        return open_store(*args)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "open", slowly)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await Vault.async_open(folder)
        slow.set()
    async with asyncio.timeout(10):
        while True:
            try:
                vault = await Vault.async_open(folder)
                break
            except VaultUnavailableError:
                await asyncio.sleep(0.01)
    await vault.async_close()


async def test_a_vault_given_up_while_its_reader_opens_is_closed(folder, monkeypatch):
    """Home Assistant ends in the middle of a start: no thread is left, and the next gets in."""
    open_reader, begun, slow = Reader._open, asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slowly(reader):
        loop.call_soon_threadsafe(begun.set)
        assert slow.wait(10)
        open_reader(reader)

    monkeypatch.setattr(Reader, "_open", slowly)
    opening = asyncio.create_task(Vault.async_open(folder))
    async with asyncio.timeout(10):
        await begun.wait()
    opening.cancel()
    slow.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert not [it.name for it in threading.enumerate() if it.name.startswith("earshot-vault")]
    await (await Vault.async_open(folder)).async_close()
