"""A mute for a time: it ends by itself, never early, and a hand on the switch wins."""

import asyncio
import copy
from datetime import timedelta
from functools import partial

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.earshot import mute_store, mute_timer
from custom_components.earshot.audit import Actor, AuditError, Verb
from custom_components.earshot.const import DOMAIN, IssueId
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.issues import room_issue
from custom_components.earshot.mute import Mute
from custom_components.earshot.wire.microphone import SetMute

from .conftest import until
from .fake_satellite import FakeSatellite
from .test_mute import SWITCH, start_again, turn


class BootClock:
    """The clock that nobody sets, moved by the test; the timers of Home Assistant with it."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.now = 1_000.0
        self._hass = hass
        self._waited = timedelta()

    def __call__(self) -> float:
        return self.now

    async def pass_(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self.now += seconds
        await self.fire(seconds)

    async def fire(self, seconds: float) -> None:
        """Let only the timers believe that time passed."""
        self._waited += timedelta(seconds=seconds)
        async_fire_time_changed(self._hass, dt_util.utcnow() + self._waited)
        await self._hass.async_block_till_done(wait_background_tasks=False)


@pytest.fixture
def clock(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> BootClock:
    clock = BootClock(hass)
    monkeypatch.setattr(mute_timer, "boot_time", clock)
    return clock


@pytest.fixture
def mute(clock: BootClock, room: MockConfigEntry) -> Mute:
    return room.runtime_data.mute


async def test_it_ends_by_itself(
    hass: HomeAssistant, mute: Mute, satellite: FakeSatellite, clock: BootClock
) -> None:
    await mute.async_set_for(2)
    assert satellite.remote_mute
    assert mute.left_s == 120
    await clock.pass_(61)
    await clock.pass_(58)
    assert satellite.remote_mute
    await clock.pass_(2)
    await until(lambda: not satellite.remote_mute)
    assert hass.states.get(SWITCH).state == "off"
    assert mute.left_s is None


async def test_no_timer_that_fires_early_opens_the_microphone(
    hass: HomeAssistant, mute: Mute, satellite: FakeSatellite, clock: BootClock
) -> None:
    """The wall clock says that the day is over; the machine has run for a minute."""
    await mute.async_set_for(10)
    clock.now += 60
    await clock.fire(86_400)
    await clock.fire(86_400)
    assert satellite.remote_mute
    assert mute.left_s == 540


async def test_what_is_left_begins_again_after_a_restart(
    hass: HomeAssistant, mute: Mute, satellite: FakeSatellite, clock: BootClock, hass_storage
) -> None:
    (room,) = (it for it in hass.config_entries.async_entries(DOMAIN) if it.title == "Kitchen")
    await mute.async_set_for(10)
    await clock.pass_(61)
    await until(lambda: hass_storage["earshot.mute"]["data"][room.entry_id]["left_s"] == 539)
    clock.now = 5.0
    mute = await start_again(hass, room)
    assert (mute.is_on, mute.left_s) == (True, 539)
    await clock.pass_(540)
    await until(lambda: not satellite.remote_mute)


async def test_a_backup_from_during_a_mute_does_not_end_a_later_one(
    hass: HomeAssistant, mute: Mute, satellite: FakeSatellite, clock: BootClock, hass_storage
) -> None:
    """Restored, its ten minutes would count down a mute that was to have no end."""
    (room,) = (it for it in hass.config_entries.async_entries(DOMAIN) if it.title == "Kitchen")
    await mute.async_set_for(10)
    backup = copy.deepcopy(hass_storage["earshot.mute"])
    await turn(hass, "on")
    restore = partial(hass_storage.update, {"earshot.mute": backup})
    mute = await start_again(hass, room, restore=restore)
    assert (mute.is_on, mute.left_s) == (True, None)
    # Nor does an older time end a newer, longer one.
    await turn(hass, "off")
    await mute.async_set_for(10)
    backup = copy.deepcopy(hass_storage["earshot.mute"])
    await mute.async_set_for(60)
    restore = partial(hass_storage.update, {"earshot.mute": backup})
    mute = await start_again(hass, room, restore=restore)
    assert (mute.is_on, mute.left_s) == (True, None)


async def test_without_its_second_file_a_mute_has_no_end(
    hass: HomeAssistant,
    mute: Mute,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A disk that takes no file keeps nobody from muting; that is said once."""
    (room,) = (it for it in hass.config_entries.async_entries(DOMAIN) if it.title == "Kitchen")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mute_store.files, "write", full)
    await mute.async_set_for(10)
    await mute.async_set_for(20)
    assert mute.left_s == 1200
    mute = await start_again(hass, room)
    assert caplog.text.count("Mutes for a time have no end") == 1
    assert (mute.is_on, mute.left_s) == (True, None)


