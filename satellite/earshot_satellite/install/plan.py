"""What an installation does, step by step, from what the machine is like: pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from .machine import Card, Machine
from .units import (
    SATELLITE,
    SPEECH,
    Service,
    alsa_config,
    command_line,
    system_unit,
    user_unit,
)

_ETC = Path("/etc/earshot")
_PYAUDIO = "pyaudio>=0.2.14,<0.3"
_TO_BUILD = ("gcc", "python3-dev", "portaudio19-dev")
_TO_HEAR = ("libportaudio2", "libasound2-plugins")


class PlanError(Exception):
    """It cannot be installed like that; `remedy` says what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


@dataclass(frozen=True)
class Wishes:
    """What was asked for on the command line."""

    speech: bool = False
    system: bool | None = None
    """None: a system service for root, the user's own for anybody else."""

    packages: bool = True
    start: bool = True
    card: str = ""
    config: Path | None = None
    settings: str = ""
    """The text of a new settings file."""


@dataclass(frozen=True)
class Packages:
    """Have these Debian packages."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Build:
    """Have this Python package beside us; `remedy` is what to try when it cannot be built."""

    requirement: str
    remedy: str


@dataclass(frozen=True)
class Write:
    """Have this file; one that is the user's own is left alone."""

    file: Path
    content: str
    settings: bool = False
    """Whether it is theirs from the start: never replaced, never removed."""


@dataclass(frozen=True)
class Command:
    """Run this; with `must` the rest depends on it."""

    words: tuple[str, ...]
    remedy: str
    must: bool = True


@dataclass(frozen=True)
class Remove:
    """Have this file no more, unless somebody edited it."""

    file: Path


@dataclass(frozen=True)
class Say:
    """Tell the user."""

    text: str


Step = Packages | Build | Write | Command | Remove | Say


def plan(machine: Machine, wishes: Wishes) -> list[Step]:
    """Return the steps. Raises `PlanError`."""
    system = _is_system(machine, wishes)
    service = SPEECH if wishes.speech else SATELLITE
    if service is SPEECH and not machine.recogniser:
        raise PlanError(
            "the speech service's own libraries are not here",
            f"{_pip(machine, './satellite[speech]')}\n     in the folder of the clone",
        )
    steps: list[Step] = []
    if wishes.packages:
        steps += _packages(machine, service, system=system)
    config = wishes.config or _config(machine, service, system=system)
    program = str(machine.program / service.name)
    command = command_line([program, "run", "--config", str(config)])
    if wishes.config is None:
        steps.append(Write(config, wishes.settings, settings=True))
    unit = unit_file(machine, service, system=system)
    if system:
        alsa: Path | None = None
        if service.sound and (cards := _cards(machine, wishes.card)) is not None:
            alsa = _ETC / "asound.conf"
            steps.append(Write(alsa, alsa_config(*cards)))
        elif service.sound:
            steps.append(Say("There is no sound card yet: install again when it is there."))
        home = machine.program.is_relative_to("/home") or machine.program.is_relative_to("/root")
        steps.append(Write(unit, system_unit(service, command, home=home, alsa=alsa)))
    else:
        steps.append(Write(unit, user_unit(service, command)))
        steps.append(
            Say(
                "A user's service manager cannot keep a program to the local network;"
                " a system service (sudo) can."
            )
        )
    return steps + _start(machine, service, wishes, system=system)


def unplan(machine: Machine, wishes: Wishes) -> list[Step]:
    """Return the steps back; settings and state stay, and are named."""
    system = _is_system(machine, wishes)
    service = SPEECH if wishes.speech else SATELLITE
    steps: list[Step] = []
    if machine.systemd or system:
        now = ("--now",) if machine.systemd else ()
        words = (*_systemctl(system=system), "disable", *now, f"{service.name}.service")
        steps.append(Command(words, "it was not installed", must=False))
    steps.append(Remove(unit_file(machine, service, system=system)))
    if system and service.sound:
        steps.append(Remove(_ETC / "asound.conf"))
    if machine.systemd:
        steps.append(Command((*_systemctl(system=system), "daemon-reload"), "", must=False))
    config = _config(machine, service, system=system)
    state = Path("/var/lib") if system else machine.home / ".local/state"
    steps.append(Say(f"What is yours is left: {config} and {state / service.folder}, if there"))
    return steps


def unit_file(machine: Machine, service: Service, *, system: bool) -> Path:
    """Return where the unit is."""
    folder = Path("/etc/systemd/system") if system else machine.home / ".config/systemd/user"
    return folder / f"{service.name}.service"


