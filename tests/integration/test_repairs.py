"""A room without a pipeline is repaired where it is told."""

from http import HTTPStatus
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import DOMAIN

from .conftest import add_room, set_up, until
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .test_turn import say


async def start_repair_fix_flow(client: Any, handler: str, issue_id: str) -> dict[str, Any]:
    """Open a repair as the frontend does."""
    answer = await client.post(
        "/api/repairs/issues/fix", json={"handler": handler, "issue_id": issue_id}
    )
    assert answer.status == HTTPStatus.OK, await answer.text()
    return await answer.json()


async def process_repair_fix_flow(
    client: Any, flow_id: str, answers: dict[str, Any]
) -> dict[str, Any]:
    """Answer a step of a repair as the frontend does."""
    answer = await client.post(f"/api/repairs/issues/fix/{flow_id}", json=answers)
    assert answer.status == HTTPStatus.OK, await answer.text()
    return await answer.json()


async def begin(hass: HomeAssistant, hass_client: Any, entry: MockConfigEntry):
    """Open the repair of a room."""
    assert await async_setup_component(hass, "repairs", {})
    client = await hass_client()
    step = await start_repair_fix_flow(client, DOMAIN, f"pipeline_missing.{entry.entry_id}")
    return client, step


async def test_repair_adds_the_speech_service(
    hass: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, hass_client: Any
) -> None:
    """From nothing to a working room; a wrong address can be corrected."""
    entry = await add_room(hass, satellite)
    client, step = await begin(hass, hass_client, entry)
    assert step["step_id"] == "add_speech"
    step = await process_repair_fix_flow(
        client, step["flow_id"], {"host": "127.0.0.1", "port": satellite.port}
    )
    assert step["errors"] == {"base": "cannot_connect"}
    step = await process_repair_fix_flow(
        client, step["flow_id"], {"host": "127.0.0.1", "port": speech.port}
    )
    assert step["type"] == "create_entry"
    await hass.async_block_till_done()
    assert hass.states.get("select.kitchen_assistant").state == "Earshot"
    assert (await say(satellite)).outcome == "understood"
    assert not ir.async_get(hass).async_get_issue(DOMAIN, f"pipeline_missing.{entry.entry_id}")


async def test_repair_uses_the_engines_that_are_there(
    hass: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, hass_client: Any
) -> None:
    """Nothing is asked that is known."""
    entry = await add_room(hass, satellite)
    service = MockConfigEntry(
        domain=DOMAIN, title="Earshot speech", unique_id="s",
        data={"kind": "speech", "host": "127.0.0.1", "port": speech.port},
    )  # fmt: skip
    await set_up(hass, service)
    client, step = await begin(hass, hass_client, entry)
    assert step["step_id"] == "confirm"
    step = await process_repair_fix_flow(client, step["flow_id"], {})
    assert step["type"] == "create_entry"
    await until(lambda: hass.states.get("select.kitchen_assistant").state == "Earshot")


async def test_repair_in_a_language_that_is_not_spoken(
    hass: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, hass_client: Any
) -> None:
    """The error says so."""
    hass.config.language = "fi"
    entry = await add_room(hass, satellite)
    client, step = await begin(hass, hass_client, entry)
    step = await process_repair_fix_flow(
        client, step["flow_id"], {"host": "127.0.0.1", "port": speech.port}
    )
    assert step["errors"] == {"base": "language"}


async def test_repair_of_a_room_that_is_gone(
    hass: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, hass_client: Any
) -> None:
    """It was removed while the form was open."""
    entry = await add_room(hass, satellite)
    client, step = await begin(hass, hass_client, entry)
    await hass.config_entries.async_remove(entry.entry_id)
    step = await process_repair_fix_flow(
        client, step["flow_id"], {"host": "127.0.0.1", "port": speech.port}
    )
    assert step["reason"] == "room_gone"
