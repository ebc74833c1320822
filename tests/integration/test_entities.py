"""What a room and the house show of what is kept, and the buttons that forget and mute."""

import tempfile
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.const import EntityCategory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.earshot.audit import Actor, Verb
from custom_components.earshot.const import CONF_LISTENERS, CONF_ROOM_KIND
from custom_components.earshot.false_wakes import FalseWakes
from custom_components.earshot.house import House
from custom_components.earshot.policy.retention import Ceiling, Outcome, Rule, Verdict
from custom_components.earshot.vault import NewCapture
from custom_components.earshot.vault.views import Pin
from custom_components.earshot.voice.turn import TurnReport

from .conftest import add_room, until
from .fake_satellite import FakeSatellite
from .household import person
from .test_turn import say

WEEK = Verdict(Ceiling(604_800, Rule.HOUSE), Ceiling(604_800, Rule.HOUSE))
FORGET_HOUR = "button.kitchen_forget_the_last_hour"
FORGET_ALL = "button.kitchen_forget_everything_not_pinned"
MUTE_ALL = "button.earshot_house_mute_all_rooms"
LISTENED = "event.kitchen_listened"


async def keep(house: House, room: MockConfigEntry, *, hours_ago: float = 0.0) -> str:
    """Keep a capture for a week."""
    vault = await house.async_vault()
    moment = house.reading().started(hours_ago * 3_600)
    capture_id = await vault.async_keep(
        NewCapture(
            room_id=room.entry_id, started=moment.wall, moment=moment, outcome=Outcome.UNDERSTOOD,
            pcm=bytes(3200), transcript="turn on the light",
        ),
        WEEK,
    )  # fmt: skip
    assert capture_id
    return capture_id


async def pin(house: House, capture_id: str) -> None:
    now = dt_util.utcnow()
    made = Pin(until=now + timedelta(days=1), reason="", by="0" * 32, made=now)
    await (await house.async_vault()).async_pin(capture_id, made)


async def press(hass: HomeAssistant, button: str, context: Context | None = None) -> None:
    await hass.services.async_call(
        "button", "press", {"entity_id": button}, blocking=True, context=context
    )


def value(hass: HomeAssistant, sensor: str) -> str:
    state = hass.states.get(f"sensor.{sensor}")
    assert state is not None, sensor
    return state.state


@pytest.fixture(autouse=True)
def no_other_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.fixture
async def study(house: House, hass: HomeAssistant) -> AsyncGenerator[MockConfigEntry]:
    """Have another room."""
    async with FakeSatellite("Study") as other:
        yield await add_room(hass, other)