async def test_muted_by_hand_meanwhile(
    hass: HomeAssistant, mute: Mute, satellite: FakeSatellite, clock: BootClock
) -> None:
    """Then it stays until somebody lifts it."""
    await mute.async_set_for(1)
    await turn(hass, "on")
    assert mute.left_s is None
    await clock.pass_(120)
    assert satellite.remote_mute
    assert hass.states.get(SWITCH).state == "on"


async def test_a_mute_without_an_end_gets_none(
    hass: HomeAssistant, mute: Mute, satellite: FakeSatellite, clock: BootClock
) -> None:
    await turn(hass, "on")
    await mute.async_set_for(1)
    await clock.pass_(120)
    assert satellite.remote_mute


async def test_a_mute_for_a_time_is_never_made_shorter(
    mute: Mute, satellite: FakeSatellite, clock: BootClock
) -> None:
    """The doorbell's five minutes of quiet do not end the night; a longer time is longer."""
    await mute.async_set_for(480)
    await mute.async_set_for(5)
    assert mute.left_s == 480 * 60
    await clock.pass_(301)
    assert satellite.remote_mute
    await mute.async_set_for(600)
    assert mute.left_s == 600 * 60


async def test_unmuted_by_hand_meanwhile(
    hass: HomeAssistant, mute: Mute, satellite: FakeSatellite, clock: BootClock
) -> None:
    """A later mute is not ended by the time of the one before."""
    await mute.async_set_for(1)
    await turn(hass, "off")
    await turn(hass, "on")
    await clock.pass_(120)
    assert satellite.remote_mute


async def test_a_mute_at_the_satellite_stays(
    hass: HomeAssistant, mute: Mute, satellite: FakeSatellite, clock: BootClock
) -> None:
    await mute.async_set_for(1)
    satellite.local_mute = True
    await satellite.receipt()
    await until(lambda: mute.at_device)
    await clock.pass_(120)
    await until(lambda: not satellite.remote_mute)
    await until(lambda: not mute.pending)
    assert mute.is_on
    assert hass.states.get(SWITCH).state == "on"


async def test_it_ends_while_the_satellite_is_away(
    hass: HomeAssistant, mute: Mute, satellite: FakeSatellite, clock: BootClock
) -> None:
    await mute.async_set_for(1)
    await satellite.stop()
    await until(lambda: hass.states.get("assist_satellite.kitchen").state == "unavailable")
    await clock.pass_(61)
    await until(lambda: not mute.wished)
    satellite.got.clear()
    await satellite.start()
    assert not (await satellite.expect(SetMute)).muted


async def lines(hass: HomeAssistant, count: int) -> list[tuple[Verb, str, str]]:
    """Return the lines of the log about mutes, oldest first, when there are so many."""
    found: list[tuple[Verb, str, str]] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            await asyncio.sleep(0.02)
            found = [
                (it.verb, it.actor.name, it.detail)
                for it in reversed(await hass.data[DATA_HOUSE].audit.async_lines(None, None, 100))
                if it.verb in (Verb.MUTED, Verb.UNMUTED)
            ]
    return found


