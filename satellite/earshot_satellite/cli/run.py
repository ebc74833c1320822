"""`earshot-satellite run`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging

from ..capture.plugins import leave_out_encoder
from ..first import First
from ..hygiene import forbid_dumps
from ..settings import Settings
from ..state import PLUGINS, StateError, StateFolder
from ..words import mistyped
from .command import EXIT_SETTINGS, fail


def options(parser: argparse.ArgumentParser) -> None:
    """Take how much to log."""
    parser.add_argument("--debug", action="store_true", help="log more")


def main(settings: Settings, asked: argparse.Namespace) -> int:
    """Run the satellite until it is told to end; return the exit status."""
    if asked.debug:
        logging.getLogger("earshot_satellite").setLevel(logging.DEBUG)
    if faults := mistyped(settings.wake):
        for fault in faults:
            fail(fault)
        return EXIT_SETTINGS
    # Commands pass through here on their way to Home Assistant, and the link's key lies here.
    forbid_dumps()
    folder = StateFolder(settings.state_folder)
    try:
        folder.hold()
    except StateError as err:
        return fail(str(err))
    devices = (settings.microphone.device, settings.speaker.device)
    leave_out_encoder(folder.folder / PLUGINS, devices)
    try:
        return asyncio.run(_run(settings, folder))
    except OSError as err:
        return fail(
            f"{err.filename or folder.folder}: {err.strerror}; make the state folder writable"
        )
    finally:
        folder.release()


async def _run(settings: Settings, folder: StateFolder) -> int:
    first = First(settings, folder)
    await first.begin()
    # Only now: the ear starts by itself while the rest is loaded.
    from ..body import Body  # noqa: PLC0415
    from ..link.server import PortError  # noqa: PLC0415

    body = Body(settings, folder, first)
    gc.freeze()
    try:
        await body.run()
    except PortError as err:
        return fail(str(err))
    return 0
