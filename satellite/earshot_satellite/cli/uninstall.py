"""`earshot-satellite uninstall`: takes an installed service back."""

from __future__ import annotations

import argparse

from ..install.plan import Wishes, unplan
from ..settings import Settings
from .install import go, is_system, whose


def options(parser: argparse.ArgumentParser) -> None:
    """Take what is to go."""
    whose(parser)


def main(_: Settings, asked: argparse.Namespace) -> int:
    """Uninstall; print each step."""
    return go(unplan, Wishes(speech=asked.speech, system=is_system(asked)), asked)
