"""People of the house: accounts, and logging in as a browser does."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .client import Client, HomeError, Json
from .home import PASSWORD


@dataclass(frozen=True)
class Login:
    """What a browser remembers of a login."""

    base: str
    access_token: str
    refresh_token: str
    expires_s: int

    @property
    def stored(self) -> Json:
        """Return what Home Assistant's pages keep as `hassTokens`."""
        return {
            "hassUrl": self.base,
            "clientId": client_id(self.base),
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "token_type": "Bearer",
            "expires_in": self.expires_s,
            "expires": round(time.time() + self.expires_s) * 1_000,
        }


def client_id(base: str) -> str:
    """Return the name under which a browser logs in: the address of the pages."""
    return f"{base}/"


async def add_person(client: Client, name: str, *, admin: bool = False) -> str:
    """Give somebody an account of their own with the house's password; return the user's id."""
    made = await client.command(
        "config/auth/create",
        name=name,
        group_ids=["system-admin" if admin else "system-users"],
    )
    user_id: str = made["user"]["id"]
    await client.command(
        "config/auth_provider/homeassistant/create",
        user_id=user_id,
        username=name.lower(),
        password=PASSWORD,
    )
    return user_id


async def log_in(base: str, username: str, code: str = "") -> Login:
    """Log in with the house's password, and a one-time password where one is asked for."""
    client = Client(base)
    try:
        us = client_id(base)
        step = await client.rest(
            "POST",
            "/auth/login_flow",
            {"client_id": us, "handler": ["homeassistant", None], "redirect_uri": us},
        )
        path = f"/auth/login_flow/{step['flow_id']}"
        step = await client.rest(
            "POST", path, {"client_id": us, "username": username, "password": PASSWORD}
        )
        if step["type"] == "form" and step["step_id"] == "mfa" and code:
            step = await client.rest("POST", path, {"client_id": us, "code": code})
        if step["type"] != "create_entry":
            raise HomeError(
                f"the login of {username} ended in {step.get('errors') or step['type']}"
            )
        tokens = await client.rest(
            "POST",
            "/auth/token",
            {"grant_type": "authorization_code", "code": step["result"], "client_id": us},
            form=True,
        )
    finally:
        await client.close()
    return Login(base, tokens["access_token"], tokens["refresh_token"], tokens["expires_in"])
