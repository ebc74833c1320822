"""Where somebody asks from: what a program in between may hide is told as the worst."""

from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request
from homeassistant.core import HomeAssistant

from custom_components.earshot.api.asker import _place

HERE, NEAR, REMOTE = (False, True), (False, False), (True, False)


@pytest.fixture
def home() -> None:
    """Do without the Home Assistant of the other tests."""


@pytest.mark.parametrize(
    ("peer", "believed", "headers", "place"),
    [
        ("127.0.0.1", None, {"Host": "localhost:8123"}, HERE),
        ("::1", None, {"Host": "[::1]:8123"}, HERE),
        ("192.168.1.7", None, {"Host": "homeassistant.local:8123"}, NEAR),
        ("fd00::7", None, {"Host": "homeassistant.local:8123"}, NEAR),
        ("203.0.113.7", None, {"Host": "home.example.org"}, REMOTE),
        ("not an address", None, {"Host": "localhost"}, REMOTE),
        # A proxy here, or a tunnel, that Home Assistant knows nothing of.
        ("127.0.0.1", None, {"Host": "localhost", "Via": "1.1 proxy"}, REMOTE),
        ("127.0.0.1", None, {"Host": "home.example.org"}, REMOTE),
        # The same in a container or on another machine of the house.
        ("172.30.33.4", None, {"Host": "home.example.org", "X-Real-IP": "203.0.113.7"}, REMOTE),
        ("172.30.33.4", None, {"Host": "home", "CF-Connecting-IP": "203.0.113.7"}, REMOTE),
        ("192.168.1.2", None, {"Host": "home", "Forwarded": "for=203.0.113.7"}, REMOTE),
        # One that Home Assistant is told to believe says for whom it asks.
        ("172.30.33.4", "192.168.1.7", {"Host": "home", "X-Forwarded-For": "192.168.1.7"}, NEAR),
        ("172.30.33.4", "203.0.113.7", {"Host": "home", "X-Forwarded-For": "203.0.113.7"}, REMOTE),
        ("172.30.33.4", "127.0.0.1", {"Host": "localhost", "X-Forwarded-For": "127.0.0.1"}, REMOTE),
    ],
)
async def test_from_where(
    hass: HomeAssistant,
    peer: str,
    believed: str | None,
    headers: dict[str, str],
    place: tuple[bool, bool],
) -> None:
    transport = Mock()
    transport.get_extra_info = lambda name, default=None: (
        (peer, 50_000) if name == "peername" else default
    )
    request = make_mocked_request("GET", "/api/earshot", headers=headers, transport=transport)
    if believed is not None:
        request = request.clone(remote=believed)
    assert _place(hass, request) == place


async def test_without_a_request_nothing_is_near(hass: HomeAssistant) -> None:
    assert _place(hass, None) == REMOTE
