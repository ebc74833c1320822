"""`earshot-speech`: the speech service on the command line."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from dataclasses import replace
from pathlib import Path

from earshot_satellite.checked_files import InstallError
from earshot_satellite.hygiene import forbid_dumps
from earshot_wire.identity import TrustError
from earshot_wire.regulars import Regulars
from earshot_wire.trust_file import TrustFile

from .. import settings as s
from ..recognition.engine import Engine
from ..recognition.pool import Pool, PoolError
from ..server import ServerError, SpeechServer
from ..trusting import FILE, Trusting
from ..voice.choose import choose
from ..voice.speaker import VoiceError
from .pair import add_pairing
from .tools import ToolError, add_tools

_LOG = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    options = _parser().parse_args(arguments)
    # Commands and replies pass through here, and the link's key lies here.
    forbid_dumps()
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    try:
        status: int = options.command(options)
    except (s.SettingsError, ServerError, VoiceError, InstallError, ToolError) as err:
        print(f"earshot-speech: {err}", file=sys.stderr)
        return 2
    except PoolError:
        print("earshot-speech: the recogniser does not start; see the lines above", file=sys.stderr)
        return 1
    except TrustError as err:
        print(f"earshot-speech: the pairing cannot be used: {err}; pair again", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return status


def _run(options: argparse.Namespace) -> int:
    settings = s.load(options.config)
    link = settings.link
    link = s.Link(
        host=options.host or link.host,
        port=link.port if options.port is None else options.port,
        open=options.open or link.open,
    )
    asyncio.run(_serve(s.check(replace(settings, link=link))))
    return 0


async def _serve(settings: s.Settings) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    speaker = await asyncio.to_thread(choose, settings.voice)
    pool = Pool()
    engine = Engine(pool, settings.recognition.sensitivity)
    trust_file = TrustFile(settings.state.path / FILE)
    trusting = Trusting(trust_file)
    regulars = Regulars(trust_file.regulars)
    await regulars.load()
    link = settings.link
    server = SpeechServer(engine, speaker, link, trusting.unpair, regulars)
    trust = await trusting.load()
    port = await server.use(trust)
    following = asyncio.create_task(trusting.follow(server))
    try:
        await asyncio.gather(pool.start(), engine.start())
        if link.open:
            _LOG.warning("Open to the network: anybody there may use it. Not encrypted.")
        address = link.address(paired=trust is not None) or "every address,"
        _LOG.info("Ready on %s port %d; voice %s", address, port, speaker.about.name)
        await stopped.wait()
    finally:
        following.cancel()
        await server.stop()
        await pool.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="earshot-speech", description=__doc__)
    parser.add_argument("-v", "--verbose", action="store_true", help="log more; never what is said")
    commands = parser.add_subparsers(required=True)
    run = commands.add_parser("run", help="serve recognition and voice")
    run.add_argument("--config", type=Path, help="TOML file")
    run.add_argument("--host", help="address to listen on (127.0.0.1)")
    run.add_argument("--port", type=int, help="port to listen on (10310)")
    run.add_argument("--open", action="store_true", help="let anybody on the network connect")
    run.set_defaults(command=_run)
    add_pairing(commands)
    add_tools(commands)
    return parser
