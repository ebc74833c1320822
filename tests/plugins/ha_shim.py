"""Let pytest-homeassistant-custom-component 0.13.375 (made for 2026.10.4) run on 2026.11.0.

Load it first: `-p plugins.ha_shim` with tests/ on PYTHONPATH.
"""

# Home Assistant aliases httpx when it is imported; the plugin imports respx, hence httpx, before.
import homeassistant  # noqa: F401
from homeassistant.components import logger
from homeassistant.components.logger import helpers

# 2026.11 moved this private function; the plugin still looks for it at the old place.
if not hasattr(logger, "_clear_logger_overwrites"):
    logger._clear_logger_overwrites = helpers._clear_logger_overwrites
