"""A small process that does the vault's work in children which die at a given step.

It is a process of its own because a child of a test process would inherit locks that other threads
hold. It reads lines "work step folder" and answers each with "died", "done" or "failed".
"""

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from custom_components.earshot.vault import database
from custom_components.earshot.vault.sealed_rooms import RoomSeal
from custom_components.earshot.vault.sealing import public_of
from custom_components.earshot.vault.store import Store
from custom_components.earshot.vault.views import Label, Pin, Selection

from .conftest import NOW, at, capture, tone, verdict

LATER = NOW + timedelta(hours=3)
DEADLINE_S = 20
_READING = (
    "SELECT", "WITH", "BEGIN", "ATTACH", "DETACH", "PRAGMA synchronous", "PRAGMA secure_delete",
    "PRAGMA foreign_keys", "PRAGMA temp_store", "PRAGMA quick_check", "PRAGMA user_version",
    "PRAGMA query_only",
)  # fmt: skip
"""Statements that leave the disk as it is when they are in no transaction."""

COPY = "copy"
"""Of the sealed records, for a backup; in life beside the vault, here below it."""

PRIVATE_KEY = bytes(range(32))
PUBLIC_KEY = public_of(PRIVATE_KEY)


def make(folder: Path) -> None:
    Store.open(folder).close()


def keep(folder: Path) -> None:
    Store.open(folder).keep(capture("hall", pcm=tone(0.2)), verdict())


def purge(folder: Path) -> None:
    Store.open(folder).purge(at(LATER), {}, 500)


def forget(folder: Path) -> None:
    Store.open(folder).delete_all()


def delete(folder: Path) -> None:
    Store.open(folder).delete(Selection(rooms=frozenset({"kitchen"}), pinned=True), NOW, 500)


def annotate(folder: Path) -> None:
    store = Store.open(folder)
    (first, second) = store._records.outline("kitchen")
    store.pin(first.id, Pin(until=LATER, made=NOW, by="ada", reason="why"))
    store.label(second.id, Label.WRONG_TEXT, "right")
    store.label(second.id, Label.NOT_FOR_YOU, None)
    store.unpin(first.id)


def seal(folder: Path) -> None:
    store = Store.open(folder)
    store.seal_room("kitchen", RoomSeal("seal-1", PUBLIC_KEY))
    store.rewrap("kitchen", 0, 500)


def mend(folder: Path) -> None:
    """Open a vault whose database is damaged."""
    Store.open(folder)


def back_up(folder: Path) -> None:
    store = Store.open(folder, folder / COPY)
    store.begin_backup()
    store.end_backup()


def restore(folder: Path) -> None:
    """Open a vault whose rows and sound are in the copy alone."""
    Store.open(folder, folder / COPY)


WORKS = {work.__name__: work for work in (
    make, keep, purge, forget, delete, annotate, seal, mend, back_up, restore,
)}  # fmt: skip


def _count_down(step: int) -> None:
    """Kill this process before it changes the disk for the n-th time.

    What only reads, and what a transaction has not committed, leaves the disk as it was before, so
    it is no step; nor is a sync, as a killed process loses nothing that it handed to the system.
    """
    left = step

    def tick() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def ticking(function):
        def call(*args, **kwargs):
            tick()
            return function(*args, **kwargs)

        return call

    for name in ("replace", "unlink", "mkdir", "rmdir", "link"):
        setattr(os, name, ticking(getattr(os, name)))
    opened = os.open

    def opening(path, flags, *args, **kwargs):
        if flags & (os.O_WRONLY | os.O_RDWR):
            tick()
        return opened(path, flags, *args, **kwargs)

    os.open = opening
    connect = sqlite3.connect

    def traced(*args, **kwargs):
        connection = connect(*args, **kwargs)

        def trace(statement: str) -> None:
            if _changes_the_disk(statement, in_transaction=connection.in_transaction):
                tick()

        connection.set_trace_callback(trace)
        return connection

    sqlite3.connect = traced


def _changes_the_disk(statement: str, *, in_transaction: bool) -> bool:
    if in_transaction:
        return statement.startswith("COMMIT")
    return not statement.startswith(_READING)


def without_waiting_for_the_disk(set_to: Callable[[object, str, object], None]) -> None:
    """Have nobody wait for the disk: what a killed process wrote is in the system, and stays."""
    set_to(os, "fsync", lambda _: None)
    set_to(database, "SYNCHRONOUS", "OFF")


def die(work: str, step: int, folder: Path) -> str:
    child = os.fork()
    if child == 0:
        signal.alarm(DEADLINE_S)
        try:
            _count_down(step)
            WORKS[work](folder)
        except BaseException:  # noqa: BLE001 - told by the exit status
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return "died"
    return "done" if status == 0 else "failed"


if __name__ == "__main__":
    sys.modules["av"] = None  # its library has threads
    without_waiting_for_the_disk(setattr)
    for line in sys.stdin:
        work, step, folder = line.rstrip("\n").split(" ", 2)
        sys.stdout.write(die(work, int(step), Path(folder)) + "\n")
        sys.stdout.flush()
