"""`earshot-satellite metrics`: what a running satellite counts of itself."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..control import ControlError, ask
from ..metrics import prometheus
from ..settings import Settings
from ..state import SOCKET
from .command import fail, fail_stopped


def options(parser: argparse.ArgumentParser) -> None:
    """Take the form of the answer."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="for a program")
    form.add_argument(
        "--prometheus", action="store_true", help="for the textfile collector of Prometheus"
    )


def main(settings: Settings, asked: argparse.Namespace) -> int:
    """Print them; 3 when no satellite runs."""
    try:
        told = ask(settings.state_folder / SOCKET, "metrics")
    except ControlError as err:
        return fail(str(err))
    if told is None:
        return fail_stopped()
    if asked.json:
        print(json.dumps(told, indent=2))
    elif asked.prometheus:
        print(prometheus(told), end="")
    else:
        for name, value in told.items():
            print(f"{name.replace('_', ' '):24} {_plain(value)}")
    return 0


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return f"median {value['p50']}, 95 % {value['p95']}, of {value['count']}"
    return str(value)
