"""The vault as the rest of the integration uses it: asynchronous, one writer and one reader."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Self

from ..policy.clock import Reading
from ..policy.retention import Verdict
from . import clock
from .clock import Watch
from .errors import StoreDamagedError, VaultBusyError, VaultClosedError
from .keys import Private
from .model import Capture, NewCapture, PurgeReport, RoomUsage, VaultState
from .reader import Reader
from .records import Doomed, Part
from .sealed_rooms import RoomSeal
from .store import Destroyed, Store
from .views import (
    Change,
    ChangeKind,
    Count,
    Deletion,
    Label,
    Listed,
    Page,
    Pin,
    Policy,
    Query,
    Selection,
    Tombstone,
)

_MAX_WAITING = 128
"""Captures in memory until they are written: at most 60 MB, of turns of the greatest length."""

_BATCH = 500
"""Captures destroyed in one go, so that new ones need not wait for a large purge."""

_WORDS_S = 60.0
"""For the words of so many."""

_LATE_S = 2.0
"""What is opened in vain is closed within this, unless the disk hangs."""

type Listener = Callable[[Change], None]


class Vault:
    """What is kept of what was heard, and nothing else that could hold it.

    One thread writes, another reads. Every method raises `VaultError`, never an error of the disk
    or the database, and no error names what was heard.
    """

    def __init__(self, store: Store, writer: ThreadPoolExecutor, watch: Watch) -> None:
        self.listener: Listener | None = None
        """Told of captures that came, changed or went."""

        self._store = store
        self._writer = writer
        self._reader = Reader(store.browser)
        self._watch = watch
        self._waiting = 0
        self._damaged = False
        self._closed = False

    @classmethod
    async def async_open(
        cls, folder: Path, now: clock.Now = clock.now, *, backup: Path | None = None
    ) -> Self:
        """Open the vault in `folder`, or make one there; a damaged one opens too: see `state`.

        `backup` is where backups find a copy while they are made, and where a restore puts it.
        Raises `VaultUnavailableError` and `VaultFullError`.
        """
        writer = ThreadPoolExecutor(1, thread_name_prefix="earshot-vault")
        opening = writer.submit(Store.open, folder, backup)
        try:
            store = await asyncio.wrap_future(opening)
            state = await asyncio.wrap_future(writer.submit(store.clock_state))
        except BaseException:
            # Who was not waited for must not hold the vault against the next who opens it.
            closing = asyncio.wrap_future(writer.submit(_close_late, opening))
            writer.shutdown(wait=False)
            await asyncio.wait([closing], timeout=_LATE_S)
            raise
        vault = cls(store, writer, Watch(state, now))
        try:
            await vault._reader.async_open()
        except BaseException:
            await asyncio.wait([asyncio.ensure_future(vault.async_close())], timeout=_LATE_S)
            raise
        return vault

    @property
    def state(self) -> VaultState:
        """How it is."""
        return VaultState.DAMAGED if self._damaged or self._reader.damaged else self._store.state

    @property
    def lost(self) -> int:
        """How many parts of captures were found unreadable at the start, and removed."""
        return self._store.lost

    @property
    def lost_captures(self) -> int:
        """How many captures a damaged database lost at the start; the others were saved."""
        return self._store.lost_captures

    @property
    def search_ready(self) -> bool:
        """Whether everything that can be searched is in the index."""
        return self._reader.search_ready

    @property
    def search_bytes(self) -> int:
        """Size of the search index in memory."""
        return self._reader.search_bytes

    def reading(self) -> Reading:
        """Return what the clock says and whether it can be believed."""
        return self._watch.read()

    async def async_keep(self, capture: NewCapture, verdict: Verdict) -> str | None:
        """Keep what the verdict allows and return its id.

        None when that is nothing: then not a byte is written. On an error nothing is kept.
        """
        if not verdict.allows:
            return None
        if self._waiting >= _MAX_WAITING:
            raise VaultBusyError("too many captures wait to be written")
        self._waiting += 1
        try:
            row = await self._run(self._store.keep, capture, verdict)
        finally:
            self._waiting -= 1
        if row is None:
            return None
        if row.words_bytes is not None:
            self._reader.put_words([row.number])
        self._tell(ChangeKind.KEPT, [(row.room_id, row.id)])
        return row.id

    async def async_page(
        self, query: Query, reading: Reading, private: Private | None = None
    ) -> Page:
        """Return a page of captures; those of sealed rooms without what is sealed.

        `private` has the private keys of unlocked seals, by the id of the seal.
        """
        return await self._reader.async_page(query, reading, dict(private or {}))

    async def async_read(
        self, capture_id: str, reading: Reading, private: Private | None = None
    ) -> Capture:
        """Open a capture with its audio, without what is past its ceiling.

        Raises `CaptureUnknownError`, `CaptureSealedError`, `CaptureDamagedError`, and
        `ClockUncertainError` when the clock is in doubt and it may be past its ceiling.
        """
        return await self._reader.run(lambda it: it.read(capture_id, reading, dict(private or {})))

    async def async_find(self, capture_id: str) -> Listed | None:
        """Return a capture without anything sealed, to ask whether it may be opened."""
        reading = self.reading()
        return await self._reader.run(lambda it: it.find(capture_id, reading))

    async def async_count(self, selection: Selection) -> dict[str, Count]:
        """Return how much a selection takes, by room; those that are pinned are told as well."""
        return await self._reader.run(lambda it: it.count(selection))

    async def async_words(
        self, selection: Selection, private: Private | None = None
    ) -> tuple[str, ...]:
        """Return the transcripts of a selection that can be opened, to look for other copies."""
        words = await self._reader.run(lambda it: it.words(selection, dict(private or {})))
        return tuple(words)

    async def async_tombstones(self) -> tuple[Tombstone, ...]:
        """Return what is left of destroyed captures, the newest first."""
        return await self._reader.run(lambda it: it.tombstones())

    async def async_pins(self) -> tuple[tuple[Listed, Pin], ...]:
        """Return the pinned captures, newest first, without anything else that is sealed."""
        return tuple(await self._reader.run(lambda it: it.pins()))

    async def async_would_go(
        self, policies: Mapping[str, Policy], reading: Reading
    ) -> dict[str, Count]:
        """Return what a purge under these policies would take, by room."""
        return await self._reader.run(lambda it: it.would_go(policies, reading))

    async def async_would_evict(self, size_cap: int) -> int:
        """Return how many captures would go to fit what is kept into so many bytes."""
        kept = sum(it.bytes for it in (await self.async_usage()).values())
        return await self._reader.run(lambda it: it.would_evict(kept - size_cap))

    async def async_usage(self) -> dict[str, RoomUsage]:
        """Return what is kept, by room; rooms of which nothing is kept are left out."""
        return await self._run(self._store.usage)

    async def async_pin(self, capture_id: str, pin: Pin) -> None:
        """Keep a capture past its ceilings, until the pin ends; raises `CaptureUnknownError`."""
        row = await self._run(self._store.pin, capture_id, pin)
        self._tell(ChangeKind.CHANGED, [(row.room_id, row.id)])

    async def async_unpin(self, capture_id: str) -> None:
        """Take a pin away; the ceilings hold again at the next purge."""
        row = await self._run(self._store.unpin, capture_id)
        self._tell(ChangeKind.CHANGED, [(row.room_id, row.id)])

    async def async_label(
        self, capture_id: str, label: Label | None, right_text: str | None = None
    ) -> None:
        """Label a capture, or take its label away; raises `CaptureUnknownError`."""
        row = await self._run(self._store.label, capture_id, label, right_text)
        self._reader.put_words([row.number])
        self._tell(ChangeKind.CHANGED, [(row.room_id, row.id)])

    async def async_purge(
        self,
        reading: Reading,
        policies: Mapping[str, Policy] | None = None,
    ) -> PurgeReport:
        """Destroy what is past the ceiling it was kept under, or past that of today's policy.

        `policies` says, by room, what would be kept today; a room that is not in it keeps to the
        ceilings of then.
        """
        await self._mind_the_clock(reading)
        today = dict(policies or {})
        deletion = await self._destroy(lambda: self._store.purge(reading, today, _BATCH))
        await self._finish_sealing()
        return deletion.report

    async def async_evict(self, size_cap: int, reading: Reading) -> PurgeReport:
        """Destroy the oldest captures, until what is kept fits into so many bytes.

        Never those that are pinned.
        """
        report = PurgeReport()
        while True:
            usage = await self.async_usage()
            above = sum(it.bytes for it in usage.values()) - size_cap
            if above <= 0:
                return report
            done = await self._run(self._store.evict, above, reading.earliest, _BATCH)
            self._gone(done.went)
            report += done.report + PurgeReport(evicted=done.report.captures)
            if not done.went:
                return report

    async def async_delete(self, selection: Selection) -> Deletion:
        """Destroy what was selected, and say how to look for it."""
        now = self.reading().earliest
        return await self._destroy(lambda: self._store.delete(selection, now, _BATCH))

    async def async_take(self, selection: Selection) -> tuple[tuple[str, ...], Deletion]:
        """Destroy what was selected; return its transcripts as well, to look for other copies.

        Some at a time, by their ids: nothing goes that was not read before, also of what came
        while the others went.
        """
        words: list[str] = []
        deletion = Deletion(report=PurgeReport(), tombstones=())
        while ids := await self._reader.run(lambda it: it.ids(selection, _BATCH)):
            some = replace(selection, ids=frozenset(ids))
            async with asyncio.timeout(_WORDS_S):
                words += await self.async_words(some)
            done = await self.async_delete(some)
            deletion = Deletion(
                report=deletion.report + done.report,
                tombstones=deletion.tombstones + done.tombstones,
            )
            if not done.report.captures:
                break
        return tuple(words), deletion

    async def async_delete_all(self) -> None:
        """Destroy everything and the house key, and begin anew. Mends a damaged vault."""
        await self._reader.async_release()
        try:
            await self._run(self._store.delete_all)
            self._damaged = False
        finally:
            await self._reader.async_open()

    async def async_mend(self) -> None:
        """Open everything anew after damage, and save what can be read: see `state`."""
        await self._reader.async_release()
        try:
            await self._run(self._store.mend)
            self._damaged = False
        finally:
            await self._reader.async_open()

    async def async_seal_room(self, room_id: str, seal_id: str, public_key: bytes) -> bool:
        """Have all keys of a room wrapped to a seal: of new captures, and of those kept before.

        What a crash interrupts is finished at the next purge. False: another program reads the
        database, so copies of the keys as they were are left in its log until that purge.
        """
        await self._run(self._store.seal_room, room_id, RoomSeal(seal_id, public_key))
        await self._reader.async_forget_room(room_id)
        return await self._rewrap(room_id)

    def is_sealed(self, room_id: str) -> bool:
        """Return whether new captures of a room are sealed."""
        return room_id in self._store.seals

    def is_locked(self, room_id: str, private: Private) -> bool:
        """Return whether a room is sealed and its seal is none of these: it cannot be searched."""
        seal = self._store.seals.get(room_id)
        return seal is not None and seal.id not in private

    async def async_open_room(self, room_id: str) -> None:
        """Have new captures of a room wrapped by the house key; what was sealed remains so."""
        await self._run(self._store.seal_room, room_id, None)

    async def async_begin_backup(self) -> None:
        """Put a copy of what is sealed where backups look, without keys; writing waits for it."""
        await self._run(self._store.begin_backup)

    async def async_end_backup(self) -> None:
        """Remove that copy."""
        await self._run(self._store.end_backup)

    async def async_destroy(self) -> None:
        """Destroy everything, the folder too, and close."""
        await self._reader.async_release()
        await self._run(self._store.destroy_all)
        await self.async_close()

    async def async_close(self) -> None:
        """Close, after what waits to be written is. Twice is once."""
        if self._closed:
            return
        self._closed = True
        await self._reader.async_close()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, self._store.close)
        self._writer.shutdown()

    async def _mind_the_clock(self, reading: Reading) -> None:
        """Store what was believed, and date anew what was kept while nothing could be."""
        settled = self._watch.settled
        if settled is not None and reading.trusted:
            redated = await self._run(self._store.date_anew, settled, reading)
            self._reader.remove_words([number for number, _ in redated])
            self._reader.put_words([row.number for _, row in redated])
            self._watch.settled = None
        if self._watch.state is not None:
            await self._run(self._store.note_clock, self._watch.state)

    async def _destroy(self, step: Callable[[], Destroyed]) -> Deletion:
        """Go on step by step until one finds less than a batch."""
        report = PurgeReport()
        tombstones: list[Tombstone] = []
        while True:
            done = await self._run(step)
            self._gone(done.went)
            report += done.report
            tombstones += done.tombstones
            if len(done.went) < _BATCH:
                return Deletion(report=report, tombstones=tuple(tombstones))

    async def _finish_sealing(self) -> None:
        for room_id in await self._run(self._store.unfinished):
            await self._rewrap(room_id)

    async def _rewrap(self, room_id: str) -> bool:
        """Return whether nothing is left of the keys as they were."""
        after: int | None = 0
        clean = False
        while after is not None:
            after, clean = await self._run(self._store.rewrap, room_id, after, _BATCH)
        return clean

    def _gone(self, went: Iterable[Doomed]) -> None:
        self._reader.remove_words([it.number for it in went if Part.WORDS in it.parts])
        self._tell(ChangeKind.GONE, [(it.room_id, it.id) for it in went if it.whole])
        self._tell(ChangeKind.CHANGED, [(it.room_id, it.id) for it in went if not it.whole])

    def _tell(self, kind: ChangeKind, captures: Iterable[tuple[str, str]]) -> None:
        if self.listener is None:
            return
        rooms: defaultdict[str, list[str]] = defaultdict(list)
        for room_id, capture_id in captures:
            rooms[room_id].append(capture_id)
        for room_id, ids in rooms.items():
            self.listener(Change(kind, tuple(ids), room_id))

    async def _run[**P, R](self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        if self._closed:
            raise VaultClosedError("the vault is closed")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._writer, lambda: function(*args, **kwargs))
        except StoreDamagedError:
            self._damaged = True
            raise


def _close_late(opening: Future[Store]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
