"""What requests share between them."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..house import House
from .checks import Checks
from .deletions import Deletions
from .readings import Readings
from .refusals import Refusals
from .sealing import Sealing
from .second_factor import SecondFactor
from .unlocks import Unlocks

DATA_API: HassKey[Api] = HassKey(f"{DOMAIN}.api")


class Api:
    """What outlives one request: in memory, and gone with it but for the last deletion check."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        self.house = house
        self.second_factor = SecondFactor(hass)
        self.unlocks = Unlocks(hass)
        self.refusals = Refusals(hass, house)
        self.readings = Readings(house)
        self.deletions = Deletions(hass, house)
        self.sealing = Sealing(hass, house)
        self.verifying = asyncio.Lock()
        """Held by whoever goes through the whole log."""

        self.checks = Checks(hass, house)
