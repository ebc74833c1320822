"""`earshot-satellite install` and `uninstall`: a service that starts with the machine."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..install.machine import look
from ..install.plan import PlanError, Wishes, plan, unplan
from ..settings import Settings
from .carry_out import carry_out
from .command import fail


def options(parser: argparse.ArgumentParser) -> None:
    """Take what is to be installed and how."""
    parser.add_argument("--speech", action="store_true", help="the speech service instead")
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument(
        "--system", action="store_true", help="a system service on ALSA (with sudo: the default)"
    )
    whose.add_argument(
        "--user",
        action="store_true",
        help="your own, on PipeWire or PulseAudio (without sudo: the default)",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--force", action="store_true", help="also over files that were edited")
    parser.add_argument("--card", default="", metavar="NAME", help="sound card, as arecord -l")
    parser.add_argument("--no-packages", action="store_true", help="leave Debian's packages alone")
    parser.add_argument("--no-start", action="store_true", help="do not start it now")


def main(settings: Settings, asked: argparse.Namespace) -> int:
    """Install or uninstall; print each step."""
    wishes = Wishes(
        speech=asked.speech,
        system=True if asked.system else False if asked.user else None,
        packages=not asked.no_packages,
        start=not asked.no_start,
        card=asked.card,
        config=Path(asked.config).absolute() if asked.config else None,
        settings=_speech_settings(asked) if asked.speech else _satellite_settings(settings, asked),
    )
    steps = plan if asked.command == "install" else unplan
    try:
        carry_out(steps(look(), wishes), dry=asked.dry_run, force=asked.force)
    except PlanError as err:
        return fail(f"{err}\n  -> {err.remedy}")
    return 0


def _satellite_settings(settings: Settings, asked: argparse.Namespace) -> str:
    """Return a new settings file with what was said on the command line."""
    text = (
        "# Every key and its default: docs/satellite.toml. The service reads it when it starts.\n"
    )
    text += f"\n[satellite]\nname = {json.dumps(settings.satellite.name)}\n"
    text += f"area = {json.dumps(settings.satellite.area)}\n"
    if asked.open:
        text += "\n[link]\nopen = true\n"
    if asked.microphone:
        text += f"\n[microphone]\ndevice = {json.dumps(asked.microphone)}\n"
    if asked.speaker:
        text += f"\n[speaker]\ndevice = {json.dumps(asked.speaker)}\n"
    if asked.word:
        text += f"\n[wake]\nwords = {json.dumps(asked.word)}\n"
    return text


def _speech_settings(asked: argparse.Namespace) -> str:
    text = "# Every key and its default: docs/speech.toml. The service reads it when it starts.\n"
    return text + ("\n[link]\nopen = true\n" if asked.open else "")
