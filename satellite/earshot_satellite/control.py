"""The door for the command line of the same user: a socket in the state folder.

One line of JSON in, one line out. It can mute, unmute and ask how things are.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

_LOGGER = logging.getLogger(__name__)

_MAX_LINE = 64 * 1024
_SERVE_S = 10.0
_ASK_S = 15.0
"""Longer than a mute takes when an ear has to be killed and a sound server does not answer."""


class ControlError(Exception):
    """The running satellite did not answer; the message names the remedy."""


class ControlServer:
    """Answers what the command line asks."""

    def __init__(self, path: Path, answer: Callable[[str], Awaitable[dict[str, Any]]]) -> None:
        self._path = path
        self._answer = answer
        self._server: asyncio.Server | None = None

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
        try:
            async with asyncio.timeout(_SERVE_S):
                asked = json.loads(await reader.readline())
                wish = str(asked.get("do", "")) if isinstance(asked, dict) else ""
                answer = await self._answer(wish)
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError, TimeoutError) as err:
            _LOGGER.debug("a command line was not answered: %s", type(err).__name__)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


def ask(path: Path, wish: str) -> dict[str, Any] | None:
    """Ask a running satellite; None when none runs. Raises `ControlError`."""
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(_ASK_S)
        try:
            door.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError as err:
            raise ControlError(f"{path}: {err.strerror or err}; run it as its user") from None
        try:
            door.sendall(json.dumps({"do": wish}).encode() + b"\n")
            with door.makefile("rb") as lines:
                answer = json.loads(lines.readline(_MAX_LINE))
        except (OSError, ValueError):
            raise ControlError("the satellite runs but does not answer; restart it") from None
    if not isinstance(answer, dict):
        raise ControlError("the satellite runs but does not answer; restart it")
    return answer
