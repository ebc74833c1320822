"""Who is behind an action or a pressed button.

A person is judged as by the websocket. An automation is nobody: it may have less kept, and never
learns more than numbers.
"""

from homeassistant.components.http import KEY_HASS_USER
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers.http import current_request

from .api.ask import Ask
from .api.asker import async_asker_of_connection, async_asker_of_request
from .api.errors import RefusedError
from .api.state import DATA_API
from .policy.access import AccessVerdict, Asker, Reason


async def async_caller(hass: HomeAssistant, context: Context | None) -> Ask | None:
    """Return the request of the person behind a context; None when nobody is."""
    if context is None or context.user_id is None:
        return None
    return Ask(hass=hass, api=hass.data[DATA_API], asker=await _asker(hass, context.user_id))


async def async_person(hass: HomeAssistant, context: Context | None) -> Ask:
    """Return the request of the person behind a context; raises `RefusedError` for nobody."""
    if (ask := await async_caller(hass, context)) is None:
        raise RefusedError(AccessVerdict(Reason.NO_USER))
    return ask


async def _asker(hass: HomeAssistant, user_id: str) -> Asker:
    """Return who asks, over what if that is known: a script may have been begun long ago."""
    second_factor = hass.data[DATA_API].second_factor
    connection, request = current_connection.get(), current_request.get()
    if connection is not None and connection.user.id == user_id:
        return await async_asker_of_connection(hass, second_factor, connection)
    if request is not None and (user := request.get(KEY_HASS_USER)) and user.id == user_id:
        return await async_asker_of_request(hass, second_factor, request)
    if (user := await hass.auth.async_get_user(user_id)) is None:
        return Asker()
    return Asker(user_id=user.id, is_active=user.is_active, is_system=user.system_generated)
