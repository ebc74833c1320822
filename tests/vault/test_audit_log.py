"""P7: the log. Nothing is edited, dropped, moved or cut off in it without being noticed."""

import hashlib
import secrets
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.earshot.policy.clock import Moment
from custom_components.earshot.vault.audit.line import Actor, Line, Verb, head
from custom_components.earshot.vault.audit.log import DAMAGED, AuditError, AuditLog, New
from custom_components.earshot.vault.audit.rows import AUDIT
from custom_components.earshot.vault.keys import HOUSE_KEY

from .conftest import contents

NOW = Moment(datetime(2026, 11, 23, 12, tzinfo=UTC), "boot", 100.0)
ANN = Actor("a" * 32, "5" * 32, "user")


def new_house_key(folder) -> None:
    (folder / HOUSE_KEY).write_bytes(b"\x01" + secrets.token_bytes(40))


@pytest.fixture
def folder(tmp_path):
    new_house_key(tmp_path)
    return tmp_path


def played(number: int, room: str = "kitchen") -> New:
    return New(Verb.PLAYED, ANN, room, f"{number:032x}")


def turned(_number: int) -> New:
    return New(Verb.POLICY_CHANGED, ANN, "kitchen", "audio", "7_days>30_days")


def filled(folder, lines: int = 20, new=played, **options) -> AuditLog:
    log = AuditLog.open(folder, NOW, None, **options)
    for number in range(lines):
        log.append(new(number), NOW)
    return log


def edit(folder, *statements: str) -> None:
    with closing(sqlite3.connect(folder / AUDIT)) as connection:
        for statement in statements:
            connection.executescript(statement)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def broken_at(folder) -> int | None:
    """Open the log anew and check it."""
    log = AuditLog.open(folder, NOW, None)
    try:
        return log.verify().broken_at
    finally:
        log.close()


def test_lines_come_back_newest_first_for_those_who_may_see_them(folder) -> None:
    log = AuditLog.open(folder, NOW, None)
    log.append(played(1), NOW)
    log.append(played(2, "bedroom"), NOW)
    (line,) = log.append(New(Verb.DELETED, Actor(name="voice"), detail="everything"), NOW)
    assert (line.seq, line.when, line.boot_id) == (3, NOW.wall, "boot")
    assert [it.seq for it in log.lines(None, None, 10)] == [3, 2, 1]
    assert [it.seq for it in log.lines(frozenset({"kitchen"}), None, 10)] == [3, 1]
    assert [it.seq for it in log.lines(frozenset(), None, 10)] == [3]
    assert [it.seq for it in log.lines(None, 3, 1)] == [2]
    assert log.lines(None, 2, 1) == [
        Line(
            seq=1, chain=log.tip.chain, time_ms=1_795_435_200_000, boot_id="boot", actor=ANN,
            verb=Verb.PLAYED, room_id="kitchen", target=f"{1:032x}",
        )
    ]  # fmt: skip
    log.close()


def test_an_untouched_log_is_whole_also_after_many_starts(folder) -> None:
    filled(folder, 3).close()
    for number in range(3):
        log = AuditLog.open(folder, NOW, None)
        log.append(played(number), NOW)
        log.close()
    log = AuditLog.open(folder, NOW, None)
    seen = log.verify(frozenset({2, 6}))
    assert (seen.first, seen.last, seen.broken_at, seen.unkeyed) == (1, 6, None, 0)
    assert seen.heads[6] == (log.tip.chain, log.tip.head)
    assert set(seen.heads) == {2, 6}
    log.close()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE lines SET user = 'bbbb' WHERE seq = 7", 7),
        ("UPDATE lines SET verb = 'locked' WHERE seq = 7", 7),
        ("UPDATE lines SET time_ms = time_ms + 1 WHERE seq = 7", 7),
        ("UPDATE lines SET room = 'hall' WHERE seq = 20", 20),
        ("UPDATE lines SET room = '', target = room || target WHERE seq = 7", 7),
        ("UPDATE lines SET verb = 'something else' WHERE seq = 7", 7),
        ("UPDATE lines SET proof = zeroblob(32) WHERE seq = 7", 7),
        ("DELETE FROM lines WHERE seq = 7", 7),
        ("DELETE FROM lines WHERE seq = 1", 1),
        ("DELETE FROM lines WHERE seq = 7; UPDATE lines SET seq = seq - 1 WHERE seq > 7", 7),
        ("UPDATE lines SET seq = 99 WHERE seq = 7; UPDATE lines SET seq = 7 WHERE seq = 8;"
         "UPDATE lines SET seq = 8 WHERE seq = 99", 7),
        ("DELETE FROM lines WHERE seq > 15", 16),
        ("DELETE FROM lines WHERE seq > 15; UPDATE tip SET seq = 15, head ="
         " (SELECT previous FROM lines WHERE seq = 15)", 16),
        ("DELETE FROM lines", 1),
        ("DELETE FROM lines; UPDATE tip SET seq = 0, head = zeroblob(32)", 1),
        ("UPDATE tip SET key = zeroblob(32)", 21),
        ("UPDATE tip SET chain = 'other'", 21),
        ("DELETE FROM chains", 1),
        ("UPDATE chains SET sealed = NULL", 1),
        ("UPDATE chains SET sealed = zeroblob(61)", 1),
        ("UPDATE chains SET after_seq = 5; DELETE FROM lines WHERE seq <= 5", 6),
        ("INSERT INTO chains VALUES ('ffff', 9, zeroblob(32), NULL, NULL)", 10),
    ],
)  # fmt: skip
def test_whatever_is_changed_is_found(folder, change: str, found: int) -> None:
    """P7: edit, drop, reorder, truncate: each detected, and where."""
    filled(folder).close()
    assert broken_at(folder) is None
    edit(folder, change)
    assert broken_at(folder) == found


