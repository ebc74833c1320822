"""Triggers and conditions, in automations of a real Home Assistant."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.condition import (
    async_get_all_descriptions as async_get_condition_descriptions,
)
from homeassistant.helpers.trigger import async_get_all_descriptions
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.audit import Actor, Verb
from custom_components.earshot.condition import CONDITIONS
from custom_components.earshot.const import DOMAIN
from custom_components.earshot.house import House
from custom_components.earshot.policy.retention import Outcome
from custom_components.earshot.traces import Needles
from custom_components.earshot.traces.scan import async_get_checker
from custom_components.earshot.trigger import TRIGGERS

from .conftest import add_room, until
from .fake_satellite import FakeSatellite
from .test_turn import say

MICROPHONE = "binary_sensor.kitchen_microphone"
COMMANDS = "event.kitchen_voice_command"
LISTENED = "event.kitchen_listened"
KITCHEN = "assist_satellite.kitchen"
LISTENER = Actor("0" * 32, None, "user")


class Fired:
    """Automations that write down that they ran."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self.names: list[str] = []
        hass.bus.async_listen("fired", lambda event: self.names.append(event.data["name"]))

    async def when(
        self, trigger: str, conditions: list[dict[str, Any]] | None = None, **more: Any
    ) -> None:
        """Set up an automation that is named for its trigger."""
        action = {"event": "fired", "event_data": {"name": trigger}}
        config = {
            "alias": trigger, "id": trigger, "actions": [action], "conditions": conditions or [],
            "triggers": [{"trigger": trigger if "." in trigger else f"{DOMAIN}.{trigger}", **more}],
        }  # fmt: skip
        assert await async_setup_component(self._hass, AUTOMATION, {AUTOMATION: [config]})
        await self._hass.async_block_till_done()
        assert self._hass.states.get(f"automation.{trigger.replace('.', '_')}").state == "on"

    async def settle(self) -> list[str]:
        await self._hass.async_block_till_done()
        return self.names


@pytest.fixture
async def fired(hass: HomeAssistant, house: House) -> Fired:
    """Set up nothing yet."""
    return Fired(hass)


@pytest.fixture
async def paired(hass: HomeAssistant, room: MockConfigEntry) -> AsyncGenerator[FakeSatellite]:
    """Have a room whose satellite is believed when it says that it is closed."""
    satellite = FakeSatellite("Study")
    async with satellite:
        await add_room(hass, satellite)
        yield satellite


async def mute(hass: HomeAssistant, room: str, to: str) -> None:
    entity = {"entity_id": f"switch.{room}_mute"}
    await hass.services.async_call("switch", f"turn_{to}", entity, blocking=True)


def in_area(hass: HomeAssistant, room: MockConfigEntry) -> dict[str, Any]:
    """Put a room into an area and return that as a target."""
    area = ar.async_get(hass).async_create("Downstairs")
    devices = dr.async_get(hass)
    device = devices.async_get_device_by_identifier((DOMAIN, room.entry_id), room.entry_id)
    devices.async_update_device(device.id, area_id=area.id)
    return {"area_id": area.id}


@pytest.mark.parametrize(
    ("options", "times"), [({}, 1), ({"outcome": "understood"}, 1), ({"outcome": ["failed"]}, 0)]
)
async def test_a_command_was_spoken(
    fired: Fired, satellite: FakeSatellite, room: MockConfigEntry, options: dict[str, Any],
    times: int,
) -> None:  # fmt: skip
    """Anywhere in the area; the room's other event is none."""
    target = in_area(room.runtime_data._hass, room)
    await fired.when("command_spoken", target=target, options=options)
    await room.runtime_data.house.audit.async_write(Verb.PLAYED, LISTENER, room.entry_id)
    await say(satellite)
    assert await fired.settle() == ["command_spoken"] * times


