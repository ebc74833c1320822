"""P4: whatever happens to the clock, nothing outlives its ceiling and nothing is lost before it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.earshot.policy.clock import ClockState, Doubt, Moment
from custom_components.earshot.vault import (
    CaptureUnknownError,
    ClockUncertainError,
    PurgeReport,
    Query,
    Vault,
    clock,
)

from .conftest import NOW, WORDS, at, capture, tone, verdict

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
KITCHEN = Query(rooms=frozenset({"kitchen"}))


class Clocks:
    """Two clocks that a test sets."""

    def __init__(self):
        self.wall, self.boot_id, self.boottime = NOW, "one", 1_000.0

    def __call__(self):
        return Moment(self.wall, self.boot_id, self.boottime)

    def run(self, time):
        self.wall += time
        self.boottime += time.total_seconds()

    def restart(self, off, wall=None):
        self.wall = self.wall + off if wall is None else wall
        self.boot_id, self.boottime = self.boot_id + "'", 5.0


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
async def vault(folder, clocks):
    opened = await Vault.async_open(folder, clocks)
    opened.reading()
    yield opened
    await opened.async_close()


async def keep(vault, *ceilings):
    moment = vault.reading().started(0)
    given = capture(at=moment.wall, moment=moment, pcm=tone(0.05))
    return await vault.async_keep(given, verdict(*(ceilings or (3_600, 7_200))))


async def purge(vault):
    return await vault.async_purge(vault.reading())


async def reopened(vault, folder, clocks):
    await vault.async_close()
    return await Vault.async_open(folder, clocks)


def test_the_clocks_of_this_machine():
    first, second = clock.now(), clock.now()
    assert first.boot_id
    assert second.seconds_since(first) >= 0
    assert abs((first.wall - datetime.now(UTC)).total_seconds()) < 60


async def test_set_forward_a_year(vault, clocks):
    """Nothing goes for it within a day; what may be over is not given out; what is over goes."""
    kept = await keep(vault)
    clocks.wall += 365 * DAY
    assert await purge(vault) == PurgeReport()
    with pytest.raises(ClockUncertainError):
        await vault.async_read(kept, vault.reading())
    (item,) = (await vault.async_page(KITCHEN, vault.reading())).items
    assert item.uncertain
    assert (item.transcript, item.peaks) == (None, None)

    clocks.run(HOUR)
    assert await purge(vault) == PurgeReport(audio=1)
    clocks.run(HOUR)
    assert await purge(vault) == PurgeReport(transcripts=1, captures=1)


async def test_set_forward_and_right_again(vault, clocks):
    kept = await keep(vault)
    clocks.wall += 365 * DAY
    await purge(vault)
    clocks.wall -= 365 * DAY
    assert (await vault.async_read(kept, vault.reading())).transcript == WORDS
    assert await purge(vault) == PurgeReport()


async def test_set_back_a_year(vault, clocks):
    """Nothing lives longer for it, in this run of the machine or the next."""
    await keep(vault)
    clocks.wall -= 365 * DAY
    clocks.run(2 * HOUR)
    assert (await purge(vault)).captures == 1


async def test_set_back_while_it_was_off(vault, folder, clocks):
    await keep(vault)
    clocks.run(HOUR / 2)
    await purge(vault)
    clocks.restart(off=DAY, wall=NOW - 100 * DAY)
    vault = await reopened(vault, folder, clocks)
    (item,) = (await vault.async_page(KITCHEN, vault.reading())).items
    assert item.uncertain
    assert item.transcript is None
    with pytest.raises(ClockUncertainError):
        await vault.async_read(item.id, vault.reading())
    clocks.run(HOUR)
    await purge(vault)
    clocks.run(HOUR / 2)
    assert (await purge(vault)).captures == 1
    await vault.async_close()


async def test_a_week_without_power(vault, folder, clocks):
    await keep(vault)
    clocks.restart(off=7 * DAY)
    vault = await reopened(vault, folder, clocks)
    assert (await purge(vault)).captures == 1
    await vault.async_close()


async def test_kept_before_the_network_told_the_time(vault, folder, clocks):
    """A board without a clock of its own: what it keeps at once is dated right later."""
    await purge(vault)
    clocks.restart(off=7 * DAY, wall=datetime(2026, 1, 1, tzinfo=UTC))
    vault = await reopened(vault, folder, clocks)
    kept = await keep(vault)
    clocks.run(timedelta(seconds=55))
    assert (await vault.async_read(kept, vault.reading())).transcript == WORDS
    clocks.wall = NOW + 7 * DAY
    assert await purge(vault) == PurgeReport()
    read = await vault.async_read(kept, vault.reading())
    assert read.started == NOW + 7 * DAY - timedelta(seconds=55)
    assert read.audio_expires == read.started + HOUR
    (item,) = (await vault.async_page(KITCHEN, vault.reading())).items
    assert (item.id, item.started) == (kept, read.started)
    clocks.run(2 * HOUR)
    assert (await purge(vault)).captures == 1
    await vault.async_close()


async def test_found_by_its_words_after_it_was_dated_anew(vault, folder, clocks):
    import asyncio

    await purge(vault)
    clocks.restart(off=7 * DAY, wall=datetime(2026, 1, 1, tzinfo=UTC))
    vault = await reopened(vault, folder, clocks)
    kept = await keep(vault)
    async with asyncio.timeout(20):
        while not vault.search_ready:  # noqa: ASYNC110 - it is a property
            await asyncio.sleep(0.01)
    clocks.wall = NOW + 7 * DAY
    await purge(vault)
    query = Query(rooms=frozenset({"kitchen"}), text="lamp", since=NOW + 6 * DAY)
    (item,) = (await vault.async_page(query, vault.reading())).items
    assert item.id == kept
    await vault.async_close()


async def test_a_clock_that_was_a_year_ahead(vault, folder, clocks):
    """What was kept then goes in its time, counted from when the clock was put right for good."""
    clocks.wall = NOW + 365 * DAY
    clocks.restart(off=timedelta())
    vault = await reopened(vault, folder, clocks)
    await purge(vault)
    old = await keep(vault, None, 40 * 3_600)
    clocks.restart(off=-365 * DAY)
    vault = await reopened(vault, folder, clocks)
    await purge(vault)
    clocks.run(25 * HOUR)
    await purge(vault)
    assert vault.reading().trusted
    read = await vault.async_read(old, vault.reading())
    assert read.started == clocks.wall
    new = await keep(vault, 3_600, 3_600)
    assert (await vault.async_read(new, vault.reading())).audio
    clocks.run(41 * HOUR)
    report = await purge(vault)
    assert report.transcripts == 2
    with pytest.raises(CaptureUnknownError):
        await vault.async_read(new, vault.reading())
    await vault.async_close()


async def test_what_was_believed_outlives_a_restart(vault, folder, clocks):
    await purge(vault)
    clocks.restart(off=timedelta(), wall=NOW - DAY)
    vault = await reopened(vault, folder, clocks)
    assert not vault.reading().trusted
    await purge(vault)
    vault = await reopened(vault, folder, clocks)
    assert not vault.reading().trusted
    await vault.async_close()


def test_a_state_comes_back_whole():
    moment = Moment(NOW, "one", 5.0)
    for doubt in (None, Doubt(moment, 12.5, ahead=True)):
        state = ClockState(moment, NOW + DAY, moment, doubt)
        assert clock.from_text(clock.to_text(state)) == state


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"believed": 1, "doubt": 2}'])
def test_a_damaged_state_makes_the_clock_new_to_us(text):
    assert clock.from_text(text) is None


async def test_daylight_saving_neither_lengthens_nor_shortens(vault):
    """Europe/Berlin, 25 October 2026: the hour from two to three comes twice."""
    zone = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=zone)
    again = datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=1).astimezone(UTC)
    await vault.async_keep(capture(at=first), verdict())
    assert await vault.async_purge(at(again - timedelta(seconds=1))) == PurgeReport()
    assert (await vault.async_purge(at(again))).audio == 1


async def test_retention_lowered_in_mid_capture(vault):
    """The rule of the moment when the first byte would be written counts, then today's."""
    started = vault.reading().started(10)
    given = capture(at=started.wall, moment=started)
    assert await vault.async_keep(given, verdict(0, 0)) is None
    assert await vault.async_usage() == {}


async def test_two_purges_at_once(vault, clocks):
    import asyncio

    for _ in range(5):
        await keep(vault)
    clocks.run(3 * HOUR)
    reports = await asyncio.gather(*(purge(vault) for _ in range(4)))
    assert sum(it.captures for it in reports) == 5
