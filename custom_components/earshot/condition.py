"""What automations can ask.

Asked of the rooms and not of states: what is not known is never taken for "yes", and no room at
all is none of which it holds.
"""

from abc import abstractmethod
from typing import Final, Unpack, cast, override

import probatio as vol
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_OPTIONS, CONF_TARGET
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.condition import Condition, ConditionCheckParams, ConditionConfig
from homeassistant.helpers.typing import ConfigType

from .action_rooms import rooms_named
from .house import DATA_HOUSE
from .models import RoomConfigEntry
from .policy.retention import Outcome

_HOUSE_SCHEMA = vol.Schema({vol.Required(CONF_OPTIONS, default={}): {}})
_ROOMS_SCHEMA = _HOUSE_SCHEMA.extend({vol.Required(CONF_TARGET): cv.TARGET_FIELDS})


class GuestModeIsOn(Condition):
    """Guests are in the house, so that nothing new is kept."""

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Take no options."""
        return cast(ConfigType, _HOUSE_SCHEMA(config))

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        house = self._hass.data.get(DATA_HOUSE)
        return house is not None and house.guest.is_on


class _OfRooms(Condition):
    """Something that has to hold of every room that is named."""

    @override
    @classmethod
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Take a target."""
        return cast(ConfigType, _ROOMS_SCHEMA(config))

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        super().__init__(hass, config)
        self._target = config.target or {}

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        try:
            rooms = rooms_named(self._hass, self._target) or frozenset()
        except ServiceValidationError:
            return False
        entries = [self._hass.config_entries.async_get_known_entry(it) for it in rooms]
        return bool(entries) and all(
            it.state is ConfigEntryState.LOADED and self._holds(it) for it in entries
        )

    @abstractmethod
    def _holds(self, entry: RoomConfigEntry) -> bool:
        """Return whether it holds of a room."""


class MicrophoneIsClosed(_OfRooms):
    """Every microphone is closed, and that is verified."""

    @override
    def _holds(self, entry: RoomConfigEntry) -> bool:
        return entry.runtime_data.microphone.state == "off"


class KeepsNothing(_OfRooms):
    """Nothing of what is said there now would be kept, however it ends."""

    @override
    def _holds(self, entry: RoomConfigEntry) -> bool:
        rules = entry.runtime_data.house.rules
        return not any(rules.verdict(entry.entry_id, outcome).allows for outcome in Outcome)


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "guest_mode_is_on": GuestModeIsOn,
    "keeps_nothing": KeepsNothing,
    "microphone_is_closed": MicrophoneIsClosed,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return our conditions."""
    return CONDITIONS
