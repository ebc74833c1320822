"""Pins: the one exception of the ceilings, with an end, and never out of anybody's sight."""

from datetime import timedelta

import pytest

from custom_components.earshot.vault import (
    CaptureUnknownError,
    Pin,
    PurgeReport,
    Query,
    Selection,
    Vault,
)

from .conftest import KITCHEN, NOW, WORDS, at, capture, contents, verdict

DAY = timedelta(days=1)


def pin(reason="the PLANTED-REASON", days=7.0):
    return Pin(until=NOW + days * DAY, made=NOW, by="ada", reason=reason)


@pytest.fixture
async def pinned(vault):
    kept = await vault.async_keep(capture(), verdict(60, 120))
    await vault.async_pin(kept, pin())
    return kept


async def test_it_outlives_its_ceiling_and_goes_when_the_pin_ends(vault, pinned):
    assert await vault.async_purge(at(NOW + DAY)) == PurgeReport()
    read = await vault.async_read(pinned, at(NOW + DAY))
    assert (read.transcript, bool(read.audio)) == (WORDS, True)
    page = await vault.async_page(Query(rooms=frozenset({"kitchen"})), at(NOW + DAY))
    assert page.items[0].pin == pin()
    assert page.items[0].transcript == WORDS

    with pytest.raises(CaptureUnknownError):
        await vault.async_read(pinned, at(NOW + 7 * DAY))
    assert (await vault.async_purge(at(NOW + 7 * DAY))).captures == 1


async def test_a_pin_that_ends_before_the_ceiling_leaves_nothing_of_itself(vault, folder):
    kept = await vault.async_keep(capture(), verdict(None, None))
    await vault.async_pin(kept, pin(days=1))
    await vault.async_purge(at(NOW + 2 * DAY))
    assert await vault.async_pins() == ()
    keys = await vault._run(vault._store._keys.all)
    assert keys == {(kept, "audio-key"), (kept, "words-key")}
    assert (await vault.async_read(kept, at(NOW + 2 * DAY))).transcript == WORDS


async def test_shorter_rules_of_today_leave_it_alone_too(vault, pinned):
    for shorter in (verdict(60, 60), verdict(0, 60), verdict(60, 0)):
        today = {"kitchen": lambda _, it=shorter: it}
        would = await vault.async_would_go(today, at(NOW + DAY))
        assert (would["kitchen"].captures, would["kitchen"].pinned) == (0, 1)
        assert await vault.async_purge(at(NOW + DAY), today) == PurgeReport()


async def test_no_pin_holds_where_nothing_is_kept_any_more(vault, folder, pinned):
    """Made a child's room, or set to never: what is pinned goes with the rest, and is counted."""
    never = {"kitchen": lambda _: verdict(0, 0)}
    would = await vault.async_would_go(never, at(NOW))
    assert (would["kitchen"].captures, would["kitchen"].pinned) == (1, 0)
    assert (await vault.async_purge(at(NOW), {"study": never["kitchen"]})) == PurgeReport()
    assert (await vault.async_purge(at(NOW), never)).captures == 1
    assert await vault.async_pins() == ()
    assert await vault._run(vault._store._keys.all) == set()


async def test_deleting_leaves_it_alone_until_that_is_said(vault, pinned):
    counted = (await vault.async_count(KITCHEN))["kitchen"]
    assert (counted.captures, counted.pinned) == (0, 1)
    assert (await vault.async_delete(KITCHEN)).report == PurgeReport()
    named = Selection(ids=frozenset({pinned}))
    assert (await vault.async_delete(named)).report == PurgeReport()
    too = Selection(rooms=frozenset({"kitchen"}), pinned=True)
    assert (await vault.async_count(too))["kitchen"].captures == 1
    assert (await vault.async_delete(too)).report.captures == 1


async def test_unpinning_lets_the_ceiling_hold_again(vault, pinned):
    await vault.async_unpin(pinned)
    assert await vault.async_pins() == ()
    assert (await vault.async_purge(at(NOW + DAY))).captures == 1


async def test_all_pins_are_listed_with_their_reason_sealed_on_the_disk(vault, folder, pinned):
    await vault.async_keep(capture("study"), verdict())
    ((item, its_pin),) = await vault.async_pins()
    assert (item.id, its_pin) == (pinned, pin())
    assert item.transcript is None
    assert b"PLANTED-REASON" not in b"".join(contents(folder).values())
    assert "PLANTED-REASON" not in repr(its_pin)


async def test_it_outlives_a_restart(vault, folder, pinned):
    await vault.async_pin(pinned, pin("another reason", days=30))
    await vault.async_close()
    again = await Vault.async_open(folder)
    assert again.lost == 0
    ((_, its_pin),) = await again.async_pins()
    assert its_pin == pin("another reason", days=30)
    await again.async_close()


async def test_fields_swapped_between_captures_do_not_open(vault, folder, pinned):
    """Neither peaks nor reason nor label nor transcript of one opens in the other's place."""
    import sqlite3

    other = await vault.async_keep(capture("kitchen"), verdict(None, None))
    await vault.async_pin(other, pin("of the other"))
    with sqlite3.connect(folder / "records.db") as records:
        for column in ("peaks", "reason", "transcript", "record"):
            a, b = records.execute(f"SELECT number, {column} FROM sealed").fetchall()
            for number, raw in ((a[0], b[1]), (b[0], a[1])):
                records.execute(f"UPDATE sealed SET {column} = ? WHERE number = ?", (raw, number))
    records.close()
    page = await vault.async_page(Query(rooms=frozenset({"kitchen"})), at(NOW))
    assert len(page.items) == 2
    for item in page.items:
        assert (item.peaks, item.transcript, item.record, item.pin.reason) == (None, None, None, "")


async def test_fields_swapped_within_a_capture_do_not_open(vault, folder):
    import sqlite3

    await vault.async_keep(capture(), verdict(None, None))
    with sqlite3.connect(folder / "records.db") as records:
        records.execute("UPDATE sealed SET transcript = record, record = transcript")
        records.execute("UPDATE sealed SET peaks = record")
    records.close()
    (item,) = (await vault.async_page(Query(rooms=frozenset({"kitchen"})), at(NOW))).items
    assert (item.peaks, item.transcript, item.record) == (None, None, None)


async def test_what_is_unknown_cannot_be_pinned_or_labelled(vault):
    for call in (
        vault.async_pin("f" * 32, pin()),
        vault.async_unpin("f" * 32),
        vault.async_label("f" * 32, None),
    ):
        with pytest.raises(CaptureUnknownError):
            await call
