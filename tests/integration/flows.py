"""What the tests of the flows have in common."""

from pathlib import Path

from homeassistant import config_entries
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.earshot.const import DOMAIN, VAULT_FOLDER
from custom_components.earshot.wire.code import shown

from .conftest import until
from .fake_satellite import FakeSatellite

HOST = "127.0.0.1"


async def start(hass: HomeAssistant, choice: str):
    """Begin the user's flow and choose from its menu."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": config_entries.SOURCE_USER}
    )
    assert result["type"] is FlowResultType.MENU
    return await go_on(hass, result, {"next_step_id": choice})


async def go_on(hass: HomeAssistant, result, answer):
    """Answer a step."""
    return await hass.config_entries.flow.async_configure(result["flow_id"], answer)


async def pair(hass: HomeAssistant, result, satellite: FakeSatellite, host: str = HOST):
    """Give a satellite's address and the code that it shows."""
    async with satellite.pairable() as port:
        where = {"host": host, "port": satellite.port, "code": shown(port.desk.code)}
        return await go_on(hass, result, where)


async def to_pipeline(hass: HomeAssistant, satellite: FakeSatellite, **details):
    """Go through the steps before the pipeline."""
    result = await pair(hass, await start(hass, "room"), satellite)
    assert result["step_id"] == "details"
    return await go_on(hass, result, {"name": "Kitchen", "room_kind": "other"} | details)


async def close_room(hass: HomeAssistant, result) -> ConfigEntry:
    """Check that the flow made a room."""
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await hass.async_block_till_done()
    return result["result"]


def keys(hass: HomeAssistant) -> set[str]:
    """Return the ids of the pairings that are kept."""
    return {it.stem for it in Path(hass.config.path(*VAULT_FOLDER, "links")).glob("*.pem")}


async def reauth(hass: HomeAssistant):
    """Return the form that asks to pair again."""
    await until(lambda: hass.config_entries.flow.async_progress_by_handler(DOMAIN))
    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == config_entries.SOURCE_REAUTH
    return await hass.config_entries.flow.async_configure(flow["flow_id"])


async def reconfigure(hass: HomeAssistant, entry: ConfigEntry):
    """Begin to give an entry another address or code."""
    return await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": config_entries.SOURCE_RECONFIGURE, "entry_id": entry.entry_id},
    )
