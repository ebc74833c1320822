"""Who records from the sound server, as PulseAudio or PipeWire tells it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PACTL_SECONDS = 3.0
"""It answers in 20 ms; a sound server that does not is no evidence."""


@dataclass(frozen=True)
class Recording:
    """One recording stream of the sound server. `source` is the microphone's name there."""

    pid: int | None
    holder: str
    source: str
    monitor: bool


class SoundServerError(Exception):
    """The sound server is there but does not say who records."""


async def recordings_of(pactl: str = "pactl") -> list[Recording] | None:
    """Ask who records, modules included. None where no PulseAudio or PipeWire answers at all.

    Raises SoundServerError when there is a server and no usable answer.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *(pactl, "--format=json", "list"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"LC_ALL": "C"},
        )
    except FileNotFoundError:
        return None
    except OSError as err:
        raise SoundServerError(f"pactl cannot be started: {err.strerror}") from None
    try:
        async with asyncio.timeout(PACTL_SECONDS):
            told, errors = await process.communicate()
    except TimeoutError:
        raise SoundServerError("the sound server does not answer") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        if b"Connection refused" in errors or b"Connection failure" in errors:
            return None
        raise SoundServerError(f"pactl ended with status {process.returncode}")
    try:
        return _recordings(json.loads(told))
    except (ValueError, TypeError, KeyError, AttributeError) as err:
        raise SoundServerError("pactl answered in a form unknown here") from err


async def watch_recordings(changed: Callable[[], None], pactl: str = "pactl") -> None:
    """Call a function whenever something of a recording or a microphone changed, until cancelled.

    Returns when nothing can be told any more: whoever needs to know asks by the clock as well.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *(pactl, "subscribe"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=os.environ | {"LC_ALL": "C"},
        )
    except OSError:
        return
    assert process.stdout is not None
    try:
        while line := await process.stdout.readline():
            if b" on source" in line:
                changed()
    except ValueError:
        return
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _recordings(told: Any) -> list[Recording]:
    sources = {each["index"]: each for each in told["sources"]}
    found = []
    for each in told["source_outputs"]:
        properties = each["properties"]
        source = sources.get(each["source"], {})
        if each.get("corked") is True and source.get("state") == "SUSPENDED":
            # It waits, and the server has closed the device: echo cancelling that nobody uses.
            continue
        name = str(source.get("name", ""))
        pid = properties.get("application.process.id", properties.get("pipewire.sec.pid"))
        holder = properties.get("application.name") or properties.get("media.name")
        found.append(
            Recording(
                pid=int(pid) if str(pid).isdecimal() else None,
                holder=str(holder or each.get("driver") or "unknown"),
                source=name,
                monitor=source.get("properties", {}).get("device.class") == "monitor",
            )
        )
    return found
