"""A damaged page costs what was on it, and no more; it is told how much that was."""

import sqlite3
from datetime import timedelta

import pytest

from custom_components.earshot.vault import Query, Vault, VaultState

from .conftest import NOW, WORDS, at, capture, contents, tone, verdict
from .test_pins import pin

PAGE = 4_096
COUNT = 300
KITCHEN = frozenset({"kitchen"})


@pytest.fixture
async def kept(folder):
    """Return the ids of some hundred captures in a closed vault, oldest first."""
    vault = await Vault.async_open(folder)
    ids = [
        await vault.async_keep(
            capture(at=NOW + timedelta(seconds=number), pcm=tone(0.01)), verdict(None, 86_400)
        )
        for number in range(COUNT)
    ]
    await vault.async_pin(ids[7], pin())
    await vault.async_close()
    return ids


def pages_of(path, table):
    """Return the numbers of the pages of a table or index that hold its rows, without its root."""
    with sqlite3.connect(path) as database:
        (root,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()
    database.close()
    raw = path.read_bytes()

    def page(number):
        return raw[(number - 1) * PAGE : number * PAGE]

    top = page(root)
    assert top[0] in (2, 5), "the table is too small for more than one page"
    cells = int.from_bytes(top[3:5], "big")
    at_ = [int.from_bytes(top[12 + 2 * n : 14 + 2 * n], "big") for n in range(cells)]
    return [int.from_bytes(top[it : it + 4], "big") for it in at_]


def spoil(path, *numbers):
    raw = bytearray(path.read_bytes())
    for number in numbers:
        raw[(number - 1) * PAGE : number * PAGE] = b"\xa5" * PAGE
    path.write_bytes(raw)


async def readable(vault):
    """Return the ids of all captures whose words can be read."""
    found, cursor = set(), None
    while True:
        page = await vault.async_page(Query(rooms=KITCHEN, cursor=cursor), at(NOW))
        found |= {item.id for item in page.items if item.transcript == WORDS}
        if (cursor := page.cursor) is None:
            return found


async def whole(vault, folder):
    """Assert that nothing is left without the rest of it."""
    blobs = {it.name for it in (folder / "audio").iterdir()}
    rows = await vault._run(vault._store._records.outline)
    assert {it.id for it in rows if it.audio_bytes is not None} == blobs
    keys = await vault._run(vault._store._keys.all)
    assert {it for it, _ in keys} == {it.id for it in rows}
    assert not list(folder.glob("*.saved*"))


@pytest.mark.parametrize("which", [0, 2, -1])
async def test_a_page_of_captures(folder, kept, which):
    spoil(folder / "records.db", pages_of(folder / "records.db", "captures")[which])
    vault = await Vault.async_open(folder)
    assert vault.state is VaultState.READY
    found = await readable(vault)
    assert 0 < COUNT - len(found) < 60
    assert vault.lost_captures == COUNT - len(found)
    assert vault.lost == 0
    await whole(vault, folder)
    pins = await vault.async_pins()
    assert [it.id for it, _ in pins] == ([kept[7]] if kept[7] in found else [])
    new = await vault.async_keep(capture(), verdict())
    assert (await vault.async_read(new, at(NOW))).transcript == WORDS
    await vault.async_close()
    again = await Vault.async_open(folder)
    assert (again.lost, again.lost_captures) == (0, 0)
    assert await readable(again) == found | {new}
    await again.async_close()


async def test_several_pages_at_once(folder, kept):
    pages = pages_of(folder / "records.db", "captures")
    spoil(folder / "records.db", *pages[1:4])
    vault = await Vault.async_open(folder)
    found = await readable(vault)
    assert len(found) > COUNT / 3
    assert vault.lost_captures == COUNT - len(found)
    await whole(vault, folder)
    await vault.async_close()


async def test_a_page_of_sealed_words_costs_the_words(folder, kept):
    """The sound of those captures is still there."""
    spoil(folder / "records.db", pages_of(folder / "records.db", "sealed")[1])
    vault = await Vault.async_open(folder)
    assert vault.state is VaultState.READY
    found = await readable(vault)
    assert 0 < COUNT - len(found) < 20
    assert vault.lost == COUNT - len(found)
    assert vault.lost_captures == 0
    for capture_id in set(kept) - found:
        assert (await vault.async_read(capture_id, at(NOW))).audio
    await whole(vault, folder)
    await vault.async_close()


@pytest.mark.parametrize("index", ["captures_by_room", "sqlite_autoindex_captures_1"])
async def test_a_page_of_an_index_costs_nothing(folder, kept, index):
    spoil(folder / "records.db", pages_of(folder / "records.db", index)[0])
    vault = await Vault.async_open(folder)
    assert await readable(vault) == set(kept)
    assert (vault.lost, vault.lost_captures) == (0, 0)
    await whole(vault, folder)
    await vault.async_close()


async def test_a_page_of_keys(folder, kept):
    """A capture without its keys is gone; the others keep theirs."""
    spoil(folder / "keys.db", pages_of(folder / "keys.db", "keys")[1])
    vault = await Vault.async_open(folder)
    assert vault.state is VaultState.READY
    found = await readable(vault)
    assert 0 < COUNT - len(found) < 60
    assert vault.lost > 0
    await whole(vault, folder)
    await vault.async_close()


async def test_what_was_lost_leaves_no_byte(folder, kept):
    page = pages_of(folder / "records.db", "captures")[2]
    with sqlite3.connect(folder / "keys.db") as keys:
        wrapped = dict(
            keys.execute("SELECT capture, wrapped FROM keys WHERE purpose = 'words-key'")
        )
    keys.close()
    spoil(folder / "records.db", page)
    vault = await Vault.async_open(folder)
    gone = set(kept) - await readable(vault)
    assert gone
    on_disk = b"".join(contents(folder).values())
    assert [it for it in gone if wrapped[it] in on_disk or it.encode() in on_disk] == []
    await vault.async_close()


async def test_another_house_key_saves_nothing(folder, kept):
    """Damaged keys are not taken over by a key that opens none of them."""
    spoil(folder / "keys.db", pages_of(folder / "keys.db", "keys")[1])
    raw = bytearray((folder / "house.key").read_bytes())
    raw[-1] ^= 1
    (folder / "house.key").write_bytes(raw)
    vault = await Vault.async_open(folder)
    assert vault.state is VaultState.KEY_LOST
    assert len(list((folder / "audio").iterdir())) == COUNT
    await vault.async_close()


@pytest.mark.parametrize("older", ["records.db", "keys.db"])
async def test_one_database_older_than_the_other(folder, older):
    """As after copying back half of a backup: what both know is kept, nothing comes back."""
    vault = await Vault.async_open(folder)
    first = await vault.async_keep(capture(), verdict(None, None))
    deleted = await vault.async_keep(capture(), verdict(None, None))
    await vault.async_close()
    before = (folder / older).read_bytes()

    vault = await Vault.async_open(folder)
    from custom_components.earshot.vault import Selection

    await vault.async_delete(Selection(ids=frozenset({deleted})))
    await vault.async_keep(capture(), verdict(None, None))
    await vault.async_close()
    (folder / older).write_bytes(before)

    vault = await Vault.async_open(folder)
    assert vault.state is VaultState.READY
    assert await readable(vault) == {first}
    await whole(vault, folder)
    await vault.async_close()
