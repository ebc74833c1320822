"""The action `check_deleted`: what it can look for when the words are long forgotten."""

import asyncio
import shutil
import tarfile
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from homeassistant.components.intent.const import TIMER_DATA
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import flush_store

from custom_components.earshot.api import checks
from custom_components.earshot.api.checks import Checks
from custom_components.earshot.api.state import DATA_API
from custom_components.earshot.audit import Actor
from custom_components.earshot.const import DOMAIN
from custom_components.earshot.house import DATA_HOUSE, House
from custom_components.earshot.traces import (
    Certificates,
    Needles,
    Report,
    State,
    Verdict,
    Why,
    scan,
)
from custom_components.earshot.traces.disk import Limits
from custom_components.earshot.traces.places import OUT_OF_REACH, Key
from custom_components.earshot.traces.scan import Checker
from custom_components.earshot.vault import Selection

from . import house_clock
from .conftest import add_room, until
from .fake_satellite import FakeSatellite
from .test_turn import FIRST, say


@pytest.fixture(autouse=True)
def no_other_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


async def check(hass: HomeAssistant) -> dict[str, Any]:
    return await hass.services.async_call(
        DOMAIN, "check_deleted", {}, blocking=True, return_response=True
    )


async def kept(hass: HomeAssistant, captures: int) -> None:
    await until(lambda: hass.states.get("sensor.kitchen_captures_kept").state == str(captures))


def found(report: dict[str, Any]) -> set[str]:
    return {place["place"] for place in report["places"] if place["state"] == "found"}


async def test_when_nothing_was_deleted_nothing_is_called_clean(
    hass: HomeAssistant, room: ConfigEntry
) -> None:
    report = await check(hass)
    assert report["verdict"] == Verdict.NOTHING
    assert report["clean"] == 0
    assert len(report["places"]) == len(Key)


async def test_what_the_action_found_is_the_last_result_of_the_dashboard(
    hass: HomeAssistant, room: ConfigEntry
) -> None:
    """Whoever lets an automation look sees on the dashboard what came of it, as it happens."""
    made, told = hass.data[DATA_API].checks, []
    assert made.last is None
    made.async_listen(lambda: told.append(made.last))
    report = await check(hass)
    (last,) = told
    assert last.report is not None
    assert last.report.as_dict() == report


