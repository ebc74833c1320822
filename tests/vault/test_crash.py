"""P5: killed at any step, the vault is whole again at the next start.

A child process does the work and kills itself with SIGKILL at step n, for every n until it gets
through. A step is an SQL statement or a call that changes what is on the disk.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from custom_components.earshot.vault.errors import CaptureSealedError, CaptureUnknownError
from custom_components.earshot.vault.model import VaultState
from custom_components.earshot.vault.store import Store
from custom_components.earshot.vault.views import Query

from .conftest import NOW, WORDS, at, capture, tone, verdict
from .dying import COPY, LATER, PRIVATE_KEY, without_waiting_for_the_disk

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """Go on at once: hundreds of starts would mostly wait for the disk."""
    without_waiting_for_the_disk(monkeypatch.setattr)


@pytest.fixture(scope="module")
def killed_at():
    """Return a function that does a work in a child, and says whether it died at that step."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.vault.dying"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as parent:

        def work(name, step, folder):
            parent.stdin.write(f"{name} {step} {folder}\n")
            parent.stdin.flush()
            answer = parent.stdout.readline().strip()
            assert answer in ("died", "done")
            return answer == "died"

        yield work
        parent.stdin.close()


def every_step(killed_at, tmp_path, prepared, work):
    """Yield the folder after each death, on a fresh copy of what was prepared."""
    for step in range(400):
        folder = tmp_path / "crash"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(prepared, folder)
        died = killed_at(work, step, folder)
        yield folder
        if not died:
            assert step > 10, "the steps are not counted"
            return
    pytest.fail("the work has no end")


def whole(store, folder):
    """Assert that keys, blobs and rows belong together, and that nothing is left half done."""
    rows = store._records.outline()
    with_audio = {row.id for row in rows if row.audio_bytes is not None}
    assert {path.name for path in (folder / "audio").iterdir()} == with_audio
    keys = {(row.id, "audio-key") for row in rows if row.audio_bytes is not None}
    keys |= {(row.id, "words-key") for row in rows if row.words_bytes is not None}
    notes = store._records.connection.execute(
        "SELECT id, label IS NOT NULL, reason IS NOT NULL FROM sealed JOIN captures USING (number)"
    ).fetchall()
    keys |= {(capture_id, "label-key") for capture_id, label, _ in notes if label}
    keys |= {(capture_id, "reason-key") for capture_id, _, reason in notes if reason}
    assert {(capture_id, str(purpose)) for capture_id, purpose in store._keys.all()} == keys
    assert store._records.doomed() == []
    assert store.state is VaultState.READY
    assert store.lost == 0
    assert {path.name.removesuffix("-wal").removesuffix("-shm") for path in folder.iterdir()} == {
        "lock", "house.key", "keys.db", "records.db", "audio",
    } | ({"sealed_rooms.json"} if store.seals else set())  # fmt: skip


def read(store, capture_id, now, private=None):
    """Open a capture beside the store, as it is done in life."""
    browser = store.browser()
    try:
        return browser.read(capture_id, at(now), private or {})
    finally:
        browser.close()


@pytest.fixture
def prepared(tmp_path):
    """Return a closed vault with an older capture in it."""
    folder = tmp_path / "prepared"
    store = Store.open(folder)
    store.older = store.keep(capture("study"), verdict(None, None))
    store.keep(capture("kitchen", pcm=tone(0.1)), verdict())
    store.keep(capture("kitchen", pcm=None), verdict())
    store.close()
    return folder


def test_while_it_is_made(killed_at, tmp_path):
    (tmp_path / "nothing").mkdir()

    for folder in every_step(killed_at, tmp_path, tmp_path / "nothing", "make"):
        store = Store.open(folder)
        whole(store, folder)
        assert store.keep(capture(), verdict())
        store.close()


def test_while_keeping(killed_at, tmp_path, prepared):
    """A capture is there whole or not at all, and the older ones are untouched."""

    seen = set()
    for folder in every_step(killed_at, tmp_path, prepared, "keep"):
        store = Store.open(folder)
        whole(store, folder)
        rows = store._records.outline("hall")
        seen.add(len(rows))
        for row in (*rows, *store._records.outline("study")):
            assert read(store, row.id, NOW).transcript == WORDS
            assert read(store, row.id, NOW).audio
        assert len(store._records.outline()) == 3 + len(rows)
        store.close()
    assert seen == {0, 1}


def test_while_purging(killed_at, tmp_path, prepared):
    """What was marked is gone after the start, and at the latest after the next purge."""

    for folder in every_step(killed_at, tmp_path, prepared, "purge"):
        store = Store.open(folder)
        whole(store, folder)
        assert len(store._records.outline("kitchen")) in (0, 2)
        store.purge(at(LATER), {}, 500)
        whole(store, folder)
        (row,) = store._records.outline()
        assert read(store, row.id, LATER).transcript == WORDS
        store.close()


