"""A store of the version before opens, and nothing in it is lost."""

import json
import sqlite3
from datetime import timedelta

import pytest

from custom_components.earshot.policy.retention import Outcome
from custom_components.earshot.vault import Query, Vault, VaultState
from custom_components.earshot.vault.crypto import Place, Purpose, new_key, seal, subkey

from .conftest import NOW, WORDS, at, verdict

RECORDS = """
CREATE TABLE captures (
    id TEXT PRIMARY KEY, room TEXT NOT NULL, started REAL NOT NULL, outcome TEXT NOT NULL,
    audio_bytes INTEGER, audio_expires REAL, words_bytes INTEGER, words_expires REAL,
    transcript BLOB, record BLOB, doomed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX captures_by_room ON captures (room, started);
PRAGMA user_version = 1;
"""
KEYS = """
CREATE TABLE house (key_id TEXT PRIMARY KEY, proof BLOB NOT NULL) STRICT;
CREATE TABLE keys (
    capture TEXT NOT NULL, purpose TEXT NOT NULL, wrapped BLOB NOT NULL,
    PRIMARY KEY (capture, purpose)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1;
"""
HOUSE_KEY = bytes(range(32))
KEY_ID = "0102030405060708"


@pytest.fixture
def old(folder):
    """Return the ids of three captures in a store as version 1 wrote it, two of the same moment."""
    (folder / "audio").mkdir(parents=True)
    (folder / "house.key").write_bytes(b"\x01" + bytes.fromhex(KEY_ID) + HOUSE_KEY)
    wrapping = subkey(HOUSE_KEY, "wrap")
    records, keys = (sqlite3.connect(folder / name) for name in ("records.db", "keys.db"))
    records.executescript(RECORDS)
    keys.executescript(KEYS)
    proof = seal(wrapping, b"", Place(purpose=Purpose.PROOF, key_id=KEY_ID))
    keys.execute("INSERT INTO house VALUES (?, ?)", (KEY_ID, proof))
    ids = [letter * 32 for letter in "abc"]
    for number, capture_id in enumerate(ids):

        def place(purpose, capture_id=capture_id):
            return Place(purpose=purpose, capture_id=capture_id, room_id="kitchen", key_id=KEY_ID)

        audio_key, words_key = new_key(), new_key()
        blob = seal(audio_key, b"fLaC sound", place(Purpose.AUDIO))
        (folder / "audio" / capture_id).write_bytes(blob)
        transcript = seal(words_key, WORDS.encode(), place(Purpose.TRANSCRIPT))
        record = seal(words_key, json.dumps({"intent": "x"}).encode(), place(Purpose.RECORD))
        started = (NOW - timedelta(minutes=number // 2)).timestamp()
        records.execute(
            "INSERT INTO captures VALUES (?, 'kitchen', ?, 'understood', ?, ?, ?, NULL, ?, ?, 0)",
            (capture_id, started, len(blob), started + 3_600, len(record), transcript, record),
        )
        for purpose, key in ((Purpose.AUDIO_KEY, audio_key), (Purpose.WORDS_KEY, words_key)):
            keys.execute(
                "INSERT INTO keys VALUES (?, ?, ?)",
                (capture_id, purpose, seal(wrapping, key, place(purpose))),
            )
    for connection in (records, keys):
        connection.commit()
        connection.close()
    return ids


async def test_everything_is_there_as_it_was(folder, old):
    vault = await Vault.async_open(folder)
    assert vault.state is VaultState.READY
    assert (vault.lost, vault.lost_captures) == (0, 0)
    for number, capture_id in enumerate(old):
        read = await vault.async_read(capture_id, at(NOW))
        assert (read.transcript, read.audio, read.record) == (WORDS, b"fLaC sound", {"intent": "x"})
        assert read.started == NOW - timedelta(minutes=number // 2)
        assert read.outcome is Outcome.UNDERSTOOD
        assert read.audio_expires == read.started + timedelta(hours=1)
        assert read.audience == frozenset()
    page = await vault.async_page(Query(rooms=frozenset({"kitchen"})), at(NOW))
    assert {item.id for item in page.items} == set(old)
    assert all(item.peaks is None and item.transcript == WORDS for item in page.items)
    assert (await vault.async_purge(at(NOW + timedelta(hours=2)))).audio == 3
    await vault.async_close()

    again = await Vault.async_open(folder)
    assert (await again.async_usage())["kitchen"].captures == 3
    await again.async_close()


async def test_words_do_not_stay_behind_in_pages_of_the_old_form(folder, old):
    """What was moved is not left where it was: else deleting would miss it."""
    with sqlite3.connect(folder / "records.db") as records:
        sealed = [it for row in records.execute("SELECT transcript, record FROM captures")
                  for it in row]  # fmt: skip
    records.close()
    vault = await Vault.async_open(folder)
    assert (await vault.async_purge(at(NOW), {"kitchen": lambda _: verdict(0, 0)})).captures == 3
    await vault.async_close()
    left = b"".join(path.read_bytes() for path in folder.rglob("*.db*"))
    assert [it for it in sealed if it in left] == []
