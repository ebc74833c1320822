"""What every command has in common: a module of its own, loaded only when it is asked for."""

from __future__ import annotations

import argparse
import importlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from ..install.started import how_to_start

if TYPE_CHECKING:
    from ..settings import Settings

EXIT_FAULT = 1
EXIT_SETTINGS = 2
EXIT_STOPPED = 130
EXIT_UNAVAILABLE = 3


class CommandModule(Protocol):
    """The module of a command."""

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add what can be typed after it, beside --config and the settings it takes."""

    def main(self, settings: Settings, asked: argparse.Namespace) -> int:
        """Do it and return the exit status."""


@dataclass(frozen=True)
class Command:
    """One word of the command line; `module` is in this package."""

    module: str
    says: str
    flags: tuple[str, ...] = ()
    """Settings that can be typed after it, above those of the file."""

    logs: bool = False
    """Whether log lines are for the user to see."""

    def load(self) -> CommandModule:
        """Import it: `status` need not wait for what only `run` needs."""
        found = importlib.import_module(f".{self.module}", __package__)
        return cast("CommandModule", found)


def fail_stopped() -> int:
    """Say that no satellite answers, and how one is started; return the exit status."""
    return fail(f"the satellite does not run: {how_to_start()}")


def fail(why: str, status: int = EXIT_UNAVAILABLE) -> int:
    """Say why nothing came of it; return the exit status."""
    print(f"earshot-satellite: {why}", file=sys.stderr)
    return status