async def test_somebody_listened(fired: Fired, house: House, room: MockConfigEntry) -> None:
    await fired.when(
        "somebody_listened", target={"entity_id": LISTENED}, options={"how": ["played", "exported"]}
    )
    for verb in (Verb.READ, Verb.REFUSED, Verb.DELETED, Verb.EXPORTED):
        await house.audit.async_write(verb, LISTENER, room.entry_id)
        await fired.settle()
    assert fired.names == ["somebody_listened"] * 2


async def test_a_microphone_closes_and_opens(
    hass: HomeAssistant, fired: Fired, paired: FakeSatellite
) -> None:
    target = {"entity_id": "binary_sensor.study_microphone"}
    await fired.when("microphone_closed", target=target)
    await mute(hass, "study", "on")
    assert await fired.settle() == ["microphone_closed"]
    await paired.receipt()
    assert await fired.settle() == ["microphone_closed"]
    await mute(hass, "study", "off")
    assert await fired.settle() == ["microphone_closed"]


async def test_a_microphone_opens(hass: HomeAssistant, fired: Fired, paired: FakeSatellite) -> None:
    """Also when it was not known before."""
    target = {"entity_id": "binary_sensor.study_microphone"}
    await fired.when("microphone_opened", target=target)
    await paired.receipt(state="unverified", reason="held")
    await until(lambda: hass.states.get("binary_sensor.study_microphone").state == "unknown")
    assert await fired.settle() == []
    await paired.receipt()
    await until(lambda: hass.states.get("binary_sensor.study_microphone").state == "on")
    assert await fired.settle() == ["microphone_opened"]


async def test_a_microphone_is_not_verified_any_more(
    hass: HomeAssistant, fired: Fired, satellite: FakeSatellite
) -> None:
    """The satellite cannot prove any more what it says."""
    await fired.when("microphone_unverified", target={"entity_id": MICROPHONE})
    assert hass.states.get(MICROPHONE).state == "on"
    await satellite.receipt(state="unverified", reason="source_lost")
    await until(lambda: hass.states.get(MICROPHONE).state == "unknown")
    assert await fired.settle() == ["microphone_unverified"]


async def test_what_is_not_ours_is_not_waited_for(
    hass: HomeAssistant, fired: Fired, satellite: FakeSatellite
) -> None:
    """The satellite's problem is a binary sensor of the same room."""
    await fired.when("microphone_opened", target={"entity_id": "binary_sensor.kitchen_problem"})
    await satellite.problems("no_microphone")
    await until(lambda: hass.states.get("binary_sensor.kitchen_problem").state == "on")
    assert await fired.settle() == []


async def test_guest_mode_begins_and_ends(fired: Fired, house: House) -> None:
    await fired.when("guest_mode_began")
    await house.guest.async_begin(1, LISTENER)
    await house.guest.async_begin(2, LISTENER)
    assert await fired.settle() == ["guest_mode_began"]


async def test_guest_mode_ends(fired: Fired, house: House) -> None:
    await house.guest.async_begin(1, LISTENER)
    await fired.when("guest_mode_ended")
    async with house.guest._changing:
        await house.guest._over(LISTENER)
    assert await fired.settle() == ["guest_mode_ended"]
    await house.guest.async_begin(1, LISTENER)
    assert await fired.settle() == ["guest_mode_ended"]