async def test_every_mute_and_unmute_leaves_a_line(
    hass: HomeAssistant, mute: Mute, satellite: FakeSatellite, clock: BootClock
) -> None:
    """Whoever it was: by hand, in time, or at the satellite."""
    await turn(hass, "on")
    await lines(hass, 1)
    await turn(hass, "off")
    await mute.async_set_for(1, Actor(name="voice"))
    await lines(hass, 3)
    await clock.pass_(61)
    await lines(hass, 4)
    await until(lambda: not mute.pending)
    for satellite.local_mute in (True, False):
        await satellite.receipt()
        await until(lambda: mute.is_on == satellite.local_mute)
        await lines(hass, 5 if satellite.local_mute else 6)
    assert await lines(hass, 6) == [
        (Verb.MUTED, "system", ""),
        (Verb.UNMUTED, "system", ""),
        (Verb.MUTED, "voice", "1_minutes"),
        (Verb.UNMUTED, "system", "in_time"),
        (Verb.MUTED, "satellite", ""),
        (Verb.UNMUTED, "satellite", ""),
    ]


async def test_no_line_no_unmute(
    hass: HomeAssistant, mute: Mute, satellite: FakeSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that cannot be written keeps the microphone closed, and never keeps it open."""

    async def full(*_: object, **__: object) -> int:
        raise AuditError("disk full")

    monkeypatch.setattr(hass.data[DATA_HOUSE].audit, "async_write", full)
    await turn(hass, "on")
    assert satellite.remote_mute
    with pytest.raises(HomeAssistantError) as raised:
        await turn(hass, "off")
    assert raised.value.translation_key == "audit_unavailable"
    assert satellite.remote_mute
    assert hass.states.get(SWITCH).state == "on"


async def test_no_line_no_end_of_a_mute_for_a_time(
    hass: HomeAssistant,
    mute: Mute,
    satellite: FakeSatellite,
    clock: BootClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It goes on, says so, and ends when the log can be written again."""
    (room,) = (it for it in hass.config_entries.async_entries(DOMAIN) if it.title == "Kitchen")
    issue = (DOMAIN, room_issue(IssueId.MUTE_OVERDUE, room.entry_id))

    async def full(*_: object, **__: object) -> int:
        raise AuditError("disk full")

    await mute.async_set_for(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hass.data[DATA_HOUSE].audit, "async_write", full)
        for _ in range(3):
            await clock.pass_(61)
            assert mute.wished
    assert mute.left_s is not None
    assert issue in ir.async_get(hass).issues
    assert caplog.text.count("stays muted beyond its time") == 1
    assert not [it for it in satellite.all(SetMute) if not it.muted]
    await clock.pass_(61)
    await until(lambda: not satellite.remote_mute)
    assert issue not in ir.async_get(hass).issues


@pytest.mark.parametrize("minutes", [0, -1, 721])
async def test_only_a_time_of_a_day(mute: Mute, minutes: int) -> None:
    with pytest.raises(ValueError, match="1 to 720"):
        await mute.async_set_for(minutes)
    assert not mute.is_on


async def test_nobody_can_fill_the_log_by_turning_it_to_and_fro(
    hass: HomeAssistant, mute: Mute, satellite: FakeSatellite
) -> None:
    """After some times it stays muted: what was written before must not be written out."""
    for _ in range(20):
        await turn(hass, "on")
        await turn(hass, "off")
    await turn(hass, "on")
    with pytest.raises(ServiceValidationError) as raised:
        await turn(hass, "off")
    assert raised.value.translation_key == "unmuted_too_often"
    assert mute.is_on
    assert satellite.remote_mute
    before = len(await lines(hass, 41))
    for _ in range(30):
        await mute.async_set_for(1, Actor(name="system"))
    await hass.async_block_till_done()
    assert len(await lines(hass, before)) <= before + 20
