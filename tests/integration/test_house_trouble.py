"""Bad luck: a vault that is held, a log that does not open, a room that goes meanwhile."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.earshot.api.state import DATA_API
from custom_components.earshot.audit import Actor
from custom_components.earshot.const import CONF_KIND, DOMAIN, VAULT_FOLDER, EntryKind
from custom_components.earshot.house import DATA_HOUSE, PURGE_INTERVAL, House
from custom_components.earshot.vault import (
    StoreDamagedError,
    Vault,
    VaultClosedError,
    VaultUnavailableError,
)
from custom_components.earshot.vault.audit.log import AuditLog

from .conftest import add_room, until
from .fake_satellite import FakeSatellite
from .test_house_vault import report

PASSPHRASE = "bata dine fogu kila mopa rute"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a deletion look into a folder of its own for temporary files, not the machine's."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


def look_after(hass: HomeAssistant) -> None:
    """Let the time come at which the house looks after its vault."""
    async_fire_time_changed(hass, dt_util.utcnow() + 2 * PURGE_INTERVAL, fire_all=True)


def told(hass: HomeAssistant) -> set[str]:
    """Return what Repairs says of the vault."""
    return {id_ for _, id_ in ir.async_get(hass).issues if id_.startswith("vault")}


async def test_a_vault_that_could_not_be_opened_is_tried_again(
    hass: HomeAssistant, home: HomeAssistant, satellite: FakeSatellite
) -> None:
    """Repairs says so meanwhile, and not any more when it is open."""
    held = await Vault.async_open(Path(hass.config.path(*VAULT_FOLDER)))
    room = await add_room(hass, satellite)
    house = hass.data[DATA_HOUSE]
    with pytest.raises(VaultUnavailableError):
        await house.async_vault()
    assert told(hass)
    look_after(hass)
    with pytest.raises(VaultUnavailableError):
        await house.async_vault()
    await held.async_close()
    look_after(hass)
    await until(lambda: house.is_open and house.audit.tip is not None)
    assert not told(hass)
    assert await house.keep(room.entry_id, report())


async def test_a_log_that_could_not_be_opened_is_tried_again(
    hass: HomeAssistant,
    home: HomeAssistant,
    satellite: FakeSatellite,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody can listen until then."""

    def damaged(*_: object) -> AuditLog:
        raise StoreDamagedError("planted")

    with monkeypatch.context() as patched:
        patched.setattr(AuditLog, "open", damaged)
        await add_room(hass, satellite)
        house = hass.data[DATA_HOUSE]
        await house.async_vault()
    assert house.audit.tip is None
    look_after(hass)
    await until(lambda: house.audit.tip is not None)


async def test_a_room_that_is_removed_takes_all_along_and_leaves_a_line(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """The line is for everybody: a room that is no more has no people to read it."""
    assert await house.keep(room.entry_id, report())
    await hass.config_entries.async_remove(room.entry_id)
    lines = await house.audit.async_lines(frozenset(), None, 10)
    assert [(it.verb, it.room_id, it.target, it.detail) for it in lines if it.target] == [
        ("deleted", None, room.entry_id, "room_removed_1")
    ]
    assert not house.usage


async def test_what_was_kept_for_a_room_that_is_no_more_goes_too(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """A command that was on its way, or a removal that the power interrupted."""
    turn = house.keep(room.entry_id, report())
    assert turn
    vault = await house.async_vault()
    await hass.config_entries.async_remove(room.entry_id)
    await turn
    look_after(hass)
    async with asyncio.timeout(10):
        while await vault.async_usage():  # noqa: ASYNC110 - what is kept tells nobody
            await asyncio.sleep(0.01)


async def test_a_removed_room_is_in_no_seal(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """What was sealed of it is gone, and its id is nobody's any more."""
    sealing = hass.data[DATA_API].sealing
    await sealing.async_seal(
        frozenset({room.entry_id}), "0" * 32, "somebody", PASSPHRASE, Actor("0" * 32, None, "user")
    )
    vault = await house.async_vault()
    assert vault.is_sealed(room.entry_id)
    await hass.config_entries.async_remove(room.entry_id)
    (seal,) = await sealing.async_all()
    async with asyncio.timeout(10):
        while seal.scopes:
            await asyncio.sleep(0.01)
            (seal,) = await sealing.async_all()
    assert not vault.is_sealed(room.entry_id)


async def test_nobody_opens_what_is_being_destroyed(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks meanwhile is told no; nothing is made anew in the folder that goes."""
    destroy, asked = Vault.async_destroy, []

    async def and_somebody_asks(vault: Vault) -> None:
        with pytest.raises(VaultClosedError):
            await house.async_vault()
        asked.append(True)
        await destroy(vault)

    monkeypatch.setattr(Vault, "async_destroy", and_somebody_asks)
    entries = hass.config_entries.async_entries(DOMAIN)
    # While there are rooms, their house is made again.
    for entry in sorted(entries, key=lambda it: it.data[CONF_KIND] == EntryKind.HOUSE):
        await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert asked
    assert not await hass.async_add_executor_job(house.folder.exists)
