"""Who went through a flow: the person in whose browser it ended."""

from homeassistant.auth.models import TOKEN_TYPE_NORMAL, RefreshToken, User
from homeassistant.components.http import KEY_HASS_REFRESH_TOKEN_ID, KEY_HASS_USER
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import current_request

from .audit import Actor
from .policy.access import Login, login_of


@callback
def actor_of_flow(hass: HomeAssistant) -> Actor:
    """Return who goes through the flow, for the log."""
    user, token = _session(hass)
    if user is None:
        return Actor()
    return Actor(user.id, token.id if token else None, "user")


@callback
def first_listener(hass: HomeAssistant) -> str | None:
    """Return the id of the user who may listen first; None unless it is surely one person.

    A login that whoever is in some network has, a token of a program, and a user of the system are
    nobody.
    """
    user, token = _session(hass)
    if user is None or user.system_generated or not user.is_active:
        return None
    if token is None or token.token_type != TOKEN_TYPE_NORMAL or token.credential is None:
        return None
    login = login_of(token.credential.auth_provider_type, ())
    return user.id if login is Login.PERSONAL else None


def _session(hass: HomeAssistant) -> tuple[User | None, RefreshToken | None]:
    request = current_request.get()
    user: User | None = None if request is None else request.get(KEY_HASS_USER)
    if request is None or user is None:
        return None, None
    token = hass.auth.async_get_refresh_token(request.get(KEY_HASS_REFRESH_TOKEN_ID) or "")
    return user, token if token is not None and token.user.id == user.id else None
