"""The link: back by itself, within bounds, and said once."""

import asyncio
import logging

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry
from wyoming.event import Event

from custom_components.earshot.const import DOMAIN
from custom_components.earshot.link import room as room_module
from custom_components.earshot.link import trouble
from custom_components.earshot.link.backoff import (
    BRISK_DELAY_S,
    REFUSED_DELAY_S,
    STEADY_DELAY_S,
    retry_delay,
)
from custom_components.earshot.link.greet import NOBODY
from custom_components.earshot.link.trouble import PATIENCE_S, Patience
from custom_components.earshot.voice.phrases import TEXTS
from custom_components.earshot.wire.turn import Listen, StandDown

from .conftest import add_room, until
from .fake_satellite import FakeSatellite
from .flows import go_on, reconfigure
from .test_turn import FIRST, SECOND, say

SATELLITE = "assist_satellite.kitchen"


def test_the_first_tries_come_fast_and_all_are_bounded() -> None:
    """A satellite restarted after a second is met within two; one that is off costs little."""
    delays = [retry_delay(failures) for failures in range(1, 100)]
    assert sum(delays[:4]) < 3
    assert delays == sorted(delays)
    assert delays[5] == BRISK_DELAY_S
    assert delays[-1] == STEADY_DELAY_S
    assert retry_delay(1, refused=True) == REFUSED_DELAY_S


async def test_set_up_does_not_wait_for_a_satellite_that_is_off(
    hass: HomeAssistant, speech_entry, satellite: FakeSatellite
) -> None:
    """Home Assistant starts; the room comes when the satellite does."""
    await satellite.stop()
    entry = await add_room(hass, satellite, wait=False)
    assert entry.state is ConfigEntryState.LOADED
    assert hass.states.get(SATELLITE).state == "unavailable"
    assert hass.states.get("switch.kitchen_mute").state == "off"
    assert hass.states.get("select.kitchen_keep_audio").state == "as_house"
    await satellite.start()
    await until(lambda: hass.states.get(SATELLITE).state == "idle")
    await satellite.wait(lambda: len(satellite.phrases) == len(TEXTS["en"]))
    assert (await say(satellite)).outcome == "understood"


