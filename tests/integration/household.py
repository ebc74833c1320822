"""People of a house, with real accounts, and the ways in which they can come to Home Assistant."""

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Self

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from homeassistant.auth import auth_mfa_module_from_config
from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_USER
from homeassistant.auth.models import (
    TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN,
    TOKEN_TYPE_NORMAL,
    Credentials,
    User,
)
from homeassistant.auth.providers import auth_provider_from_config
from homeassistant.components.http.auth import async_sign_path
from homeassistant.components.websocket_api.http import URL
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import CONF_LISTENERS, CONF_ROOM_KIND
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.policy.retention import Ceiling, Outcome, Rule, Verdict
from custom_components.earshot.vault import NewCapture
from custom_components.earshot.vault.views import Pin

from .conftest import add_room
from .fake_satellite import FakeSatellite

MARKER = "zanzibar"
"""In every transcript and record of the kitchen."""

SECRET = "JBSWY3DPEHPK3PXP"
"""Of the one-time passwords of those who have some."""

WORDS = logging.getLogger("homeassistant.components.websocket_api")
"""While Home Assistant writes its messages into its log, no word is taken or given."""

WEEK = Verdict(Ceiling(604_800, Rule.HOUSE), Ceiling(604_800, Rule.HOUSE))

CLIENT_ID = "https://example.org/app"
HTTP = {"use_x_forwarded_for": True, "trusted_proxies": ["127.0.0.1", "::1"]}
"""Configuration of Home Assistant's http under which the ways below are taken for real."""

TLS = {"X-Forwarded-For": "192.168.1.7", "X-Forwarded-Proto": "https"}
PLAIN = {"X-Forwarded-For": "192.168.1.7"}
REMOTE = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
HERE: Mapping[str, str] = {}
"""From this very machine, without a proxy."""


async def person(
    hass: HomeAssistant, name: str, *, provider: str = "homeassistant", admin: bool = False
) -> User:
    """Return a new user with a login."""
    group = GROUP_ID_ADMIN if admin else GROUP_ID_USER
    user = await hass.auth.async_create_user(name, group_ids=[group])
    await log_in(hass, user, provider)
    return user


async def log_in(hass: HomeAssistant, user: User, provider: str) -> Credentials:
    """Give a user a login by some provider."""
    credential = Credentials(auth_provider_type=provider, auth_provider_id=None, data={})
    await hass.auth.async_link_user(user, credential)
    return credential


async def token(
    hass: HomeAssistant,
    user: User,
    *,
    provider: str | None = "homeassistant",
    kind: str = TOKEN_TYPE_NORMAL,
    expires: timedelta = timedelta(minutes=30),
) -> str:
    """Return an access token of a new session of a user."""
    named = kind == TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN
    credential = next((it for it in user.credentials if it.auth_provider_type == provider), None)
    refresh_token = await hass.auth.async_create_refresh_token(
        user,
        None if named or user.system_generated else CLIENT_ID,
        client_name=f"of {user.name} {len(user.refresh_tokens)}" if named else None,
        token_type=None if user.system_generated else kind,
        credential=None if named else credential,
        access_token_expiration=expires,
    )
    return hass.auth.async_create_access_token(refresh_token, "192.168.1.7")


PEOPLE = (
    "user without right", "listener of another room", "administrator without right", "listener",
    "system user",
)  # fmt: skip


@dataclass
class Way:
    """A token and the way it comes in: over a websocket, or by requests."""

    client: TestClient[Any, Any]
    token: str | None
    headers: Mapping[str, str] = field(default_factory=dict)
    sign: Callable[[str], str] = str
    """Makes a signed address of a path."""

    socket: Any = None
    heard: str = ""
    """What came in this way, for whoever wants to look through it."""

    _last: int = 0

    async def connect(self) -> Self:
        """Open the websocket; raises `ConnectionRefusedError` when the token is not taken."""
        self.socket = await self.client.ws_connect(self.sign(URL), headers=dict(self.headers))
        assert (await self.socket.receive_json())["type"] == "auth_required"
        await self.socket.send_json({"type": "auth", "access_token": self.token or "none"})
        if (await self.socket.receive_json())["type"] != "auth_ok":
            # Home Assistant hangs up first.
            await self.socket.receive(timeout=10)
            await self.close()
            raise ConnectionRefusedError
        return self

    async def close(self) -> None:
        """Close the websocket."""
        if self.socket is not None:
            await self.socket.close()
            self.socket = None

    async def ask(self, name: str, **message: Any) -> dict[str, Any]:
        """Send a command of ours and return the whole answer, without its id."""
        if self.socket is None:
            await self.connect()
        self._last += 1
        await self.socket.send_json({"id": self._last, "type": f"earshot/{name}", **message})
        while True:
            answer = await self.socket.receive_json(timeout=30)
            if answer["id"] == self._last and answer["type"] == "result":
                del answer["id"]
                return dict(answer)

    async def event(self, subscription: int, kind: str) -> dict[str, Any]:
        """Return the next event of a kind of a subscription."""
        while True:
            message = await self.socket.receive_json(timeout=10)
            if message["id"] != subscription or message["type"] != "event":
                continue
            if message["event"]["event"] == kind:
                return dict(message["event"])

    async def result(self, name: str, **message: Any) -> Any:
        """Send a command of ours and return what it answers; fails on an error."""
        answer = await self.ask(name, **message)
        assert answer["success"], answer
        return answer["result"]

    async def refused(self, name: str, **message: Any) -> str:
        """Send a command of ours and return the code of its error; fails on success."""
        answer = await self.ask(name, **message)
        assert not answer["success"], answer
        return str(answer["error"]["code"])

    async def get(self, path: str, **headers: str) -> ClientResponse:
        """Get something."""
        return await self.client.get(self.sign(path), headers=self._headers(headers))

    async def post(self, path: str, body: Any) -> ClientResponse:
        """Post something as JSON."""
        return await self.client.post(
            self.sign(path), data=json.dumps(body), headers=self._headers({})
        )

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**self.headers, **bearer, **more}


