"""The vault's second thread: it looks into the vault, and keeps the search index."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from ..policy.clock import Reading
from .browse import Browser
from .errors import StoreDamagedError, VaultClosedError, VaultError, VaultUnavailableError
from .keys import Private
from .search import Index, SearchUnavailableError, newest_first
from .views import Page, Query

_PIECE = 200
"""Captures read for the index at once, so that a page in between waits some milliseconds."""

_MANY = 1_000
"""Captures found at once, of which somebody may have been a listener or not."""

_AGAIN_S = 60.0
"""After a piece could not be read."""

_UNLOCKED_S = 300.0
"""The index of an unlocked seal lives no longer than the unlocking."""

_UNLOCKED_PATIENCE_S = 1.0
"""How long a search may wait for the index of an unlocked seal; the next one goes on with it."""


@dataclass
class _Building:
    """An index, and down to where it has everything."""

    index: Index = field(default_factory=Index)
    down_to: int | None = None
    """None: it has everything that was there when it was begun."""

    late: list[int] = field(default_factory=list)
    """What came or changed since, and waits for the next search in an unlocked seal."""

    timer: asyncio.TimerHandle | None = None


class Reader:
    """Runs what reads on one thread. Called in the event loop only."""

    def __init__(self, open_browser: Callable[[], Browser]) -> None:
        self.damaged = False
        """Something could not be read for damage, since it was opened."""

        self._open_browser = open_browser
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="earshot-vault-reader")
        self._browser: Browser | None = None
        self._closed_by: VaultError = VaultUnavailableError("the vault is not open")
        """Why there is no browser."""

        self._house: _Building | None = None
        self._unlocked: dict[str, _Building] = {}
        self._task: asyncio.Task[None] | None = None
        self._size = 0

    @property
    def search_ready(self) -> bool:
        """Whether everything that can be searched is in the index."""
        return self._house is not None and self._house.down_to is None

    @property
    def search_bytes(self) -> int:
        """Size of the indices in memory, when one was last changed."""
        return self._size

    async def async_open(self) -> None:
        """Open what reads, and begin to build the index. A damaged vault is noticed later."""
        self.damaged = False
        try:
            await self._submit(self._open)
        except VaultError as error:
            self._closed_by = error
        else:
            self._task = asyncio.create_task(self._build(), name="earshot search index")

    async def async_release(self) -> None:
        """Close what reads, and forget the indices."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self._submit(self._release)
        self._closed_by = VaultUnavailableError("the vault is being opened anew")

    async def async_close(self) -> None:
        """Close for good."""
        await self.async_release()
        self._thread.shutdown()

    async def run[R](self, function: Callable[[Browser], R]) -> R:
        """Have something read."""

        def call() -> R:
            if self._browser is None:
                raise self._closed_by
            return function(self._browser)

        try:
            return await self._submit(call)
        except StoreDamagedError:
            self.damaged = True
            raise

    async def async_page(self, query: Query, reading: Reading, private: Private) -> Page:
        """Return a page, found in the index when there is a text to find."""
        if query.text is None:
            return await self.run(
                lambda it: it.page(query, reading, private, it.numbers(query, reading))
            )
        complete = self.search_ready
        for seal_id in private:
            complete &= await self._unlock(seal_id, private)
        page = await self.run(
            lambda it: it.page(query, reading, private, self._find(it, query, private))
        )
        return replace(page, complete=complete)

    def put_words(self, numbers: Iterable[int]) -> None:
        """Have words that came or changed put into the index, soon."""
        came = list(numbers)
        if came:
            self._later(lambda: self._put(came))

    def remove_words(self, numbers: Iterable[int]) -> None:
        """Have what is gone taken out of the indices, before anything is asked of them again."""
        gone = list(numbers)
        if gone:
            self._later(lambda: self._remove(gone))

    async def async_forget_room(self, room_id: str) -> None:
        """Take a room out of the index of the house."""
        await self._submit(lambda: self._remove_room(room_id))

    async def _build(self) -> None:
        while self._house is not None and self._house.down_to is not None:
            began = time.monotonic()
            try:
                await self._submit(lambda: self._go_on(self._house, None, {}))
            except VaultError:
                await asyncio.sleep(_AGAIN_S)
            # As long a pause as the piece took: nothing else is to be slower for it.
            await asyncio.sleep(time.monotonic() - began)

    async def _unlock(self, seal_id: str, private: Private) -> bool:
        """Go on with the index of an unlocked seal; return whether it has everything."""
        if (building := self._unlocked.get(seal_id)) is None:
            building = self._unlocked[seal_id] = await self._submit(self._begin)
            building.timer = asyncio.get_running_loop().call_later(_UNLOCKED_S, self._lock, seal_id)
        own = {seal_id: private[seal_id]}
        deadline = time.monotonic() + _UNLOCKED_PATIENCE_S
        await self._submit(lambda: self._catch_up(building, seal_id, own))
        while building.down_to is not None and time.monotonic() < deadline:
            await self._submit(lambda: self._go_on(building, seal_id, own))
        return building.down_to is None

    def _lock(self, seal_id: str) -> None:
        building = self._unlocked.pop(seal_id, None)
        if building is not None:
            # A search that is at it finds nothing more to do.
            building.down_to = None
            building.late.clear()
            self._later(building.index.close)

    async def _submit[R](self, function: Callable[[], R]) -> R:
        try:
            future = asyncio.get_running_loop().run_in_executor(self._thread, function)
        except RuntimeError:
            raise VaultClosedError("the vault is closed") from None
        return await future

    def _later(self, function: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):
            self._thread.submit(self._quietly, function)

    # What follows runs on the thread.

    def _quietly(self, function: Callable[[], object]) -> None:
        with contextlib.suppress(VaultError):
            function()
        self._measure()

    def _open(self) -> None:
        self._browser = self._open_browser()
        with contextlib.suppress(SearchUnavailableError):
            self._house = self._begin()

    def _release(self) -> None:
        for building in (self._house, *tuple(self._unlocked.values())):
            if building is not None:
                if building.timer is not None:
                    building.timer.cancel()
                building.index.close()
        self._house = None
        self._unlocked = {}
        if self._browser is not None:
            self._browser.close()
        self._browser = None

    def _begin(self) -> _Building:
        assert self._browser is not None
        return _Building(down_to=self._browser.newest())

    def _go_on(self, building: _Building | None, seal_id: str | None, private: Private) -> None:
        if building is None or building.down_to is None or self._browser is None:
            return
        before, words = self._browser.words_below(building.down_to, _PIECE, seal_id, private)
        building.index.add(words)
        building.down_to = before
        self._measure()

    def _catch_up(self, building: _Building, seal_id: str, private: Private) -> None:
        if self._browser is not None and building.late:
            building.index.add(self._browser.words_of(building.late, seal_id, private))
            building.late.clear()

    def _put(self, numbers: list[int]) -> None:
        if self._browser is not None and self._house is not None:
            self._house.index.remove(numbers)
            self._house.index.add(self._browser.words_of(numbers, None, {}))
        for building in tuple(self._unlocked.values()):
            building.index.remove(numbers)
            building.late += numbers

    def _remove_room(self, room_id: str) -> None:
        if self._house is not None:
            self._house.index.remove_room(room_id)

    def _remove(self, numbers: list[int]) -> None:
        for building in (self._house, *tuple(self._unlocked.values())):
            if building is not None:
                building.index.remove(numbers)

    def _find(self, browser: Browser, query: Query, private: Private) -> list[int]:
        """Return the numbers of a page and, if there is one, of the capture after it."""
        found: list[int] = []
        rest = query
        while len(found) <= query.limit:
            numbers = self._find_some(rest, private, _MANY if query.listener else query.limit + 1)
            if query.listener is None:
                return numbers
            found += browser.heard_by(query.listener, numbers)
            if len(numbers) < _MANY:
                break
            rest = replace(rest, cursor=str(numbers[-1]))
        return found[: query.limit + 1]

    def _find_some(self, query: Query, private: Private, most: int) -> list[int]:
        found = [] if self._house is None else [self._house.index.find(query, most)]
        found += [
            building.index.find(query, most)
            for seal_id, building in tuple(self._unlocked.items())
            if seal_id in private
        ]
        return newest_first(*found)[:most]

    def _measure(self) -> None:
        buildings = (self._house, *tuple(self._unlocked.values()))
        self._size = sum(it.index.bytes for it in buildings if it is not None)
