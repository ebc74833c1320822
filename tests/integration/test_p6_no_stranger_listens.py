"""P6, the Home Assistant half: every way in, tried by everybody who could try it.

The table in docs/api.md says what each gets. It is compared here with what a real Home Assistant
answers, and an endpoint that has no row, or a row that has no endpoint, fails.
"""

import io
import zipfile
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pyotp
import pytest
from aiohttp import ClientResponse
from homeassistant.components import websocket_api
from homeassistant.util import dt as dt_util

from custom_components.earshot.api.state import DATA_API
from custom_components.earshot.audit import Actor, Verb
from custom_components.earshot.const import DOMAIN
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.traces import Certificate, Certificates, Report

from .household import HTTP, MARKER, SECRET, Household, Way

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
PASSPHRASE = "bata dine fogu kila mopa rute"
AUDIO = "/api/earshot/captures/{}/audio"


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy, so that every way in can be taken for real."""
    return HTTP


STRANGERS = {"user without right", "listener of another room", "administrator without right"}


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Home Assistant forgets the heartbeat of some websockets whose token it did not take."""
    return True


type Try = Callable[[Household, Way], Awaitable[str]]
"""Tries one endpoint and says what came of it, in the words of the table."""


def command(name: str, **message: Any) -> Try:
    """Return what tries a websocket command; words in braces are filled in anew each time."""

    async def attempt(household: Household, way: Way) -> str:
        try:
            await way.connect()
        except ConnectionRefusedError:
            return "401"
        answer = await way.ask(
            name, **{k: await fill(household, way, v) for k, v in message.items()}
        )
        if not answer["success"]:
            assert MARKER not in str(answer)
            return str(answer["error"]["code"])
        result = answer["result"]
        if isinstance(result, dict) and result.get("refused"):
            assert not result["captures"]
            return str(result["refused"][0]["reason"])
        way.heard += str(result)
        return "nothing" if result == [] else "yes"

    return attempt


async def fill(household: Household, way: Way, value: Any) -> Any:  # noqa: PLR0911 - a table
    """Put what exists in the place of its name."""
    match value:
        case list():
            return [await fill(household, way, it) for it in value]
        case "{capture}":
            return await household.capture()
        case "{pinned}":
            return await household.capture(pinned=True)
        case "{kitchen}":
            return household.kitchen.entry_id
        case "{code}":
            # One code would do for one of them only.
            household.hass.data[DATA_API].second_factor._used.clear()
            return pyotp.TOTP(SECRET).now()
        case "{cleo}":
            return household.people["third listener"].id
        case "{deletion}":
            message = {"ids": [await household.capture()], "seen": 1, "undo": 30}
            answer = await way.ask("captures/delete", **message)
            if not answer["success"]:
                return (await household.by_anna("captures/delete", **message))["deletion_id"]
            return answer["result"]["deletion_id"]
        case "{seal}" | "{unlocked}":
            (seal,) = await household.by_anna("seals")
            if value == "{unlocked}":
                await way.ask("seals/unlock", seal_id=seal["seal_id"], password=PASSPHRASE)
            return seal["seal_id"]
        case _:
            return value


async def audio(household: Household, way: Way) -> str:
    """Try to get the sound of a capture."""
    response = await way.get(AUDIO.format(await household.capture()))
    body = await response.read()
    if response.status == HTTPStatus.OK:
        assert body[:4] in (b"fLaC", b"RIFF")
        way.heard += MARKER
    return await answered(response)


async def export(household: Household, way: Way) -> str:
    """Try to get a zip."""
    response = await way.post("/api/earshot/export", {"ids": [await household.capture()]})
    if response.status == HTTPStatus.OK:
        archive = zipfile.ZipFile(io.BytesIO(await response.read()))
        assert archive.testzip() is None
        assert MARKER in archive.read("index.txt").decode()
        way.heard += MARKER
    return await answered(response)


async def answered(response: ClientResponse) -> str:
    """Return what came of a request; nothing of it may be kept by anybody on the way."""
    if response.status == HTTPStatus.UNAUTHORIZED:
        return "401"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    if response.status == HTTPStatus.OK:
        return "yes"
    assert response.status == HTTPStatus.FORBIDDEN
    told = await response.json()
    assert set(told) == {"code"}
    return str(told["code"])


