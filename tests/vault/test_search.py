"""Search: what was said is found, by whoever may, and no word of it is on the disk."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.earshot.policy.retention import Outcome
from custom_components.earshot.vault import Label, Query, Selection, Vault, reader
from custom_components.earshot.vault.sealing import new_pair

from .conftest import NOW, at, capture, contents, verdict

HERE = frozenset({"kitchen", "study"})
MINUTE = timedelta(minutes=1)


async def ready(vault):
    """Wait for the index."""
    async with asyncio.timeout(20):
        while not vault.search_ready:  # noqa: ASYNC110 - it is a property
            await asyncio.sleep(0.01)


async def find(vault, text, private=None, **asked):
    query = Query(**{"rooms": HERE, "text": text} | asked)
    page = await vault.async_page(query, at(NOW), private)
    assert page.complete
    return [item.transcript for item in page.items]


async def indexed(vault):
    """Return what is in the index of the house, on its thread."""

    def texts():
        index = vault._reader._house.index._connection
        return [row[0] for row in index.execute("SELECT text FROM words")]

    return await vault._reader._submit(texts)


async def say(vault, *texts, room_id="kitchen", **given):
    """Keep some transcripts, each a minute older than the one before."""
    return [
        await vault.async_keep(
            capture(room_id, pcm=None, transcript=text, at=NOW - number * MINUTE, **given),
            verdict(None, None),
        )
        for number, text in enumerate(texts)
    ]


@pytest.fixture
async def vault(folder):
    opened = await Vault.async_open(folder)
    await ready(opened)
    yield opened
    await opened.async_close()


async def test_words_are_found_newest_first(vault):
    await say(vault, "turn on the lamp", "dim the LÁMP", "open the door", "Lampshade")
    assert await find(vault, "lamp") == ["turn on the lamp", "dim the LÁMP", "Lampshade"]
    assert await find(vault, "the lamp") == ["turn on the lamp", "dim the LÁMP"]
    assert await find(vault, "lam") == ["turn on the lamp", "dim the LÁMP", "Lampshade"]
    assert await find(vault, "lam the") == []
    assert await find(vault, "the") == ["turn on the lamp", "dim the LÁMP", "open the door"]
    assert await find(vault, "on") == ["turn on the lamp"]
    assert await find(vault, "la") == [], "two letters are a word"
    assert await find(vault, "stove") == []


@pytest.mark.parametrize(
    "text",
    ['"', "'", "lamp OR door", "lamp*", "NOT lamp", "text : lamp", "(lamp", "^lamp", "lamp AND",
     "NEAR(lamp door)", "-lamp", "{text} : x", "lamp + door", "\x00", "'; DROP TABLE words; --",
     "place", "r6b69746368656e", "*", "", " "],
)  # fmt: skip
async def test_nothing_that_is_typed_is_an_operator(vault, text):
    """Words in it are words: `OR` finds who said "or"."""
    await say(vault, "turn on the lamp", "open the door")
    found = await find(vault, text)
    assert found in ([], ["turn on the lamp"])
    assert await find(vault, "door") == ["open the door"]


async def test_pages_of_a_search(vault):
    await say(vault, *(f"lamp number {number}" for number in range(25)))
    found, cursor = [], None
    while True:
        query = Query(rooms=HERE, text="lamp", limit=10, cursor=cursor)
        page = await vault.async_page(query, at(NOW))
        found += [item.transcript for item in page.items]
        if (cursor := page.cursor) is None:
            break
    assert found == [f"lamp number {number}" for number in range(25)]


async def test_only_where_and_when_it_was_asked_for(vault):
    await say(vault, "kitchen lamp", "older kitchen lamp")
    await say(vault, "study lamp", room_id="study", outcome=Outcome.FALSE_WAKE)
    await say(vault, "secret lamp", room_id="secret")
    assert len(await find(vault, "lamp")) == 3
    assert await find(vault, "lamp", rooms=frozenset({"study"})) == ["study lamp"]
    assert await find(vault, "lamp", rooms=frozenset()) == []
    only = frozenset({Outcome.FALSE_WAKE})
    assert await find(vault, "lamp", outcomes=only) == ["study lamp"]
    assert await find(vault, "lamp", until=NOW) == ["older kitchen lamp"]
    assert len(await find(vault, "lamp", since=NOW)) == 2


async def test_what_is_gone_is_not_found(vault):
    kept = await say(vault, "one lamp", "two lamps", "three lamps")
    await vault.async_delete(Selection(ids=frozenset({kept[0]})))
    assert await find(vault, "lamp") == ["two lamps", "three lamps"]
    policies = {"kitchen": lambda _: verdict(None, 90)}
    await vault.async_purge(at(NOW), policies)
    assert await find(vault, "lamp") == ["two lamps"]
    assert await indexed(vault) == ["two lamps"]


async def test_what_was_really_said_is_found_too(vault):
    (kept,) = await say(vault, "turn on the lamb")
    await vault.async_label(kept, Label.WRONG_TEXT, "turn on the lamp")
    assert await find(vault, "lamp") == await find(vault, "lamb") == ["turn on the lamb"]
    await vault.async_label(kept, None)
    assert await find(vault, "lamp") == []


async def test_the_index_is_built_anew_after_a_restart(folder, vault, monkeypatch):
    """In pieces, in the background; what comes meanwhile is found as well."""
    from custom_components.earshot.vault import reader

    await say(vault, *(f"lamp {number}" for number in range(40)))
    await vault.async_close()
    monkeypatch.setattr(reader, "_PIECE", 3)
    again = await Vault.async_open(folder)
    first = await again.async_page(Query(rooms=HERE, text="lamp"), at(NOW))
    assert not first.complete
    await say(again, "late lamp", room_id="study")
    await again.async_delete(Selection(until=NOW - 30 * MINUTE))
    await ready(again)
    found = await find(again, "lamp")
    assert sorted(found) == sorted(["late lamp", *(f"lamp {number}" for number in range(31))])
    assert again.search_bytes > 0
    await again.async_close()


async def test_no_word_is_on_the_disk(vault, folder):
    await say(vault, "PLANTED-WORD in a sentence")
    assert await find(vault, "planted")
    for at_end in (False, True):
        everything = b"".join(contents(folder).values()).lower()
        assert b"planted" not in everything
        assert b"sentence" not in everything
        if not at_end:
            await vault.async_close()


async def test_a_sealed_room_is_found_only_by_who_unlocked_it(vault):
    pair = new_pair()
    await say(vault, "lamp before it was sealed", "another lamp")
    await say(vault, "study lamp", room_id="study")
    await vault.async_seal_room("kitchen", "seal-1", pair.public)
    await say(vault, "lamp after it was sealed")

    assert await find(vault, "lamp") == ["study lamp"]
    assert await indexed(vault) == ["study lamp"]

    unlocked = {"seal-1": pair.private}
    assert len(await find(vault, "lamp", unlocked)) == 4
    (new,) = await say(vault, "newest lamp")
    assert len(await find(vault, "lamp", unlocked)) == 5
    await vault.async_delete(Selection(ids=frozenset({new})))
    assert len(await find(vault, "lamp", unlocked)) == 4
    assert await find(vault, "lamp") == ["study lamp"]

    vault._reader._lock("seal-1")
    assert not vault._reader._unlocked
    assert await find(vault, "lamp") == ["study lamp"]


async def test_where_a_page_ends_tells_nothing_of_what_others_heard(vault, monkeypatch):
    """Else somebody could search for words in what was heard before they were a listener."""
    monkeypatch.setattr(reader, "_MANY", 4)
    for number in range(12):
        heard_by = frozenset({"anna"} if number % 6 else {"anna", "cleo"})
        at_ = NOW + number * MINUTE
        await vault.async_keep(capture(at=at_, audience=heard_by), verdict(None, None))
    await ready(vault)
    for text in ("lamp", None):
        query = Query(rooms=frozenset({"kitchen"}), text=text, listener="cleo", limit=1)
        first = await vault.async_page(query, at(NOW))
        second = await vault.async_page(replace(query, cursor=first.cursor), at(NOW))
        assert [len(first.items), len(second.items)] == [1, 1]
        assert second.cursor is None
        nobody = await vault.async_page(replace(query, listener="ben"), at(NOW))
        assert (nobody.items, nobody.cursor) == ((), None)
        everybody = await vault.async_page(replace(query, listener="anna", limit=20), at(NOW))
        assert len(everybody.items) == 12
