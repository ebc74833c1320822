"""Changing rules in the options: what goes is counted first, what is loosened is said first."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.audit import AuditError
from custom_components.earshot.house import House
from custom_components.earshot.policy.retention import Outcome
from custom_components.earshot.vault import Selection, Vault, VaultError

from .conftest import until
from .fake_satellite import FakeSatellite
from .house_clock import take_over
from .test_rules import ANNA, DAY, audio_s
from .test_turn import say

KEPT = {"room_kind": "other", "audio": "as_house", "transcript": "as_house"}
LISTENING = {
    "listeners": [], "second_factor": False, "remote": False, "long_lived": False,
    "plain_http": False,
}  # fmt: skip
HOUSE = {
    "audio": "1_day", "transcript": "7_days", "understood": "as_house",
    "not_understood": "as_house", "false_wake": "6_hours", "failed": "as_house", "size_cap": 2048,
}  # fmt: skip


async def begin(hass: HomeAssistant, entry: MockConfigEntry, step: str | None = None) -> Any:
    """Open the options, and a step of the menu."""
    result = await hass.config_entries.options.async_init(entry.entry_id)
    if step is None:
        return result
    return await go_on(hass, result, {"next_step_id": step})


async def go_on(hass: HomeAssistant, result: Any, answer: dict[str, Any]) -> Any:
    """Answer a step."""
    return await hass.config_entries.options.async_configure(result["flow_id"], answer)


async def kept(house: House, satellite: FakeSatellite) -> None:
    """Have one command kept."""
    await say(satellite)
    await until(lambda: house.usage)


async def test_what_is_wider_than_nothing_needs_no_question(
    hass: HomeAssistant,
    house: House,
    room: MockConfigEntry,
) -> None:
    """Nothing goes and nothing is loosened: the change is made, and the room stays linked."""
    loaded = room.runtime_data
    result = await begin(hass, room)
    assert result["menu_options"] == ["kept", "listening", "local", "unasked", "forget"]
    result = await go_on(hass, result, {"next_step_id": "kept"})
    result = await go_on(hass, result, KEPT | {"audio": "1_hour"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert hass.states.get("select.kitchen_keep_audio").state == "1_hour"
    assert room.runtime_data is loaded


async def test_the_count_of_what_goes_comes_before_it_goes(
    hass: HomeAssistant, house: House, room: MockConfigEntry, satellite: FakeSatellite,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Seen and left, nothing happens; seen and agreed to, it goes after five minutes."""
    await kept(house, satellite)
    result = await begin(hass, room, "kept")
    result = await go_on(hass, result, KEPT | {"transcript": "never"})
    assert result["step_id"] == "narrow"
    assert result["description_placeholders"]["rooms"] == "- Kitchen: 0 / 1"
    hass.config_entries.options.async_abort(result["flow_id"])
    assert room.options.get("transcript") is None

    result = await begin(hass, room, "kept")
    result = await go_on(hass, result, KEPT | {"transcript": "never"})
    result = await go_on(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    clock = await take_over(house, monkeypatch)
    clock.later(minutes=6)
    report = await house.async_purge()
    assert (report.audio, report.transcripts) == (0, 1)


async def test_the_house_counts_every_room(
    hass: HomeAssistant,
    house: House,
    room: MockConfigEntry,
    satellite: FakeSatellite,
) -> None:
    await kept(house, satellite)
    result = await begin(hass, house.entry)
    assert result["step_id"] == "house"
    result = await go_on(hass, result, HOUSE | {"understood": "never", "failed": "forever"})
    assert result["description_placeholders"]["rooms"] == "- Kitchen: 1 / 1"
    await go_on(hass, result, {})
    assert audio_s(house, room) == 0
    assert audio_s(house, room, Outcome.FAILED) == DAY
    assert house.entry.options["size_cap"] == 2048


async def test_what_is_loosened_is_said_before_it_is_made(
    hass: HomeAssistant,
    house: House,
    room: MockConfigEntry,
) -> None:
    """Who, and how, and that it waits."""
    user = await hass.auth.async_create_user("Ben", group_ids=["system-users"])
    result = await begin(hass, room, "listening")
    result = await go_on(hass, result, LISTENING | {"listeners": [user.id], "remote": True})
    assert result["step_id"] == "loosen"
    said = result["description_placeholders"]["changes"]
    assert said == "- Somebody else may listen\n- Listening from outside the house"
    assert "listeners" not in room.options
    result = await go_on(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert room.options["listeners"] == [user.id]
    assert house.rules.audience(room.entry_id) == frozenset()


async def test_both_are_shown_one_after_the_other(
    hass: HomeAssistant,
    house: House,
    room: MockConfigEntry,
    satellite: FakeSatellite,
) -> None:
    await kept(house, satellite)
    result = await begin(hass, house.entry)
    result = await go_on(hass, result, HOUSE | {"audio": "30_days", "transcript": "never"})
    assert result["step_id"] == "narrow"
    result = await go_on(hass, result, {})
    assert result["step_id"] == "loosen"
    result = await go_on(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_where_commands_may_go(
    hass: HomeAssistant,
    house: House,
    room: MockConfigEntry,
) -> None:
    result = await begin(hass, room, "local")
    result = await go_on(hass, result, {"local_only": True, "debug_allowed": False})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert house.rules.access(room.entry_id).local_only
    result = await begin(hass, room, "local")
    result = await go_on(hass, result, {"local_only": False, "debug_allowed": True})
    assert result["step_id"] == "loosen"
    await go_on(hass, result, {})
    assert house.rules.access(room.entry_id).local_only
    assert not house.rules.allows_debug(room.entry_id)


async def test_only_people_are_offered_as_listeners(
    hass: HomeAssistant,
    house: House,
    room: MockConfigEntry,
) -> None:
    """No user of the system, nobody who was switched off."""
    await hass.auth.async_create_user("Owner")
    await hass.auth.async_create_system_user("Machine")
    off = await hass.auth.async_create_user("Off")
    await hass.auth.async_update_user(off, is_active=False)
    ben = await hass.auth.async_create_user("Ben")
    result = await begin(hass, room, "listening")
    key = next(it for it in result["data_schema"].schema if it == "listeners")
    offered = {it["value"] for it in result["data_schema"].schema[key].config["options"]}
    people = {it.id for it in await hass.auth.async_get_users() if not it.system_generated}
    assert offered == people - {off.id}
    assert ben.id in offered


async def test_forgetting_a_room_shows_how_much_and_takes_it_all(
    hass: HomeAssistant,
    house: House,
    room: MockConfigEntry,
    satellite: FakeSatellite,
) -> None:
    await kept(house, satellite)
    result = await begin(hass, room, "forget")
    assert result["description_placeholders"]["captures"] == "1"
    assert house.usage
    result = await go_on(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    vault = await house.async_vault()
    assert await vault.async_count(Selection()) == {}


async def test_without_the_log_the_flow_says_that_nothing_was_loosened(
    hass: HomeAssistant,
    house: House,
    room: MockConfigEntry,
    monkeypatch,
) -> None:
    async def fail(*_: object) -> int:
        raise AuditError("no")

    monkeypatch.setattr(house.audit, "async_write", fail)
    result = await begin(hass, room, "listening")
    result = await go_on(hass, result, LISTENING | {"plain_http": True})
    result = await go_on(hass, result, {})
    assert result["reason"] == "audit_unavailable"
    assert "plain_http" not in room.options
    assert ANNA not in house.rules.audience(room.entry_id)


async def test_a_smaller_vault_says_how_much_does_not_fit(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left, the size stays; agreed to, it is changed. What fits is not asked about."""
    asked = []

    async def three(_vault: Vault, size_cap: int) -> int:
        asked.append(size_cap)
        return 3

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "async_would_evict", three)
        result = await go_on(hass, await begin(hass, house.entry), HOUSE | {"size_cap": 256})
        assert result["step_id"] == "cap"
        assert result["description_placeholders"] == {"captures": "3", "size": "256"}
        assert asked == [256 * 2**20]
        assert house.size_cap == 2048 * 2**20
        result = await go_on(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert house.size_cap == 256 * 2**20
    result = await go_on(hass, await begin(hass, house.entry), HOUSE | {"size_cap": 512})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_without_the_vault_what_goes_is_not_said_to_be_nothing(
    hass: HomeAssistant, house: House, room: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules are made all the same; what nobody can count is not called nought."""

    async def damaged() -> Vault:
        raise VaultError("damaged")

    monkeypatch.setattr(house, "async_vault", damaged)
    result = await begin(hass, house.entry)
    result = await go_on(hass, result, HOUSE | {"understood": "never", "size_cap": 64})
    assert result["step_id"] == "narrow_unknown"
    result = await go_on(hass, result, {})
    assert result["step_id"] == "cap"
    assert result["description_placeholders"]["captures"] == "?"
    result = await go_on(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert house.entry.options["understood"] == "never"
    result = await begin(hass, room, "forget")
    assert result["reason"] == "vault_unavailable"