@dataclass
class Household:
    """A house with two rooms and people."""

    hass: HomeAssistant
    people: dict[str, User]
    client: TestClient[Any, Any] = field(init=False)
    kitchen: MockConfigEntry = field(init=False)
    study: MockConfigEntry = field(init=False)
    satellite: FakeSatellite = field(init=False)
    """Of the kitchen."""

    @property
    def anna(self) -> User:
        """A listener of the kitchen."""
        return self.people["listener"]

    @property
    def listeners(self) -> list[str]:
        """Those of the kitchen."""
        return [self.people[it].id for it in ("listener", "trusted network", "third listener")]

    async def capture(self, *, pinned: bool = False, **what: Any) -> str:
        """Keep something in the kitchen, or something else of which `what` is said."""
        vault = await self.hass.data[DATA_HOUSE].async_vault()
        usual: dict[str, Any] = {
            "room_id": self.kitchen.entry_id,
            "started": dt_util.utcnow(),
            "outcome": Outcome.UNDERSTOOD,
            "audience": frozenset(self.listeners),
            "pcm": bytes(3200),
            "transcript": f"turn on the {MARKER} light",
            "record": {"intent": MARKER},
        }
        capture_id = await vault.async_keep(NewCapture(**usual | what), WEEK)
        assert capture_id
        if pinned:
            now = dt_util.utcnow()
            pin = Pin(until=now + timedelta(days=1), reason=MARKER, by=self.anna.id, made=now)
            await vault.async_pin(capture_id, pin)
        return capture_id

    async def way(self, user: User, headers: Any = TLS, **kind: Any) -> Way:
        """Return a way in."""
        return Way(self.client, await token(self.hass, user, **kind), headers)

    async def by_anna(self, name: str, **message: Any) -> Any:
        """Have Anna send one command, over a connection of her own."""
        way = await self.way(self.anna)
        try:
            return await way.result(name, **message)
        finally:
            await way.close()

    async def columns(self) -> dict[str, Way]:
        """Return every way in of the table."""
        session = await self.hass.auth.async_create_refresh_token(
            self.anna, CLIENT_ID, credential=self.anna.credentials[0]
        )
        old = timedelta(hours=-1)
        long_lived = TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN
        return {
            "no token": Way(self.client, None, TLS),
            "expired token": await self.way(self.anna, expires=old),
            **{name: await self.way(self.people[name]) for name in PEOPLE},
            "long-lived token": await self.way(self.anna, kind=long_lived),
            "signed address": Way(self.client, None, TLS, partial(sign, self.hass, session.id)),
            "trusted network": await self.way(
                self.people["trusted network"], provider="trusted_networks"
            ),
            "remote": await self.way(self.anna, REMOTE),
            "plain HTTP": await self.way(self.anna, PLAIN),
        }


def sign(hass: HomeAssistant, session: str, path: str) -> str:
    """Return a signed address, made by a listener's own session."""
    return async_sign_path(hass, path, timedelta(minutes=1), refresh_token_id=session)


@contextmanager
def not_written_down() -> Iterator[None]:
    """Have Home Assistant not write its messages down."""
    before = WORDS.level
    WORDS.setLevel(logging.INFO)
    try:
        yield
    finally:
        WORDS.setLevel(before)


@asynccontextmanager
async def move_in(
    hass: HomeAssistant, make_client: Callable[[Any], Awaitable[TestClient[Any, Any]]]
) -> AsyncIterator[Household]:
    """Set up two rooms, with people who may hear one, the other, or none."""
    hass.auth._mfa_modules["totp"] = await auth_mfa_module_from_config(hass, {"type": "totp"})
    networks = {"type": "trusted_networks", "trusted_networks": ["192.168.0.0/16"]}
    provider = await auth_provider_from_config(hass, hass.auth._store, networks)
    hass.auth._providers[provider.type, provider.id] = provider
    people = {
        "user without right": await person(hass, "Ulf"),
        "listener of another room": await person(hass, "Ben"),
        "administrator without right": await person(hass, "Ada", admin=True),
        "listener": await person(hass, "Anna"),
        "third listener": await person(hass, "Cleo"),
        "trusted network": await person(hass, "Tina", provider="trusted_networks"),
        "system user": await hass.auth.async_create_system_user("Machine", group_ids=[]),
    }
    for name in ("listener", "trusted network"):
        module = hass.auth.get_auth_mfa_module("totp")
        await module.async_setup_user(people[name].id, {"secret": SECRET})
    async with FakeSatellite("Kitchen") as one, FakeSatellite("Study") as other:
        household = Household(hass, people)
        household.satellite = one
        household.kitchen = await add_room(
            hass, one, options={CONF_ROOM_KIND: "other", CONF_LISTENERS: household.listeners}
        )
        ben = [people["listener of another room"].id]
        household.study = await add_room(
            hass, other, options={CONF_ROOM_KIND: "other", CONF_LISTENERS: ben}
        )
        # No more views can be registered once there is a client.
        household.client = await make_client(hass.http.app)
        with not_written_down():
            yield household