def test_while_forgetting_everything(killed_at, tmp_path, prepared):
    """From the moment the order is on the disk, nothing kept before it can be read."""
    before = Store.open(prepared)
    ids = [row.id for row in before._records.outline()]
    before.close()
    old_key = (prepared / "house.key").read_bytes()

    seen = set()
    for folder in every_step(killed_at, tmp_path, prepared, "forget"):
        ordered = (folder / "forgetting").exists()
        store = Store.open(folder)
        whole(store, folder)
        left = len(store._records.outline())
        seen.add(left)
        assert left in (0, 3)
        if ordered:
            assert left == 0
        if left == 0:
            assert (folder / "house.key").read_bytes() != old_key
            for capture_id in ids:
                with pytest.raises(CaptureUnknownError):
                    read(store, capture_id, NOW)
        store.close()
    assert seen == {0, 3}


def test_while_deleting(killed_at, tmp_path, prepared):
    """Gone whole or there whole after the start; a stone is set for what is gone."""
    seen = set()
    for folder in every_step(killed_at, tmp_path, prepared, "delete"):
        store = Store.open(folder)
        whole(store, folder)
        left = len(store._records.outline("kitchen"))
        seen.add(left)
        assert left in (0, 2)
        browser = store.browser()
        assert len(browser.tombstones()) == 2 - left
        browser.close()
        store.close()
    assert seen == {0, 2}


def test_while_pinning_and_labelling(killed_at, tmp_path, prepared):
    """A note is there or not; the capture is never harmed."""
    seen = set()
    for folder in every_step(killed_at, tmp_path, prepared, "annotate"):
        store = Store.open(folder)
        whole(store, folder)
        browser = store.browser()
        page = browser.page(query := Query(rooms=frozenset({"kitchen"})), at(NOW), {},
                            browser.numbers(query, at(NOW)))  # fmt: skip
        assert [item.transcript for item in page.items] == [WORDS, WORDS]
        seen |= {(item.label, item.right_text) for item in page.items}
        seen |= {item.pin.reason for item in page.items if item.pin}
        browser.close()
        store.close()
    assert seen == {(None, None), ("wrong_text", "right"), ("not_for_you", None), "why"}


def test_while_sealing_a_room(killed_at, tmp_path, prepared):
    """Every capture opens with the house key or with the seal's, and at last only with that."""
    for folder in every_step(killed_at, tmp_path, prepared, "seal"):
        store = Store.open(folder)
        whole(store, folder)
        for row in store._records.outline():
            assert read(store, row.id, NOW, {"seal-1": PRIVATE_KEY}).transcript == WORDS
        for room_id in store.unfinished():
            store.rewrap(room_id, 0, 500)
        assert store.unfinished() == []
        if store.seals:
            for row in store._records.outline("kitchen"):
                with pytest.raises(CaptureSealedError):
                    read(store, row.id, NOW)
        store.close()


def test_while_saving_what_damage_left(killed_at, tmp_path, prepared):
    """However often it dies, the next start saves the same."""
    path = prepared / "records.db"
    with sqlite3.connect(path) as records:
        (page,) = records.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'captures_by_room'"
        ).fetchone()
    records.close()
    raw = bytearray(path.read_bytes())
    raw[(page - 1) * 4_096 : page * 4_096] = b"\xa5" * 4_096
    path.write_bytes(raw)

    for folder in every_step(killed_at, tmp_path, prepared, "mend"):
        store = Store.open(folder)
        whole(store, folder)
        for row in store._records.outline():
            assert read(store, row.id, NOW).transcript == WORDS
        assert len(store._records.outline()) == 3
        store.close()


def test_while_a_backup_is_made(killed_at, tmp_path, prepared):
    """The vault itself is untouched, and nothing of the copy is left after the next start."""
    for folder in every_step(killed_at, tmp_path, prepared, "back_up"):
        store = Store.open(folder, folder / COPY)
        whole(store, folder)
        rows = store._records.outline()
        assert len(rows) == 3
        assert {read(store, row.id, NOW).transcript for row in rows} == {WORDS}
        store.close()


def test_while_a_backup_is_taken_back(killed_at, tmp_path, prepared):
    """Everything that has its keys here is there in the end, however often the start was cut."""
    store = Store.open(prepared, prepared / COPY)
    store.begin_backup()
    store.close()
    for path in prepared.glob("records.db*"):
        path.unlink()
    shutil.rmtree(prepared / "audio")
    for folder in every_step(killed_at, tmp_path, prepared, "restore"):
        store = Store.open(folder, folder / COPY)
        whole(store, folder)
        rows = store._records.outline()
        assert len(rows) == 3
        assert {read(store, row.id, NOW).transcript for row in rows} == {WORDS}
        assert sum(row.audio_bytes is not None for row in rows) == 2
        store.close()