@pytest.fixture
def all_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have those entities too that are for the curious."""
    monkeypatch.setattr("homeassistant.helpers.entity.Entity.entity_registry_enabled_default", True)


async def test_what_is_kept_is_told_of_rooms_and_summed_for_the_house(
    all_enabled: None, hass: HomeAssistant, house: House, room: MockConfigEntry,
    study: MockConfigEntry,
) -> None:  # fmt: skip
    assert value(hass, "kitchen_captures_kept") == "0"
    assert value(hass, "kitchen_next_expiry") == "unknown"
    await keep(house, room, hours_ago=3)
    await keep(house, study, hours_ago=1)
    await house.async_purge()
    usage = house.usage
    assert value(hass, "kitchen_captures_kept") == value(hass, "study_captures_kept") == "1"
    assert value(hass, "earshot_house_captures_kept") == "2"
    size = sum(it.bytes for it in usage.values())
    assert float(value(hass, "earshot_house_size_of_what_is_kept")) == pytest.approx(size / 2**20)
    assert size > usage[room.entry_id].bytes > 0
    oldest = dt_util.parse_datetime(value(hass, "earshot_house_oldest_capture"))
    assert oldest == usage[room.entry_id].oldest.replace(microsecond=0)
    expiry = dt_util.parse_datetime(value(hass, "earshot_house_next_expiry"))
    assert expiry == dt_util.parse_datetime(value(hass, "kitchen_next_expiry"))
    assert expiry != dt_util.parse_datetime(value(hass, "study_next_expiry"))


async def test_a_command_has_its_latency(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    assert value(hass, "kitchen_latency_of_the_last_command") == "unknown"
    await say(satellite)
    await hass.async_block_till_done()
    attributes = hass.states.get("event.kitchen_voice_command").attributes
    expected = attributes["answered_ms"] - attributes["heard_ms"]
    assert float(value(hass, "kitchen_latency_of_the_last_command")) == max(0, expected)


def false_wake(started: datetime | None = None) -> TurnReport:
    return TurnReport(
        outcome=Outcome.FALSE_WAKE, started=started or dt_util.utcnow(), pcm=b"", transcript=None,
        record={}, keeps=False,
    )  # fmt: skip


async def test_false_wakes_are_counted_until_the_house_s_midnight(
    hass: HomeAssistant, house: House, room: MockConfigEntry, study: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:  # fmt: skip
    """Over a restart of a room, too; the house has the sum."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    # Never back: what waits for a midnight waits for one after today.
    evening = datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(days=2)
    freezer.move_to(evening.replace(hour=23, minute=30))
    async_fire_time_changed(hass)
    room.runtime_data.turn_over(false_wake())
    room.runtime_data.turn_over(false_wake())
    study.runtime_data.turn_over(false_wake())
    room.runtime_data.turn_over(TurnReport.muted())
    assert value(hass, "kitchen_false_wakes_today") == "2"
    assert value(hass, "earshot_house_false_wakes_today") == "3"
    await hass.config_entries.async_reload(room.entry_id)
    assert value(hass, "kitchen_false_wakes_today") == "2"

    freezer.move_to((evening + timedelta(days=1)).replace(hour=0, minute=0, second=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=False)
    assert value(hass, "kitchen_false_wakes_today") == "0"
    assert value(hass, "earshot_house_false_wakes_today") == "0"


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        # A day of 23 hours and one of 25, and one that begins at one o'clock.
        ("Europe/Berlin", (2026, 3, 29, 23, 59), (2026, 3, 30, 0, 1)),
        ("Europe/Berlin", (2026, 10, 25, 23, 59), (2026, 10, 26, 0, 1)),
        ("America/Santiago", (2026, 9, 5, 23, 59), (2026, 9, 6, 1, 1)),
    ],
)
async def test_a_day_ends_at_midnight_whatever_the_clocks_do(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, zone: str, before: tuple[int, ...],
    after: tuple[int, ...],
) -> None:  # fmt: skip
    await hass.config.async_set_time_zone(zone)
    here = ZoneInfo(zone)
    freezer.move_to(datetime(*before[:2], before[2], 0, 30, tzinfo=here))
    counts = FalseWakes(hass)
    await counts.async_start()
    told: list[int] = []
    counts.async_listen(lambda: told.append(counts.total))
    counts.turn_over("room", false_wake())
    for moment in (before, after):
        freezer.move_to(datetime(*moment, tzinfo=here))
        async_fire_time_changed(hass)
        await hass.async_block_till_done()
    assert told == [1, 0]


async def test_false_wakes_of_today_are_known_after_a_restart_and_those_of_yesterday_gone(
    hass: HomeAssistant, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory
) -> None:
    today = dt_util.now().date()
    for day, number in ((today, 4), (today - timedelta(days=1), 0)):
        hass_storage["earshot.false_wakes"] = {
            "version": 1, "minor_version": 1, "key": "earshot.false_wakes",
            "data": {"day": day.isoformat(), "rooms": {"room": 4}},
        }  # fmt: skip
        counts = FalseWakes(hass)
        await counts.async_start()
        assert counts.of("room") == counts.total == number
        counts.turn_over("room", false_wake())
        assert counts.of("room") == number + 1


async def test_forget_the_last_hour(
    hass: HomeAssistant, house: House, room: MockConfigEntry, study: MockConfigEntry
) -> None:
    """Of this room, and not what is pinned."""
    old = await keep(house, room, hours_ago=1.1)
    new = await keep(house, room, hours_ago=0.9)
    kept = await keep(house, room)
    elsewhere = await keep(house, study)
    await pin(house, kept)
    await press(hass, FORGET_HOUR)
    vault = await house.async_vault()
    assert {it: await vault.async_find(it) is not None for it in (old, new, kept, elsewhere)} == {
        old: True, new: False, kept: True, elsewhere: True,
    }  # fmt: skip
    assert value(hass, "kitchen_captures_kept") == "2"


