"""The runtime data of the three kinds of config entries."""

from typing import Any

from homeassistant.config_entries import ConfigEntry

from .house import House
from .room import Room
from .speech import Speech

type EarshotConfigEntry = ConfigEntry[Any]
type HouseConfigEntry = ConfigEntry[House]
type RoomConfigEntry = ConfigEntry[Room]
type SpeechConfigEntry = ConfigEntry[Speech]
