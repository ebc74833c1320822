"""The deletion check's parts: what is looked for, and how files, archives and memory are searched.

They are told what is there by real files; the whole check is in test_marker.py.
"""

import gzip
import io
import json
import os
import random
import sqlite3
import tarfile
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

import pytest
from securetar import SecureTarArchive

from custom_components.earshot.traces import disk, memory, rows
from custom_components.earshot.traces.certificate import CERTIFICATES, Certificate, Certificates
from custom_components.earshot.traces.disk import Limits, Search, StoppedError, walk
from custom_components.earshot.traces.finding import Finding
from custom_components.earshot.traces.matcher import Matcher, Stream
from custom_components.earshot.traces.model import (
    Keeper,
    Kind,
    Needles,
    Report,
    State,
    Verdict,
    Why,
)
from custom_components.earshot.traces.needles import patterns
from custom_components.earshot.traces.places import (
    OUT_OF_REACH,
    Folders,
    Key,
    kept_by,
    out_of_reach,
    place_of,
)

MARK = b"zanzibar"
COMMON = frozenset({"kitchen", "please"})


@pytest.fixture
def home() -> None:
    """Do without the Home Assistant of the other tests."""


def limits(**values: Any) -> Limits:
    return Limits(**{"stopped": lambda: False} | values)


def found(path: Path, needles: Mapping[bytes, Kind] | None = None, **values: Any) -> Finding:
    search = Search(Matcher(needles or {MARK: Kind.WORDS}), limits(**values))
    search.file(path)
    return search.finding


