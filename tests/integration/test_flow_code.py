"""Pairing in a flow: every wrong code and every wrong address is told apart."""

import asyncio

import pytest
from homeassistant.core import HomeAssistant

from custom_components.earshot.link import greet
from custom_components.earshot.wire import pairing
from custom_components.earshot.wire.code import new_code, shown
from custom_components.earshot.wire.identity import Trust
from custom_components.earshot.wire.pairing import Unpair

from .conftest import until
from .fake_satellite import FakeSatellite, free_port
from .fake_speech import FakeSpeech
from .flows import HOST, go_on, keys, pair, start


async def test_a_satellite_of_another_version(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """A welcome in another version is no welcome, and the pairing is forgotten."""
    satellite.version = 99
    result = await pair(hass, await start(hass, "room"), satellite)
    assert result["errors"] == {"base": "version"}
    assert not keys(hass)


async def test_a_wrong_code_can_be_entered_again(
    hass: HomeAssistant, satellite: FakeSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is still good; what is no code at all is not even sent."""
    monkeypatch.setattr(pairing, "SLOW_S", 0.1)
    result = await start(hass, "room")
    async with satellite.pairable() as port:
        for code, error in (("what?", "no_code"), (new_code(), "wrong_code")):
            where = {"host": HOST, "port": satellite.port, "code": code}
            result = await go_on(hass, result, where)
            assert result["errors"] == {"base": error}
        assert port.desk.tries == 1
        result = await go_on(hass, result, where | {"code": shown(port.desk.code).lower()})
    assert result["step_id"] == "details"
    hass.config_entries.flow.async_abort(result["flow_id"])
    await satellite.expect(Unpair)


async def test_a_flow_that_is_left_leaves_nothing(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """The satellite would trust a home that is nobody's room."""
    result = await pair(hass, await start(hass, "room"), satellite)
    assert len(keys(hass)) == 1
    hass.config_entries.flow.async_abort(result["flow_id"])
    await satellite.expect(Unpair)
    await until(lambda: not keys(hass))
    assert satellite.trust is None


async def test_a_satellite_that_cannot_be_paired_now(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """It is there, and shows no code."""
    result = await start(hass, "room")
    where = {"host": HOST, "port": satellite.port, "code": new_code()}
    result = await go_on(hass, result, where)
    assert result["errors"] == {"base": "not_pairing"}
    assert not keys(hass)


async def test_a_satellite_that_vanishes_after_it_wrote(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """Its last word is lost, and both are paired all the same."""
    use = satellite.use

    async def vanish(trust: Trust) -> None:
        await use(trust)
        raise ConnectionResetError

    satellite.use = vanish
    result = await start(hass, "room")
    async with satellite.pairable() as port:
        # An error of the link, not of the disk: nothing more is said.
        port.desk.serve = cut_short(port.desk.serve)
        where = {"host": HOST, "port": satellite.port, "code": port.desk.code}
        result = await go_on(hass, result, where)
    assert result["step_id"] == "details"


async def test_a_satellite_that_takes_its_time_to_open_its_link(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    """It is met at another try; else it would trust a home that forgot it, and want a new code."""
    use, starting = satellite.use, []

    async def late(trust: Trust) -> None:
        await satellite.stop()
        await use(trust)
        satellite.use = use
        loop = asyncio.get_running_loop()
        loop.call_later(0.3, lambda: starting.append(loop.create_task(satellite.start())))

    satellite.use = late
    result = await pair(hass, await start(hass, "room"), satellite)
    assert starting
    assert result["step_id"] == "details"


def cut_short(serve):
    """Have a desk hang up instead of saying that it failed."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        write = writer.write

        def silent(data: bytes) -> None:
            if b"refused" in data:
                writer.transport.abort()
            else:
                write(data)

        writer.write = silent
        return await serve(reader, writer)

    return served


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no_pairing"),
        (b"", "no_pairing"),
        (b'{"type": "earshot-pair-offer"}\n', "no_pairing"),
        (b"x" * 200_000, "no_pairing"),
        (None, "cannot_connect"),
    ],
)
async def test_something_else_answers(
    hass: HomeAssistant, answer: bytes | None, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Garbage, silence and other protocols are told apart from an absent satellite."""
    monkeypatch.setattr(greet, "HANDSHAKE_S", 0.3)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()

    port = free_port()
    server = await asyncio.start_server(serve, HOST, port + 1)
    result = await start(hass, "room")
    result = await go_on(hass, result, {"host": HOST, "port": port, "code": new_code()})
    assert result["errors"]["base"] in {error, "not_trusted"}
    server.close()
    await server.wait_closed()


async def test_a_stock_wyoming_satellite(hass: HomeAssistant, speech: FakeSpeech) -> None:
    """What answers Wyoming's describe is sent to the Wyoming integration."""
    result = await start(hass, "room")
    where = {"host": HOST, "port": speech.port, "code": new_code()}
    result = await go_on(hass, result, where)
    assert result["errors"] == {"base": "wyoming_satellite"}
