"""Who asks, and over what, read from the connection. What cannot be read counts as the worst."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

from aiohttp import hdrs
from aiohttp.web import Request
from homeassistant.auth.models import (
    TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN,
    TOKEN_TYPE_NORMAL,
    RefreshToken,
    User,
)
from homeassistant.components.http import KEY_HASS_REFRESH_TOKEN_ID, KEY_HASS_USER
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import current_request
from homeassistant.helpers.network import is_cloud_connection
from homeassistant.util.network import is_local, is_loopback
from yarl import URL

from ..policy.access import Asker, Login, Token, login_of
from .second_factor import SecondFactor

_TOKENS: Final = {
    TOKEN_TYPE_NORMAL: Token.NORMAL,
    TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN: Token.LONG_LIVED,
}
_FORWARDED: Final = ("forwarded", "via", "x-forwarded-", "x-real-ip", "cf-connecting-ip")
"""How the names of the headers begin that something between the asker and us adds."""


async def async_asker_of_connection(
    hass: HomeAssistant, second_factor: SecondFactor, connection: ActiveConnection
) -> Asker:
    """Return who asks over a websocket."""
    return await _asker(
        hass, second_factor, connection.user, connection.refresh_token_id, current_request.get()
    )


async def async_asker_of_request(
    hass: HomeAssistant, second_factor: SecondFactor, request: Request
) -> Asker:
    """Return who asks by a request; only a bearer token is taken for the user's own."""
    user: User | None = request.get(KEY_HASS_USER)
    session: str | None = request.get(KEY_HASS_REFRESH_TOKEN_ID)
    bearer = request.headers.get(hdrs.AUTHORIZATION, "").startswith("Bearer ")
    # A signed address carries its signature in the query; ours have no query at all.
    signed = not bearer or bool(request.query_string)
    return await _asker(hass, second_factor, user, session, request, signed=signed)


async def _asker(
    hass: HomeAssistant,
    second_factor: SecondFactor,
    user: User | None,
    session: str | None,
    request: Request | None,
    *,
    signed: bool = False,
) -> Asker:
    if user is None:
        return Asker()
    refresh_token = hass.auth.async_get_refresh_token(session) if session else None
    if refresh_token is not None and refresh_token.user.id != user.id:
        refresh_token = None
    remote, loopback = _place(hass, request)
    return Asker(
        user_id=user.id,
        is_active=user.is_active,
        is_system=user.system_generated,
        session=refresh_token.id if refresh_token else None,
        token=Token.SIGNED if signed else _token(refresh_token),
        login=_login(user, refresh_token),
        remote=remote,
        loopback=loopback,
        secure=request is not None and request.secure,
        has_second_factor=await second_factor.async_is_set_up(user.id),
        second_factor=refresh_token is not None and second_factor.is_open(refresh_token.id),
    )


def _token(refresh_token: RefreshToken | None) -> Token:
    return _TOKENS.get(refresh_token.token_type, Token.OTHER) if refresh_token else Token.OTHER


def _login(user: User, refresh_token: RefreshToken | None) -> Login:
    if refresh_token is None:
        return Login.UNKNOWN
    credential = refresh_token.credential
    if credential is None and refresh_token.token_type != TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN:
        return Login.UNKNOWN
    return login_of(
        credential.auth_provider_type if credential else None,
        [it.auth_provider_type for it in user.credentials],
    )


def _place(hass: HomeAssistant, request: Request | None) -> tuple[bool, bool]:
    """Return whether the asker is elsewhere, and whether on this very machine."""
    address = _address(request.remote) if request is not None else None
    if request is None or address is None or is_cloud_connection(hass):
        return True, False
    # A program that passes on what came from elsewhere looks as if it asked itself.
    forwarded = any(name.lower().startswith(_FORWARDED) for name in request.headers)
    if not is_loopback(address):
        # Where Home Assistant believes that program, the address is not its own any more.
        return not is_local(address) or (forwarded and address == _peer(request)), False
    loopback = not forwarded and _is_this_machine(request.host)
    return not loopback, loopback


def _peer(request: Request) -> IPv4Address | IPv6Address | None:
    """Return the address that the connection itself comes from."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return _address(peer[0]) if isinstance(peer, tuple) else None


def _is_this_machine(host: str) -> bool:
    try:
        name = URL(f"//{host}").host or ""
    except ValueError:
        return False
    address = _address(name)
    return name == "localhost" or (address is not None and is_loopback(address))


def _address(text: str | None) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text or "")
    except ValueError:
        return None