def archive(path: Path, members: Mapping[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


# What is looked for


def test_the_whole_transcript_and_its_rare_words_are_looked_for() -> None:
    wanted = patterns(Needles(words=("Please add Zanzibar to the kitchen list.",)), COMMON)
    assert b"Please add Zanzibar to the kitchen list" in wanted
    assert {b"Zanzibar", b"zanzibar"} <= wanted.keys()
    assert not {b"Please", b"kitchen", b"list", b"add"} & wanted.keys()


@pytest.mark.parametrize("text", ["off", "", "  ", "..."])
def test_what_is_in_every_file_is_not_looked_for(text: str) -> None:
    assert all(len(needle) >= 40 for needle in patterns(Needles(words=(text,)), COMMON))


def test_words_are_looked_for_as_json_writes_them() -> None:
    wanted = patterns(Needles(words=('play "Zoë" now',)), COMMON)
    for written in (
        'play "Zoë" now'.encode(),
        json.dumps('play "Zoë" now')[1:-1].encode(),
        json.dumps('play "Zoë" now', ensure_ascii=False)[1:-1].encode(),
    ):
        assert written in wanted


def test_words_are_looked_for_with_a_capital_as_lists_write_them() -> None:
    assert b"Marzipan" in patterns(Needles(words=("add marzipan",)), COMMON)


# Streams


def test_what_lies_across_two_pieces_is_counted_once() -> None:
    text = b"." * 97 + MARK + b"." * 3 + MARK + MARK
    for size in range(1, len(text)):
        stream = Stream(Matcher({MARK: Kind.WORDS, b"nz": Kind.IDS}))
        for at in range(0, len(text), size):
            stream.feed(text[at : at + size])
        assert stream.hits == Counter({Kind.WORDS: 3, Kind.IDS: 3}), size


def test_thousands_are_found_as_surely_as_one() -> None:
    """The quick way of looking for many agrees with the plain one, wherever they lie."""
    chance = random.Random(7)
    marks = [chance.randbytes(12) for _ in range(5000)]
    buried = chance.sample(marks, 40)
    data = b"".join(chance.randbytes(chance.randrange(1, 40)) + mark for mark in buried)
    many = Matcher(dict.fromkeys(marks, Kind.FINGERPRINTS) | {b"abc": Kind.WORDS})
    for size in (13, 64, len(data)):
        stream = Stream(many)
        for at in range(0, len(data), size):
            stream.feed(data[at : at + size])
        assert stream.hits == {Kind.FINGERPRINTS: 40}
    assert not many.count(chance.randbytes(100_000))[Kind.FINGERPRINTS]


# Files


def test_a_file_is_searched_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "zanzibar.txt"
    path.write_bytes(b"." * 600_000 + MARK)
    assert found(path).hits == {Kind.WORDS: 2}


def test_what_cannot_be_read_is_never_clean(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("x", b"zanzibar")
    assert found(path).why is Why.PACKED
    path.write_bytes(gzip.compress(b"x" * 1000)[:-20])
    assert found(path).why is Why.UNREADABLE
    assert found(path).place(Key.OTHER_FILES).state is State.UNCHECKED


def test_a_file_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> int:
        raise PermissionError

    (tmp_path / "file").write_bytes(b"")
    with monkeypatch.context() as refused:
        refused.setattr(disk.os, "open", refuse)
        assert found(tmp_path / "file").why is Why.UNREADABLE


def test_a_pipe_does_not_hold_the_check(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert found(tmp_path / "pipe") == Finding()
    assert not walk([tmp_path], lambda _: "x", limits()).files


def test_a_backup_is_searched_through_both_of_its_shells(tmp_path: Path) -> None:
    inner = archive(tmp_path / "homeassistant.tar.gz", {"data/log": b"a" * 5000 + MARK}, "w:gz")
    outer = archive(tmp_path / "backup.tar", {"./homeassistant.tar.gz": inner.read_bytes()})
    assert found(outer) == Finding(hits=Counter({Kind.WORDS: 1}))


def test_a_member_is_found_by_its_name(tmp_path: Path) -> None:
    path = archive(tmp_path / "backup.tar", {"data/zanzibar": b"x"})
    assert found(path).hits == {Kind.WORDS: 1}


@pytest.mark.parametrize("version", [2, 3])
def test_an_encrypted_backup_could_not_be_checked(tmp_path: Path, version: int) -> None:
    (tmp_path / "secret").write_bytes(MARK)
    path = tmp_path / "backup.tar"
    with (
        SecureTarArchive(path, "w", create_version=version, password="x") as outer,
        outer.create_tar("./homeassistant.tar.gz", gzip=True) as inner,
    ):
        inner.add(tmp_path / "secret", "data/secret")
    assert found(path) == Finding(why=Why.ENCRYPTED)


def test_an_encrypted_backup_of_the_oldest_kind_could_not_be_checked(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "backup.tar", {"homeassistant.tar.gz": random.Random(1).randbytes(4096)}
    )
    assert found(path).why is Why.ENCRYPTED


def test_an_archive_without_end_is_left(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(8 * 1024 * 1024)))
    with pytest.raises(StoppedError) as stopped:
        found(path, max_bytes=1024 * 1024)
    assert stopped.value.why is Why.TOO_LARGE
    for _ in range(8):
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert found(path).why is Why.PACKED


@pytest.mark.parametrize(
    ("values", "why"),
    [({"stopped": lambda: True}, Why.STOPPED), ({"until": 0.0}, Why.OUT_OF_TIME)],
)
def test_a_search_ends_in_time(tmp_path: Path, values: dict[str, Any], why: Why) -> None:
    (tmp_path / "file").write_bytes(MARK)
    for search in (
        lambda: found(tmp_path / "file", **values),
        lambda: walk([tmp_path], lambda _: "x", limits(**values)),
    ):
        with pytest.raises(StoppedError) as stopped:
            search()
        assert stopped.value.why is why


def test_links_are_followed_and_circles_end(tmp_path: Path) -> None:
    elsewhere = tmp_path / "disk"
    elsewhere.mkdir()
    (elsewhere / "backup").write_bytes(b"x")
    config = tmp_path / "config"
    config.mkdir()
    (config / "backups").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(config)
    (config / "again").symlink_to(elsewhere / "backup")
    (config / "nowhere").symlink_to(tmp_path / "gone")
    tree = walk([config], lambda _: "x", limits())
    assert len(tree.files["x"]) == 1
    assert not tree.failed


def test_a_folder_that_cannot_be_listed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise PermissionError

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert walk([tmp_path], lambda _: "x", limits()).failed == {"x": Why.UNREADABLE}


def test_more_files_than_can_be_listed(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / str(number)).touch()
    with pytest.raises(StoppedError):
        walk([tmp_path], lambda _: "x", limits(max_files=3))


# Databases


@pytest.fixture
def database(tmp_path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(tmp_path / "history.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute('CREATE TABLE "a ""b" (id INTEGER PRIMARY KEY, text TEXT, raw BLOB)')
    return connection


def test_what_a_database_cuts_in_two_is_found(tmp_path: Path, database: sqlite3.Connection) -> None:
    """A row is cut at a length of its own: one of these is cut in the middle of the mark."""
    path = tmp_path / "history.db"
    cut = 0
    for after in range(4050, 4100):
        database.execute('DELETE FROM "a ""b"')
        text = "." * 3000 + MARK.decode() + "." * after
        database.execute('INSERT INTO "a ""b" VALUES (1, ?, ?)', (text, b""))
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cut += not found(path).hits
        assert rows.search(path, Matcher({MARK: Kind.WORDS}), limits()).hits == {Kind.WORDS: 1}
    assert cut


def test_a_long_look_into_a_database_can_be_stopped(
    tmp_path: Path, database: sqlite3.Connection
) -> None:
    database.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000)"
        ' INSERT INTO "a ""b" SELECT i, \'x\', NULL FROM n'
    )
    with pytest.raises(StoppedError):
        rows.search(tmp_path / "history.db", Matcher({MARK: Kind.WORDS}), limits(until=0.0))


def test_a_broken_database_is_not_clean(tmp_path: Path) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(rows.MAGIC + b"x" * 5000)
    assert rows.is_database(path)
    assert rows.search(path, Matcher({MARK: Kind.WORDS}), limits()).why is Why.UNREADABLE


# Places


FOLDERS = Folders(
    config=PurePath("/config"),
    vault=PurePath("/config/.cache/earshot"),
    speech_cache=PurePath("/config/tts"),
    debug_recordings=PurePath("/share/recordings"),
    recorder=PurePath("/data/history.db"),
    log=PurePath("/logs/ha.log"),
)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/config/.cache/earshot/records.db", Key.VAULT_DATABASE),
        ("/config/.cache/earshot/house.key", Key.VAULT_DATABASE),
        ("/config/.cache/earshot/keys.db-wal", Key.VAULT_LOG),
        ("/config/.cache/earshot/audio/0123", Key.VAULT_SOUND),
        ("/config/.cache/earshot/audio/0123.part", Key.VAULT_UNFINISHED),
        ("/config/.cache/earshot/audit.db", Key.VAULT_AUDIT),
        ("/config/.cache/earshot/new", Key.VAULT_OTHER),
        ("/config/tts/abc.mp3", Key.TTS_FILES),
        ("/share/recordings/a/b/c.wav", Key.DEBUG_RECORDINGS),
        ("/data/history.db-wal", Key.RECORDER),
        ("/config/home-assistant_v2.db-wal", Key.RECORDER),
        ("/config/home-assistant_v2.db.corrupt.2026", Key.RECORDER),
        ("/logs/ha.log.1", Key.LOG_FILES),
        ("/config/home-assistant.log.fault", Key.LOG_FILES),
        ("/config/.shopping_list.json", Key.LISTS),
        ("/config/.storage/local_todo.mine.ics", Key.LISTS),
        ("/config/.storage/trace.saved_traces", Key.TRACE_FILES),
        ("/config/.storage/core.restore_state", Key.STORAGE),
        ("/config/backups/x.tar", Key.BACKUPS),
        ("/config/zigbee.db", Key.OTHER_FILES),
        ("/config/.cache/other/file", Key.OTHER_FILES),
        ("/tmp/file", Key.TEMPORARY_FILES),
    ],
)
def test_every_file_has_a_place(path: str, key: Key) -> None:
    assert place_of(PurePath(path), FOLDERS) is key


def test_what_nobody_can_look_into_is_never_clean() -> None:
    for key in OUT_OF_REACH:
        assert out_of_reach(key).state is State.UNCHECKED
    assert kept_by(Key.VAULT_LOG) is Keeper.EARSHOT
    assert kept_by(Key.PIPELINE_RUNS) is Keeper.HOME_ASSISTANT
    assert kept_by(Key.OTHER_FILES) is Keeper.OTHER


# Reports


def report(**findings: Finding) -> Report:
    everywhere = {key: Finding() for key in Key} | {Key(k): v for k, v in findings.items()}
    return Report(
        tuple(
            out_of_reach(key) if key in OUT_OF_REACH else finding.place(key)
            for key, finding in everywhere.items()
        ),
        (Kind.WORDS,),
    )


HIT = Counter({Kind.WORDS: 1})


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ({}, Verdict.CLEAN),
        ({"recorder": Finding(why=Why.OUT_OF_TIME)}, Verdict.INCOMPLETE),
        ({"recorder": Finding(hits=HIT), "lists": Finding(why=Why.BUSY)}, Verdict.COPIES),
        ({"recorder": Finding(hits=HIT), "vault_log": Finding(hits=HIT)}, Verdict.FOUND),
    ],
)
def test_the_verdict_is_the_worst_of_all(findings: dict[str, Finding], verdict: Verdict) -> None:
    assert report(**findings).verdict is verdict


