"""The service paired by its command line: TLS over the network, plain on its own machine only."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import ifaddr
import pytest
from wyoming.event import Event
from wyoming.info import Describe

from earshot_speech.cli import main
from earshot_speech.cli.pair import explain
from earshot_wire.code import SPEECH
from earshot_wire.framing import read_event, write_event
from earshot_wire.identity import Trust, make_identity
from earshot_wire.limits import SPEECH_LIMITS, VERSION
from earshot_wire.pairing import Unpair, pair
from earshot_wire.speech import Transcribe
from earshot_wire.tls import paired_client, pairing_client

HERE = "127.0.0.1"


class Running:
    """A service of its own, with a state of its own."""

    def __init__(self, folder: Path) -> None:
        # Below are ports of others, above those that outgoing connections take.
        self.port = random.randrange(12_000, 32_000)
        self.folder = folder
        self.settings = folder / "speech.toml"
        self.log = folder / "log"
        self.settings.write_text(
            f'[link]\nport = {self.port}\n[state]\nfolder = "{folder}/state"\n'
        )
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self.command("run"), stderr=log)

    def command(self, word: str, *more: str) -> list[str]:
        return [sys.executable, "-m", "earshot_speech", word, "--config", str(self.settings), *more]

    def wait_log(self, words: str, count: int = 1) -> None:
        deadline = time.monotonic() + 60
        while self.log.read_text().count(words) < count:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    async def pair(self) -> Trust:
        """Be paired with a home, which keeps what it gets."""
        process = await asyncio.create_subprocess_exec(
            *self.command("pair", "--json"), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        async with asyncio.timeout(60):
            code = json.loads(await process.stdout.readline())["code"]
            reader, writer = await asyncio.open_connection(
                HERE, self.port + 1, ssl=pairing_client(), server_hostname=""
            )
            trust = await pair(
                reader, writer, identity=make_identity(), code=code, role=SPEECH, keep=nobody
            )
            writer.close()
            assert json.loads(await process.stdout.readline()) == {"result": "paired"}
            assert await process.wait() == 0
        return trust

    async def ask(
        self, event: Event, host: str = HERE, context: ssl.SSLContext | None = None
    ) -> Event | None:
        """Return the first answer to an event; None when there is none."""
        tls = {"ssl": context, "server_hostname": ""} if context is not None else {}
        writer = None
        try:
            async with asyncio.timeout(20):
                reader, writer = await asyncio.open_connection(host, self.port, **tls)
                await write_event(writer, event)
                return await read_event(reader, SPEECH_LIMITS)
        except (OSError, ssl.SSLError):
            return None
        finally:
            if writer is not None:
                writer.close()


async def nobody(_: Trust) -> None:
    """Keep nothing."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    service = Running(tmp_path_factory.mktemp("paired"))
    service.wait_log("Ready on 127.0.0.1")
    yield service
    service.process.terminate()
    assert service.process.wait(15) == 0


def network_address() -> str | None:
    """Return an address of this machine that is not its loopback."""
    found = [ip.ip for each in ifaddr.get_adapters() for ip in each.ips if ip.is_IPv4]
    return next((str(ip) for ip in found if not str(ip).startswith("127.")), None)


async def test_paired_it_serves_its_home_and_its_own_machine(running: Running) -> None:
    """Once paired, over the network only in TLS, and only with the key; until it is unpaired."""
    away = network_address()
    describe = Describe().event()
    if away is not None:
        assert await running.ask(describe, away) is None, "it listens on its own machine only"
    trust = await running.pair()
    home = paired_client(trust)
    for host in filter(None, (HERE, away)):
        answer = await running.ask(describe, host, home)
        assert answer is not None
        assert answer.type == "info"
    grammar = Transcribe(version=VERSION, grammar="0" * 64).event()
    told = await running.ask(grammar, HERE, home)
    assert told is not None
    assert told.type == "earshot-need-grammar"
    answer = await running.ask(describe)
    assert answer is not None
    assert answer.type == "info"

    stranger = paired_client(Trust(make_identity(), trust.peer))
    for context in (pairing_client(), stranger):
        assert await running.ask(describe, HERE, context) is None
    if away is not None:
        for event in (describe, grammar):
            assert await running.ask(event, away) is None, "plain, and not of this machine"

    running.log.write_text("")
    with contextlib.suppress(OSError):
        await running.ask(Unpair().event(), HERE, home)
    await asyncio.to_thread(running.wait_log, "Unpaired")
    assert await running.ask(describe, HERE, home) is None
    answer = await running.ask(describe)
    assert answer is not None
    assert answer.type == "info"
    assert "Traceback" not in running.log.read_text()


def test_unpair_at_the_command_line(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(running.pair())
    settings = ["--config", str(running.settings)]
    assert main(["unpair", *settings]) == 0
    assert "Unpaired" in capsys.readouterr().out
    assert main(["unpair", "--json", *settings]) == 0
    assert json.loads(capsys.readouterr().out) == {"result": "not_paired"}


def test_what_is_typed_and_how_long_it_is_good(capsys: pytest.CaptureFixture[str]) -> None:
    explain("0123456789AB", "192.168.7.9", 10_310, as_json=False)
    said = capsys.readouterr().out
    for told in (
        "0123-4567-89AB",
        "10310",
        "192.168.7.9\n",
        "ten minutes, while this command runs",
    ):
        assert told in said
