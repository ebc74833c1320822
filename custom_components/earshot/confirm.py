"""What a hand at the satellite agrees to."""

import logging
from ipaddress import ip_address

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .wire.consent import Confirm, Confirmed

_LOGGER = logging.getLogger(__name__)

_MOST = 1_000


async def async_answer_confirm(hass: HomeAssistant, entry: ConfigEntry, message: Confirm) -> None:
    """Let what waits in a room begin, if the satellite's word counts, and tell it what came of it.

    Over a link that is not paired anybody in the network could say so; from this very machine
    nobody can who could not change the rules anyway.
    """
    room = entry.runtime_data
    paired = room.welcome is not None and room.welcome.paired
    if not paired and not _is_here(entry.data[CONF_HOST]):
        room.link.send(Confirmed(nonce=message.nonce, result="not_paired", changes=0))
        return
    try:
        changes = await room.house.rules.async_confirm(entry.entry_id)
    except HomeAssistantError as err:
        _LOGGER.warning("A confirmation in %s does not count: %s", entry.title, err)
        room.link.send(Confirmed(nonce=message.nonce, result="failed", changes=0))
        return
    result = "begun" if changes else "nothing"
    room.link.send(Confirmed(nonce=message.nonce, result=result, changes=min(changes, _MOST)))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