def test_who_has_the_log_but_not_the_house_key_cannot_make_an_old_line_anew(folder) -> None:
    """Edit, rehash all after it, and set the head: everything fits but the proofs."""
    log = filled(folder)
    with closing(sqlite3.connect(folder / AUDIT)) as connection:
        connection.execute("UPDATE lines SET user = 'bbbb' WHERE seq = 7")
        connection.commit()
    at_head = None
    lines = sorted(log.lines(None, None, 100), key=lambda line: line.seq)
    log.close()
    with closing(sqlite3.connect(folder / AUDIT)) as connection:
        for line in lines:
            previous, proof = connection.execute(
                "SELECT previous, proof FROM lines WHERE seq = ?", (line.seq,)
            ).fetchone()
            previous = at_head or previous
            connection.execute("UPDATE lines SET previous = ? WHERE seq = ?", (previous, line.seq))
            at_head = head(line.body(previous), proof)
        connection.execute("UPDATE tip SET head = ?", (at_head,))
        connection.commit()
    assert broken_at(folder) == 7


def test_the_key_of_a_line_is_nowhere_once_the_line_is_written(folder) -> None:
    """It would let whoever takes the disk write that line anew; SQLite keeps old pages too."""
    log = filled(folder)
    keys = []
    for number in range(5):
        keys.append(log.tip.key)
        log.append(played(number), NOW)
    assert any(log.tip.key in content for content in contents(folder).values())
    for key in keys:
        for path, content in contents(folder).items():
            assert key not in content, path.name
    assert keys[1] == hashlib.sha256(b"earshot/1/step" + keys[0]).digest()
    log.close()


def test_a_missing_log_begins_anew_and_says_so(folder) -> None:
    """Something else remembers its chain; with the same house key only the log was taken."""
    log = filled(folder)
    chain = log.tip.chain
    log.close()
    (folder / AUDIT).unlink()
    log = AuditLog.open(folder, NOW, chain)
    (line,) = log.lines(None, None, 10)
    assert (line.verb, line.detail, line.target) == (Verb.RESTORED, "log_missing", chain)
    assert log.tip.chain != chain
    log.append(played(1), NOW)
    assert log.verify().broken_at == 1
    new_house_key(folder)
    log.append(played(2), NOW)
    assert log.verify().broken_at is None
    log.close()


def test_after_a_restore_a_new_chain_begins_without_an_alarm(folder) -> None:
    """The vault is not in any backup: house key and log are gone together."""
    log = filled(folder)
    chain = log.tip.chain
    log.close()
    (folder / AUDIT).unlink()
    new_house_key(folder)
    log = AuditLog.open(folder, NOW, chain)
    (line,) = log.lines(None, None, 10)
    assert (line.verb, line.detail, line.target) == (Verb.RESTORED, "restored", chain)
    seen = log.verify()
    assert (seen.broken_at, seen.last, seen.unkeyed) == (None, 1, 0)
    log.close()


def test_the_first_log_of_all_begins_without_a_line(folder) -> None:
    log = AuditLog.open(folder, NOW, None)
    assert log.lines(None, None, 10) == []
    assert log.verify().broken_at is None
    log.close()


