"""Repairs tells what stands between a home and its privacy, and stops when it is over."""

import shutil
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from homeassistant.auth.mfa_modules import auth_mfa_module_from_config
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_fire_time_changed,
)

from custom_components.earshot.audit import Actor
from custom_components.earshot.const import DOMAIN
from custom_components.earshot.disk import nearly_full
from custom_components.earshot.house import DATA_HOUSE, House
from custom_components.earshot.issues import tell_link
from custom_components.earshot.link.trouble import NOT_PAIRED
from custom_components.earshot.plain_text import plain
from custom_components.earshot.privacy_issues import tell_recorded

from .conftest import until
from .house_clock import HouseClock

GIB = 2**30
MIB = 2**20


def issue(hass: HomeAssistant, issue_id: str) -> ir.IssueEntry | None:
    """Return what Repairs tells."""
    return ir.async_get(hass).async_get_issue(DOMAIN, issue_id)


async def later(hass: HomeAssistant, hours: int = 2) -> None:
    """Let some time pass, once the vault is open: its patience would pass as well."""
    await until(lambda: hass.data[DATA_HOUSE].is_open)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(hours=hours))
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("free", "total", "full"),
    [
        (0, 0, True),
        (499 * MIB, GIB, True),
        (600 * MIB, 8 * GIB, False),
        (600 * MIB, 64 * GIB, True),
        (4 * GIB, 64 * GIB, False),
    ],
)
def test_what_is_nearly_full(free: int, total: int, full: bool) -> None:
    assert nearly_full(free, total) is full


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Anna's room (2nd floor) *new* #1", "Anna's room (2nd floor) *new* #1"),
        ("[x](http://evil.example)", "[\u2060x]\u2060(http:\u2060//evil.example)"),
        ("![](//evil.example/p.png)", "!\u2060[\u2060]\u2060(//evil.example/p.png)"),
        ("<img src=x>", "<\u2060img src=x>"),
        ("WWW.evil.example", "WWW\u2060.evil.example"),
        ("Den\n\n# Call 555\u202e", "Den # Call 555 "),
    ],
)
def test_a_name_is_no_markdown(name: str, told: str) -> None:
    """Everybody can name things; administrators read Repairs."""
    assert plain(name) == told


async def test_the_name_of_a_room_makes_no_link_in_repairs(
    hass: HomeAssistant, room: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(room, title="[Den](http://evil.example)")
    tell_recorded(hass, room, recorded=True)
    tell_link(hass, room, NOT_PAIRED)
    issues = [it for it in ir.async_get(hass).issues.values() if it.domain == DOMAIN]
    rooms = [it.translation_placeholders["room"] for it in issues]
    assert rooms == [plain(room.title)] * 2
    assert "](" not in rooms[0]


async def test_a_disk_that_is_nearly_full(
    hass: HomeAssistant, speech_entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SimpleNamespace(free=100 * MIB, total=GIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk)
    await later(hass)
    await until(lambda: issue(hass, "disk_nearly_full"))
    assert issue(hass, "disk_nearly_full").translation_placeholders == {"free": "100"}

    def unreadable(_: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(shutil, "disk_usage", unreadable)
    await later(hass, 4)
    assert issue(hass, "disk_nearly_full"), "what cannot be read is not enough room"
    disk.free = 900 * MIB
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk)
    await later(hass, 6)
    await until(lambda: not issue(hass, "disk_nearly_full"))


async def test_administrators_without_a_second_factor(
    hass: HomeAssistant, speech_entry: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    """They are counted, not named: everybody in the home can read Repairs."""
    second_factor = "administrator_without_second_factor"
    await later(hass)
    await until(lambda: issue(hass, second_factor))
    told = issue(hass, second_factor)
    assert told.translation_placeholders == {"count": "1"}
    assert not told.is_fixable

    module = await auth_mfa_module_from_config(hass, {"type": "insecure_example", "data": []})
    hass.auth._mfa_modules["insecure_example"] = module
    await module.async_setup_user(hass_admin_user.id, {"pin": "1234"})
    await later(hass, 4)
    await until(lambda: not issue(hass, second_factor))

    await module.async_depose_user(hass_admin_user.id)
    await later(hass, 6)
    await until(lambda: issue(hass, second_factor))
    await hass.auth.async_update_user(hass_admin_user, is_active=False)
    await until(lambda: not issue(hass, second_factor))


async def test_people_who_cannot_administer_need_none(
    hass: HomeAssistant, speech_entry: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    MockUser(is_owner=True, system_generated=True).add_to_hass(hass)
    await later(hass)
    assert not issue(hass, "administrator_without_second_factor")


async def test_a_room_that_can_be_listened_to_without_encryption(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry
) -> None:
    """From when it holds, not from when somebody wished it; and no longer than that."""
    told = f"plain_http.{room.entry_id}"
    await house.rules.async_change(room, {"plain_http": True}, Actor())
    await later(hass, 1)
    assert not issue(hass, told)
    clock.later(hours=24)
    await later(hass, 2)
    await until(lambda: issue(hass, told))
    assert issue(hass, told).translation_placeholders == {"room": room.title}
    await house.rules.async_change(room, {"plain_http": False}, Actor())
    await until(lambda: not issue(hass, told))
