"""The only way to a capture from outside: websocket commands and two views."""

from homeassistant.core import HomeAssistant

from ..house import House
from . import captures, deletion_check, live, log, overview, person, seals
from .commands import Command, async_register
from .state import DATA_API, Api
from .views import AudioView, ExportView

COMMANDS: tuple[Command, ...] = tuple(
    each
    for module in (captures, deletion_check, live, log, overview, person, seals)
    for each in module.COMMANDS
)


async def async_setup_api(hass: HomeAssistant, house: House) -> None:
    """Register every command and view."""
    api = hass.data[DATA_API] = Api(hass, house)
    await api.checks.async_load()
    api.sealing.async_start()
    for each in COMMANDS:
        async_register(hass, each)
    hass.http.register_view(AudioView())
    hass.http.register_view(ExportView())
