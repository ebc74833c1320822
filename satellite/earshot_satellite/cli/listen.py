"""Hears for a moment through a real ear, for `doctor`; nothing that was said leaves the ear."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from ..ear.process import Detection, EarError, EarGone, EarProcess, Health
from ..ear.settings import EarSettings

_LISTEN_S = 3.0


class ListenError(Exception):
    """Nothing could be heard: `code` and `detail` as the ear tells it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Listened:
    """How many samples came in how long, and what was wrong with them."""

    frames: int
    seconds: float
    problems: tuple[tuple[str, str], ...]


async def listen(settings: EarSettings) -> Listened:
    """Hear for three seconds. Raises `ListenError`."""
    ear = EarProcess(settings)
    try:
        ready = await ear.start()
        return await _follow(ear, tuple((each.code, each.detail) for each in ready.problems))
    except EarError as err:
        raise ListenError(err.code, err.detail) from None
    finally:
        await ear.stop()


async def _follow(ear: EarProcess, problems: tuple[tuple[str, str], ...]) -> Listened:
    # Counted from the first sign of life to the last: the start took time that gave no samples.
    first: tuple[float, int] | None = None
    end = asyncio.get_running_loop().time() + _LISTEN_S
    while True:
        match await ear.read():
            case EarGone(code, detail):
                raise ListenError(code, detail)
            case Detection():
                ear.hush()
            case Health() as health:
                now = time.monotonic()
                if first is None:
                    first = (now, health.frames)
                elif asyncio.get_running_loop().time() > end:
                    passing = tuple((each.code, each.detail) for each in health.problems)
                    return Listened(health.frames - first[1], now - first[0], problems + passing)
