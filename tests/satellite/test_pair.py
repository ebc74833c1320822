"""`earshot-satellite pair` and `unpair`, with a satellite that runs and one that does not."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from room import HOMES, Home, SatelliteProcess, Sound, wait_for

from earshot_satellite.cli.pair import explain
from earshot_satellite.link.addresses import outside, to_type
from earshot_satellite.settings import load
from earshot_wire.code import SATELLITE, shown
from earshot_wire.greeting import SetWakeWords
from earshot_wire.identity import Trust, make_identity
from earshot_wire.pairing import PairingError, Unpair, pair
from earshot_wire.tls import pairing_client


@pytest.fixture
def fresh(sound: Sound, tmp_path: Path) -> Iterator[SatelliteProcess]:
    """Make a satellite that nobody was ever paired with."""
    process = SatelliteProcess(sound, tmp_path, paired=False)
    yield process
    process.kill()


async def nobody(_: Trust) -> None:
    """Keep nothing."""


async def home_pairs(port: int, code: str) -> Trust:
    """Pair as a home does."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port + 1, ssl=pairing_client(), server_hostname=""
    )
    try:
        return await pair(
            reader, writer, identity=make_identity(), code=code, role=SATELLITE, keep=nobody
        )
    finally:
        writer.close()


@asynccontextmanager
async def pairing(
    satellite: SatelliteProcess, *words: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, object]]]:
    """Have the command line show a code; yield it with what it told first."""
    process = await asyncio.create_subprocess_exec(
        *satellite.command("pair", "--json", *words),
        env=satellite.env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            yield process, json.loads(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def loaded_by(satellite: SatelliteProcess) -> str:
    """Return the files that are mapped into its body."""
    assert satellite.process is not None
    return Path(f"/proc/{satellite.process.pid}/maps").read_text()


async def test_a_satellite_is_paired_and_speaks_with_nobody_else(
    fresh: SatelliteProcess,
) -> None:
    """From its first start to the link; then paired with another, whom alone it knows then."""
    fresh.start()
    wait_for(lambda: "serves nobody" in fresh.read_log(), "its start")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", fresh.port)
    async with pairing(fresh) as (process, told):
        HOMES[fresh.port] = await home_pairs(fresh.port, str(told["code"]))
        assert await process.wait() == 0
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", fresh.port + 1)
    home = Home(fresh.port)
    assert (await home.link()).paired
    status = await asyncio.to_thread(fresh.status)
    assert (status["paired"], status["pairable"], status["linked"]) == (True, False, True)

    async with pairing(fresh) as (process, told):
        # The old owner stays until then.
        home.send(SetWakeWords(words=("hey_jarvis",)))
        await home.next("earshot-welcome")
        other = await home_pairs(fresh.port, str(told["code"]))
        assert await process.wait() == 0
    await home.next("earshot-unpair")
    await home.closed()
    with pytest.raises(OSError, match="SSL"):
        # What the first home still has.
        await Home(fresh.port).open()
    HOMES[fresh.port] = other
    new = Home(fresh.port)
    await new.link()
    await new.close()
    assert (fresh.state / "pairing.pem").stat().st_mode & 0o777 == 0o600
    # What makes keys is large: it comes and goes with a process of its own.
    assert "cryptography" not in loaded_by(fresh)


async def test_a_code_ends_with_its_command_line(fresh: SatelliteProcess) -> None:
    """Also when that is killed: the port is open only while somebody looks at the code."""
    fresh.start()
    wait_for(lambda: "serves nobody" in fresh.read_log(), "its start")
    async with pairing(fresh) as (process, told):
        second = await asyncio.to_thread(fresh.cli, "pair")
        assert second.returncode == 3
        assert "already" in second.stderr
        process.send_signal(signal.SIGKILL)
        await process.wait()
    await asyncio.to_thread(wait_for, lambda: "any more" in fresh.read_log(), "the port's end")
    with pytest.raises(OSError, match="Connect"):
        await home_pairs(fresh.port, str(told["code"]))
    assert str(told["code"]) not in fresh.read_log()


def test_what_is_typed_and_how_long_it_is_good(capsys: pytest.CaptureFixture[str]) -> None:
    explain({"port": 10_700, "code": "0123456789AB"}, load(None, {}))
    said = capsys.readouterr().out
    for told in ("0123-4567-89AB", "10700", to_type(""), "ten minutes, while this command runs"):
        assert told in said


def test_the_address_that_another_machine_can_use_is_told() -> None:
    own = [("docker0", "172.17.0.1"), ("wlan0", "fd00::7"), ("wlan0", "192.168.7.9")]
    assert outside([*own, ("eth0", "10.0.0.3")]) == ["10.0.0.3", "192.168.7.9"]
    assert outside(own[:2]) == ["fd00::7"]
    assert outside(own[:1]) == []
    assert to_type("127.0.0.1") == "127.0.0.1"
    assert to_type("kitchen.lan") == "kitchen.lan"
    assert to_type("0.0.0.0") == to_type("")


async def test_a_wrong_code_is_told_at_the_satellite(fresh: SatelliteProcess) -> None:
    """Whoever stands there sees that somebody tries."""
    fresh.start()
    wait_for(lambda: "serves nobody" in fresh.read_log(), "its start")
    async with pairing(fresh) as (process, told):
        with pytest.raises(PairingError, match="wrong_code"):
            await home_pairs(fresh.port, "0" * 12)
        assert process.stdout is not None
        assert json.loads(await process.stdout.readline())["tries"] == 1
        await home_pairs(fresh.port, str(told["code"]))
        assert await process.wait() == 0


async def test_unpair_ends_the_link_at_once(home: Home, satellite: SatelliteProcess) -> None:
    """And nothing is kept of it, not even where the home came from."""
    wait_for((satellite.state / "pairing.regulars").exists, "where it came from")
    done = await asyncio.to_thread(satellite.cli, "unpair")
    assert done.returncode == 0, done.stderr
    await home.next("earshot-unpair")
    await home.closed()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", satellite.port)
    assert not (satellite.state / "pairing.pem").exists()
    wait_for(lambda: not (satellite.state / "pairing.regulars").exists(), "no address kept")


async def test_home_unpairs(home: Home, satellite: SatelliteProcess) -> None:
    """What home does when its entry is removed."""
    home.send(Unpair())
    await home.closed()
    wait_for(lambda: not (satellite.state / "pairing.pem").exists(), "the end of the pairing")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", satellite.port)


def test_unpair_of_a_satellite_that_does_not_run(satellite: SatelliteProcess) -> None:
    satellite.config.write_text(satellite.settings)
    assert "Unpaired" in satellite.cli("unpair").stdout
    assert not (satellite.state / "pairing.pem").exists()
    assert "not paired" in satellite.cli("unpair").stdout
    done = satellite.cli("pair")
    assert done.returncode == 3
    assert "does not run: " in done.stderr


def test_a_pairing_that_cannot_be_read_trusts_nobody(satellite: SatelliteProcess) -> None:
    """Half a file, as no crash of ours leaves it: a problem with its remedy, and no port."""
    file = satellite.state / "pairing.pem"
    file.write_bytes(file.read_bytes()[:300])
    satellite.start()
    wait_for(lambda: "serves nobody" in satellite.read_log(), "its start")
    problems = {each["code"]: each["remedy"] for each in satellite.status()["problems"]}
    assert "earshot-satellite pair" in problems["pairing_unreadable"]


def test_the_code_is_shown_to_people(fresh: SatelliteProcess) -> None:
    """Host, port and code, as the form in Home Assistant asks for them."""
    fresh.start()
    wait_for(lambda: "serves nobody" in fresh.read_log(), "its start")
    process = subprocess.Popen(
        fresh.command("pair"), env=fresh.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(5)]
    process.send_signal(signal.SIGINT)
    try:
        _, errors = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 1
    assert "Nobody was paired" in errors
    assert "Traceback" not in errors
    assert f"port  {fresh.port}" in lines[2]
    code = lines[3].split()[-1]
    assert shown(code.replace("-", "")) == code
