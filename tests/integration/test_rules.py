"""Rules that change: what is stricter holds at once, what is looser waits and is said aloud."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.earshot import notices
from custom_components.earshot.audit import Actor, AuditError, Verb
from custom_components.earshot.const import DOMAIN, EntryKind
from custom_components.earshot.entries import entries_of
from custom_components.earshot.house import House
from custom_components.earshot.pending import MOST, MOST_OF_OTHERS
from custom_components.earshot.policy.changes import Aspect
from custom_components.earshot.policy.retention import Outcome
from custom_components.earshot.rules import Rules
from custom_components.earshot.spared import EACH_S
from custom_components.earshot.wire.consent import Confirm, Confirmed

from .conftest import add_room, over, until
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .house_clock import HouseClock
from .test_retention import choose
from .test_turn import say

AUDIO = "select.kitchen_keep_audio"
HOUSE_AUDIO = "select.earshot_house_keep_audio_at_most"
HOUR, DAY = 3_600, 86_400
ANNA = "a" * 32
BEN = "b" * 32
NONCE = "0" * 32


def audio_s(house: House, room: ConfigEntry, outcome: Outcome = Outcome.UNDERSTOOD) -> int | None:
    """Return how long audio may be kept now."""
    return house.rules.verdict(room.entry_id, outcome).audio.seconds


async def change(house: House, entry: ConfigEntry, **options: object):
    """Change rules as a user does."""
    return await house.rules.async_change(entry, options, Actor(ANNA, name="user"))


async def lines(house: House, verb: Verb) -> list[tuple[str, str]]:
    """Return what the log says of a verb, oldest first."""
    found = await house.audit.async_lines(None, None, 100)
    return [(it.target, it.detail) for it in reversed(found) if it.verb is verb]


async def test_a_longer_time_waits_a_day_and_is_said_aloud(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry, speech: FakeSpeech
) -> None:
    """The select shows the wish; what holds is the old rule, for a day by the machine's run."""
    await choose(hass, HOUSE_AUDIO, "30_days")
    assert hass.states.get(HOUSE_AUDIO).state == "30_days"
    assert audio_s(house, room) == DAY
    await until(lambda: any("may be kept for longer" in it for it in speech.spoken))
    assert ("audio", "none>30_days") in await lines(house, Verb.WIDENED)
    (shown,) = house.rules.changes(room.entry_id)
    assert (shown.option, shown.after, shown.loosens) == ("audio", "30_days", True)
    assert shown.begins == shown.made.wall + timedelta(hours=24)

    clock.set_wall(30)
    assert audio_s(house, room) == DAY
    clock.later(hours=23.9)
    assert audio_s(house, room) == DAY
    clock.later(hours=0.2)
    assert audio_s(house, room) == 30 * DAY
    (shown,) = house.rules.changes(room.entry_id)
    assert shown.begins is None
    clock.later(hours=7 * 24)
    assert house.rules.changes(room.entry_id) == ()


async def test_a_shorter_time_holds_at_once_and_is_said_to_nobody(
    hass: HomeAssistant, house: House, room: MockConfigEntry, speech: FakeSpeech
) -> None:
    said = list(speech.spoken)
    await choose(hass, AUDIO, "1_hour")
    assert audio_s(house, room) == HOUR
    await hass.async_block_till_done()
    assert speech.spoken == said
    assert await lines(house, Verb.WIDENED) == []


async def test_what_is_kept_has_five_minutes_to_be_spared(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry,
    satellite: FakeSatellite,
) -> None:  # fmt: skip
    """Lowered by mistake and raised again, nothing is lost; lowered for good, it goes."""
    await say(satellite)
    await until(lambda: house.usage)
    await choose(hass, AUDIO, "never")
    await house.async_purge()
    clock.later(minutes=4.5)
    await house.async_purge()
    await choose(hass, AUDIO, "as_house")
    clock.later(minutes=6)
    assert (await house.async_purge()).audio == 0

    await choose(hass, AUDIO, "never")
    clock.later(minutes=4.5)
    assert (await house.async_purge()).audio == 0
    clock.later(minutes=1)
    assert (await house.async_purge()).audio == 1


async def test_the_house_leaves_five_minutes_as_well(
    hass: HomeAssistant, house: House, clock: HouseClock, satellite: FakeSatellite
) -> None:
    await say(satellite)
    await until(lambda: house.usage)
    await choose(hass, HOUSE_AUDIO, "never")
    clock.later(minutes=4.5)
    assert (await house.async_purge()).audio == 0
    clock.later(minutes=1)
    assert (await house.async_purge()).audio == 1


