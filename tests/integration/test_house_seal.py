"""A house can be sealed as a whole, with the rooms that it will have."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.api.state import DATA_API
from custom_components.earshot.audit import Actor
from custom_components.earshot.const import CONF_LISTENERS, CONF_SEALED
from custom_components.earshot.house import DATA_HOUSE, House
from custom_components.earshot.vault import Vault

from .conftest import add_room, until
from .fake_satellite import FakeSatellite
from .house_clock import HouseClock, take_over
from .household import HTTP, Household

PASSPHRASE = "bata dine fogu kila mopa rute"
ANNA = "a" * 32
BY_ANNA = Actor(ANNA, None, "user")


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy."""
    return HTTP


@pytest.fixture
async def vault(hass: HomeAssistant, house: House) -> Vault:
    """Have the house sealed."""
    await hass.data[DATA_API].sealing.async_seal(None, ANNA, "Anna", PASSPHRASE, BY_ANNA)
    return await house.async_vault()


async def test_a_room_that_is_added_later_is_sealed(
    hass: HomeAssistant, house: House, vault: Vault, room: MockConfigEntry
) -> None:
    assert vault.is_sealed(room.entry_id)
    assert house.rules.access(room.entry_id).sealed
    async with FakeSatellite("Attic") as other:
        attic = await add_room(hass, other)
        # Once the rule holds, nothing of an unsealed room would be kept.
        await until(lambda: house.rules.access(attic.entry_id).sealed)
        assert vault.is_sealed(attic.entry_id)


async def test_a_room_with_a_seal_of_its_own_keeps_it(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    sealing = hass.data[DATA_API].sealing
    rooms = frozenset({room.entry_id})
    own = await sealing.async_seal(rooms, ANNA, "Anna", PASSPHRASE, BY_ANNA)
    await sealing.async_seal(None, "b" * 32, "Ben", PASSPHRASE, Actor("b" * 32, None, "user"))
    vault = await house.async_vault()
    assert vault._store.seals[room.entry_id].id == own


async def test_the_last_room_that_is_unsealed_unseals_the_house(
    hass: HomeAssistant, house: House, clock: HouseClock, vault: Vault, room: MockConfigEntry
) -> None:
    """Else the next one would be sealed again, and the last passphrase could never go."""
    sealing = hass.data[DATA_API].sealing
    await sealing.async_wish(room.entry_id, sealed=False, actor=BY_ANNA)
    await sealing.async_follow()
    assert vault.is_sealed(room.entry_id), "it waits for a day, like all that loosens"
    clock.later(hours=25)
    await sealing.async_follow()
    assert not vault.is_sealed(room.entry_id)
    assert room.options[CONF_SEALED] is False
    (seal,) = await sealing.async_all()
    assert not seal.scopes
    await sealing.async_remove_person(seal.id, ANNA)
    assert await sealing.async_all() == ()


async def test_it_takes_a_listener_of_every_room(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = await take_over(household.hass.data[DATA_HOUSE], monkeypatch)
    anna = await household.way(household.anna)
    asked = {"label": "Anna", "password": PASSPHRASE}
    assert await anna.refused("seals/create", **asked) == "not_allowed"
    house = household.hass.data[DATA_HOUSE]
    ben = household.people["listener of another room"].id
    both = {CONF_LISTENERS: [ben, household.anna.id]}
    await house.rules.async_change(household.study, both, Actor())
    clock.later(hours=25)
    await anna.result("seals/create", **asked)
    (seal,) = await anna.result("seals")
    assert seal["house"]
    assert set(seal["rooms"]) == {household.kitchen.entry_id, household.study.entry_id}
    await anna.close()
