"""The door for the command line of the same user: a socket in the state folder.

One line of JSON in, `{"do": WISH, ...}`; lines of JSON out, the last one is the answer. What takes
long tells its progress in the lines before, each `{"progress": ...}`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LOGGER = logging.getLogger(__name__)

_MAX_LINE = 64 * 1024
_READ_S = 5.0
_ASK_S = 15.0
"""Longer than a mute takes when an ear has to be killed and a sound server does not answer."""

_MAX_DOORS = 16
"""Lines that are open at once, and wishes that are being granted."""

Tell = Callable[[dict[str, Any]], Awaitable[None]]
"""Tells progress. Raises `OSError` when whoever asked has gone."""


@dataclass(frozen=True)
class Wish:
    """What may be asked: `grant` takes the whole request and a way to tell its progress."""

    grant: Callable[[dict[str, Any], Tell], Coroutine[Any, Any, dict[str, Any]]]
    limit_s: float = 10.0
    """How long its answer is waited for."""

    held: bool = False
    """Whether it ends when whoever asked goes away, or at the limit. A mute must not."""


class ControlError(Exception):
    """The running satellite did not answer; the message names the remedy."""


class ControlServer:
    """Answers what the command line asks."""

    def __init__(self, path: Path, wishes: Mapping[str, Wish]) -> None:
        self._path = path
        self._wishes = wishes
        self._server: asyncio.Server | None = None
        self._doors = 0
        self._granting: set[asyncio.Task[dict[str, Any]]] = set()

    async def start(self) -> None:
        """Open the door to this user alone. A path that is too long for a socket is only said."""
        self._path.unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=_MAX_LINE)
        except OSError as err:
            _LOGGER.warning(
                "%s: %s; mute, unmute and status will not reach this satellite:"
                " set a shorter [state] folder",
                self._path,
                err,
            )
        finally:
            os.umask(mask)

    async def close(self) -> None:
        """Close it."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._doors += 1
        try:
            if self._doors <= _MAX_DOORS:
                await self._answer(reader, writer)
        except (OSError, ValueError, TimeoutError) as err:
            _LOGGER.debug("a command line was not answered: %s", type(err).__name__)
        finally:
            self._doors -= 1
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def tell(what: dict[str, Any]) -> None:
            writer.write(json.dumps(what).encode() + b"\n")
            await writer.drain()

        async with asyncio.timeout(_READ_S):
            asked = json.loads(await reader.readline())
        wish = self._wishes.get(str(asked.get("do"))) if isinstance(asked, dict) else None
        if wish is None:
            await tell({"error": "unknown wish"})
            return
        if len(self._granting) >= _MAX_DOORS:
            await tell({"error": "too much is asked at once; try again"})
            return
        granting = asyncio.create_task(wish.grant(asked, tell))
        self._granting.add(granting)
        granting.add_done_callback(self._granting.discard)
        gone = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait(
                {granting, gone}, timeout=wish.limit_s, return_when=asyncio.FIRST_COMPLETED
            )
            if granting.done():
                await tell(granting.result())
        finally:
            gone.cancel()
            if wish.held:
                granting.cancel()
            await asyncio.gather(gone, return_exceptions=True)


def ask(path: Path, wish: str, **more: Any) -> dict[str, Any] | None:
    """Ask a running satellite; None when none runs. Raises `ControlError`."""
    answer = None
    for answer in follow(path, wish, **more):  # noqa: B007 - the last one counts
        pass
    return answer


def follow(
    path: Path, wish: str, *, limit_s: float = _ASK_S, **more: Any
) -> Iterator[dict[str, Any]]:
    """Give all that a running satellite tells, the answer last; nothing when none runs.

    `limit_s` bounds the wait for each line. Raises `ControlError`.
    """
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(limit_s)
        try:
            door.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return
        except OSError as err:
            raise ControlError(f"{path}: {err.strerror or err}; run it as its user") from None
        silent = ControlError("the satellite runs but does not answer; restart it")
        try:
            door.sendall(json.dumps({"do": wish} | more).encode() + b"\n")
            with door.makefile("rb") as lines:
                while True:
                    told = json.loads(lines.readline(_MAX_LINE))
                    if not isinstance(told, dict):
                        raise silent
                    yield told
                    if "progress" not in told:
                        return
        except (OSError, ValueError):
            raise silent from None
