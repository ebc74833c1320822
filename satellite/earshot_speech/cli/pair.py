"""`earshot-speech pair` and `unpair`: whom the service belongs to.

They write down whom to trust; a running service follows that within a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from earshot_satellite.link.addresses import to_type
from earshot_wire.code import SPEECH, shown
from earshot_wire.identity import Trust
from earshot_wire.limits import PAIRING_PORT_AFTER
from earshot_wire.pairing_port import PairingPort
from earshot_wire.tls import paired_server
from earshot_wire.trust_file import TrustFile

from .. import settings as s
from ..trusting import FILE
from .tools import ToolError

_TOLD_EVERY_S = 1.0
_FOLLOWED_S = 1.5
"""The running service looks for a change each second."""


def add_pairing(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to the command line."""
    for name, run, says in (
        ("pair", _pair, "show a code with which Home Assistant can be paired with it"),
        ("unpair", _unpair, "trust no Home Assistant any more"),
    ):
        command = commands.add_parser(name, help=says, description=says)
        command.add_argument("--config", type=Path, help="TOML file")
        command.add_argument("--json", action="store_true", help="for a program")
        command.set_defaults(command=run)
        if name == "pair":
            command.add_argument("--host", default="", help="address to listen on (all)")
            command.add_argument("--port", type=int, help="port of the service (10310)")


def _pair(options: argparse.Namespace) -> int:
    settings = s.load(options.config)
    port = settings.link.port if options.port is None else options.port
    if not port:
        raise ToolError("the service needs a fixed port to be paired: set [link] port")
    host = options.host or settings.link.address(paired=True)
    try:
        paired = asyncio.run(_wait(settings, host, port, as_json=options.json))
    except KeyboardInterrupt:
        print("\nNobody was paired; the code is good no more.", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"result": "paired" if paired else "expired"}), flush=True)
    elif paired:
        print("\nPaired. The service answers this Home Assistant, and programs of this machine.")
    if not paired:
        raise ToolError("the code has expired and nobody was paired; start again")
    return 0


async def _wait(settings: s.Settings, host: str, port: int, *, as_json: bool) -> bool:
    file = TrustFile(settings.state.path / FILE)

    async def keep(trust: Trust) -> None:
        await asyncio.to_thread(paired_server, trust)
        await asyncio.to_thread(file.save, trust)
        # The home looks at once whether it is let in.
        await asyncio.sleep(_FOLLOWED_S)

    number = port + PAIRING_PORT_AFTER
    try:
        opened = await PairingPort.open(host, number, role=SPEECH, keep=keep)
    except OSError as err:
        raise ToolError(
            f"cannot listen on {host} port {number}: {err.strerror}. Choose with --host, --port"
        ) from None
    desk = opened.desk
    waiting = asyncio.create_task(opened.wait())
    try:
        explain(desk.code, host, port, as_json=as_json)
        while not waiting.done():
            if not as_json and sys.stdout.isatty():
                minutes, seconds = divmod(int(desk.left_s), 60)
                print(f"\r  still good for {minutes}:{seconds:02}  ", end="", flush=True)
            await asyncio.wait([waiting], timeout=_TOLD_EVERY_S)
        return waiting.result()
    finally:
        waiting.cancel()
        await opened.close()


def explain(code: str, host: str, port: int, *, as_json: bool) -> None:
    """Say where the code is typed, what else is asked there, and how long it is good."""
    if as_json:
        print(json.dumps({"code": code, "port": port}), flush=True)
        return
    print(
        "In Home Assistant: Settings, Devices, Add integration, Earshot, The speech service; there"
    )
    print(f"  host  {to_type(host)}")
    print(f"  port  {port}")
    print(f"  code  {shown(code)}")
    print("Good once, for ten minutes, while this command runs: leave it running.")
    print("Whoever has the code can use the service.", flush=True)


def _unpair(options: argparse.Namespace) -> int:
    settings = s.load(options.config)
    file = settings.state.path / FILE
    try:
        was = TrustFile(file).remove()
    except OSError as err:
        raise ToolError(f"{file}: {err.strerror}; run it as the service's user") from None
    if options.json:
        print(json.dumps({"result": "unpaired" if was else "not_paired"}))
    else:
        print("Unpaired: this machine only." if was else "It was not paired with anybody.")
    return 0