@pytest.mark.parametrize("lines", [0, 20])
def test_with_another_house_key_a_new_chain_goes_on_and_says_so(folder, lines: int) -> None:
    """Old lines are held by the heads that follow; that their keys are lost is told."""
    log = filled(folder, lines)
    chain = log.tip.chain
    new_house_key(folder)
    restored, line = log.append(played(99), NOW)
    assert (restored.verb, restored.detail, restored.target) == (
        Verb.RESTORED, "house_key_new", chain,
    )  # fmt: skip
    assert (line.seq, line.verb) == (lines + 2, Verb.PLAYED)
    seen = log.verify()
    assert (seen.broken_at, seen.unkeyed, seen.last) == (None, lines, lines + 2)
    log.close()
    if lines:
        edit(folder, "UPDATE lines SET user = 'bbbb' WHERE seq = 7")
        assert broken_at(folder) == 8


def test_a_lost_house_key_stops_no_line_and_is_told(folder) -> None:
    log = filled(folder)
    (folder / HOUSE_KEY).unlink()
    log.append(played(99), NOW)
    seen = log.verify()
    assert (seen.broken_at, seen.last, seen.unkeyed) == (None, 21, 21)
    log.close()
    edit(folder, "UPDATE lines SET user = 'bbbb' WHERE seq = 7")
    assert broken_at(folder) == 8


def test_a_key_that_was_taken_away_is_no_excuse_while_the_house_key_is_there(folder) -> None:
    """Else whoever rewrites the log would only have to make its lines ones without keys."""
    log = filled(folder)
    tip = log.tip
    log.close()
    edit(folder, f"UPDATE chains SET sealed = NULL WHERE id = '{tip.chain}'")
    assert broken_at(folder) == 1


def test_a_damaged_log_is_put_aside_and_a_new_one_says_so(folder) -> None:
    log = filled(folder)
    chain = log.tip.chain
    log.close()
    (folder / AUDIT).write_bytes(b"damaged" * 1000)
    log = AuditLog.open(folder, NOW, chain)
    (line,) = log.lines(None, None, 10)
    assert (line.verb, line.detail) == (Verb.RESTORED, "log_damaged")
    assert (folder / DAMAGED).read_bytes().startswith(b"damaged")
    assert log.verify().broken_at == 1
    log.close()


def test_on_a_full_disk_there_is_no_line_and_it_is_told(folder) -> None:
    """SECURITY: no line, no listen. The key does not step either, so the log goes on whole."""
    log = filled(folder)
    pages = log._rows._connection.execute("PRAGMA page_count").fetchone()[0]
    log._rows._connection.execute(f"PRAGMA max_page_count = {pages}")
    written = 0
    with suppress(AuditError):
        while written < 1000:
            log.append(played(written), NOW)
            written += 1
    assert written < 1000
    with pytest.raises(AuditError, match="full"):
        log.append(played(1), NOW)
    assert log.count() == 20 + written
    assert log.verify().broken_at is None
    log._rows._connection.execute("PRAGMA max_page_count = 100000")
    log.append(played(1), NOW)
    assert log.verify().last == 21 + written
    log.close()


def test_old_lines_are_left_out_and_the_rest_can_still_be_checked(folder) -> None:
    log = filled(folder, 400, turned, kept_lines=100)
    assert log.trim(None) == 300
    assert log.trim(None) == 0
    seen = log.verify()
    assert (seen.first, seen.last, seen.broken_at, seen.unkeyed) == (301, 400, None, 0)
    log.append(played(1), NOW)
    assert log.verify().broken_at is None
    log.close()
    edit(folder, "UPDATE lines SET user = 'bbbb' WHERE seq = 301")
    assert broken_at(folder) == 301


def test_no_other_lines_push_out_those_of_listening(folder) -> None:
    """Whoever listened could turn a switch to and fro until nobody can see it; up to four times
    the lines, as a disk has an end."""
    log = filled(folder, 4, turned, kept_lines=10)
    log.append(played(1), NOW)
    for number in range(290):
        log.append(turned(number), NOW)
    assert log.trim(None) == 4
    assert [it.verb for it in log.lines(None, 6, 9)] == [Verb.PLAYED]
    assert (log.verify().first, log.verify().broken_at) == (5, None)
    log.append(turned(0), NOW)
    assert log.trim(None) == 0, "not a few at each line"
    for number in range(7):
        log.append(turned(number), NOW)
    assert log.trim(None) == 259
    assert (log.count(), log.verify().broken_at) == (40, None)
    log.close()


