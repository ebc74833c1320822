"""What is kept stays below its size: the oldest goes first, it is told, and no pin goes."""

from datetime import timedelta

import pytest

from custom_components.earshot.vault import PurgeReport, Query, Vault

from .conftest import NOW, at, capture, tone, verdict
from .test_pins import pin

MINUTE = timedelta(minutes=1)
ROOMS = frozenset({"kitchen", "study"})


@pytest.fixture
async def kept(vault):
    """Return the ids of ten captures of like size in two rooms, oldest first."""
    return [
        await vault.async_keep(
            capture(("kitchen", "study")[number % 2], at=NOW + number * MINUTE, pcm=tone(0.5)),
            verdict(None, None),
        )
        for number in range(10)
    ]


async def size(vault):
    return sum(it.bytes for it in (await vault.async_usage()).values())


async def there(vault):
    page = await vault.async_page(Query(rooms=ROOMS), at(NOW))
    return [item.id for item in reversed(page.items)]


async def test_the_oldest_go_until_the_rest_fits(vault, kept):
    cap = int(await size(vault) * 0.65)
    assert await vault.async_would_evict(cap) == 4
    report = await vault.async_evict(cap, at(NOW))
    assert report == PurgeReport(audio=4, transcripts=4, captures=4, evicted=4)
    assert await there(vault) == kept[4:]
    assert await size(vault) <= cap
    assert await vault.async_would_evict(cap) == 0
    assert await vault.async_evict(cap, at(NOW)) == PurgeReport()


async def test_a_pin_stays(vault, kept):
    await vault.async_pin(kept[0], pin())
    await vault.async_pin(kept[1], pin())
    assert await vault.async_would_evict(1) == 8
    report = await vault.async_evict(1, at(NOW))
    assert report.evicted == 8
    assert await there(vault) == kept[:2]


async def test_the_size_is_told_the_same_before_and_after_a_restart(vault, folder, kept):
    """The sum that is kept in memory is that of the rows, and near that of the disk."""
    before = await vault.async_usage()
    await vault.async_close()
    again = await Vault.async_open(folder)
    assert await again.async_usage() == before
    blobs = sum(it.stat().st_size for it in (folder / "audio").iterdir())
    assert blobs < await size(again) < blobs + 10 * 4_096
    await again.async_close()
