"""An export while things happen to what is exported."""

import io
import json
import zipfile
from typing import Any

import pytest
from homeassistant.util import dt as dt_util

from custom_components.earshot.api import export
from custom_components.earshot.audit import Actor
from custom_components.earshot.const import CONF_LISTENERS
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.vault import Selection, Vault
from custom_components.earshot.vault.audit.log import AuditError
from custom_components.earshot.vault.model import Capture

from .household import HTTP, MARKER, Household, Way

EXPORT = "/api/earshot/export"


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy."""
    return HTTP


class After:
    """Does something once the first capture of an export was read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
        read, self._act = Vault.async_read, act

        async def and_then(vault: Vault, *args: Any) -> Capture:
            capture = await read(vault, *args)
            act, self._act = self._act, None
            if act is not None:
                await act(capture.id)
            return capture

        monkeypatch.setattr(Vault, "async_read", and_then)


async def exported(household: Household, way: Way, ids: list[str]) -> list[str]:
    """Export captures; return why each was left out, or an empty text, in the zip's order."""
    response = await way.post(EXPORT, {"ids": ids})
    assert response.status == 200, await response.text()
    archive = zipfile.ZipFile(io.BytesIO(await response.read()))
    assert archive.testzip() is None
    index = json.loads(archive.read("index.json"))
    sound = [it["audio"] for it in index if "left_out" not in it]
    assert {it for it in archive.namelist() if it.endswith((".flac", ".wav"))} == set(sound)
    return [it.get("left_out", "") for it in index]


async def test_what_is_deleted_meanwhile_is_left_out(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same words as what never was."""
    ids = [await household.capture() for _ in range(4)]
    vault = await household.hass.data[DATA_HOUSE].async_vault()

    async def delete_others(capture_id: str) -> None:
        await vault.async_delete(Selection(ids=frozenset(ids) - {capture_id}))

    After(monkeypatch, delete_others)
    way = await household.way(household.anna)
    assert await exported(household, way, ids) == ["", *["not_allowed"] * 3]


async def test_who_is_no_listener_any_more_gets_no_more(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Narrowing is immediate, for what is on its way as well."""
    ids = [await household.capture() for _ in range(3)]
    house, kitchen = household.hass.data[DATA_HOUSE], household.kitchen
    others = [it for it in household.listeners if it != household.anna.id]

    async def take_off(_capture_id: str) -> None:
        await house.rules.async_change(kitchen, {CONF_LISTENERS: others}, Actor())

    After(monkeypatch, take_off)
    way = await household.way(household.anna)
    assert await exported(household, way, ids) == ["", "not_allowed", "not_allowed"]


async def test_no_line_no_export(household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the log fails in the middle, nothing more goes out and the zip says why."""
    ids = [await household.capture() for _ in range(3)]
    audit = household.hass.data[DATA_HOUSE].audit
    write = audit.async_write

    async def once(*args: Any) -> int:
        async def full(*_: Any) -> int:
            raise AuditError("planted")

        monkeypatch.setattr(audit, "async_write", full)
        return await write(*args)

    monkeypatch.setattr(audit, "async_write", once)
    way = await household.way(household.anna)
    assert await exported(household, way, ids) == ["", "audit_failed"]


async def test_more_than_one_export_holds_is_refused_before_the_first_byte(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By number and by size."""
    for _ in range(3):
        await household.capture()
    way = await household.way(household.anna)
    for limit in ("MAX_CAPTURES", "MAX_BYTES"):
        with monkeypatch.context() as patched:
            patched.setattr(export, limit, 2)
            response = await way.post(EXPORT, {"rooms": [household.kitchen.entry_id]})
            assert response.status == 413
            assert await response.json() == {"code": "export_too_large"}
    response = await way.post(EXPORT, {"until": dt_util.utcnow().isoformat()})
    assert response.status == 200
    archive = zipfile.ZipFile(io.BytesIO(await response.read()))
    assert archive.read("index.txt").decode().count(MARKER) == 3


BODIES = (
    "[" * 5_000 + "]" * 5_000, "{", "null", "[]", '{"ids": []}', '{"ids": "' + "0" * 32 + '"}',
    '{"ids": [1]}', '{"since": "0001-01-01T00:00:00+14:00"}', '{"x": 1}', "\ud7ff\0", "", "NaN",
    '{"ids": ["\\ud800"]}', " " * 100_000,
)  # fmt: skip


async def test_a_body_that_is_none_is_refused(household: Household) -> None:
    """By a code, not by a stack."""
    way = await household.way(household.anna)
    for body in BODIES:
        response = await household.client.post(EXPORT, data=body, headers=way._headers({}))
        assert response.status == 400, body[:40]
        assert await response.json() == {"code": "invalid_format"}
