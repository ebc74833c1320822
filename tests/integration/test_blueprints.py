"""The blueprints: each is loaded by Home Assistant, runs, and a room's mute switch really turns."""

import shutil
from collections.abc import AsyncGenerator, Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.earshot import mute as mute_module
from custom_components.earshot.audit import Actor, Verb
from custom_components.earshot.house import House

from .conftest import until
from .fake_satellite import FakeSatellite
from .test_mute import SWITCH, turn

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "blueprints" / "automation" / "earshot"
REPOSITORY = "https://github.com/earshot-voice/earshot"
LISTENED = "event.kitchen_listened"

type Begin = Callable[..., Coroutine[Any, Any, None]]


@pytest.fixture
async def begin(hass: HomeAssistant) -> AsyncGenerator[Begin]:
    """Return what makes an automation of a blueprint; stop it at the end."""
    folder = Path(hass.config.path("blueprints", "automation", "earshot"))
    shutil.copytree(FOLDER, folder)

    async def automation(name: str, **inputs: object) -> None:
        use = {"path": f"earshot/{name}.yaml", "input": inputs}
        config = {"automation": [{"id": name, "alias": name, "use_blueprint": use}]}
        assert await async_setup_component(hass, "automation", config)
        await hass.async_block_till_done()
        assert hass.states.get(f"automation.{name}").state == "on"

    yield automation
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


@pytest.fixture(autouse=True)
async def things(hass: HomeAssistant, home: HomeAssistant) -> None:
    """Have a door, a person and a television, whose states a test sets."""
    for entity, state in (
        ("binary_sensor.bedroom_door", "on"),
        ("person.anna", "home"),
        ("media_player.television", "off"),
    ):
        hass.states.async_set(entity, state)


def muted(hass: HomeAssistant) -> bool:
    return hass.states.get(SWITCH).state == "on"


def running(hass: HomeAssistant, name: str) -> bool:
    return bool(hass.states.get(f"automation.{name}").attributes["current"])


async def said(hass: HomeAssistant, entity: str, state: str, *, mute: bool) -> None:
    """Let an entity have a state, and wait until the room is muted or not."""
    hass.states.async_set(entity, state)
    await until(lambda: muted(hass) is mute)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_home_assistant_takes_it(path: Path) -> None:
    """A blueprint that Home Assistant would import, for automations, with a name and a text."""
    blueprint = Blueprint(
        load_yaml(path), path=path.name, expected_domain="automation", schema=BLUEPRINT_SCHEMA
    )
    assert blueprint.validate() is None
    assert blueprint.name.startswith("Earshot: ")
    assert blueprint.metadata["description"]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_there_is_a_link_to_import_it(path: Path) -> None:
    """HACS does not bring blueprints along, so each has a link that does."""
    source = quote(f"{REPOSITORY}/blob/main/{path.relative_to(ROOT)}", safe="")
    assert (
        f"blueprint_import/?blueprint_url={source})" in (ROOT / "docs/automations.md").read_text()
    )


async def test_a_closed_door(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, begin: Begin
) -> None:
    """The door closes: the satellite is muted. It opens: the satellite listens again."""
    door = "binary_sensor.bedroom_door"
    await begin("microphone_off_by_closed_door", mutes=[SWITCH], doors=[door])
    await said(hass, door, "off", mute=True)
    await until(lambda: satellite.remote_mute)
    await said(hass, door, "on", mute=False)
    await until(lambda: not satellite.remote_mute)


async def test_a_door_whose_sensor_says_nothing_is_closed(
    hass: HomeAssistant, room: MockConfigEntry, begin: Begin
) -> None:
    """Not known to be open: muted."""
    door = "binary_sensor.bedroom_door"
    await begin("microphone_off_by_closed_door", mutes=[SWITCH], doors=[door])
    await said(hass, door, "unavailable", mute=True)
    await said(hass, door, "on", mute=False)


