"""Whether the disk has room for what may still be kept."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started

from .const import VAULT_FOLDER
from .privacy_issues import tell_disk

LOOK_INTERVAL: Final = timedelta(minutes=5)
LEAST_BYTES: Final = 500 * 1024 * 1024
LEAST_PART: Final = 0.05


@callback
def async_watch_disk(hass: HomeAssistant) -> None:
    """Tell in Repairs while the disk of the vault is nearly full."""
    folder = Path(hass.config.path(*VAULT_FOLDER))

    async def look(_: HomeAssistant | datetime) -> None:
        usage = await hass.async_add_executor_job(_usage, folder)
        if usage is not None:
            free, total = usage
            tell_disk(hass, nearly_full=nearly_full(free, total), free_mib=free // 2**20)

    async_at_started(hass, look)
    async_track_time_interval(
        hass, look, LOOK_INTERVAL, name="earshot disk", cancel_on_shutdown=True
    )


def nearly_full(free: int, total: int) -> bool:
    """Return whether a disk of this many bytes has too few left."""
    return free < max(LEAST_BYTES, total * LEAST_PART)


def _usage(folder: Path) -> tuple[int, int] | None:
    """Return the free and all bytes of the disk of a folder, be it made yet or not."""
    for there in (folder, *folder.parents):
        try:
            usage = shutil.disk_usage(there)
        except FileNotFoundError:
            continue
        except OSError:
            return None
        return usage.free, usage.total
    return None