async def test_forget_everything_of_a_room(
    hass: HomeAssistant, house: House, room: MockConfigEntry, study: MockConfigEntry
) -> None:
    old, kept = await keep(house, room, hours_ago=100), await keep(house, room)
    elsewhere = await keep(house, study)
    await pin(house, kept)
    await press(hass, FORGET_ALL)
    vault = await house.async_vault()
    assert await vault.async_find(old) is None
    assert await vault.async_find(kept)
    assert await vault.async_find(elsewhere)
    (line,) = await house.audit.async_lines(frozenset({room.entry_id}), None, 1)
    assert (line.verb, line.actor.name, line.detail) == (Verb.DELETED, "system", "1")


async def test_only_listeners_and_automations_press_the_buttons_that_forget(
    hass: HomeAssistant, house: House, speech_entry: MockConfigEntry
) -> None:
    anna, ulf = await person(hass, "Anna"), await person(hass, "Ulf", admin=True)
    async with FakeSatellite("Attic") as satellite:
        options = {CONF_ROOM_KIND: "other", CONF_LISTENERS: [anna.id]}
        attic = await add_room(hass, satellite, options=options)
        capture_id = await keep(house, attic)
        button = "button.attic_forget_everything_not_pinned"
        with pytest.raises(HomeAssistantError) as refused:
            await press(hass, button, Context(user_id=ulf.id))
        assert refused.value.translation_key == "not_allowed"
        vault = await house.async_vault()
        assert await vault.async_find(capture_id)
        await press(hass, button, Context(user_id=anna.id))
        assert await vault.async_find(capture_id) is None


async def test_nothing_deletes_in_passing(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """Neither an area nor a device nor a voice assistant presses a button that forgets."""
    capture_id = await keep(house, room)
    entities, devices = er.async_get(hass), dr.async_get(hass)
    area = ar.async_get(hass).async_create("Downstairs")
    device = entities.async_get(FORGET_ALL).device_id
    devices.async_update_device(device, area_id=area.id)
    for target in ({"area_id": area.id}, {"device_id": device}):
        await hass.services.async_call("button", "press", target, blocking=True)
    assert await (await house.async_vault()).async_find(capture_id)
    assert hass.states.get(FORGET_ALL).state == "unknown"
    for button in (FORGET_HOUR, FORGET_ALL):
        assert entities.async_get(button).entity_category is EntityCategory.CONFIG
        assert not async_should_expose(hass, "conversation", button)


async def test_mute_all_mutes_every_room_and_never_unmutes(
    hass: HomeAssistant, house: House, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    async with FakeSatellite("Study") as other:
        await add_room(hass, other)
        for _ in range(2):
            await press(hass, MUTE_ALL)
            assert satellite.remote_mute
            assert other.remote_mute
        assert hass.states.get("switch.kitchen_mute").state == "on"


@pytest.mark.parametrize(
    ("verb", "kind"),
    [
        (Verb.PLAYED, "played"), (Verb.READ, "played"), (Verb.HEARD_BACK, "played"),
        (Verb.LISTENING, "played"), (Verb.EXPORTED, "exported"), (Verb.REFUSED, "refused"),
        (Verb.DELETED, None),
    ],
)  # fmt: skip
async def test_that_somebody_listened_is_told_and_nothing_else(
    house: House, room: MockConfigEntry, study: MockConfigEntry, verb: Verb, kind: str | None
) -> None:
    """Not who, not what: that is in the log."""
    hass = study.runtime_data._hass
    actor = Actor("0" * 32, "1" * 32, "user")
    await house.audit.async_write(verb, actor, room.entry_id, "2" * 32)
    await hass.async_block_till_done()
    state = hass.states.get(LISTENED)
    assert state.attributes.get("event_type") == kind
    assert set(state.attributes) == {"event_type", "event_types", "friendly_name"}
    assert hass.states.get("event.study_listened").state == "unknown"


async def test_the_microphone_is_set_from_here(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """One setting at a time, the other stays; what is shown is what the satellite says."""
    gain, suppression = "number.kitchen_microphone_gain", "number.kitchen_noise_suppression"
    assert hass.states.get(gain).state == "0.0"
    for entity, value in ((gain, 6.5), (suppression, 3)):
        await hass.services.async_call(
            "number", "set_value", {"entity_id": entity, "value": value}, blocking=True
        )
        await until(lambda: hass.states.get(gain).state == "6.5")
    await until(lambda: hass.states.get(suppression).state == "3")
    assert satellite.tuning == (6.5, 3)
    await satellite.stop()
    await until(lambda: hass.states.get(gain).state == "unavailable")
