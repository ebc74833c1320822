"""Leaves out a plugin of ALSA that takes 5 MB of each process that has sound: the AC-3 encoder.

PortAudio opens every device that ALSA's configuration names, to see what it can do. Debian's names
`a52`, for receivers with a digital input, whose plugin loads a video library and eighty more. It is
left out by showing ALSA a folder with links to all the other plugins.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterable
from pathlib import Path

_LOGGER = logging.getLogger(__name__)

_VARIABLE = "ALSA_PLUGIN_DIR"
_NAME = "a52"
_PLUGIN = f"libasound_module_pcm_{_NAME}.so"
_PLACES = ("/usr/lib/*/alsa-lib", "/usr/lib64/alsa-lib", "/usr/lib/alsa-lib")
_CONFIGURATIONS = ("/etc/asound.conf", "~/.asoundrc", "~/.config/alsa/asoundrc")
_MAX_CONFIGURATION = 64 * 1024


def leave_out_encoder(folder: Path, devices: Iterable[str]) -> None:
    """Have ALSA do without it in this process and its children, unless somebody uses it.

    `folder` is for the links; `devices` are those of the settings. Call it before any sound.
    """
    found = [
        each.parent
        for place in _PLACES
        for each in Path("/").glob(place.lstrip("/") + f"/{_PLUGIN}")
    ]
    if _VARIABLE in os.environ or len(found) != 1 or _is_used(devices):
        return
    try:
        _link(folder, found[0])
    except OSError as err:
        _LOGGER.debug("ALSA keeps all its plugins: %s", err.strerror)
    else:
        os.environ[_VARIABLE] = str(folder)


def _is_used(devices: Iterable[str]) -> bool:
    """Return whether the settings or ALSA's own ones name it."""
    if any(_NAME in device for device in devices):
        return True
    for name in (*os.environ.get("ALSA_CONFIG_PATH", "").split(":"), *_CONFIGURATIONS):
        with contextlib.suppress(OSError, RuntimeError), Path(name).expanduser().open("rb") as file:
            if _NAME.encode() in file.read(_MAX_CONFIGURATION):
                return True
    return False


def _link(folder: Path, plugins: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    wanted = {each.name: str(each) for each in plugins.glob("*.so") if each.name != _PLUGIN}
    for link in folder.iterdir():
        if not link.is_symlink() or wanted.get(link.name) != str(link.readlink()):
            link.unlink()
    for name, target in wanted.items():
        with contextlib.suppress(FileExistsError):
            (folder / name).symlink_to(target)