async def test_the_last_result_is_there_after_a_restart(
    hass: HomeAssistant, room: ConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """With its time, and the whole list; what cannot be read is no result."""
    api = hass.data[DATA_API]
    report = await check(hass)
    await flush_store(api.checks._store)
    again = Checks(hass, api.house)
    await again.async_load()
    assert again.last == api.checks.last
    assert again.last.report.as_dict() == report

    key = f"{DOMAIN}.deletion_check"
    hass_storage[key]["data"]["report"]["places"][0]["state"] = "spotless"
    damaged = Checks(hass, api.house)
    await damaged.async_load()
    assert damaged.last is None

    await api.checks.async_destroy()
    assert key not in hass_storage


async def test_a_check_is_not_begun_again_at_once(
    hass: HomeAssistant, room: ConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks; for how long is told, and what the last one found stands."""
    over = []
    made = hass.data[DATA_API].checks
    made.async_listen(lambda: over.append(made.last))
    assert made.wait_s == 0
    made.start()
    assert made.is_running
    await until(lambda: over)
    assert 50 < made.wait_s <= 60
    made.start()
    assert not made.is_running
    assert made.last is over[0]
    monkeypatch.setattr(checks, "GAP_S", 0.0)
    made.start()
    assert made.is_running
    await until(lambda: len(over) == 2)


async def test_whoever_asks_again_and_again_has_one_check_made(
    hass: HomeAssistant, room: ConfigEntry, satellite: FakeSatellite,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """By the action as well; what was deleted meanwhile is looked for all the same."""
    made, over = 0, asyncio.Event()
    look = checks.async_check_deleted

    async def slowly(hass: HomeAssistant, house: House) -> Report:
        nonlocal made
        made += 1
        report = await look(hass, house)
        await over.wait()
        return report

    await say(satellite, FIRST)
    await kept(hass, 1)
    monkeypatch.setattr(checks, "async_check_deleted", slowly)
    asked = [asyncio.create_task(check(hass)) for _ in range(20)]
    await until(lambda: made)
    certificate = await hass.data[DATA_HOUSE].async_delete(Selection(), Actor(name="system"))
    assert Why.BUSY not in {it.why for it in certificate.report.places}
    late = asyncio.create_task(check(hass))
    await asyncio.sleep(0)
    over.set()
    assert {it["verdict"] for it in await asyncio.gather(*asked)} == {Verdict.NOTHING}
    assert (await late)["verdict"] != Verdict.NOTHING
    assert (await check(hass)) == await late
    assert made == 2


async def test_a_stray_copy_is_found_by_its_fingerprint(
    hass: HomeAssistant,
    room: ConfigEntry,
    satellite: FakeSatellite,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody copied the vault into the configuration; the words are unknown by now."""
    monkeypatch.setattr(checks, "GAP_S", 0.0)
    await say(satellite, FIRST)
    await kept(hass, 1)
    copied = tmp_path / "copied"
    await asyncio.to_thread(shutil.copytree, tmp_path / ".cache" / "earshot", copied)
    house = hass.data[DATA_HOUSE]
    certificate = await house.async_delete(Selection(), Actor(name="system"))
    assert certificate.captures == 1
    report = await check(hass)
    assert report["verdict"] == Verdict.COPIES
    assert found(report) == {"other_files"}
    (place,) = [place for place in report["places"] if place["state"] == "found"]
    assert place["kinds"] == ["ids", "fingerprints"]

    with tarfile.open(tmp_path / "stray.tar.gz", "w:gz") as archive:
        archive.add(copied, "vault")
    await asyncio.to_thread(shutil.rmtree, copied)
    assert found(await check(hass)) == {"other_files"}
    (tmp_path / "stray.tar.gz").unlink()
    assert found(await check(hass)) == set()
    kept_certificates = await asyncio.to_thread(Certificates(house.folder).all)
    assert [it.id for it in kept_certificates] == [certificate.id]


async def test_a_command_that_waits_for_its_time_is_found(
    hass: HomeAssistant, room: ConfigEntry
) -> None:
    """Home Assistant remembers what is to be done in an hour until it is done."""
    timers = hass.data[TIMER_DATA]
    timer = timers.start_timer(None, 1, None, None, "en", conversation_command="call zanzibar")
    checker = scan.async_get_checker(hass)

    async def place() -> tuple[State, Why | None]:
        report = await checker.async_check(Needles(words=("call zanzibar",)))
        (timers,) = [it for it in report.places if it.key == Key.TIMERS]
        return timers.state, timers.why

    assert await place() == (State.FOUND, None)
    timers.cancel_timer(timer)
    assert await place() == (State.CLEAN, None)
    hass.data[TIMER_DATA] = object()
    assert await place() == (State.UNCHECKED, Why.CHANGED)
    hass.data[TIMER_DATA] = timers


async def test_what_went_in_part_is_no_trace_of_itself(
    hass: HomeAssistant,
    speech_entry: ConfigEntry,
    satellite: FakeSatellite,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sound is past its ceiling, the words stay for days: their id is there by right."""
    await add_room(
        hass,
        satellite,
        options={"room_kind": "other", "audio": "1_hour", "transcript": "7_days"},
    )
    await say(satellite, FIRST)
    await kept(hass, 1)
    clock = await house_clock.take_over(hass.data[DATA_HOUSE], monkeypatch)
    clock.later(hours=2)
    purged = await hass.data[DATA_HOUSE].async_purge()
    assert (purged.audio, purged.captures) == (1, 0)
    assert found(await check(hass)) == set()


async def test_checks_wait_for_each_other_and_not_for_ever(
    hass: HomeAssistant, room: ConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "_WAITING", 2)
    checker = Checker(hass)
    needles = Needles(ids=("0123456789abcdef",))
    reports = await asyncio.gather(*(checker.async_check(needles) for _ in range(3)))
    assert sum(Why.BUSY in {it.why for it in report.places} for report in reports) == 1
    assert checker.progress is None
    assert (await checker.async_check(needles)).verdict is not Verdict.NOTHING
    deletions = (checker.async_check(needles, after_deletion=True) for _ in range(3))
    reports = await asyncio.gather(*deletions)
    assert all(Why.BUSY not in {it.why for it in report.places} for report in reports)


async def test_a_check_ends_with_home_assistant(hass: HomeAssistant, room: ConfigEntry) -> None:
    """What it did not reach is told as not checked."""
    checker = Checker(hass)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    report = await checker.async_check(Needles(ids=("0123456789abcdef",)))
    assert report.verdict is Verdict.INCOMPLETE
    whys = {it.key: it.why for it in report.places}
    assert whys[Key.OTHER_FILES] is Why.STOPPED
    assert whys[Key.BACKUPS] is Why.STOPPED
    assert whys.keys() >= OUT_OF_REACH


async def test_a_cancelled_check_ends_its_search_and_lets_the_next_one_go(
    hass: HomeAssistant, room: ConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def search(_folders: object, _wanted: object, limits: Limits, *_: object) -> None:
        begun.set()
        while not limits.is_over:
            time.sleep(0.01)
        ended.set()

    checker = Checker(hass)
    needles = Needles(ids=("0123456789abcdef",))
    with monkeypatch.context() as patched:
        patched.setattr(scan.files, "search", search)
        task = asyncio.create_task(checker.async_check(needles))
        assert await asyncio.to_thread(begun.wait, 10)
        assert checker.progress is not None
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(ended.wait, 10)
    assert checker.progress is None
    assert (await checker.async_check(needles)).at(State.CLEAN)
