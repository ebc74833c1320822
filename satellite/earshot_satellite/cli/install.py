"""`earshot-satellite install`: a service that starts with the machine."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..install.machine import Machine, look
from ..install.plan import PlanError, Step, Wishes, plan
from ..settings import Settings
from ..words import mistyped
from .carry_out import carry_out
from .command import EXIT_SETTINGS, fail
from .flags import SPEECH, overrides, typed


def options(parser: argparse.ArgumentParser) -> None:
    """Take what is to be installed and how."""
    whose(parser)
    parser.add_argument("--card", default="", metavar="NAME", help="sound card, as arecord -l")
    parser.add_argument("--no-packages", action="store_true", help="leave Debian's packages alone")
    parser.add_argument("--no-start", action="store_true", help="do not start it now")


def whose(parser: argparse.ArgumentParser) -> None:
    """Take which service it is about, and how far to go."""
    parser.add_argument("--speech", action="store_true", help="the speech service instead")
    of = parser.add_mutually_exclusive_group()
    of.add_argument(
        "--system", action="store_true", help="a system service on ALSA (with sudo: the default)"
    )
    of.add_argument(
        "--user",
        action="store_true",
        help="your own, on PipeWire or PulseAudio (without sudo: the default)",
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--force", action="store_true", help="also over files that were edited")


def main(settings: Settings, asked: argparse.Namespace) -> int:
    """Install; print each step."""
    others = [each for each in typed(asked) if each not in SPEECH] + ["card"] * bool(asked.card)
    if asked.speech and others:
        return fail(
            f"--{others[0]} is a setting of the satellite, and --speech installs the speech service"
            "\n  -> leave it out; docs/speech.md has the settings of the speech service"
        )
    if faults := mistyped(settings.wake):
        for fault in faults:
            fail(fault)
        return EXIT_SETTINGS
    wishes = Wishes(
        speech=asked.speech,
        system=is_system(asked),
        packages=not asked.no_packages,
        start=not asked.no_start,
        card=asked.card,
        config=Path(asked.config).absolute() if asked.config else None,
        settings=new_settings(settings, overrides(asked), speech=asked.speech),
    )
    return go(plan, wishes, asked)


def is_system(asked: argparse.Namespace) -> bool | None:
    """Return whether the system's or the user's was asked for, if either."""
    return True if asked.system else False if asked.user else None


def go(
    plan_: Callable[[Machine, Wishes], list[Step]], wishes: Wishes, asked: argparse.Namespace
) -> int:
    """Carry a plan out; return the exit status."""
    try:
        carry_out(plan_(look(), wishes), dry=asked.dry_run, force=asked.force)
    except PlanError as err:
        return fail(f"{err}\n  -> {err.remedy}")
    return 0


def new_settings(
    settings: Settings, typed: Mapping[str, Mapping[str, Any]], *, speech: bool
) -> str:
    """Return a new settings file with what was said on the command line."""
    file = "speech" if speech else "satellite"
    text = f"# Every key and its default: docs/{file}.toml. The service reads it when it starts.\n"
    sections = {name: dict(values) for name, values in typed.items()}
    if not speech:
        who = settings.satellite
        sections = {**sections, "satellite": {"name": who.name, "area": who.area}}
    for name, values in sorted(sections.items(), key=lambda each: each[0] != "satellite"):
        text += f"\n[{name}]\n"
        # What JSON writes of these is TOML; its escapes for signs beyond 16 bits are not.
        text += "".join(
            f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items()
        )
    return text
