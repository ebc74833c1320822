"""The house and its vault: deleted with a certificate, told when it is full or damaged."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.audit import Actor
from custom_components.earshot.const import DOMAIN
from custom_components.earshot.house import House
from custom_components.earshot.policy.retention import Outcome
from custom_components.earshot.vault import Pin, Query, Selection, Vault, VaultClosedError
from custom_components.earshot.voice.turn import TurnReport

from .conftest import until
from .fake_satellite import FakeSatellite
from .test_turn import say

SOMEBODY = Actor(user_id="0" * 32, session="1" * 32, name="user")


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a deletion look into a folder of its own for temporary files, not the machine's."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


def report(seconds: float = 0.5) -> TurnReport:
    """Return a turn that was understood."""
    return TurnReport(
        outcome=Outcome.UNDERSTOOD, started=dt_util.utcnow(), pcm=bytes(int(seconds * 32_000)),
        transcript="turn on the planted lamp", record={"intent": "HassTurnOn"},
    )  # fmt: skip


async def kept(house: House, room: MockConfigEntry, count: int = 1) -> list[str]:
    """Keep some turns; return their ids."""
    return [await house.keep(room.entry_id, report()) for _ in range(count)]


async def listed(house: House, room: MockConfigEntry) -> list[str]:
    """Return the ids of what is kept of a room, newest first."""
    vault = await house.async_vault()
    page = await vault.async_page(Query(rooms=frozenset({room.entry_id})), house.reading())
    return [item.id for item in page.items]


async def log(house: House) -> list[tuple[str, str, str | None, str]]:
    """Return what the log says of deletions."""
    lines = await house.audit.async_lines(None, None, 50)
    return [(it.verb, it.actor.name, it.room_id, it.detail) for it in lines if it.verb == "deleted"]


async def test_a_deletion_is_logged_done_and_certified(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """In that order; the certificate says how much went and where was looked."""
    ids = await kept(house, room, 3)
    certificate = await house.async_delete(Selection(ids=frozenset(ids[:2])), SOMEBODY)
    assert certificate.captures == 2
    assert certificate.report.places
    assert await log(house) == [("deleted", "user", room.entry_id, "2")]
    assert await listed(house, room) == [ids[2]]
    assert house.usage[room.entry_id].captures == 1


async def test_what_is_kept_has_its_audience_and_its_moment(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """Asked when it is kept; both clocks are remembered."""
    (capture_id,) = await kept(house, room)
    found = await (await house.async_vault()).async_find(capture_id)
    assert found.audience == house.rules.audience(room.entry_id)
    assert abs((found.started - dt_util.utcnow()).total_seconds()) < 60


async def test_who_looks_on_is_told_of_captures(
    hass: HomeAssistant, house: House, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """A command that was spoken, and its deletion."""
    told = []
    stop = house.async_listen_captures(told.append)
    await say(satellite)
    await until(lambda: told)
    (capture_id,) = told[0].capture_ids
    await house.async_delete(Selection(ids=frozenset({capture_id})), SOMEBODY)
    stop()
    await kept(house, room)
    assert [(it.kind, it.capture_ids, it.room_id) for it in told] == [
        ("kept", (capture_id,), room.entry_id), ("gone", (capture_id,), room.entry_id),
    ]  # fmt: skip


async def test_a_full_vault_lets_the_oldest_go_and_says_so(
    hass: HomeAssistant, house: House, room: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Repairs and in the log; what is pinned stays."""
    ids = await kept(house, room, 3)
    now = dt_util.utcnow()
    pin = Pin(until=now + timedelta(days=1), made=now, by="ada", reason="")
    await (await house.async_vault()).async_pin(ids[0], pin)
    size = house.usage[room.entry_id].bytes
    monkeypatch.setattr(House, "size_cap", property(lambda _: size))
    ids += await kept(house, room)
    assert await listed(house, room) == [ids[3], ids[2], ids[0]]
    assert await log(house) == [("deleted", "system", None, "size_cap_1")]
    issue = ir.async_get(hass).async_get_issue(DOMAIN, "evicted")
    assert issue.translation_placeholders == {"captures": "1"}
    assert house.usage[room.entry_id].captures == 3

    monkeypatch.setattr(House, "size_cap", property(lambda _: size * 10))
    await house.async_purge()
    assert ir.async_get(hass).async_get_issue(DOMAIN, "evicted") is None


async def test_forgetting_everything_takes_the_house_key(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """And what is pinned; then it keeps again."""
    (capture_id,) = await kept(house, room)
    now = dt_util.utcnow()
    pin = Pin(until=now + timedelta(days=1), made=now, by="ada", reason="")
    await (await house.async_vault()).async_pin(capture_id, pin)
    key = await hass.async_add_executor_job((house.folder / "house.key").read_bytes)
    certificate = await house.async_forget_everything(SOMEBODY)
    assert certificate.captures == 1
    assert house.usage == {}
    assert await hass.async_add_executor_job((house.folder / "house.key").read_bytes) != key
    assert len(await kept(house, room)) == 1


async def test_a_vault_damaged_while_open_is_mended_and_told(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """What could not be saved is counted in Repairs."""
    ids = await kept(house, room, 2)
    blob: Path = house.folder / "audio" / ids[0]
    await hass.async_add_executor_job(blob.unlink)
    vault = await house.async_vault()
    vault._damaged = True
    await house._purge_due(dt_util.utcnow())
    assert vault.state == "ready"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, "captures_lost")
    assert issue.translation_placeholders == {"captures": "0", "parts": "1"}
    assert ir.async_get(hass).async_get_issue(DOMAIN, "vault_unavailable") is None
    assert await listed(house, room) == ids[::-1]


async def test_what_is_being_kept_at_the_end_is_kept(
    hass: HomeAssistant, house: House, room: MockConfigEntry
) -> None:
    """Home Assistant's last event waits for it."""
    tasks = [house.keep(room.entry_id, report()) for _ in range(5)]
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    ids = await asyncio.gather(*tasks)
    await until(lambda: not house._keeping)
    vault = await house.async_vault()
    await until(lambda: vault._closed)
    with pytest.raises(VaultClosedError):
        await vault.async_usage()
    await until(lambda: vault._writer._shutdown)
    again = await Vault.async_open(house.folder)
    for capture_id in ids:
        assert (await again.async_read(capture_id, again.reading())).audio
    await again.async_close()


async def test_an_end_while_the_vault_is_opened_waits_for_nothing(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home Assistant's end cancels the opening first, and then waited 10 s for what it had left."""
    opening = asyncio.Event()

    async def hangs(*_: Any, **__: Any) -> Vault:
        opening.set()
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(Vault, "async_open", hangs)
    house = House(hass)
    house.async_open()
    await opening.wait()
    (task,) = (it for it in asyncio.all_tasks() if it.get_name() == "earshot vault")
    task.cancel()
    async with asyncio.timeout(5):
        await house._close(Event(EVENT_HOMEASSISTANT_FINAL_WRITE))
    with pytest.raises(VaultClosedError):
        await house.async_vault()
