"""`scripts/bench speech`: which sentences the recogniser obeys, and which it should not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.paths import ROOM_PYTHON

from .figures import percentile

_ROOMS: Final = {"quiet": None, "20 dB": 20.0, "12 dB": 12.0}
"""White noise that speech stands above by so much; a quiet room has a microphone's own."""

_SHARE: Final = 3
"""In noise every third clip is taken, unless more were asked for."""

_TELL: Final = 200

_OPPOSITE: Final = {
    word: other
    for pair in ("on off", "open close", "lock unlock", "up down", "mute unmute", "pause resume")
    for word, other in (pair.split(), reversed(pair.split()))
}
_NO_MATTER: Final = frozenset({"the", "my", "a", "percent", "degrees", "scene", "all"})


@dataclass(frozen=True)
class Told:
    """What the probe tells of a clip: see `speechbench.probe.Heard`."""

    kind: str
    said: str
    voice: str
    text: str
    after_ms: int
    decoding_ms: float

    @property
    def verdict(self) -> str:
        """Return `right`, `opposite`, `another` or `rejected`; or `obeyed`, for no command."""
        if self.kind != "command":
            return "obeyed" if self.text else "rejected"
        if not self.text:
            return "rejected"
        said, heard = _meaning(self.said), _meaning(self.text)
        if said == heard:
            return "right"
        turned = [_OPPOSITE.get(word, word) for word in said]
        return "opposite" if len(said) == len(heard) and _near(said, turned, heard) else "another"


def _meaning(text: str) -> list[str]:
    """Return the words on which it depends what is done."""
    words = text.lower().split()
    return [word.removesuffix("s") for word in words if word not in _NO_MATTER]


def _near(said: Sequence[str], turned: Sequence[str], heard: Sequence[str]) -> bool:
    return all(word in both for word, *both in zip(heard, said, turned, strict=True))


async def bench(half: str, share: int) -> dict[str, Any]:
    """Measure every room; a `share` of n takes every n-th clip."""
    figures: dict[str, Any] = {"half": half}
    with tempfile.TemporaryDirectory(prefix="earshot-bench-") as folder:
        for room, snr in _ROOMS.items():
            taken = share if snr is None else share * _SHARE
            print(f"... {half}, {room}, every clip of {taken}", flush=True)
            told = await _probe(half, snr, taken, Path(folder))
            _print(room, told)
            name = room.replace(" ", "").lower()
            figures |= {f"{name}_{key}": value for key, value in figures_of(told).items()}
    print("\nThe voices are synthetic: other people's and other rooms' figures are others.")
    return figures


def figures_of(told: Iterable[Told]) -> dict[str, Any]:
    """Return the flat figures of one room."""
    told = list(told)
    counted = Counter((it.kind, it.verdict) for it in told)
    decoding = [it.decoding_ms for it in told]
    waited = [float(it.after_ms) for it in told if it.verdict == "right"]
    return {
        "commands": sum(it.kind == "command" for it in told),
        "commands_right": counted["command", "right"],
        "commands_rejected": counted["command", "rejected"],
        "commands_as_another": counted["command", "another"],
        "commands_as_the_opposite": counted["command", "opposite"],
        "other": sum(it.kind == "other" for it in told),
        "other_obeyed": counted["other", "obeyed"],
        "broken_off": sum(it.kind == "broken_off" for it in told),
        "broken_off_obeyed": counted["broken_off", "obeyed"],
        "end_after_quiet_ms_p50": percentile(waited, 0.5),
        "decoding_ms_p50": percentile(decoding, 0.5),
        "decoding_ms_p95": percentile(decoding, 0.95),
    }


async def _probe(half: str, snr: float | None, share: int, folder: Path) -> list[Told]:
    command = [str(ROOM_PYTHON), "-m", "speechbench.probe", half]
    command += ["--share", str(share), "--voices", str(folder)]
    if snr is not None:
        command += ["--snr", str(snr)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    told: list[Told] = []
    fields = Told.__dataclass_fields__
    try:
        while line := await process.stdout.readline():
            heard = json.loads(line)
            told.append(Told(**{key: heard[key] for key in fields}))
            if len(told) % _TELL == 0:
                print(f"    {len(told)} clips", flush=True)
        status = await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
    if status:
        raise OSError(f"the probe ended with status {status}")
    return told


def _print(room: str, told: Sequence[Told]) -> None:
    print(f"\n{room}: {'voice':<18} right of commands   others obeyed   broken-off obeyed")
    for voice in dict.fromkeys(it.voice for it in told):
        _row(voice, figures_of(it for it in told if it.voice == voice))
    _row("all", figures_of(told))
    for it in told:
        if it.verdict in ("opposite", "another", "obeyed"):
            print(f"  {it.verdict}: {it.voice}, {it.kind} “{it.said}” as “{it.text}”")


def _row(voice: str, it: Mapping[str, Any]) -> None:
    print(
        f"  {voice:<24} {it['commands_right']:>5} / {it['commands']:<5}"
        f" {it['other_obeyed']:>14} / {it['other']:<5}"
        f" {it['broken_off_obeyed']:>11} / {it['broken_off']:<5}"
    )