async def test_a_door_that_closes_while_the_room_is_being_opened(
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    begin: Begin,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A satellite that is slow to open is closed again: a closed door is a closed microphone."""
    monkeypatch.setattr(mute_module, "ANSWER_S", 0.5)
    door = "binary_sensor.bedroom_door"
    await begin("microphone_off_by_closed_door", mutes=[SWITCH], doors=[door])
    await said(hass, door, "off", mute=True)
    await until(lambda: satellite.remote_mute)
    satellite.answers_mute = False
    await said(hass, door, "on", mute=False)
    hass.states.async_set(door, "off")
    satellite.answers_mute = True
    await until(lambda: muted(hass) and satellite.remote_mute)
    await said(hass, door, "on", mute=False)


async def test_a_mute_of_somebody_stays(
    hass: HomeAssistant, room: MockConfigEntry, begin: Begin
) -> None:
    """A room that somebody muted before is not opened by a door."""
    door = "binary_sensor.bedroom_door"
    await begin("microphone_off_by_closed_door", mutes=[SWITCH], doors=[door])
    await turn(hass, "on")
    hass.states.async_set(door, "off")
    await hass.async_block_till_done()
    hass.states.async_set(door, "on")
    await hass.async_block_till_done()
    assert muted(hass)


async def test_a_mute_of_somebody_meanwhile_stays(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, begin: Begin
) -> None:
    """Somebody who unmuted and muted again behind the closed door wants it so."""
    door = "binary_sensor.bedroom_door"
    await begin("microphone_off_by_closed_door", mutes=[SWITCH], doors=[door])
    await said(hass, door, "off", mute=True)
    await until(lambda: satellite.remote_mute)
    await turn(hass, "off")
    await turn(hass, "on")
    hass.states.async_set(door, "on")
    await until(lambda: not running(hass, "microphone_off_by_closed_door"))
    assert muted(hass)


@pytest.mark.parametrize(
    ("off_while", "there", "away", "unsure"),
    [("nobody", False, True, True), ("somebody", True, False, True)],
)
async def test_presence(
    hass: HomeAssistant, room: MockConfigEntry, begin: Begin,
    off_while: str, *, there: bool, away: bool, unsure: bool,
) -> None:  # fmt: skip
    """Nobody at home, or somebody in the guest room; who cannot be found means muted."""
    hass.states.async_set("person.anna", "home" if away else "not_home")
    await begin(
        "microphone_off_by_presence", mutes=[SWITCH], people=["person.anna"], off_while=off_while
    )
    for state, mute in (
        ("not_home", away), ("home", there), ("Work", away), ("home", there),
        ("not_home", away), ("unavailable", unsure), ("home", there), ("not_home", away),
    ):  # fmt: skip
        await said(hass, "person.anna", state, mute=mute)


async def test_the_television_runs(
    hass: HomeAssistant, room: MockConfigEntry, begin: Begin
) -> None:
    """Playing: muted. Paused, off, or switched off at the wall: not."""
    television = "media_player.television"
    await begin("microphone_off_during_call_or_television", mutes=[SWITCH], busy=[television])
    for state in ("paused", "off", "unavailable"):
        await said(hass, television, "playing", mute=True)
        await said(hass, television, state, mute=False)


async def test_hours(
    hass: HomeAssistant, room: MockConfigEntry, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From one time to another, over midnight too; what is said in between changes nothing."""
    await hass.config.async_set_time_zone("UTC")
    clock = dt_util.utcnow().replace(hour=21, minute=59, second=58, microsecond=0)
    monkeypatch.setattr(dt_util, "now", lambda zone=None: clock.astimezone(zone))
    await begin("microphone_off_by_schedule", mutes=[SWITCH], begin="22:00:00", end="07:00:00")
    assert not muted(hass)
    clock += timedelta(seconds=4)
    async_fire_time_changed(hass, clock)
    await until(lambda: muted(hass))
    clock += timedelta(hours=9)
    async_fire_time_changed(hass, clock)
    await until(lambda: not muted(hass))


@pytest.mark.parametrize(
    "heard",
    [(Verb.PLAYED, "listened"), (Verb.EXPORTED, "exported"), (Verb.REFUSED, "refused")],
)
async def test_somebody_listened(
    hass: HomeAssistant, house: House, room: MockConfigEntry, begin: Begin, heard: tuple[Verb, str]
) -> None:
    """Each line of the log that is a listen is told once, with the room; no other line is."""
    told = async_mock_service(hass, "notify", "phone")
    tell = [{"action": "notify.phone", "data": {"message": "{{ message }}"}}]
    await begin("tell_me_when_someone_listened", listened=[LISTENED], tell=tell)
    verb, word = heard
    somebody = Actor(name="user", user_id="anna")
    await house.audit.async_write(Verb.PINNED, somebody, room.entry_id)
    await house.audit.async_write(verb, somebody, room.entry_id)
    await until(lambda: told)
    await hass.async_block_till_done()
    (call,) = told
    assert "Kitchen" in call.data["message"]
    assert word in call.data["message"]


async def test_an_old_listen_is_not_told_again(hass: HomeAssistant, begin: Begin) -> None:
    """What comes back with a restart is what was told before it."""
    told = async_mock_service(hass, "notify", "phone")
    await begin(
        "tell_me_when_someone_listened", listened=[LISTENED], tell=[{"action": "notify.phone"}]
    )
    hass.states.async_set(LISTENED, "unavailable")
    hass.states.async_set(LISTENED, "2026-11-01T10:00:00+00:00", {"event_type": "played"})
    await hass.async_block_till_done()
    assert not told
    hass.states.async_set(LISTENED, "2026-11-01T11:00:00+00:00", {"event_type": "played"})
    await until(lambda: told)
