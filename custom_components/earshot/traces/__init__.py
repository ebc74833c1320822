"""The deletion check: what is left of what was deleted, and where nobody could look."""

from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant

from .certificate import CERTIFICATES, Certificate, Certificates
from .model import Keeper, Kind, Needles, Place, Report, State, Verdict, Why
from .scan import async_get_checker

if TYPE_CHECKING:
    from ..house import House

__all__ = [
    "CERTIFICATES",
    "Certificate",
    "Certificates",
    "Keeper",
    "Kind",
    "Needles",
    "Place",
    "Report",
    "State",
    "Verdict",
    "Why",
    "async_check_deleted",
    "async_scan",
]


async def async_scan(hass: HomeAssistant, house: House, needles: Needles) -> Report:
    """Look everywhere for what was just deleted, while its words are still in memory."""
    return await async_get_checker(hass).async_check(needles)


async def async_check_deleted(hass: HomeAssistant, house: House) -> Report:
    """Look everywhere for what was deleted before: for ids and fingerprints, without words.

    Raises `VaultError`.
    """
    tombstones = await (await house.async_vault()).async_tombstones()
    needles = Needles(
        ids=tuple(each.id for each in tombstones),
        fingerprints=tuple(mark for each in tombstones for mark in each.fingerprints),
    )
    return await async_scan(hass, house, needles)
