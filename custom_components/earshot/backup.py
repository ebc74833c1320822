"""What Home Assistant calls before and after it makes a backup."""

from homeassistant.core import HomeAssistant

from .house import DATA_HOUSE


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Have the sealed records ready, if the house wants them in backups."""
    if (house := hass.data.get(DATA_HOUSE)) is not None:
        await house.backups.async_begin()


async def async_post_backup(hass: HomeAssistant) -> None:
    """Have them gone again."""
    if (house := hass.data.get(DATA_HOUSE)) is not None:
        await house.backups.async_end()
