"""Carries out a plan, or tells what it would do."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from ..install.owned import Standing, signed, standing
from ..install.plan import Build, Command, Packages, PlanError, Remove, Say, Step, Write

_APT_S, _COMMAND_S = 1_200.0, 90.0


def carry_out(steps: Iterable[Step], *, dry: bool, force: bool) -> None:
    """Do each step and say so; what is done already is left. Raises `PlanError`."""
    for step in steps:
        match step:
            case Say(text):
                print(text)
            case Packages(names):
                _apt(names, dry=dry)
            case Build(requirement, remedy):
                words = (sys.executable, "-m", "pip", "install", "--no-input", requirement)
                _run(Command(words, f"see what pip says, then: {remedy}"), dry=dry, limit_s=_APT_S)
            case Write():
                _write(step, dry=dry, force=force)
            case Remove(file):
                _remove(file, dry=dry, force=force)
            case Command():
                _run(step, dry=dry, limit_s=_COMMAND_S)


def _apt(names: tuple[str, ...], *, dry: bool) -> None:
    apt = ("apt-get", "-q", "-y")
    remedy = "look at the network and apt's sources"
    # A third-party source that is down must not stop us: only the installation counts.
    _run(Command((*apt, "update"), remedy, must=False), dry=dry, limit_s=_APT_S)
    words = (*apt, "install", "--no-install-recommends", *names)
    _run(Command(words, remedy), dry=dry, limit_s=_APT_S)


def _run(command: Command, *, dry: bool, limit_s: float) -> None:
    said = shlex.join(command.words)
    print(f"{'would run' if dry else 'run'}: {said}", flush=True)
    if dry:
        return
    try:
        done = subprocess.run(
            command.words,
            stdin=subprocess.DEVNULL,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            timeout=limit_s,
            check=False,
        )
        failed = f"status {done.returncode}" if done.returncode else ""
    except subprocess.TimeoutExpired:
        failed = f"no end after {limit_s:.0f} s"
    except OSError as err:
        failed = err.strerror or "cannot be started"
    if failed and command.must:
        raise PlanError(f"{said}: {failed}", command.remedy)
    if failed:
        print(f"  {failed}{f': {command.remedy}' if command.remedy else ''}")


def _write(step: Write, *, dry: bool, force: bool) -> None:
    content = step.content.encode() if step.settings else signed(step.content)
    try:
        there = standing(step.file, content)
        if there is Standing.SAME or (step.settings and there is not Standing.ABSENT):
            print(f"kept: {step.file}{' (your settings)' if step.settings else ''}")
            return
        if there is Standing.EDITED and not force:
            print(f"KEPT: {step.file} was edited; --force replaces it")
            return
        print(f"{'would write' if dry else 'write'}: {step.file}")
        if dry:
            print("\n".join(f"  | {line}" for line in content.decode().splitlines()))
            return
        step.file.parent.mkdir(parents=True, exist_ok=True)
        _replace(step.file, content)
    except OSError as err:
        raise PlanError(f"{step.file}: {err.strerror}", "make it writable") from None


def _remove(file: Path, *, dry: bool, force: bool) -> None:
    try:
        there = standing(file)
        if there is Standing.ABSENT:
            return
        if there is Standing.EDITED and not force:
            print(f"KEPT: {file} was edited; --force removes it")
            return
        print(f"{'would remove' if dry else 'remove'}: {file}")
        if not dry:
            file.unlink()
    except OSError as err:
        raise PlanError(f"{file}: {err.strerror}", "remove it by hand") from None


def _replace(file: Path, content: bytes) -> None:
    partial = file.with_name(f".{file.name}.partial")
    try:
        partial.write_bytes(content)
        partial.chmod(0o644)
        partial.replace(file)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
