"""The dashboard's cards: served from the folder `frontend`, and made known to every page.

The pieces of a card are loaded when it is used; every page gets only the loader. The address
changes with the content, as browsers keep what they got for a month. Nothing is written into the
resources of dashboards, and nothing here is secret: Home Assistant serves it before the login.
"""

import hashlib
import logging
from pathlib import Path
from typing import Final

from homeassistant.components import frontend
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant

from .const import DOMAIN

_LOGGER = logging.getLogger(__name__)

FOLDER: Final = Path(__file__).parent / "frontend"
LOADER: Final = "loader.js"


async def async_setup_cards(hass: HomeAssistant) -> None:
    """Serve the cards and have pages load the loader, where there are pages at all."""
    if frontend.DOMAIN not in hass.config.components:
        return
    content = await hass.async_add_executor_job(content_hash, FOLDER)
    if content is None:
        _LOGGER.error("The cards for dashboards are missing; install Earshot again")
        return
    base = f"/{DOMAIN}/cards/{content}"
    await hass.http.async_register_static_paths(
        [StaticPathConfig(base, str(FOLDER), cache_headers=True)]
    )
    frontend.add_extra_js_url(hass, f"{base}/{LOADER}")


def content_hash(folder: Path) -> str | None:
    """Return a name for what the folder holds; None without the loader."""
    if not (folder / LOADER).is_file():
        return None
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.js")):
        data = file.read_bytes()
        digest.update(f"{file.name} {len(data)} ".encode() + data)
    return digest.hexdigest()[:16]
