"""`earshot-satellite doctor`: look at every part, say what is wrong and what helps."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ..capture.devices import Device, DeviceError, choose, list_devices
from ..control import ControlError, ask
from ..ear.settings import EarSettings
from ..settings import Settings
from ..state import SOCKET
from ..wake.cascade import Sensitivity
from ..wake.models import ModelError, builtin_words, find_word
from .listen import ListenError, listen

EXIT_FAULT = 1

_MARKS = {"ok": "ok     ", "warning": "WARNING", "fault": "FAULT  ", "skipped": "skipped"}


@dataclass(frozen=True)
class Finding:
    """What one look showed. `status`: `ok`, `warning`, `fault`, or `skipped`."""

    id: str
    status: str
    detail: str
    remedy: str = ""


def show_health(settings: Settings, *, as_json: bool) -> int:
    """Print all findings; return 1 when one is a fault."""
    findings = []
    for finding in _examine(settings):
        findings.append(finding)
        if not as_json:
            print(f"{_MARKS[finding.status]}  {finding.id}: {finding.detail}", flush=True)
            if finding.remedy:
                print(f"         {finding.remedy}")
    if as_json:
        json.dump([asdict(finding) for finding in findings], sys.stdout, indent=2)
        print()
    return EXIT_FAULT if any(each.status == "fault" for each in findings) else 0


def _examine(settings: Settings) -> Iterator[Finding]:
    yield Finding("settings", "ok", "every key is known and every value fits")
    try:
        status = ask(settings.state_folder / SOCKET, "status")
    except ControlError as err:
        yield Finding("satellite", "fault", str(err), "restart it")
        return
    yield _satellite(status)
    yield _state(settings)
    yield from _words(settings)
    try:
        devices = list_devices()
    except DeviceError as err:
        yield Finding("sound", "fault", err.detail, "install or start PulseAudio, PipeWire or ALSA")
        return
    yield _speaker(settings, devices)
    if status is not None:
        yield from _running(settings, status)
    else:
        yield _port(settings)
        yield from _microphone(settings, devices)


def _satellite(status: dict[str, Any] | None) -> Finding:
    if status is None:
        return Finding("satellite", "skipped", "does not run: its parts are tried one by one")
    return Finding("satellite", "ok", f"runs as process {status['pid']}, {status['state']}")


def _state(settings: Settings) -> Finding:
    folder = settings.state_folder
    place = folder
    while not place.exists():
        place = place.parent
    if not os.access(place, os.W_OK | os.X_OK) or not place.is_dir():
        return Finding(
            "state", "fault", f"{folder} cannot be written", "change its owner, or [state] folder"
        )
    return Finding("state", "ok", f"{folder} can be written")


def _words(settings: Settings) -> Iterator[Finding]:
    known = ", ".join(builtin_words())
    for said in settings.wake.words:
        try:
            word = find_word(said)
            files = [path for path in (word.head, word.micro and word.micro.path) if path]
            missing = next((path for path in files if not path.is_file()), None)
        except ModelError as err:
            yield Finding("wake word", "fault", str(err), f"there are: {known}")
            continue
        if missing is not None:
            yield Finding("wake word", "fault", f"{missing} is missing", "install it again")
        else:
            both = "two stages" if word.head and word.micro else "one stage"
            yield Finding("wake word", "ok", f'"{word.phrase}", {both}')


def _port(settings: Settings) -> Finding:
    link = settings.link
    try:
        with socket.create_server((link.host, link.port)):
            return Finding("link", "ok", f"{link.host} port {link.port} is free")
    except OSError as err:
        return Finding(
            "link", "fault", f"{link.host} port {link.port}: {err.strerror}", "set [link] port"
        )


def _speaker(settings: Settings, devices: list[Device]) -> Finding:
    try:
        device = choose(devices, settings.speaker.device or None, output=True)
    except DeviceError as err:
        return Finding("loudspeaker", "fault", err.detail, "connect one, or set [speaker] device")
    return Finding("loudspeaker", "ok", f'"{device.name}" is there')


def _running(settings: Settings, status: dict[str, Any]) -> Iterator[Finding]:
    receipt, microphone = status["receipt"], status["microphone"]
    if status["muted"]:
        detail = f"muted by {' and '.join(receipt['muted_by'])}, verified {receipt['state']}"
        good = receipt["state"] == "closed"
        remedy = "" if good else f"because: {receipt['reason'].replace('_', ' ')}"
        yield Finding("microphone", "ok" if good else "warning", detail, remedy)
    elif microphone["hearing"]:
        lost = microphone["overruns"]
        detail = f'"{microphone["device"]}" is heard ({", ".join(microphone["words"])})'
        if lost:
            yield Finding(
                "microphone",
                "warning",
                f"{detail}; {lost} times sound was lost",
                "lighten the load",
            )
        else:
            yield Finding("microphone", "ok", detail)
    else:
        yield Finding("microphone", "fault", "nothing is heard", "see the problems below")
    linked = status["linked"]
    yield Finding(
        "link",
        "ok" if linked else "warning",
        "Home Assistant is linked" if linked else "Home Assistant is not linked",
        "" if linked else f"add this satellite there: port {settings.link.port}",
    )
    for problem in status["problems"]:
        yield Finding(
            problem["code"].replace("_", " "), "fault", problem["detail"], problem["remedy"]
        )


def _microphone(settings: Settings, devices: list[Device]) -> Iterator[Finding]:
    try:
        device = choose(devices, settings.microphone.device or None)
    except DeviceError as err:
        yield Finding("microphone", "fault", err.detail, "connect one, or set [microphone] device")
        return
    if _is_muted(settings):
        yield Finding("microphone", "skipped", f'"{device.name}": muted, so it is not opened')
        return
    ear = EarSettings(
        device=settings.microphone.device or None,
        words=settings.wake.words,
        sensitivity=Sensitivity(settings.wake.sensitivity),
        stage_two=settings.wake.stage_two,
    )
    try:
        heard = asyncio.run(listen(ear))
    except ListenError as err:
        yield Finding("microphone", "fault", f"{err.code}: {err.detail}", "see the detail")
        return
    for code, detail in heard.problems:
        yield Finding("microphone", "warning", f"{code.replace('_', ' ')}: {detail}")
    rate = heard.frames / heard.seconds
    if not 15_000 <= rate <= 17_000:
        yield Finding(
            "microphone",
            "fault",
            f'"{device.name}" gives {rate:.0f} samples a second, not 16000',
            "choose another microphone, or the sound server's",
        )
    else:
        yield Finding("microphone", "ok", f'"{device.name}" gives {rate:.0f} samples a second')


def _is_muted(settings: Settings) -> bool:
    from ..state import StateFolder  # noqa: PLC0415

    folder = StateFolder(settings.state_folder)
    return settings.floor.mute or (folder.folder.is_dir() and folder.peek_mute().muted)
