"""Measure one vault in a process of its own: `python -m house.bench.vault_probe FOLDER`."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from custom_components.earshot.policy.retention import Ceiling, Outcome, Rule, Verdict
from custom_components.earshot.vault import Query, Vault

from ..usage import usage
from .figures import percentile
from .vault_fill import DAYS, ROOMS, capture

R = TypeVar("R")

_PAGES = 40
_KEPT = 100
_SPEECH_S = 3
_SEARCHES = [
    "light",
    "turn on",
    "kitchen lamp",
    "tur",
    "ba17",
    "turn off the garden m",
    "nosuchword",
]
_NEVER = Verdict(Ceiling(0, Rule.ROOM), Ceiling(0, Rule.ROOM))
_WEEK = Verdict(Ceiling(7 * 86_400, Rule.HOUSE), Ceiling(7 * 86_400, Rule.HOUSE))


async def probe(folder: Path) -> dict[str, Any]:
    """Return the figures; at the end the vault is purged of everything."""
    await _warm()
    before = _memory_mib()
    startup, vault = await _timed(lambda: Vault.async_open(folder))
    built, _ = await _timed(lambda: _indexed(vault))
    browse, browse_cpu = await _pages(vault, _browsing())
    search, search_cpu = await _pages(vault, _searching())
    figures = {
        "startup_s": round(startup, 2),
        "index_s": round(built, 2),
        "index_mib": round(vault.search_bytes / 2**20, 1),
        "browse_p50_ms": _ms(percentile(browse, 0.5)),
        "browse_p95_ms": _ms(percentile(browse, 0.95)),
        "browse_cpu_ms": _ms(browse_cpu),
        "search_cpu_ms": _ms(search_cpu),
        "search_p50_ms": _ms(percentile(search, 0.5)),
        "search_p95_ms": _ms(percentile(search, 0.95)),
        "rss_growth_mib": round(_memory_mib() - before, 1),
    }
    figures["keep_cpu_ms"] = await _keep(vault)
    policies = dict.fromkeys(ROOMS, lambda _outcome: _NEVER)
    purge, report = await _timed(lambda: vault.async_purge(vault.reading(), policies))
    figures |= {"purge_s": round(purge, 2), "purged": report.captures}
    await vault.async_close()
    return figures


def _browsing() -> list[Query]:
    """Return what somebody looks at: everything, a room, a day, an outcome."""
    now, everywhere = datetime.now(UTC), frozenset(ROOMS)
    only = frozenset({Outcome.FALSE_WAKE})
    return [
        Query(rooms=everywhere),
        Query(rooms=frozenset(ROOMS[3:4])),
        Query(rooms=everywhere, outcomes=only),
        Query(rooms=frozenset(ROOMS[5:6]), outcomes=only),
        *(
            Query(
                rooms=everywhere, since=now - timedelta(days=d), until=now - timedelta(days=d - 1)
            )
            for d in (1, DAYS // 2, DAYS)
        ),
    ]


def _searching() -> list[Query]:
    return [
        Query(rooms=frozenset(rooms), text=text)
        for text in _SEARCHES
        for rooms in (ROOMS, ROOMS[3:4])
    ]


async def _pages(vault: Vault, queries: Sequence[Query]) -> tuple[list[float], float]:
    """Return the seconds of each of many pages, one after another, and the mean of a processor's.

    That mean is nearly the same whatever else the machine does.
    """
    seconds: list[float] = []
    processor = time.process_time()
    for query in queries:
        cursor: str | None = None
        for _ in range(_PAGES):
            asked = Query(
                rooms=query.rooms,
                outcomes=query.outcomes,
                since=query.since,
                until=query.until,
                text=query.text,
                cursor=cursor,
            )
            took, page = await _timed(lambda it=asked: vault.async_page(it, vault.reading()))  # type: ignore[misc]
            seconds.append(took)
            cursor = page.cursor
    return seconds, (time.process_time() - processor) / len(seconds)


async def _keep(vault: Vault) -> float:
    """Return the milliseconds of processor that one capture of three seconds costs."""
    chance = random.Random(1)  # noqa: S311 - any will do
    pcm = b"".join(
        int(8_000 * chance.uniform(-1, 1)).to_bytes(2, "little", signed=True)
        for _ in range(_SPEECH_S * 16_000)
    )
    now = datetime.now(UTC)
    captures = [capture(chance, now, pcm) for _ in range(_KEPT)]
    began = time.process_time()
    for each in captures:
        await vault.async_keep(each, _WEEK)
    return round((time.process_time() - began) * 1000 / _KEPT, 2)


async def _warm() -> None:
    """Load everything, so that only what grows with the captures is counted."""
    with tempfile.TemporaryDirectory() as folder:
        vault = await Vault.async_open(Path(folder) / "vault")
        await _indexed(vault)
        await vault.async_keep(capture(random.Random(1), datetime.now(UTC)), _WEEK)  # noqa: S311
        await _pages(vault, [*_browsing(), *_searching()][:2])
        await vault.async_close()


async def _indexed(vault: Vault) -> None:
    while not vault.search_ready:  # noqa: ASYNC110 - it is a property
        await asyncio.sleep(0.005)


async def _timed(function: Callable[[], Awaitable[R]]) -> tuple[float, R]:
    began = time.perf_counter()
    result = await function()
    return time.perf_counter() - began, result


def _memory_mib() -> float:
    return usage(os.getpid()).rss_mib


def _ms(seconds: float | None) -> float:
    return round((seconds or 0) * 1000, 2)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(probe(Path(sys.argv[1])))))