def test_the_verdict_comes_with_the_whole_list() -> None:
    told = report(recorder=Finding(hits=HIT)).as_dict()
    assert [place["place"] for place in told["places"]] == [key.value for key in Key]
    assert told["unchecked"] == len(OUT_OF_REACH)
    assert told["found"] == 1


def test_nothing_to_look_for_is_no_clean_house() -> None:
    assert Report(report().places, ()).verdict is Verdict.NOTHING


def test_certificates_are_kept_without_words_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Certificates(tmp_path)
    assert kept.all() == ()
    monkeypatch.setattr("custom_components.earshot.traces.certificate._KEPT", 3)
    when = datetime(2026, 11, 24, tzinfo=UTC)
    made = [
        Certificate.new(when, number, report(recorder=Finding(hits=HIT))) for number in range(5)
    ]
    for certificate in made:
        kept.add(certificate)
    assert kept.all() == tuple(made[2:])
    assert (tmp_path / CERTIFICATES).stat().st_mode & 0o777 == 0o600
    (tmp_path / CERTIFICATES).write_text('[{"id": 1}, 2]')
    assert kept.all() == ()


# Memory


@dataclass
class Run:
    data: Any
    again: Any = None


class Trace:
    def as_extended_dict(self) -> dict[str, Any]:
        return {"trigger": {"sentence": "to zanzibar"}}


@pytest.mark.parametrize(
    "value",
    [
        "zanzibar",
        b"zanzibar",
        {"a": [({"b": "in zanzibar"},)]},
        {"zanzibar": None},
        Run(data={"x": frozenset({"zanzibar"})}),
        Trace(),
        ValueError("zanzibar"),
    ],
)
def test_words_are_found_in_whatever_holds_them(value: Any) -> None:
    assert memory.search([1, None, value], Matcher({MARK: Kind.WORDS})).hits[Kind.WORDS]


def test_what_changes_while_it_is_read_is_not_clean() -> None:
    class Restless:
        def as_dict(self) -> dict[str, str]:
            raise RuntimeError("changed size during iteration")

    loop: list[Any] = []
    loop.append(loop)
    for value in (Restless(), loop):
        assert memory.search([value], Matcher({MARK: Kind.WORDS})).why is Why.CHANGED