ONE = {"ids": ["{capture}"]}
ROWS: dict[str, Try] = {
    "GET captures/{id}/audio": audio,
    "POST export": export,
    "overview": command("overview"),
    "subscribe": command("subscribe"),
    "captures": command("captures", rooms=["{kitchen}"]),
    "captures/count": command("captures/count", **ONE),
    "captures/delete": command("captures/delete", **ONE, seen=1, undo=0),
    "captures/undo": command("captures/undo", deletion_id="{deletion}"),
    "captures/pin": command("captures/pin", capture_id="{capture}", days=1, reason="a reason"),
    "captures/unpin": command("captures/unpin", capture_id="{pinned}"),
    "captures/pins": command("captures/pins"),
    "captures/label": command("captures/label", capture_id="{capture}", label="not_for_you"),
    "audit": command("audit", rooms=["{kitchen}"]),
    "audit/listens": command("audit/listens"),
    "audit/listened": command("audit/listened", **ONE),
    "audit/verify": command("audit/verify"),
    "second_factor": command("second_factor", token="{code}"),
    "deletion_check": command("deletion_check"),
    "deletion_check/certificates": command("deletion_check/certificates"),
    "seals/words": command("seals/words"),
    "seals/create": command(
        "seals/create", rooms=["{kitchen}"], label="Anna", password=PASSPHRASE
    ),
    # From here on the kitchen is sealed.
    "seals": command("seals"),
    "seals/unlock": command("seals/unlock", seal_id="{seal}", password=PASSPHRASE),
    "seals/lock": command("seals/lock"),
    "seals/add_person": command(
        "seals/add_person", seal_id="{unlocked}", user_id="{cleo}", label="Cleo",
        password=PASSPHRASE,
    ),
    "seals/remove_person": command(
        "seals/remove_person", seal_id="{unlocked}", user_id="{cleo}"
    ),
    "seals/open": command("seals/open", room_id="{kitchen}"),
}  # fmt: skip


def matrix() -> dict[str, dict[str, str]]:
    """Return the table of the document: endpoint, way in, what comes of it."""
    table = DOCUMENT.read_text().split("<!-- matrix -->")[1].strip().splitlines()
    head, _, *rows = [[it.strip(" `") for it in line.strip("|").split("|")] for line in table]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


async def test_every_way_in_is_in_the_matrix(household: Household) -> None:
    """Whatever is registered by us has a row in the document and is tried below."""
    hass = household.hass
    commands = {
        name.removeprefix("earshot/")
        for name in hass.data[websocket_api.DOMAIN]
        if name.startswith(f"{DOMAIN}/")
    }
    views = {
        f"{route.method} {route.resource.canonical.removeprefix('/api/earshot/')}"
        for route in hass.http.app.router.routes()
        if route.resource is not None
        and DOMAIN in route.resource.canonical
        # The question of a browser whether another site may ask; it is answered without any of us.
        and route.method != "OPTIONS"
    }
    named = {it.replace("capture_id", "id") for it in views}
    assert named == {"GET captures/{id}/audio", "POST export"}
    assert commands | named == set(matrix()) == set(ROWS)


PARTS = {
    "captures": ("GET", "POST", "captures"),
    "seals": ("seals",),
    "the rest": ("overview", "subscribe", "audit", "second_factor", "deletion_check"),
}


@pytest.mark.parametrize("part", PARTS)
async def test_the_matrix_is_what_home_assistant_answers(household: Household, part: str) -> None:
    """Every cell, for real."""
    hass, house = household.hass, household.hass.data[DATA_HOUSE]
    certificate = Certificate.new(dt_util.utcnow(), 1, Report(()))
    await hass.async_add_executor_job(Certificates(house.folder).add, certificate)
    await house.audit.async_write(Verb.HEARD_BACK, Actor(name="voice"), household.kitchen.entry_id)
    said = matrix()
    wrong = []
    for endpoint in [it for it in ROWS if it.startswith(PARTS[part])]:
        for column, way in (await household.columns()).items():
            came = await ROWS[endpoint](household, way)
            await way.close()
            if came != said[endpoint][column]:
                wrong.append(f"{endpoint}, {column}: {came}, not {said[endpoint][column]}")
            if column in STRANGERS:
                assert MARKER not in way.heard
    assert not wrong, "\n".join(wrong)


def test_every_row_is_tried() -> None:
    """The parts are the whole."""
    assert {it for it in ROWS if it.startswith(sum(PARTS.values(), ()))} == set(ROWS)
