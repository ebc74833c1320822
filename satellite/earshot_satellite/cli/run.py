"""`earshot-satellite run`."""

from __future__ import annotations

import asyncio
import gc
import sys

from ..body import Body
from ..link.server import PortError
from ..settings import Settings
from ..state import StateError, StateFolder

EXIT_UNAVAILABLE = 3


def run(settings: Settings) -> int:
    """Run the satellite until it is told to end; return the exit status."""
    folder = StateFolder(settings.state_folder)
    try:
        folder.hold()
    except StateError as err:
        print(f"earshot-satellite: {err}", file=sys.stderr)
        return EXIT_UNAVAILABLE
    try:
        asyncio.run(_run(settings, folder))
    except PortError as err:
        print(f"earshot-satellite: {err}", file=sys.stderr)
        return EXIT_UNAVAILABLE
    except OSError as err:
        print(
            f"earshot-satellite: {err.filename or folder.folder}: {err.strerror};"
            " make the state folder writable",
            file=sys.stderr,
        )
        return EXIT_UNAVAILABLE
    finally:
        folder.release()
    return 0


async def _run(settings: Settings, folder: StateFolder) -> None:
    body = Body(settings, folder)
    gc.freeze()
    await body.run()
