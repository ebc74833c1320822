"""A satellite is found, or followed to where it moved; who only claims to be one is not."""

from ipaddress import ip_address

import pytest
from homeassistant import config_entries
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import DOMAIN

from .conftest import add_room
from .fake_satellite import FakeSatellite, free_port
from .flows import HOST, close_room, go_on, to_pipeline


def found(satellite: FakeSatellite, host: str = HOST, **properties: str) -> ZeroconfServiceInfo:
    """Return what mDNS would say."""
    return ZeroconfServiceInfo(
        ip_address=ip_address(host), ip_addresses=[ip_address(host)], port=satellite.port,
        hostname="room.local.", name="room._earshot._tcp.local.", type="_earshot._tcp.local.",
        properties=properties,
    )  # fmt: skip


async def discover(hass: HomeAssistant, info: ZeroconfServiceInfo):
    """Have a satellite discovered."""
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": config_entries.SOURCE_ZEROCONF}, data=info
    )


async def test_a_satellite_is_discovered(hass: HomeAssistant, satellite: FakeSatellite) -> None:
    """Found, paired with its code, described, added."""
    result = await discover(hass, found(satellite, id=satellite.id, pairing="1"))
    assert result["step_id"] == "zeroconf_confirm"
    result = await go_on(hass, result, {"code": "what?"})
    assert result["errors"] == {"base": "no_code"}
    async with satellite.pairable() as port:
        result = await go_on(hass, result, {"code": port.desk.code})
    assert result["step_id"] == "details"
    result = await go_on(hass, result, {"name": "Kitchen", "room_kind": "unset"})
    result = await go_on(hass, result, {"next_step_id": "without_speech"})
    entry = await close_room(hass, result)
    assert entry.data["port"] == satellite.port


@pytest.mark.parametrize(
    ("properties", "reason"),
    [({}, "not_earshot"), ({"id": "a" * 32}, "not_pairing"), ({"pairing": "1"}, "not_earshot")],
)
async def test_what_cannot_be_paired_is_not_offered(
    hass: HomeAssistant, satellite: FakeSatellite, properties: dict[str, str], reason: str
) -> None:
    result = await discover(hass, found(satellite, **properties))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == reason


async def test_a_satellite_that_moved_is_followed(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """A new address of a known satellite goes into its entry."""
    await satellite.stop()
    satellite.port = free_port()
    await satellite.start()
    result = await discover(hass, found(satellite, id=satellite.id))
    assert result["reason"] == "already_configured"
    assert room.data["port"] == satellite.port
    await hass.async_block_till_done()
    await satellite.wait(lambda: satellite.linked)


async def test_without_our_keys_nobody_is_followed(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """Nothing would prove who is there."""
    room = await add_room(hass, satellite, wait=False, pairing="0" * 32)
    async with FakeSatellite("Moved") as moved:
        result = await discover(hass, found(moved, id=satellite.id))
    assert result["reason"] == "already_configured"
    assert room.data["port"] == satellite.port


async def test_who_claims_to_be_a_satellite_that_moved_is_not_believed(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Anybody can announce its id; only who has its key is followed. Its link stays."""
    async with FakeSatellite("Liar") as liar:
        result = await discover(hass, found(liar, id=satellite.id))
        assert result["reason"] == "already_configured"
        assert not liar.hellos
    assert room.data["port"] == satellite.port
    assert satellite.linked
    assert satellite.hellos == 1


async def test_a_room_is_not_added_twice_by_hand_and_discovery(
    hass: HomeAssistant, home: HomeAssistant, satellite: FakeSatellite
) -> None:
    """The set-up by hand goes on while a discovery of the same satellite waits."""
    await discover(hass, found(satellite, id=satellite.id, pairing="1"))
    result = await to_pipeline(hass, satellite)
    await close_room(hass, await go_on(hass, result, {"next_step_id": "without_speech"}))
    assert not hass.config_entries.flow.async_progress_by_handler(DOMAIN)
