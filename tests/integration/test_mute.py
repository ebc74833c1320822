"""Mute: the wish is the switch, the truth is the microphone sensor, and they are kept apart."""

import asyncio
import copy
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.earshot import mute as mute_module
from custom_components.earshot import mute_store
from custom_components.earshot.audit import Verb
from custom_components.earshot.const import DOMAIN
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.mute import Mute
from custom_components.earshot.wire.microphone import Evidence, SetMute
from custom_components.earshot.wire.turn import Listen, StandDown, TurnEnd

from .conftest import LIGHT, add_room, until
from .fake_satellite import FakeSatellite
from .test_turn import FIRST, SECOND, outcome, say

SWITCH = "switch.kitchen_mute"
MICROPHONE = "binary_sensor.kitchen_microphone"


async def turn(hass: HomeAssistant, to: str) -> None:
    """Turn the mute switch."""
    await hass.services.async_call("switch", f"turn_{to}", {"entity_id": SWITCH}, blocking=True)


def reason(hass: HomeAssistant) -> tuple[str, str]:
    """Return state and reason of the microphone."""
    state = hass.states.get(MICROPHONE)
    return state.state, state.attributes["reason"]


async def test_mute_and_unmute(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The satellite is asked with a nonce and answers with what it verified."""
    await turn(hass, "on")
    assert satellite.remote_mute
    assert satellite.all(SetMute)[-1].nonce
    assert hass.states.get(SWITCH).state == "on"
    await turn(hass, "off")
    assert not satellite.remote_mute
    assert hass.states.get(SWITCH).state == "off"
    assert reason(hass) == ("on", "verified")


async def test_closed_over_a_paired_link_is_off(
    hass: HomeAssistant, home: HomeAssistant, speech_entry, satellite: FakeSatellite
) -> None:
    """With a known far end a fresh receipt is a fact, with its evidence."""
    await add_room(hass, satellite)
    satellite.remote_mute = True
    await satellite.receipt(evidence=(Evidence(source="ear", state="closed", detail="exited"),))
    await until(lambda: reason(hass) == ("off", "verified"))
    assert hass.states.get(MICROPHONE).attributes["evidence"][0]["source"] == "ear"


@pytest.mark.parametrize(("state", "why"), [("unverified", "no_source"), ("unverified", "")])
async def test_unverified_is_unknown(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, state: str, why: str
) -> None:
    """What the satellite could not verify is not shown as anything."""
    await satellite.receipt(state=state, reason=why)
    await until(lambda: reason(hass) == ("unknown", why or "unverified"))


async def test_an_old_receipt_says_nothing(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """A satellite that stopped verifying turns unknown by itself after 30 s."""
    await until(lambda: reason(hass) == ("on", "verified"))
    room.runtime_data._verified -= 31
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=32))
    await until(lambda: reason(hass) == ("unknown", "stale"))


async def test_a_lost_link_says_nothing(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The last receipt is worth nothing when nobody is there."""
    await satellite.stop()
    await until(lambda: reason(hass) == ("unknown", "not_linked"))
    assert hass.states.get(SWITCH).state == "off"
    assert hass.states.get("assist_satellite.kitchen").state == "unavailable"
    assert hass.states.get("binary_sensor.kitchen_problem").state == "unavailable"


async def test_a_wish_without_a_link_is_carried_out_before_any_audio(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Muted while the satellite was off: the first thing it hears of us is the mute."""
    await satellite.stop()
    await until(lambda: hass.states.get("assist_satellite.kitchen").state == "unavailable")
    await turn(hass, "on")
    assert hass.states.get(SWITCH).state == "on"
    satellite.got.clear()
    await satellite.start()
    assert (await satellite.expect(SetMute)).muted
    await satellite.wake(FIRST)
    assert (await satellite.expect(StandDown, FIRST)).reason == "muted"
    assert not satellite.all(Listen)
    assert await outcome(hass) == "muted"


async def test_a_mute_outlives_home_assistant(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, hass_storage
) -> None:
    """It is on disk when the switch has turned, and repeated to a satellite that forgot it."""
    await turn(hass, "on")
    assert hass_storage["earshot.mute"]["data"][room.entry_id]["muted"]
    await hass.config_entries.async_unload(room.entry_id)
    satellite.remote_mute = False
    await hass.config_entries.async_setup(room.entry_id)
    await until(lambda: satellite.remote_mute)
    assert hass.states.get(SWITCH).state == "on"


async def test_a_satellite_that_lost_its_state_does_not_lift_the_mute(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """It greets us as unmuted before it has read the mute: that is not our wish."""
    await turn(hass, "on")
    seen = []
    hass.bus.async_listen("state_changed", lambda event: seen.append(event.data))
    await satellite.stop()
    await until(lambda: hass.states.get("assist_satellite.kitchen").state == "unavailable")
    satellite.remote_mute = False
    await satellite.start()
    await until(lambda: satellite.remote_mute)
    assert hass.states.get(SWITCH).state == "on"
    assert not [
        data for data in seen if data["entity_id"] == SWITCH and data["new_state"].state == "off"
    ]


async def test_a_mute_of_the_device_cannot_be_lifted_here(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The error names the room and the remedy; nothing is sent."""
    satellite.local_mute = True
    await satellite.receipt()
    await until(lambda: hass.states.get(SWITCH).state == "on")
    satellite.got.clear()
    with pytest.raises(ServiceValidationError) as raised:
        await turn(hass, "off")
    assert raised.value.translation_key == "muted_at_device"
    assert not satellite.all(SetMute)
    assert hass.states.get(SWITCH).state == "on"


async def test_muted_at_the_device_meanwhile(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Unmuting here says so when the satellite answers that it stays muted there."""
    await turn(hass, "on")
    satellite.local_mute = True
    with pytest.raises(ServiceValidationError):
        await turn(hass, "off")
    assert hass.states.get(SWITCH).state == "on"


async def test_unmuted_at_the_device_is_taken_over(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The switch follows what holds at the satellite."""
    await turn(hass, "on")
    satellite.remote_mute = False
    await satellite.receipt()
    await until(lambda: hass.states.get(SWITCH).state == "off")


async def test_a_satellite_that_does_not_answer_the_mute(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, monkeypatch
) -> None:
    """The wish stays and is repeated; nothing is granted meanwhile."""
    monkeypatch.setattr(mute_module, "ANSWER_S", 0.1)
    satellite.answers_mute = False
    await turn(hass, "on")
    assert hass.states.get(SWITCH).state == "on"
    await satellite.receipt()
    await satellite.wake(FIRST)
    assert (await satellite.expect(StandDown, FIRST)).reason == "muted"
    satellite.answers_mute = True
    satellite.cut()
    await until(lambda: satellite.remote_mute)


async def test_no_target_of_a_whole_room_turns_it(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """ "All off" must not open a microphone: the switch is of the configuration category."""
    entry = er.async_get(hass).async_get(SWITCH)
    assert entry.entity_category is EntityCategory.CONFIG
    await turn(hass, "on")
    await hass.services.async_call(
        "switch", "turn_off", {"device_id": entry.device_id}, blocking=True
    )
    assert satellite.remote_mute


async def test_a_room_works_again_after_unmuting(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Muted and back."""
    await turn(hass, "on")
    await satellite.wake(FIRST)
    await satellite.expect(StandDown, FIRST)
    await turn(hass, "off")
    assert (await say(satellite, SECOND)).outcome == "understood"


async def test_a_removed_room_leaves_no_wish(
    hass: HomeAssistant, room: MockConfigEntry, hass_storage
) -> None:
    """Nothing is left of a room that is gone."""
    await turn(hass, "on")
    await hass.config_entries.async_remove(room.entry_id)
    assert room.entry_id not in hass_storage["earshot.mute"]["data"]
    assert not [it for it in er.async_get(hass).entities if it.startswith("switch.kitchen")]
    assert DOMAIN in hass.data


@pytest.mark.parametrize("cut", ["muted", "microphone", "switch", "receipt"])
async def test_a_command_cut_off_is_not_carried_out(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, cut: str
) -> None:
    """Muted 0.2 s before the end: nothing changes, nothing is kept, and the room goes on."""
    reports = []
    room.runtime_data.async_listen_turns(reports.append)
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await satellite.speak(FIRST, bytes(32 * 300))
    await until(lambda: room.runtime_data.handler._turn._pcm_size == 32 * 300)
    if cut == "switch":
        await turn(hass, "on")
    elif cut == "receipt":
        satellite.local_mute = True
        await satellite.receipt()
    await satellite.end_audio(FIRST, "microphone" if cut == "microphone" else "muted")
    told, event = ("failed", "failed") if cut == "microphone" else ("cancelled", "muted")
    assert (await satellite.expect(TurnEnd, FIRST)).outcome == told
    assert await outcome(hass) == event
    assert hass.states.get(LIGHT).state == "off"
    assert [(it.pcm, it.transcript) for it in reports] == [(b"", None)]
    if cut == "muted":
        assert (await say(satellite, SECOND)).outcome == "understood"


async def test_an_unmute_that_waits_is_overtaken_by_a_mute(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, monkeypatch
) -> None:
    """The log is slow, somebody mutes meanwhile: the last order holds, and is written down."""
    mute, house = room.runtime_data.mute, hass.data[DATA_HOUSE]
    await turn(hass, "on")
    vault = await house.async_vault()
    opening = hass.loop.create_future()
    monkeypatch.setattr(house, "_vault", opening)
    unmuting = asyncio.create_task(turn(hass, "off"))
    await until(lambda: mute._lifting)
    await turn(hass, "on")
    opening.set_result(vault)
    await unmuting
    await hass.async_block_till_done()
    assert satellite.remote_mute
    assert hass.states.get(SWITCH).state == "on"
    assert [it.muted for it in satellite.all(SetMute)] == [True, True]
    written = [
        it.verb
        for it in await house.audit.async_lines(None, None, 9)
        if it.verb in (Verb.MUTED, Verb.UNMUTED)
    ]
    assert written == [Verb.MUTED, Verb.UNMUTED, Verb.MUTED]


@pytest.mark.parametrize("domain", ["switch", "homeassistant"])
async def test_of_two_orders_at_once_the_later_holds(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, domain: str
) -> None:
    """Core hands an order on a moment later; it is as old as it is."""
    await turn(hass, "on")
    off = hass.services.async_call(domain, "turn_off", {"entity_id": SWITCH}, blocking=True)
    await asyncio.gather(off, turn(hass, "on"))
    assert satellite.remote_mute
    assert hass.states.get(SWITCH).state == "on"
    await hass.services.async_call(domain, "turn_off", {"entity_id": SWITCH}, blocking=True)
    assert not satellite.remote_mute


async def test_only_the_answer_to_the_latest_order_settles_it(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, monkeypatch
) -> None:
    """Receipts cross it, the link breaks before it is carried out: the room is to be muted."""
    monkeypatch.setattr(mute_module, "ANSWER_S", 0.1)
    mute = room.runtime_data.mute
    await turn(hass, "on")
    satellite.answers_mute = False
    await turn(hass, "off")
    await turn(hass, "on")
    unmute, latest = satellite.all(SetMute)[-2:]
    await satellite.receipt()
    satellite.remote_mute = False
    await satellite.receipt(unmute.nonce)
    await satellite.receipt()
    await until(lambda: mute._latest.sequence == satellite._sequence)
    assert (mute.wished, mute.pending) == (True, True)
    # An answer that it was not carried out settles nothing either.
    await satellite.receipt(latest.nonce)
    await until(lambda: mute._latest.nonce == latest.nonce)
    assert (mute.wished, mute.pending) == (True, True)
    satellite.answers_mute = True
    satellite.cut()
    await until(lambda: satellite.remote_mute and not mute.pending)
    assert hass.states.get(SWITCH).state == "on"


async def test_a_receipt_from_before_the_latest_says_nothing(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """What was verified before the mute came after its answer."""
    mute, seen = room.runtime_data.mute, []
    await turn(hass, "on")
    hass.bus.async_listen("state_changed", lambda event: seen.append(event.data))
    satellite.remote_mute = False
    satellite._sequence -= 2
    await satellite.receipt()
    satellite.remote_mute = True
    satellite._sequence += 2
    await satellite.receipt()
    await until(lambda: mute._latest.sequence == satellite._sequence)
    assert mute.wished
    assert "off" not in [it["new_state"].state for it in seen if it["entity_id"] == SWITCH]
    assert "on" not in [it["new_state"].state for it in seen if it["entity_id"] == MICROPHONE]


async def test_a_receipt_that_was_overtaken_never_shows_an_open_microphone_as_closed(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """It was closed a moment ago."""
    await satellite.receipt()
    await until(lambda: hass.states.get(MICROPHONE).state == "on")
    satellite._sequence -= 2
    await satellite.receipt(state="closed")
    await satellite.problems("speaker_missing")
    await until(lambda: room.runtime_data.problems)
    assert room.runtime_data.receipt.state == "open"
    assert hass.states.get(MICROPHONE).state == "on"


async def start_again(
    hass: HomeAssistant, room: MockConfigEntry, *, restore: Callable[[], None] = lambda: None
) -> Mute:
    """Set the room up as after a start of Home Assistant, with what is in its storage then."""
    await hass.config_entries.async_unload(room.entry_id)
    await hass.async_block_till_done()
    restore()
    hass.data.pop(mute_store._STORE)
    await hass.config_entries.async_setup(room.entry_id)
    await until(lambda: room.runtime_data.link.is_up and room.runtime_data.receipt)
    return room.runtime_data.mute


async def test_a_restored_backup_unmutes_nothing(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, hass_storage
) -> None:
    """It was made while the satellite was away and was to be unmuted when it is back."""
    await turn(hass, "on")
    await satellite.stop()
    await until(lambda: hass.states.get("assist_satellite.kitchen").state == "unavailable")
    await turn(hass, "off")
    backup = copy.deepcopy(hass_storage["earshot.mute"])
    await satellite.start()
    await until(lambda: not satellite.remote_mute)
    await turn(hass, "on")
    satellite.got.clear()
    restore = partial(hass_storage.update, {"earshot.mute": backup})
    mute = await start_again(hass, room, restore=restore)
    await until(lambda: mute.wished)
    assert satellite.remote_mute
    assert not [it for it in satellite.all(SetMute) if not it.muted]


async def test_a_satellite_that_was_set_back_is_believed_again(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """A snapshot of its machine was restored: the same boot, and it counts from before."""
    satellite._sequence = 10**9
    satellite.local_mute = True
    await satellite.receipt()
    await until(lambda: room.runtime_data.mute.at_device)
    satellite._sequence = 500
    satellite.local_mute = False
    satellite.cut()
    await until(lambda: hass.states.get(MICROPHONE).state == "on")
    assert not room.runtime_data.mute.at_device