async def test_confirmed_at_the_satellite_it_begins_at_once_there(
    hass: HomeAssistant, house: House, room: MockConfigEntry, satellite: FakeSatellite,
    speech: FakeSpeech,
) -> None:  # fmt: skip
    """In that room; the other one goes on waiting."""
    async with FakeSatellite("Hall") as hall:
        other = await add_room(hass, hall)
        await choose(hass, HOUSE_AUDIO, "30_days")
        await satellite.send(Confirm(nonce=NONCE))
        answer = await satellite.expect(Confirmed)
        assert (answer.nonce, answer.result, answer.changes) == (NONCE, "begun", 1)
        assert audio_s(house, room) == 30 * DAY
        assert audio_s(house, other) == DAY
        assert ("", "confirmed") in await lines(house, Verb.WIDENED)
        await until(lambda: any(it.startswith("Confirmed.") for it in speech.spoken))
        await satellite.send(Confirm(nonce="1" * 32))
        await satellite.wait(lambda: len(satellite.all(Confirmed)) == 2)
        assert satellite.all(Confirmed)[1].result == "nothing"


async def test_confirmed_while_the_room_says_it_is_confirmed(
    hass: HomeAssistant, house: House, room: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it was said is noted while the confirmation waits for the log; neither is lost."""
    write, edits = house.audit.async_write, house.rules._store.edits

    async def slow(*line: Any) -> int:
        if "confirmed" in line:
            (edit,) = edits("house")
            assert not edit.told
            await house.rules._store.async_mark([edit], room.entry_id)
        return await write(*line)

    monkeypatch.setattr(house.audit, "async_write", slow)
    monkeypatch.setattr(house.rules._notices, "tell", lambda: None)
    await choose(hass, HOUSE_AUDIO, "30_days")
    assert await house.rules.async_confirm(room.entry_id) == 1
    assert audio_s(house, room) == 30 * DAY
    assert edits("house")[-1].told == {room.entry_id}


async def test_a_restart_forgets_nothing(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry
) -> None:
    """What waits goes on waiting from when it was made; it is not said twice."""
    await choose(hass, HOUSE_AUDIO, "30_days")
    await until(lambda: house.rules._store.edits("house")[-1].told)
    clock.later(hours=20)
    house.rules = Rules(hass, house)
    await house.rules.async_start()
    assert audio_s(house, room) == DAY
    assert house.rules._store.edits("house")[-1].told
    clock.later(hours=4)
    assert audio_s(house, room) == 30 * DAY


async def test_options_that_come_from_elsewhere_wait_as_well(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry, speech: FakeSpeech
) -> None:
    """After the restore of a backup the rules are never looser than they were known to be."""
    await change(house, room, audio="1_hour", listeners=[ANNA])
    clock.later(hours=25)
    restored = {**room.options, "audio": "1_day", "listeners": [ANNA, BEN], "remote": True}
    hass.config_entries.async_update_entry(room, options=restored)
    assert audio_s(house, room) == HOUR
    await hass.config_entries.async_reload(room.entry_id)
    assert audio_s(house, room) == HOUR
    assert house.rules.audience(room.entry_id) == {ANNA}
    assert not house.rules.access(room.entry_id).remote
    await until(lambda: any("outside the house" in it for it in speech.spoken))
    clock.later(hours=24)
    assert audio_s(house, room) == DAY
    assert house.rules.audience(room.entry_id) == {ANNA, BEN}


async def test_what_was_cut_off_is_said_again_to_a_satellite_that_came_back(
    house: House, room: MockConfigEntry, speech: FakeSpeech, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found to have failed only after the new link is up; not a minute later."""
    begun, cut = asyncio.Event(), asyncio.Event()
    say = notices.async_say

    async def cut_off(*args: Any) -> bool:
        if begun.is_set():
            return await say(*args)
        begun.set()
        await cut.wait()
        return False

    monkeypatch.setattr(notices, "async_say", cut_off)
    await change(house, room, listeners=[ANNA])
    async with asyncio.timeout(10):
        await begun.wait()
    house.rules.async_linked()
    cut.set()
    await until(lambda: any("may listen" in it for it in speech.spoken))


async def test_the_first_answers_are_no_change(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """A room that was just added keeps what was chosen for it."""
    assert audio_s(house, room) == DAY
    assert house.rules.changes() == ()


async def test_a_listener_is_one_for_what_is_heard_after_a_day(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry, speech: FakeSpeech
) -> None:
    """Named aloud when added; gone at once when removed."""
    ben = await hass.auth.async_create_user("Ben")
    await change(house, room, listeners=[ben.id])
    assert house.rules.audience(room.entry_id) == frozenset()
    await until(lambda: any("Ben may listen" in it for it in speech.spoken))
    clock.later(hours=24)
    assert house.rules.audience(room.entry_id) == {ben.id}
    await change(house, room, listeners=[])
    assert house.rules.audience(room.entry_id) == frozenset()
    assert await lines(house, Verb.WIDENED) == [("listeners", f"+{ben.id}")]
    async with asyncio.timeout(10):
        while (  # noqa: ASYNC110 - the log is read, not followed
            "listeners", f"-{ben.id}"
        ) not in await lines(house, Verb.POLICY_CHANGED):  # fmt: skip
            await asyncio.sleep(0.01)


async def test_a_capture_keeps_its_audience(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry,
    satellite: FakeSatellite,
) -> None:  # fmt: skip
    """Who is allowed later was not there then."""
    await change(house, room, listeners=[ANNA])
    clock.later(hours=25)
    await change(house, room, listeners=[ANNA, BEN])
    kept = []
    house.async_listen_captures(kept.append)
    await say(satellite)
    await until(lambda: kept)
    vault = await house.async_vault()
    found = await vault.async_find(next(iter(kept[0].capture_ids)))
    assert found.audience == {ANNA}


async def test_a_way_that_was_opened_does_not_open_what_was_heard_before(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry
) -> None:
    """Remote access of today is none for yesterday, and after a year it still is not."""
    await change(house, room, remote=True)
    begins = house.rules.changes(room.entry_id)[0].begins
    clock.later(hours=24 * 365)
    assert house.rules.access(room.entry_id).remote
    await change(house, room, second_factor=True)
    await change(house, room, second_factor=False)
    clock.later(hours=24 * 30)
    await change(house, room, audio="1_hour")
    before, after = begins - timedelta(seconds=1), begins + timedelta(seconds=1)
    assert not house.rules.access(room.entry_id, heard=before).remote
    assert house.rules.access(room.entry_id, heard=after).remote
    assert house.rules.access(room.entry_id, heard=after).second_factor


async def test_without_the_log_nothing_is_loosened(
    hass: HomeAssistant, house: House, room: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something stricter needs no line to hold."""

    async def fail(*_: object) -> int:
        raise AuditError("no")

    await choose(hass, AUDIO, "1_hour")
    monkeypatch.setattr(house.audit, "async_write", fail)
    with pytest.raises(HomeAssistantError) as raised:
        await choose(hass, AUDIO, "1_day")
    assert raised.value.translation_key == "audit_unavailable"
    assert room.options["audio"] == "1_hour"
    assert house.rules.changes(room.entry_id)[0].after == "1_hour"
    await choose(hass, AUDIO, "never")
    assert audio_s(house, room) == 0


async def test_an_automation_gone_wild_is_stopped_and_can_always_make_it_stricter(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """So many ways to loosen are remembered, and none is forgotten to make room for one more."""
    store = house.rules._store
    await change(house, room, audio="1_hour")
    await change(house, room, audio="6_hours")
    edit = store.edits(room.entry_id)[-1]
    store.scopes[room.entry_id].edits = [
        replace(edit, before={**edit.before, "x": number}) for number in range(MOST)
    ]
    with pytest.raises(ServiceValidationError) as raised:
        await change(house, room, audio="1_day")
    assert raised.value.translation_key == "too_many_changes"
    await change(house, room, audio="never")
    assert audio_s(house, room) == 0
    assert store.edits(room.entry_id)[-1].after["audio"] == "never"


async def test_rules_cannot_be_turned_to_and_fro_for_ever(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """Each time is a line; stricter always works."""
    for _ in range(20):
        await change(house, room, audio="never")
        await change(house, room, audio="1_hour")
    await change(house, room, audio="never")
    with pytest.raises(ServiceValidationError) as raised:
        await change(house, room, audio="1_hour")
    assert raised.value.translation_key == "loosened_too_often"
    assert room.options["audio"] == "never"
    assert audio_s(house, room) == 0


async def test_what_has_no_effect_fills_neither_the_log_nor_what_is_remembered(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """Anybody can turn a select above the house's ceiling. Another account's line is written."""
    store, periods = house.rules._store, ("7_days", "30_days", "forever")
    for number in range(50):
        await change(house, room, audio=periods[number % 3])
    assert await written(house) == 20
    assert len(store.edits(room.entry_id)) == 1
    await house.rules.async_change(room, {"audio": "as_house"}, Actor(BEN, name="user"))
    assert await written(house) == 21
    assert house.rules.changes(room.entry_id)[0].after == "as_house"

    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=EACH_S + 1))
    assert await written(house) == 22
    (newest, *_) = await house.audit.async_lines(frozenset({room.entry_id}), None, 1)
    assert (newest.actor.user_id, newest.detail) == (ANNA, "left_out_30")
    await change(house, room, audio="7_days")
    await house.spared.async_close()
    assert ("", "left_out_1") in await lines(house, Verb.POLICY_CHANGED)


async def written(house: House) -> int:
    """Return how many lines tell of rules that were changed, when none is waited for."""
    await over("earshot log")
    return len(await lines(house, Verb.POLICY_CHANGED))


async def test_others_cannot_keep_those_who_have_a_say_from_changing_a_rule(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """What somebody may loosen, and how much of it is remembered, is not used up by another."""
    administrator = await hass.auth.async_create_user("Anna", group_ids=[GROUP_ID_ADMIN])
    anybody = await hass.auth.async_create_user("Ulf", group_ids=[GROUP_ID_USER])
    await change(house, room, audio="1_hour")
    store = house.rules._store
    edit = replace(store.edits(room.entry_id)[-1], loosened=frozenset({Aspect.AUDIO}))
    store.scopes[room.entry_id].edits = [
        replace(edit, before={**edit.before, "x": number}) for number in range(MOST_OF_OTHERS)
    ]
    for of, key in ((anybody, "too_many_changes"), (administrator, None)):
        for _ in range(20):
            await once(house, room, of, key)
        await once(house, room, of, "loosened_too_often")


async def once(house: House, room: MockConfigEntry, user: User, key: str | None) -> None:
    """Loosen a rule as somebody; it is refused for this reason, or not."""
    refused = None
    try:
        await house.rules.async_change(room, {"audio": "1_day"}, Actor(user.id, name="user"))
    except ServiceValidationError as error:
        refused = error.translation_key
    assert refused == key
    await change(house, room, audio="1_hour")


async def test_what_is_no_rule_is_refused(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    for options in ({"audio": "1_year"}, {"room_kind": "attic"}):
        with pytest.raises(ServiceValidationError) as raised:
            await change(house, room, **options)
        assert raised.value.translation_key == "no_such_rule"
    with pytest.raises(ServiceValidationError):
        await change(house, house.entry, audio="as_house")


async def test_options_that_cannot_be_read_keep_nothing(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(room, options={**room.options, "audio": "1_year"})
    assert audio_s(house, room) == 0


async def test_a_satellite_that_was_away_says_it_when_it_is_back(
    hass: HomeAssistant, house: House, room: MockConfigEntry, satellite: FakeSatellite,
    speech: FakeSpeech,
) -> None:  # fmt: skip
    await satellite.stop()
    await until(lambda: not room.runtime_data.link.is_up)
    await choose(hass, HOUSE_AUDIO, "30_days")
    await hass.async_block_till_done()
    assert not [it for it in speech.spoken if "may be kept" in it]
    await satellite.start()
    await until(lambda: [it for it in speech.spoken if "may be kept" in it])


async def test_what_was_taken_back_before_it_was_said_is_not_said(
    hass: HomeAssistant, house: House, room: MockConfigEntry, satellite: FakeSatellite,
    speech: FakeSpeech,
) -> None:  # fmt: skip
    await satellite.stop()
    await until(lambda: not room.runtime_data.link.is_up)
    await change(house, room, remote=True)
    await change(house, room, remote=False, plain_http=True)
    await satellite.start()
    await until(lambda: [it for it in speech.spoken if "not encrypted" in it])
    assert not [it for it in speech.spoken if "outside the house" in it]


async def test_the_house_made_again_keeps_to_what_was_known(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry
) -> None:
    """Deleting the house's entry does not loosen what it said."""
    await choose(hass, HOUSE_AUDIO, "never")
    await hass.config_entries.async_remove(house.entry.entry_id)
    assert audio_s(house, room) == 0
    await until(lambda: entries_of(hass, EntryKind.HOUSE))
    await hass.async_block_till_done()
    assert audio_s(house, room) == 0
    clock.later(hours=24)
    assert audio_s(house, room) == DAY


async def test_with_the_last_entry_the_rules_are_forgotten(
    hass: HomeAssistant, house: House, room: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    """Nothing of them stays behind, and guest mode is over."""
    await house.guest.async_begin(1, Actor())
    assert {"earshot.policy", "earshot.guest"} <= set(hass_storage)
    await hass.config_entries.async_remove(room.entry_id)
    for entry in hass.config_entries.async_entries(DOMAIN):
        await hass.config_entries.async_remove(entry.entry_id)
    assert not {"earshot.policy", "earshot.guest"} & set(hass_storage)
    assert not house.guest.is_on


async def test_a_preview_changes_nothing(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    effect = house.rules.preview(room, {"audio": "never", "listeners": [ANNA]})[room.entry_id]
    assert effect.tightened == {Aspect.AUDIO}
    assert effect.loosened == {Aspect.LISTENERS}
    assert "listeners" not in room.options
    assert audio_s(house, room) == DAY
