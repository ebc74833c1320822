"""Guest mode: nothing new is kept in any room until it ends, by itself or by a listener."""

import pytest
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.audit import Actor, AuditError, Verb
from custom_components.earshot.guest import MOST_HOURS, Guest
from custom_components.earshot.house import House
from custom_components.earshot.policy.retention import Outcome, Rule

from .conftest import add_room, over, until
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .house_clock import HouseClock
from .test_rules import ANNA, BEN, change
from .test_turn import FIRST, SECOND, say

SWITCH = "switch.earshot_house_guest_mode"
ME = Actor(ANNA, name="user")


async def turn(hass: HomeAssistant, how: str, user_id: str | None = None) -> None:
    """Flip the switch as somebody."""
    await hass.services.async_call(
        "switch", f"turn_{how}", {"entity_id": SWITCH}, blocking=True,
        context=Context(user_id=user_id),
    )  # fmt: skip


@pytest.fixture
async def listener(hass: HomeAssistant, house: House, clock: HouseClock, room) -> str:
    """Have somebody who may listen to the kitchen."""
    user = await hass.auth.async_create_user("Anna", group_ids=["system-admin"])
    await change(house, room, listeners=[user.id])
    clock.later(hours=25)
    return user.id


async def test_nothing_new_is_kept_and_what_is_kept_stays(
    hass: HomeAssistant, house: House, room: MockConfigEntry, satellite: FakeSatellite,
    speech: FakeSpeech,
) -> None:  # fmt: skip
    """Begun by anybody: here by an automation."""
    await say(satellite, FIRST)
    await until(lambda: house.usage)
    await turn(hass, "on")
    assert hass.states.get(SWITCH).state == "on"
    assert hass.states.get(SWITCH).attributes["until"] == house.guest.until
    await until(lambda: any(it.startswith("Guest mode is on for 12 hours") for it in speech.spoken))
    assert (await say(satellite, SECOND)).outcome == "understood"
    await hass.async_block_till_done()
    assert not house._keeping
    await house.async_purge()
    assert house.usage[room.entry_id].captures == 1
    verdict = house.rules.verdict(room.entry_id, Outcome.UNDERSTOOD)
    assert verdict.audio.rule is Rule.GUEST


async def test_it_ends_by_itself_and_no_clock_ends_it_sooner(
    hass: HomeAssistant,
    house: House,
    clock: HouseClock,
    room: MockConfigEntry,
) -> None:
    await house.guest.async_begin(12, ME)
    clock.set_wall(100)
    assert house.guest.is_on
    clock.set_wall(-300)
    clock.later(hours=11.9)
    assert house.guest.is_on
    clock.later(hours=0.2)
    assert not house.guest.is_on
    assert house.guest.until is None
    assert house.rules.verdict(room.entry_id, Outcome.UNDERSTOOD).allows


async def test_a_clock_that_is_believed_again_does_not_end_it_either(
    hass: HomeAssistant, house: House, clock: HouseClock
) -> None:
    """A wrong clock is believed after a day; how long the machine ran still decides."""
    await house.guest.async_begin(48, ME)
    clock.set_wall(100)
    assert not house.reading().trusted
    for _ in range(30):
        clock.later(hours=1)
        house.reading()
    assert house.reading().trusted
    assert house.guest.is_on
    clock.later(hours=19)
    assert not house.guest.is_on


async def test_a_restart_does_not_end_it_and_it_ends_on_time_while_nothing_ran(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry,
    speech: FakeSpeech,
) -> None:  # fmt: skip
    await house.guest.async_begin(12, ME)
    await until(lambda: house.guest._told)
    clock.later(hours=6)
    house.guest._stop_waiting()
    house.guest = Guest(hass, house)
    await house.guest.async_start()
    assert house.guest.is_on
    assert house.guest._told
    clock.later(hours=7)
    house.guest._stop_waiting()
    house.guest = Guest(hass, house)
    await house.guest.async_start()
    assert not house.guest.is_on
    await until(lambda: any(it.startswith("Guest mode is over") for it in speech.spoken))


async def test_only_a_listener_ends_it_early(
    hass: HomeAssistant,
    house: House,
    listener: str,
    speech: FakeSpeech,
) -> None:
    """Not an administrator who is none, and no automation."""
    await turn(hass, "on")
    admin = await hass.auth.async_create_user("Admin", group_ids=["system-admin"])
    for user_id in (admin.id, None):
        with pytest.raises(ServiceValidationError) as raised:
            await turn(hass, "off", user_id)
        assert raised.value.translation_key == "guest_mode_not_yours"
        assert house.guest.is_on
    await turn(hass, "off", listener)
    assert not house.guest.is_on
    assert hass.states.get(SWITCH).state == "off"
    lines = await house.audit.async_lines(None, None, 20)
    assert {it.verb for it in lines} >= {Verb.GUEST_BEGUN, Verb.GUEST_ENDED}
    assert next(it for it in lines if it.verb is Verb.GUEST_ENDED).actor.user_id == listener
    await until(lambda: any(it.startswith("Guest mode is over") for it in speech.spoken))
    await turn(hass, "off")


async def test_begun_again_it_is_never_shortened(
    hass: HomeAssistant,
    house: House,
    clock: HouseClock,
) -> None:
    """Else anybody could end it, by beginning it for an hour."""
    await house.guest.async_begin(12, ME)
    await house.guest.async_begin(1, Actor(BEN, name="user"))
    clock.later(hours=11)
    assert house.guest.is_on
    await house.guest.async_begin(2, ME)
    clock.later(hours=1.5)
    assert house.guest.is_on
    clock.later(hours=1)
    assert not house.guest.is_on


async def test_begun_again_and_again_it_does_not_fill_the_log(
    hass: HomeAssistant, house: House
) -> None:
    """Anybody can begin it; it lasts longer each time, and is not told each time."""
    for hours in range(1, 51):
        await house.guest.async_begin(hours, ME)
    assert house.guest.left_s > 49 * 3_600
    await over("earshot log")
    lines = await house.audit.async_lines(None, None, 100)
    assert 1 <= len([it for it in lines if it.verb is Verb.GUEST_BEGUN]) <= 20


@pytest.mark.parametrize("hours", [0, -1, MOST_HOURS + 1])
async def test_it_has_bounds(hass: HomeAssistant, house: House, hours: int) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        await house.guest.async_begin(hours, ME)
    assert raised.value.translation_key == "guest_mode_hours"
    assert not house.guest.is_on


async def test_without_the_log_it_begins_and_does_not_end_early(
    hass: HomeAssistant,
    house: House,
    listener: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(*_: object) -> int:
        raise AuditError("no")

    monkeypatch.setattr(house.audit, "async_write", fail)
    await turn(hass, "on")
    assert house.guest.is_on
    with pytest.raises(HomeAssistantError) as raised:
        await turn(hass, "off", listener)
    assert raised.value.translation_key == "audit_unavailable"
    assert house.guest.is_on


async def test_every_room_hears_of_it_also_one_that_was_away(
    hass: HomeAssistant, house: House, room: MockConfigEntry, speech: FakeSpeech,
) -> None:  # fmt: skip
    def told() -> int:
        return sum(it.startswith("Guest mode is on") for it in speech.spoken)

    async with FakeSatellite("Hall") as hall:
        other = await add_room(hass, hall)
        await hall.stop()
        await until(lambda: not other.runtime_data.link.is_up)
        await house.guest.async_begin(12, ME)
        await until(lambda: house.guest._told == {room.entry_id})
        assert told() == 1
        await hall.start()
        await until(lambda: house.guest._told == {room.entry_id, other.entry_id})
        assert told() == 2