async def test_a_killed_satellite_is_back_without_help_and_said_once(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Down is logged once, up once, however many tries lie between."""
    caplog.set_level(logging.INFO)
    await satellite.stop()
    await until(lambda: hass.states.get(SATELLITE).state == "unavailable")
    await asyncio.sleep(1.0)
    await satellite.start()
    await until(lambda: hass.states.get(SATELLITE).state == "idle")
    assert (await say(satellite)).outcome == "understood"
    told = [it.getMessage() for it in caplog.records if it.name.endswith("link.room")]
    assert len([it for it in told if "cannot be reached" in it]) == 1
    assert len([it for it in told if "is back" in it]) == 1


async def test_a_silent_satellite_is_given_up(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, monkeypatch
) -> None:
    """A peer that answers nothing for 5 s is gone, though its connection is not."""
    monkeypatch.setattr(room_module, "PEER_SILENCE_S", 0.3)
    satellite.answers_pings = False
    before = satellite.hellos
    await satellite.receipt()
    await satellite.wait(lambda: satellite.hellos > before)
    await until(lambda: hass.states.get(SATELLITE).state == "idle")


@pytest.mark.parametrize(
    "garbage",
    [
        b"not json\n",
        b'{"type": "x", "data_length": 99999999}\n',
        b'{"type": "x", "payload_length": 99999999}\n',
        b"x" * 100_000,
        b'{"type": "earshot-receipt", "data_length": 50}\n{"half',
    ],
)
async def test_garbage_costs_the_link_and_nothing_else(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, garbage: bytes
) -> None:
    """Oversized, half and senseless frames: the link is made anew and works."""
    before = satellite.hellos
    writer = satellite._writer
    writer.write(garbage)
    await asyncio.sleep(0.05)
    satellite.cut()
    await satellite.wait(lambda: satellite.hellos > before)
    await until(lambda: hass.states.get(SATELLITE).state == "idle")
    assert (await say(satellite)).outcome == "understood"


async def test_a_message_that_does_not_fit_is_left_out_and_said_once(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Known kind, wrong contents: no traceback, no value in the log, the link stays."""
    for _ in range(3):
        await satellite.send(Event("earshot-wake", {"turn": "SECRET", "word": 5}))
    await satellite.send(Event("earshot-of-tomorrow", {}))
    assert (await say(satellite)).outcome == "understood"
    said = [it.getMessage() for it in caplog.records if "not valid" in it.getMessage()]
    assert len(said) == 1
    assert "SECRET" not in caplog.text
    assert satellite.hellos == 1


async def test_a_satellite_that_reads_nothing_is_given_up(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, monkeypatch
) -> None:
    """What it leaves unread is bounded."""
    link = room.runtime_data.link
    monkeypatch.setattr(room_module, "OUTBOX_LIMIT", -1)
    assert not link.send(StandDown(turn=FIRST, reason="muted"))
    monkeypatch.undo()
    await satellite.wait(lambda: satellite.hellos == 2)


@pytest.mark.parametrize("refusal", ["hello_expected", "version"])
async def test_a_satellite_that_refuses_is_told_in_repairs(
    hass: HomeAssistant, speech_entry, satellite: FakeSatellite, refusal: str, monkeypatch
) -> None:
    """With the remedy, and gone when it welcomes us."""
    monkeypatch.setattr("custom_components.earshot.link.backoff.REFUSED_DELAY_S", 0.05)
    satellite.refuse = refusal
    entry = await add_room(hass, satellite, wait=False)
    issues = ir.async_get(hass)
    issue_id = f"satellite_refuses.{entry.entry_id}"
    await until(lambda: issues.async_get_issue(DOMAIN, issue_id))
    issue = issues.async_get_issue(DOMAIN, issue_id)
    told = "version" if refusal == "version" else "not_earshot"
    assert issue.translation_key == f"satellite_refuses_{told}"
    satellite.refuse = None
    await until(lambda: not issues.async_get_issue(DOMAIN, issue_id))


async def test_a_machine_where_nothing_listens_is_told_and_nothing_is_asked(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, monkeypatch
) -> None:
    """As when it was unpaired while we were away. A stranger can do the same: so no question."""
    monkeypatch.setattr(trouble, "PATIENCE_S", 0.0)
    issues = ir.async_get(hass)
    issue_id = f"satellite_not_running.{room.entry_id}"
    await satellite.stop()
    await until(lambda: issues.async_get_issue(DOMAIN, issue_id))
    assert not hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    await satellite.start()
    await until(lambda: not issues.async_get_issue(DOMAIN, issue_id))


def test_a_machine_that_is_just_started_is_not_told_of() -> None:
    """Nor one that is off, however long: of that somebody knows."""
    patience = Patience()
    assert patience.told(NOBODY, 0.0) == ""
    assert patience.told(NOBODY, PATIENCE_S - 1) == ""
    assert patience.told("cannot_connect", PATIENCE_S) == "cannot_connect"
    assert patience.told(NOBODY, PATIENCE_S + 1) == ""
    assert patience.told(NOBODY, 2 * PATIENCE_S + 1) == NOBODY


async def test_a_room_from_before_pairing_is_not_linked_and_asks_for_it(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """Nobody is trusted in silence; a removed room is not mentioned."""
    room = await add_room(hass, satellite, wait=False, paired=False)
    issues = ir.async_get(hass)
    assert issues.async_get_issue(DOMAIN, f"link_not_paired.{room.entry_id}")
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == "reauth"
    assert not satellite.hellos
    result = await reconfigure(hass, room)
    result = await go_on(hass, result, {"host": "127.0.0.1", "port": satellite.port})
    assert result["errors"] == {"base": "code_needed"}
    await hass.config_entries.async_remove(room.entry_id)
    assert not [it for it in issues.issues if room.entry_id in it[1]]


async def test_what_is_wrong_at_the_satellite_is_shown_with_its_remedy(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Known problems have words of their own, unknown ones are told as they are."""
    issues = ir.async_get(hass)
    await satellite.problems("microphone_missing", "gremlins")
    await until(lambda: hass.states.get("binary_sensor.kitchen_problem").state == "on")
    keys = {
        it.translation_key
        for (_, issue_id), it in issues.issues.items()
        if issue_id.startswith("satellite_problem")
    }
    assert keys == {"satellite_problem_microphone_missing", "satellite_problem_other"}
    await satellite.problems()
    await until(lambda: hass.states.get("binary_sensor.kitchen_problem").state == "off")
    assert not [it for _, it in issues.issues if it.startswith("satellite_problem")]


async def test_unloading_ends_everything(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """In the middle of a command too; and set up again it works."""
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    assert await hass.config_entries.async_unload(room.entry_id)
    await until(lambda: not satellite.linked)
    await hass.config_entries.async_setup(room.entry_id)
    await until(lambda: hass.states.get(SATELLITE).state == "idle")
    assert (await say(satellite, SECOND)).outcome == "understood"


async def test_a_wake_word_before_the_room_is_set_up(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """It is stood down, not forgotten."""
    room.runtime_data.handler = None
    await satellite.wake(FIRST)
    assert (await satellite.expect(StandDown, FIRST)).reason == "not_ready"


async def test_another_satellite_at_the_address_is_not_used(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, monkeypatch
) -> None:
    """Nothing is sent to it and nothing it says is believed, until the room's own is back."""
    monkeypatch.setattr("custom_components.earshot.link.backoff.REFUSED_DELAY_S", 0.05)
    issue = f"another_satellite.{room.entry_id}"
    own, satellite.id = satellite.id, "0" * 32
    satellite.cut()
    await until(lambda: ir.async_get(hass).async_get_issue(DOMAIN, issue))
    assert hass.states.get(SATELLITE).state == "unavailable"
    assert hass.states.get("binary_sensor.kitchen_microphone").state == "unknown"
    assert room.runtime_data.link.reason == "another_satellite"
    satellite.id = own
    await until(lambda: hass.states.get(SATELLITE).state == "idle")
    assert not ir.async_get(hass).async_get_issue(DOMAIN, issue)


async def test_a_satellite_that_becomes_another_in_mid_link_loses_it(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    satellite.id = "0" * 32
    await satellite.welcome()
    issue = f"another_satellite.{room.entry_id}"
    await until(lambda: ir.async_get(hass).async_get_issue(DOMAIN, issue))
    assert not room.runtime_data.link.is_up