def test_what_was_taken_back_is_no_listening(folder) -> None:
    """The line before a microphone is opened stays; who asks whether anybody listened is told."""
    log = AuditLog.open(folder, NOW, None)
    for turn in ("1" * 16, "2" * 16):
        log.append(New(Verb.OPENED, ANN, "kitchen", turn, "asked"), NOW)
    log.append(New(Verb.NOT_OPENED, Actor(name="satellite"), "bedroom", "1" * 16), NOW)
    assert [it.seq for it in log.listens(None, None, 10)] == [2, 1], "of another room"
    log.append(New(Verb.NOT_OPENED, Actor(name="satellite"), "kitchen", "1" * 16), NOW)
    log.append(played(1, "bedroom"), NOW)
    log.append(turned(1), NOW)
    log.append(New(Verb.LISTENING, room_id="kitchen"), NOW)
    assert [it.seq for it in log.listens(None, None, 10)] == [7, 5, 2]
    assert [it.seq for it in log.listens(frozenset({"kitchen"}), None, 10)] == [7, 2]
    assert [it.seq for it in log.listens(None, 7, 1)] == [5]
    assert len(log.lines(None, None, 10)) == 7
    log.append(New(Verb.OPENED, ANN, "kitchen", "1" * 16, "asked"), NOW)
    assert log.listens(None, None, 1)[0].seq == 8, "nothing is taken back before it is said"
    log.close()


def test_lines_older_than_a_year_go_but_the_last(folder) -> None:
    log = filled(folder, 10)
    later = Moment(NOW.wall + timedelta(days=200), "boot", 0.0)
    for number in range(10):
        log.append(played(number), later)
    assert log.trim(Moment(NOW.wall + timedelta(days=364), "boot", 0.0)) == 0
    assert log.trim(Moment(NOW.wall + timedelta(days=367), "boot", 0.0)) == 10
    assert (log.verify().first, log.verify().broken_at) == (11, None)
    assert log.trim(Moment(NOW.wall + timedelta(days=4000), "boot", 0.0)) == 9
    assert (log.count(), log.verify().broken_at) == (1, None)
    log.close()


@pytest.mark.parametrize("cut", [50, 61])
def test_what_was_wrong_is_not_forgotten_with_the_lines(folder, cut: int) -> None:
    """The finding is sealed with the key: 61 is the first line of a second chain."""
    log = filled(folder, 60, turned)
    new_house_key(folder)
    for number in range(360 - 60 - 1):
        log.append(turned(number), NOW)
    log.close()
    edit(folder, "UPDATE lines SET user = 'bbbb' WHERE seq = 7")
    log = AuditLog.open(folder, NOW, None, kept_lines=360 - cut)
    assert log.verify().broken_at == 8
    object.__setattr__(log, "_kept_lines", 1)
    assert log.trim(None) == 359
    assert (log.count(), log.verify().broken_at) == (1, 8)
    log.close()
    edit(folder, "UPDATE chains SET broken_at = NULL")
    assert broken_at(folder) is not None


def test_front_lines_cannot_be_left_out_by_somebody_else(folder) -> None:
    """An older copy of where the log begins does not fit newer lines."""
    log = filled(folder, 300, kept_lines=10)
    shutil.copy(folder / AUDIT, folder / "copy.db")
    log.trim(None)
    log.close()
    edit(folder, "DELETE FROM lines WHERE seq <= 295; UPDATE chains SET after_seq = 295,"
         " after_head = (SELECT previous FROM lines WHERE seq = 296)")  # fmt: skip
    assert broken_at(folder) == 296


@pytest.mark.parametrize(
    "new",
    [
        New(Verb.PLAYED, ANN, "kitchen", "turn on the light"),
        New(Verb.PLAYED, ANN, "kitchen", "a/b"),
        New(Verb.PLAYED, ANN, "kitchen", "x" * 65),
        New(Verb.PLAYED, ANN, "kitchen", detail="Turn on the light"),
        New(Verb.PLAYED, ANN, "the kitchen"),
        New(Verb.PLAYED, Actor("Ann Smith", None, "user")),
        New(Verb.PLAYED, Actor("a" * 32, "x\n", "user")),
    ],
)
def test_a_line_has_no_room_for_words(folder, new: New) -> None:
    log = filled(folder, 1)
    with pytest.raises(ValueError, match=r"a line"):
        log.append(new, NOW)
    assert log.count() == 1
    log.append(played(1), NOW)
    assert log.verify().broken_at is None
    log.close()
