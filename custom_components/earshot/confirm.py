"""What a hand at the satellite agrees to."""

import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .wire.consent import Confirm, Confirmed

_LOGGER = logging.getLogger(__name__)

_MOST = 1_000


async def async_answer_confirm(hass: HomeAssistant, entry: ConfigEntry, message: Confirm) -> None:
    """Let what waits in a room begin, and tell the satellite what came of it.

    Its word counts because the link is paired: anybody in the network could say so over another.
    """
    room = entry.runtime_data
    if not room.paired:
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
