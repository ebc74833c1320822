"""`earshot-satellite doctor`: look at every part, say what is wrong and what helps."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ..capture.checks import Check, check_microphone, check_speaker
from ..capture.system import clock_is_set, judge_clock, judge_sound, look_at_sound
from ..control import ControlError, ask
from ..install.started import how_to_start
from ..settings import Settings
from ..state import SOCKET, StateFolder
from ..wake.models import ModelError, find_word, known_words
from .command import EXIT_FAULT, fail

_DEAF = {
    *("microphone_missing", "microphone_failed", "sound_system", "ear_failed", "ear_hung"),
    "wake_model_broken",
}
"""Problems of which each says why nothing is heard."""

_MARKS = {"ok": "ok     ", "warning": "WARNING", "failed": "FAILED ", "skipped": "skipped"}


def options(parser: argparse.ArgumentParser) -> None:
    """Take the form of the answer, and what is to be tried by ear."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="for a program")
    form.add_argument(
        "--scores",
        type=_seconds,
        nargs="?",
        const=20.0,
        metavar="SECONDS",
        help="speak, and see the wake scores live",
    )
    form.add_argument(
        "--hear",
        type=_seconds,
        nargs="?",
        const=4.0,
        metavar="SECONDS",
        help="speak, and hear yourself",
    )


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 1 <= seconds <= 60:
        raise argparse.ArgumentTypeError("from 1 to 60 seconds")
    return seconds


def main(settings: Settings, asked: argparse.Namespace) -> int:
    """Print all findings; return 1 when something failed."""
    if asked.scores or asked.hear:
        return _live(settings, asked)
    as_json: bool = asked.json
    findings = []
    for finding in _examine(settings):
        findings.append(finding)
        if not as_json:
            print(f"{_MARKS[finding.status]}  {finding.id}: {finding.detail}", flush=True)
            if finding.remedy:
                print(f"         -> {finding.remedy}", flush=True)
    if as_json:
        json.dump([asdict(finding) for finding in findings], sys.stdout, indent=2)
        print()
    return EXIT_FAULT if any(each.status == "failed" for each in findings) else 0


def _live(settings: Settings, asked: argparse.Namespace) -> int:
    if _is_muted(settings):
        return fail("the microphone is muted, so it is not opened: earshot-satellite unmute")
    # Imported on use: they load the models and PortAudio.
    from .doctor_live import hear_yourself, show_scores  # noqa: PLC0415

    if asked.scores:
        return show_scores(settings, asked.scores)
    return hear_yourself(settings, asked.hear)


def _examine(settings: Settings) -> Iterator[Check]:
    yield Check("settings", "ok", "every key is known and every value fits")
    yield _state(settings)
    yield judge_clock(time.time(), synchronised=clock_is_set())
    yield from judge_sound(look_at_sound())
    yield from _words(settings)
    speaker = check_speaker(settings.speaker.device or None)
    yield speaker
    try:
        status = ask(settings.state_folder / SOCKET, "status")
    except ControlError as err:
        yield Check("satellite", "failed", str(err), "restart it")
        return
    if status is not None:
        yield from running(settings, status, said=speaker.id)
        return
    detail = "it does not run, so its parts are tried one by one"
    yield Check("satellite", "skipped", detail, how_to_start())
    yield _port(settings)
    if _is_muted(settings):
        yield Check("microphone", "skipped", "muted, so it is not opened")
    else:
        found = check_microphone(settings.microphone.device or None)
        yield from (each for each in found if each.id != speaker.id)


def _state(settings: Settings) -> Check:
    folder = settings.state_folder
    place = next(path for path in (folder, *folder.parents) if path.exists())
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        return Check("state", "ok", f"{folder} can be written")
    remedy = "make its user the owner, or set [state] folder"
    return Check("state", "failed", f"{folder} cannot be written", remedy)


def _words(settings: Settings) -> Iterator[Check]:
    for said in settings.wake.words:
        try:
            word = find_word(said)
        except ModelError as err:
            remedy = f"choose one of: {', '.join(known_words())}"
            yield Check("wake_word", "failed", str(err), remedy)
            continue
        files = [word.head, word.micro.path if word.micro else None]
        missing = next((file for file in files if file and not file.is_file()), None)
        if missing is not None:
            yield Check("wake_word", "failed", f"{missing} is missing", "put it there")
        else:
            stages = "two stages" if word.head and word.micro else "one stage"
            yield Check("wake_word", "ok", f'"{word.phrase}", {stages}')


def _port(settings: Settings) -> Check:
    link = settings.link
    place = f"{link.address or 'every address,'} port {link.port}"
    try:
        with socket.create_server((link.address, link.port)):
            return Check("link", "ok", f"{place} is free")
    except OSError as err:
        return Check("link", "failed", f"{place}: {err.strerror}", "set [link] host and port")


def running(settings: Settings, status: dict[str, Any], said: str) -> Iterator[Check]:
    """Tell what a satellite that runs says of itself, but what was `said` already."""
    yield Check("satellite", "ok", f"runs as process {status['pid']}, {status['state']}")
    deaf = not status["muted"] and not status["microphone"]["hearing"]
    if not deaf or not _DEAF & {problem["code"] for problem in status["problems"]}:
        yield _heard(status)
    if status["linked"]:
        yield Check("link", "ok", "Home Assistant is linked")
    elif not status["paired"] and not status["open"]:
        remedy = "earshot-satellite pair shows the code that Home Assistant asks for"
        yield Check("link", "warning", "it is not paired and serves nobody", remedy)
    else:
        remedy = f"add this satellite in Home Assistant: port {settings.link.port}"
        yield Check("link", "warning", "Home Assistant is not linked", remedy)
    for problem in status["problems"]:
        if problem["code"] != said:
            yield Check(problem["code"], "failed", problem["detail"], problem["remedy"])


def _heard(status: dict[str, Any]) -> Check:
    receipt, microphone = status["receipt"], status["microphone"]
    if status["muted"]:
        detail = f"muted ({' and '.join(receipt['muted_by'])}), verified {receipt['state']}"
        if receipt["state"] == "closed":
            return Check("microphone", "ok", detail)
        why = receipt["reason"].replace("_", " ")
        return Check("microphone", "warning", detail, f"it cannot be proved: {why}")
    if not microphone["hearing"]:
        return Check("microphone", "failed", "nothing is heard", "see the problems")
    detail = f'"{microphone["device"]}" is heard'
    if microphone["overruns"]:
        lost = f"{detail}; sound was lost {microphone['overruns']} times"
        return Check("microphone", "warning", lost, "take load off this machine")
    return Check("microphone", "ok", detail)


def _is_muted(settings: Settings) -> bool:
    folder = StateFolder(settings.state_folder)
    return settings.floor.mute or (folder.folder.is_dir() and folder.peek_mute().muted)
