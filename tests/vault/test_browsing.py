"""Pages: whole, in order, of what was asked for and of nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.earshot.policy.retention import Outcome
from custom_components.earshot.vault import Label, Pin, Query, Selection, StoreDamagedError, Vault

from .conftest import KITCHEN, NOW, WORDS, at, capture, tone, verdict

HERE = frozenset({"kitchen", "study"})
MINUTE = timedelta(minutes=1)


async def pages(vault, reading=None, **asked):
    """Return the ids of all pages, page by page."""
    found, cursor = [], None
    while True:
        query = Query(**{"rooms": HERE} | asked, cursor=cursor)
        page = await vault.async_page(query, reading or at(NOW))
        found.append([item.id for item in page.items])
        if (cursor := page.cursor) is None:
            return found


async def everything(paged):
    """Return the ids of all pages."""
    return [it for page in await paged for it in page]


@pytest.fixture
async def kept(vault):
    """Return the ids of twelve captures, newest first, in three rooms."""
    return [
        await vault.async_keep(
            capture(
                ("kitchen", "study", "secret")[number % 3],
                at=NOW - number * MINUTE,
                outcome=(Outcome.UNDERSTOOD, Outcome.FALSE_WAKE)[number % 2],
                pcm=tone(0.05),
                audience=frozenset({"ada"}),
            ),
            verdict(None, None),
        )
        for number in range(12)
    ]


async def test_a_page_shows_what_was_kept(vault):
    kept = await vault.async_keep(capture(audience=frozenset({"ada", "bob"})), verdict())
    page = await vault.async_page(Query(rooms=HERE), at(NOW))
    assert page.cursor is None
    (item,) = page.items
    assert (item.id, item.room_id, item.started) == (kept, "kitchen", NOW)
    assert (item.outcome, item.sealed, item.uncertain) == (Outcome.UNDERSTOOD, False, False)
    assert item.transcript == WORDS
    assert item.record["intent"] == "HassTurnOn"
    assert item.audience == {"ada", "bob"}
    assert item.audio_expires == NOW + timedelta(hours=1)
    assert item.words_expires == NOW + timedelta(hours=2)
    assert len(item.peaks) == 100
    assert 60 < max(item.peaks) < 80  # 9,000 of 32,768
    assert "PLANTED" not in repr(page)


async def test_pages_are_whole_and_newest_first(vault, kept):
    mine = [it for number, it in enumerate(kept) if number % 3 != 2]
    found = await pages(vault, limit=3)
    assert [len(page) for page in found] == [3, 3, 2]
    assert [it for page in found for it in page] == mine


@pytest.mark.parametrize("outcome", list(Outcome)[:3:2])
async def test_only_what_was_asked_for(vault, kept, outcome):
    other = {Outcome.UNDERSTOOD: 0, Outcome.FALSE_WAKE: 1}[outcome]
    found = await everything(pages(vault, outcomes=frozenset({outcome}), limit=2))
    assert found == [it for n, it in enumerate(kept) if n % 3 != 2 and n % 2 == other]
    found = await pages(vault, since=NOW - 7 * MINUTE, until=NOW - 3 * MINUTE)
    assert found == [[kept[4], kept[6], kept[7]]]
    assert await pages(vault, rooms=frozenset()) == [[]]
    assert await pages(vault, rooms=frozenset({"nowhere"})) == [[]]


async def test_many_rooms_find_the_same_as_few(vault, kept):
    """Few rooms are looked up, many are gone through."""
    many = frozenset(f"room{number}" for number in range(60)) | HERE
    assert await pages(vault, rooms=many, limit=3) == await pages(vault, limit=3)


async def test_captures_of_one_moment_are_all_told_once(vault):
    ids = {await vault.async_keep(capture(pcm=None), verdict()) for _ in range(30)}
    found = await everything(pages(vault, limit=7))
    assert len(found) == 30
    assert set(found) == ids


async def test_what_is_past_its_ceiling_is_on_no_page(vault):
    await vault.async_keep(capture(at=NOW - MINUTE), verdict(30, 60))
    audio = await vault.async_keep(capture(at=NOW - 2 * MINUTE), verdict(None, 60))
    (item,) = (await vault.async_page(Query(rooms=HERE), at(NOW))).items
    assert item.id == audio
    assert (item.transcript, item.record) == (None, None)
    assert item.peaks
    with_words = await vault.async_page(Query(rooms=HERE), at(NOW - 2 * MINUTE))
    assert with_words.items[0].transcript == WORDS


async def test_times_beyond_all_clocks_are_only_times(vault, kept):
    """Somebody may ask for everything since the year 1 until the year 9999."""
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert len(await everything(pages(vault, since=first, until=last))) == 8
    assert await pages(vault, since=last) == [[]]
    counts = await vault.async_count(Selection(since=first, until=last))
    assert sum(it.captures for it in counts.values()) == 12


@pytest.mark.parametrize(
    "wrong",
    [{"limit": 0}, {"limit": 101}, {"cursor": "abc"}, {"cursor": "1" * 20}, {"text": "a" * 201}],
)
def test_a_query_has_limits(wrong):
    with pytest.raises(ValueError, match=r"page|too long"):
        Query(rooms=HERE, **wrong)


async def test_counting_tells_what_a_deletion_takes(vault, kept):
    counts = await vault.async_count(Selection(rooms=HERE, until=NOW - 6 * MINUTE))
    assert {room: (it.captures, it.audio, it.transcripts) for room, it in counts.items()} == {
        "kitchen": (1, 1, 1),
        "study": (2, 2, 2),
    }
    counts = await vault.async_count(Selection())
    usage = await vault.async_usage()
    assert {room: it.bytes for room, it in counts.items()} == {
        room: it.bytes for room, it in usage.items()
    }


@pytest.mark.parametrize(
    ("selection", "goes"),
    [
        (lambda ids: Selection(ids=frozenset(ids[:2])), {0, 1}),
        (lambda _: Selection(ids=frozenset()), set()),
        (lambda _: Selection(rooms=frozenset()), set()),
        (lambda ids: Selection(ids=frozenset(ids[:4]), rooms=frozenset({"study"})), {1}),
        (lambda _: Selection(since=NOW - 2 * MINUTE), {0, 1, 2}),
        (lambda _: Selection(until=NOW - 9 * MINUTE), {10, 11}),
        (lambda _: Selection(outcomes=frozenset({Outcome.FALSE_WAKE})), {1, 3, 5, 7, 9, 11}),
        (lambda _: Selection(), set(range(12))),
    ],
)
async def test_deleting_takes_what_was_selected_and_nothing_else(vault, kept, selection, goes):
    chosen = selection(kept)
    counted = sum(it.captures for it in (await vault.async_count(chosen)).values())
    deletion = await vault.async_delete(chosen)
    assert deletion.report.captures == counted == len(goes)
    assert {stone.id for stone in deletion.tombstones} == {kept[number] for number in goes}
    left = await everything(pages(vault, rooms=HERE | {"secret"}))
    assert left == [it for number, it in enumerate(kept) if number not in goes]


async def test_words_are_told_once_for_the_check(vault, kept):
    await vault.async_label(kept[0], Label.WRONG_TEXT, "PLANTED-RIGHT")
    words = await vault.async_words(KITCHEN)
    assert sorted(words) == sorted([*[WORDS] * 4, "PLANTED-RIGHT"])


async def test_reading_keeps_no_deletion_from_emptying_the_log(vault, kept):
    """Browsing at the same time: no deletion is `pending` for it."""
    import asyncio

    done = asyncio.Event()

    async def browse():
        while not done.is_set():
            await pages(vault, limit=2)

    browsing = asyncio.create_task(browse())
    for capture_id in kept:
        deletion = await vault.async_delete(Selection(ids=frozenset({capture_id})))
        assert not deletion.report.pending
    done.set()
    await browsing


async def test_captures_that_come_and_go_are_told_of(vault):
    told = []
    vault.listener = told.append
    kept = await vault.async_keep(capture(), verdict(60, None))
    await vault.async_label(kept, Label.NOT_FOR_YOU)
    await vault.async_purge(at(NOW + MINUTE))
    await vault.async_delete(KITCHEN)
    assert [(it.kind, it.capture_ids, it.room_id) for it in told] == [
        (kind, (kept,), "kitchen") for kind in ("kept", "changed", "changed", "gone")
    ]


async def test_a_label_is_sealed_with_the_words_and_goes_with_them(vault, folder):
    kept = await vault.async_keep(capture(), verdict(None, 3_600))
    await vault.async_label(kept, Label.WRONG_TEXT, "turn on the PLANTED-RIGHT lamp")
    (item,) = (await vault.async_page(Query(rooms=HERE), at(NOW))).items
    assert (item.label, item.right_text) == ("wrong_text", "turn on the PLANTED-RIGHT lamp")
    on_disk = b"".join(it.read_bytes() for it in folder.rglob("*") if it.is_file())
    assert b"PLANTED-RIGHT" not in on_disk
    assert b"wrong_text" not in on_disk

    await vault.async_label(kept, None)
    (item,) = (await vault.async_page(Query(rooms=HERE), at(NOW))).items
    assert (item.label, item.right_text) == (None, None)

    await vault.async_label(kept, Label.NOT_FOR_YOU)
    await vault.async_purge(at(NOW + 2 * timedelta(hours=1)))
    (item,) = (await vault.async_page(Query(rooms=HERE), at(NOW))).items
    assert item.label is None
    await vault.async_close()
    again = await Vault.async_open(folder)
    assert again.lost == 0
    await again.async_close()


async def test_damage_while_it_is_open_is_told_and_mended(vault, folder, kept):
    import sqlite3

    await vault.async_purge(at(NOW))
    with sqlite3.connect(folder / "records.db") as records:
        (page,) = records.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sealed'")
    records.close()
    raw = bytearray((folder / "records.db").read_bytes())
    raw[(page[0] - 1) * 4_096 : page[0] * 4_096] = b"\xff" * 4_096
    (folder / "records.db").write_bytes(raw)
    await vault._reader.async_release()
    await vault._reader.async_open()
    with pytest.raises(StoreDamagedError):
        await pages(vault)
    assert vault.state == "damaged"
    await vault.async_mend()
    assert vault.state == "ready"
    found = await everything(pages(vault))
    assert set(found) <= set(kept)
    assert vault.lost + vault.lost_captures > 0
    pin = Pin(until=NOW + timedelta(days=1), made=NOW, by="ada", reason="x")
    if found:
        await vault.async_pin(found[0], pin)
