"""A room that is there: moved, paired anew, removed."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import CONF_KIND, CONF_PAIRING, DOMAIN
from custom_components.earshot.wire.pairing import Unpair

from .conftest import add_room, until
from .fake_satellite import FakeSatellite, pair_of_trust
from .flows import HOST, go_on, keys, reauth


async def test_a_room_gets_another_address(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """Only if the same satellite answers there, and none of its code is needed."""
    async with FakeSatellite("Other") as other:
        result = await room.start_reconfigure_flow(hass)
        result = await go_on(hass, result, {"host": HOST, "port": other.port})
        assert result["errors"] == {"base": "another_satellite"}
        assert not other.hellos
    result = await go_on(hass, result, {"host": HOST, "port": other.port})
    assert result["errors"] == {"base": "cannot_connect"}
    result = await go_on(hass, result, {"host": "localhost", "port": satellite.port})
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert room.data["host"] == "localhost"
    await satellite.wait(lambda: satellite.linked)


async def test_the_house_has_no_address(hass: HomeAssistant, room: MockConfigEntry) -> None:
    """There is nothing to reconfigure."""
    house = next(
        it for it in hass.config_entries.async_entries(DOMAIN) if it.data[CONF_KIND] == "house"
    )
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": house.entry_id}
    )
    assert result["reason"] == "house_has_no_address"


async def test_a_satellite_that_unpaired_us_is_paired_again(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """It says so, we ask for a code, and the older keys go."""
    older = room.data[CONF_PAIRING]
    await satellite.send(Unpair())
    await satellite.use(None)
    result = await reauth(hass)
    assert result["step_id"] == "reauth_confirm"
    result = await go_on(hass, result, {"code": "what?"})
    assert result["errors"] == {"base": "no_code"}
    async with satellite.pairable() as port:
        result = await go_on(hass, result, {"code": port.desk.code})
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    await satellite.wait(lambda: satellite.linked)
    assert keys(hass) == {room.data[CONF_PAIRING]} != {older}


async def test_lost_keys_are_told_and_made_anew(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """As after a backup was restored: it holds the entry, and no keys."""
    room = await add_room(hass, satellite, wait=False, pairing="0" * 32)
    issue = f"link_keys_lost.{room.entry_id}"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue)
    result = await room.start_reconfigure_flow(hass)
    result = await go_on(hass, result, {"host": HOST, "port": satellite.port})
    assert result["errors"] == {"base": "code_needed"}
    hass.config_entries.flow.async_abort(result["flow_id"])
    result = await reauth(hass)
    async with satellite.pairable() as port:
        result = await go_on(hass, result, {"code": port.desk.code})
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    await satellite.wait(lambda: satellite.linked)
    await until(lambda: not ir.async_get(hass).async_get_issue(DOMAIN, issue))


async def test_a_room_is_paired_again_only_with_its_own_satellite(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The code of another one does not make it this room; it is let go again, and that is told."""
    async with FakeSatellite("Other") as other, other.pairable() as port:
        result = await room.start_reconfigure_flow(hass)
        where = {"host": HOST, "port": other.port, "code": port.desk.code}
        result = await go_on(hass, result, where)
        assert result["errors"] == {"base": "paired_another"}
        await other.expect(Unpair)
    assert room.data["port"] == satellite.port
    assert keys(hass) == {room.data[CONF_PAIRING]}


async def test_the_code_of_another_room_of_ours_unpairs_nobody(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """That room goes on with the new keys; this one is as it was."""
    async with FakeSatellite("Other") as other:
        theirs = await add_room(hass, other)
        older = theirs.data[CONF_PAIRING]
        async with other.pairable() as port:
            result = await room.start_reconfigure_flow(hass)
            where = {"host": HOST, "port": other.port, "code": port.desk.code}
            result = await go_on(hass, result, where)
        assert result["errors"] == {"base": "paired_another_room"}
        await hass.async_block_till_done()
        await other.wait(lambda: other.linked and other.hellos > 2)
        assert theirs.data[CONF_PAIRING] != older
        assert keys(hass) == {it.data[CONF_PAIRING] for it in (room, theirs)}
        result = await go_on(hass, result, {"host": HOST, "port": satellite.port})
        assert result["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        await satellite.wait(lambda: satellite.linked)


async def test_what_the_link_answers_ends_the_question(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, monkeypatch
) -> None:
    """Another satellite had its address for a while: nothing is asked when it is back."""
    monkeypatch.setattr("custom_components.earshot.link.backoff.REFUSED_DELAY_S", 0.05)
    trust = satellite.trust
    await satellite.use(pair_of_trust()[0])
    satellite.cut()
    await reauth(hass)
    await satellite.use(trust)
    await until(lambda: not hass.config_entries.flow.async_progress_by_handler(DOMAIN))
    await satellite.wait(lambda: satellite.linked)


async def test_a_room_that_is_removed_is_unpaired(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """At both ends; and a satellite that is off keeps nobody from it."""
    async with FakeSatellite("Off") as off:
        other = await add_room(hass, off)
    await hass.config_entries.async_remove(other.entry_id)
    await hass.config_entries.async_remove(room.entry_id)
    await satellite.expect(Unpair)
    assert satellite.trust is None
    assert not keys(hass)
