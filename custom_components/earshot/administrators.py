"""Whether a stolen password is enough to change the rules of every room."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.auth import EVENT_USER_ADDED, EVENT_USER_REMOVED, EVENT_USER_UPDATED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started

from .privacy_issues import tell_administrators

LOOK_INTERVAL: Final = timedelta(hours=1)
"""Nothing tells when somebody sets up a second factor."""


@callback
def async_watch_administrators(hass: HomeAssistant) -> None:
    """Tell in Repairs while an administrator has no second factor."""

    async def look(_: HomeAssistant | Event | datetime) -> None:
        tell_administrators(hass, without_second_factor=await async_without_second_factor(hass))

    async_at_started(hass, look)
    for event in (EVENT_USER_ADDED, EVENT_USER_REMOVED, EVENT_USER_UPDATED):
        hass.bus.async_listen(event, look)
    async_track_time_interval(
        hass, look, LOOK_INTERVAL, name="earshot administrators", cancel_on_shutdown=True
    )


async def async_without_second_factor(hass: HomeAssistant) -> int:
    """Return how many people can administer Earshot with no more than a password."""
    return len(
        [
            user
            for user in await hass.auth.async_get_users()
            if user.is_active
            and user.is_admin
            and not user.system_generated
            and not await hass.auth.async_get_enabled_mfa(user)
        ]
    )
