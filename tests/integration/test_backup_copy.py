"""The copy for a backup that cannot be made, and the one that nobody asked to have removed."""

from pathlib import Path

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot import backups
from custom_components.earshot.const import CONF_BACKUP, DOMAIN
from custom_components.earshot.house import House
from custom_components.earshot.vault import VaultFullError

from .conftest import until
from .test_house_trouble import look_after


def told(hass: HomeAssistant) -> list[str]:
    """Return what Repairs says of backups."""
    return [
        issue
        for domain, issue in ir.async_get(hass).issues
        if domain == DOMAIN and issue.startswith("backup_without_records")
    ]


def exists(copy: Path) -> bool:
    """Return whether the copy is there."""
    return copy.is_dir()


@pytest.fixture
def copy(hass: HomeAssistant) -> Path:
    """Return where backups look."""
    return Path(hass.config.path("earshot_sealed"))


@pytest.fixture
def wanted(hass: HomeAssistant, house: House, room: MockConfigEntry) -> None:
    """Have the house want its sealed records in backups."""
    assert house.entry is not None
    options = {**house.entry.options, CONF_BACKUP: True}
    hass.config_entries.async_update_entry(house.entry, options=options)


@pytest.mark.usefixtures("wanted")
async def test_repairs_says_that_a_backup_is_without_the_records(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until one has them again. The backup of the home itself goes on."""
    vault = await house.async_vault()

    async def full() -> None:
        raise VaultFullError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(vault, "async_begin_backup", full)
        await house.backups.async_begin()
        assert len(told(hass)) == 1
        await house.backups.async_end()
    await house.backups.async_begin()
    assert told(hass) == []
    await house.backups.async_end()


@pytest.mark.usefixtures("wanted")
async def test_a_copy_that_was_forgotten_goes(
    hass: HomeAssistant, house: House, copy: Path
) -> None:
    """A backup whose end was never told is over after six hours, and not before."""
    await house.backups.async_begin()
    assert exists(copy)
    assert house.backups._since is not None
    house.backups._since -= backups.LONGEST_S - 60
    await house.backups.async_look_after()
    assert exists(copy)
    house.backups._since -= 61
    look_after(hass)
    await until(lambda: not exists(copy))
