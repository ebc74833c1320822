"""Who may listen first: the person in whose own browser session the room was added."""

from typing import Any

import pytest
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.auth.models import (
    TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN,
    TOKEN_TYPE_NORMAL,
    Credentials,
    User,
)
from homeassistant.auth.providers import auth_provider_from_config
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from custom_components.earshot.const import DOMAIN, EntryKind
from custom_components.earshot.entries import entries_of
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.wire.code import shown

from .fake_satellite import FakeSatellite

PROVIDERS = {
    "homeassistant": {"type": "homeassistant"},
    "trusted_networks": {"type": "trusted_networks", "trusted_networks": ["127.0.0.1"]},
    "insecure_example": {"type": "insecure_example", "users": []},
}
FLOW = "/api/config/config_entries/flow"


async def token_of(hass: HomeAssistant, user: User, kind: str, provider: str | None) -> str:
    """Return an access token of a session of this kind, by a login of this provider."""
    credential = None
    if provider is not None:
        made = await auth_provider_from_config(hass, hass.auth._store, PROVIDERS[provider])
        hass.auth._providers[made.type, made.id] = made
        credential = Credentials(auth_provider_type=provider, auth_provider_id=None, data={})
        await hass.auth.async_link_user(user, credential)
    named = kind == TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN
    session = await hass.auth.async_create_refresh_token(
        user,
        None if named else "https://example.org/app",
        client_name="a program" if named else None,
        token_type=kind,
        credential=credential,
    )
    return hass.auth.async_create_access_token(session, "127.0.0.1")


async def add_by_browser(
    hass: HomeAssistant, hass_client_no_auth: Any, satellite: FakeSatellite, token: str
) -> ConfigEntry:
    """Go through the flow by requests, as a browser does."""
    for component in ("config", DOMAIN):
        assert await async_setup_component(hass, component, {})
    client = await hass_client_no_auth()
    headers = {"Authorization": f"Bearer {token}"}
    step = await (await client.post(FLOW, json={"handler": DOMAIN}, headers=headers)).json()
    async with satellite.pairable() as port:
        for answer in (
            {"next_step_id": "room"},
            {"host": "127.0.0.1", "port": satellite.port, "code": shown(port.desk.code)},
            {"name": "Kitchen", "room_kind": "other"},
            {"next_step_id": "without_speech"},
        ):
            path = f"{FLOW}/{step['flow_id']}"
            step = await (await client.post(path, json=answer, headers=headers)).json()
    assert step["type"] == "create_entry", step
    await hass.async_block_till_done()
    (entry,) = entries_of(hass, EntryKind.ROOM)
    return entry


async def test_who_added_the_room_may_listen_at_once(
    hass: HomeAssistant, hass_client_no_auth: Any, satellite: FakeSatellite
) -> None:
    """The first answers are no change: it need not wait a day."""
    user = await hass.auth.async_create_user("Anna", group_ids=[GROUP_ID_ADMIN])
    token = await token_of(hass, user, TOKEN_TYPE_NORMAL, "homeassistant")
    entry = await add_by_browser(hass, hass_client_no_auth, satellite, token)
    assert entry.options["listeners"] == [user.id]
    assert hass.data[DATA_HOUSE].rules.audience(entry.entry_id) == {user.id}


@pytest.mark.parametrize(
    ("kind", "provider"),
    [
        (TOKEN_TYPE_NORMAL, "trusted_networks"),
        (TOKEN_TYPE_NORMAL, "insecure_example"),
        (TOKEN_TYPE_NORMAL, None),
        (TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN, None),
    ],
)
async def test_what_is_not_surely_one_person_is_nobody(
    hass: HomeAssistant, hass_client_no_auth: Any, satellite: FakeSatellite, kind: str,
    provider: str | None,
) -> None:  # fmt: skip
    """A wall tablet's login, a program's token, a login that nothing is known of."""
    user = await hass.auth.async_create_user("Wall", group_ids=[GROUP_ID_ADMIN])
    token = await token_of(hass, user, kind, provider)
    entry = await add_by_browser(hass, hass_client_no_auth, satellite, token)
    assert entry.options["listeners"] == []
    assert hass.data[DATA_HOUSE].rules.audience(entry.entry_id) == frozenset()