async def test_a_trace_is_found(
    hass: HomeAssistant, fired: Fired, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    await fired.when("trace_found")
    gone, there = "a1" * 16, "b2" * 16
    (tmp_path / "notes.txt").write_text(f"the capture {there}")
    checker = async_get_checker(hass)
    await checker.async_check(Needles(ids=(gone,)))
    assert await fired.settle() == []
    await checker.async_check(Needles(ids=(there,)))
    assert await fired.settle() == ["trace_found"]


async def test_whether_a_microphone_is_closed(
    hass: HomeAssistant, fired: Fired, paired: FakeSatellite, satellite: FakeSatellite
) -> None:
    """P9: one that is not known is not closed, whatever the others are."""
    study = {"entity_id": "assist_satellite.study"}
    both = {"entity_id": ["assist_satellite.study", KITCHEN]}
    asked = {"condition": "earshot.microphone_is_closed"}
    nowhere: dict[str, Any] = {"area_id": "nowhere"}

    async def holds(target: dict[str, Any]) -> bool:
        return await condition(hass, {**asked, "target": target})

    assert not await holds(study)
    await mute(hass, "study", "on")
    await mute(hass, "kitchen", "on")
    await satellite.receipt(state="unverified", reason="source_lost")
    await until(lambda: hass.states.get(MICROPHONE).state == "unknown")
    assert await holds(study)
    assert not await holds(both)
    assert not await holds(nowhere)
    assert not await holds({})
    paired.cut()
    await until(lambda: hass.states.get("binary_sensor.study_microphone").state == "unknown")
    assert not await holds(study)


async def condition(hass: HomeAssistant, config: dict[str, Any]) -> bool:
    """Return whether an automation with this condition runs."""
    from homeassistant.helpers import condition as helper

    checked = await helper.async_validate_condition_config(hass, config)
    checker = await helper.async_from_config(hass, checked)
    try:
        return bool(checker.async_check())
    finally:
        checker.async_unload()


async def test_whether_guest_mode_is_on_and_a_room_keeps_nothing(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    guests = {"condition": "earshot.guest_mode_is_on"}
    nothing = {"condition": "earshot.keeps_nothing", "target": {"entity_id": KITCHEN}}
    assert house.rules.verdict(room.entry_id, Outcome.UNDERSTOOD).allows
    assert not await condition(hass, guests)
    assert not await condition(hass, nothing)
    await house.guest.async_begin(1, LISTENER)
    assert await condition(hass, guests)
    assert await condition(hass, nothing)
    async with FakeSatellite("Bath") as other:
        await add_room(hass, other, options={"room_kind": "bathroom"})
        await hass.config_entries.async_unload(room.entry_id)
        nothing["target"] = {"entity_id": "assist_satellite.bath"}
        assert await condition(hass, nothing)
        nothing["target"] = {"entity_id": ["assist_satellite.bath", KITCHEN]}
        assert not await condition(hass, nothing), "a room that is not set up says nothing"


async def test_a_condition_keeps_an_automation_from_running(fired: Fired, house: House) -> None:
    asked = {"condition": "earshot.keeps_nothing", "target": {"entity_id": KITCHEN}}
    await fired.when("earshot.guest_mode_began", [{"condition": "not", "conditions": [asked]}])
    await house.guest.async_begin(1, LISTENER)
    assert await fired.settle() == []


async def test_home_assistant_knows_all_of_them(
    hass: HomeAssistant, fired: Fired, house: House
) -> None:
    """With their descriptions and their words, as its editor shows them."""
    assert await async_setup_component(hass, AUTOMATION, {})
    triggers = await async_get_all_descriptions(hass)
    conditions = await async_get_condition_descriptions(hass)
    assert {it for it in triggers if it.startswith(DOMAIN)} == {f"{DOMAIN}.{it}" for it in TRIGGERS}
    assert {it for it in conditions if it.startswith(DOMAIN)} == {
        f"{DOMAIN}.{it}" for it in CONDITIONS
    }
    texts, icons = words()
    for part, found in (("triggers", triggers), ("conditions", conditions)):
        told = {f"{DOMAIN}.{key}": text for key, text in texts[part].items()}
        assert set(told) == {it for it in found if it.startswith(DOMAIN)}
        assert set(icons[part]) == set(texts[part])
        for key, text in told.items():
            fields = (found[key] or {}).get("fields", {})
            assert set(fields) == set(text.get("fields", {})), key
            assert text["name"]
            assert text["description"]


def words() -> tuple[dict[str, Any], dict[str, Any]]:
    import json
    from pathlib import Path

    folder = Path(__file__).parents[2] / "custom_components" / DOMAIN
    texts = json.loads((folder / "translations" / "en.json").read_text())
    return texts, json.loads((folder / "icons.json").read_text())