def _is_system(machine: Machine, wishes: Wishes) -> bool:
    system = machine.root if wishes.system is None else wishes.system
    if system and not machine.root:
        raise PlanError("a system service is root's to install", "use sudo, or leave --system out")
    if system and not machine.reachable:
        raise PlanError(
            f"a service of its own user cannot run what is in {machine.program}",
            "install into /opt/earshot (python3 -m venv /opt/earshot), or use --user",
        )
    return system


def _config(machine: Machine, service: Service, *, system: bool) -> Path:
    name = "speech.toml" if service is SPEECH else "satellite.toml"
    return (_ETC if system else machine.home / ".config/earshot") / name


def _packages(machine: Machine, service: Service, *, system: bool) -> list[Step]:
    wanted: tuple[str, ...] = ("espeak-ng",)
    if service.sound:
        wanted = (*_TO_HEAR, "alsa-utils" if system else "pulseaudio-utils")
        if not machine.pyaudio:
            wanted += _TO_BUILD
    missing = tuple(name for name in wanted if name not in machine.installed)
    if missing and not machine.debian:
        raise PlanError(
            "this is no Debian, so nothing can be installed with apt",
            f"install what {' '.join(missing)} are called here, then use --no-packages",
        )
    build = service.sound and not machine.pyaudio
    if not machine.root:
        _refuse_what_is_roots(machine, missing, build=build)
    steps: list[Step] = []
    if missing:
        steps.append(Packages(missing))
    if build:
        steps.append(Build(_PYAUDIO, _pip(machine, _PYAUDIO)))
    return steps


def _refuse_what_is_roots(machine: Machine, missing: tuple[str, ...], *, build: bool) -> None:
    """Raise `PlanError` with all that somebody has to do as root, before anything is done."""
    lacks, remedies = [], []
    if missing:
        lacks.append(f"Debian packages are missing: {' '.join(missing)}")
        remedies.append(f"sudo apt install {' '.join(missing)}")
    if build and not machine.writable:
        lacks.append(f"PyAudio is missing, and what is in {machine.program.parent} is not yours")
        remedies.append(_pip(machine, _PYAUDIO))
    if remedies:
        raise PlanError("; ".join(lacks), " && ".join(remedies) + "\n     then this again")


def _pip(machine: Machine, requirement: str) -> str:
    """Return the command line that has a package beside us, for whoever is at the keyboard."""
    words = [str(machine.program / "pip"), "install", requirement]
    return shlex.join(["sudo", *words] if machine.root or not machine.writable else words)


def _cards(machine: Machine, wanted: str) -> tuple[str, str] | None:
    """Return the cards to hear and to play with, or None when there is none to hear with."""
    hearing = [card for card in machine.cards if card.captures]
    if wanted:
        hearing = [card for card in hearing if card.name == wanted]
        if not hearing:
            raise PlanError(f'no sound card "{wanted}" has a microphone', _names(machine.cards))
    if not hearing:
        return None
    if len(hearing) > 1:
        raise PlanError("several sound cards have a microphone", _names(hearing))
    capture = hearing[0]
    playing = [card for card in machine.cards if card.plays]
    # Its own loudspeaker first; a screen's last.
    playing.sort(key=lambda card: (card != capture, "hdmi" in card.name.lower()))
    return capture.name, playing[0].name if playing else capture.name


def _names(cards: list[Card] | tuple[Card, ...]) -> str:
    names = " or ".join(card.name for card in cards if card.captures)
    return f"choose with --card {names}" if names else "see arecord -l"


def _start(machine: Machine, service: Service, wishes: Wishes, *, system: bool) -> list[Step]:
    control = _systemctl(system=system)
    unit = f"{service.name}.service"
    sudo = "sudo " if system else ""
    journal = f"journalctl {'' if system else '--user '}-u {service.name}"
    ready = f"{sudo}{machine.program / service.name} doctor" if service.sound else journal
    if not machine.systemd:
        enable = [Command((*control, "enable", unit), "see what systemctl says")] if system else []
        return [
            *enable,
            Say(f"systemd does not run here: the service starts with it. Then: {ready}"),
        ]
    steps: list[Step] = [
        Command((*control, "daemon-reload"), "see what systemctl says"),
        Command((*control, "enable", unit), "see what systemctl says"),
    ]
    if not system:
        remedy = f"sudo loginctl enable-linger {machine.user}"
        steps.append(Command(("loginctl", "enable-linger"), remedy, must=False))
    if wishes.start:
        steps.append(Command((*control, "restart", unit), f"see {journal}"))
    return [*steps, Say(f"Next: {ready}")]


def _systemctl(*, system: bool) -> tuple[str, ...]:
    return ("systemctl",) if system else ("systemctl", "--user")
