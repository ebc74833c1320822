"""P7: listening leaves a trace in Earshot, and a trace that is touched is noticed.

A real Home Assistant, real accounts and requests, and a satellite over a real link that remembers
where the log stood. What lines cannot be changed into unseen is tried one by one in
tests/vault/test_audit_log.py.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.api.state import DATA_API
from custom_components.earshot.audit import Audit, AuditError, Line, Verb
from custom_components.earshot.const import CONF_LISTENERS, CONF_ROOM_KIND
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.policy.retention import Ceiling, Outcome, Rule, Verdict
from custom_components.earshot.vault import NewCapture
from custom_components.earshot.vault.audit.log import AuditLog
from custom_components.earshot.vault.audit.rows import AUDIT

from .conftest import add_room, until
from .fake_satellite import FakeSatellite
from .household import HTTP, TLS, Way, not_written_down, person, token

WORD = "zanzibar"
WEEK = Verdict(Ceiling(604_800, Rule.HOUSE), Ceiling(604_800, Rule.HOUSE))


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy, so that requests come over HTTPS."""
    return HTTP


@dataclass
class Kitchen:
    """A room with a listener, and a capture to listen to."""

    hass: HomeAssistant
    satellite: FakeSatellite
    entry: MockConfigEntry
    capture_id: str
    anna: Way
    ulf: Way

    @property
    def audit(self) -> Audit:
        return self.hass.data[DATA_HOUSE].audit

    @property
    def audio(self) -> str:
        return f"/api/earshot/captures/{self.capture_id}/audio"

    async def lines(self) -> list[Line]:
        return list(await self.audit.async_lines(None, None, 100))

    async def witnessed(self) -> None:
        tip = self.audit.tip
        assert tip is not None
        await until(lambda: tip.seq in self.satellite.heads.get(tip.chain, {}))


@pytest.fixture
async def kitchen(
    hass: HomeAssistant, aiohttp_client: Any, speech_entry: MockConfigEntry, local_auth: Any
) -> AsyncGenerator[Kitchen]:
    """Have a room with one listener, one capture and a paired satellite."""
    anna, ulf = await person(hass, "Anna"), await person(hass, "Ulf")
    async with FakeSatellite("Kitchen") as satellite:
        client = await aiohttp_client(hass.http.app)
        entry = await add_room(
            hass, satellite, options={CONF_ROOM_KIND: "other", CONF_LISTENERS: [anna.id]}
        )
        vault = await hass.data[DATA_HOUSE].async_vault()
        capture_id = await vault.async_keep(
            NewCapture(
                room_id=entry.entry_id,
                started=dt_util.utcnow(),
                outcome=Outcome.UNDERSTOOD,
                audience=frozenset({anna.id}),
                pcm=bytes(3200),
                transcript=f"turn on the {WORD} light",
            ),
            WEEK,
        )
        assert capture_id
        yield Kitchen(
            hass,
            satellite,
            entry,
            capture_id,
            Way(client, await token(hass, anna), TLS),
            Way(client, await token(hass, ulf), TLS),
        )


async def test_who_listened_is_in_the_log_and_the_room_can_read_it(kitchen: Kitchen) -> None:
    response = await kitchen.anna.get(kitchen.audio)
    assert (response.status, bool(await response.read())) == (200, True)
    (line,) = [it for it in await kitchen.lines() if it.verb is Verb.PLAYED]
    assert (line.room_id, line.target) == (kitchen.entry.entry_id, kitchen.capture_id)
    (user,) = [it for it in await kitchen.hass.auth.async_get_users() if it.name == "Anna"]
    assert line.actor.user_id == user.id
    assert line.actor.session in user.refresh_tokens
    shown = await kitchen.anna.result("audit")
    assert [it["target"] for it in shown if it["verb"] == "played"] == [kitchen.capture_id]


async def test_reading_is_listening_too(kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for a while of turning pages, before the words; without it, no word."""
    (user,) = [it for it in await kitchen.hass.auth.async_get_users() if it.name == "Anna"]
    again = Way(kitchen.anna.client, await token(kitchen.hass, user), TLS)
    with not_written_down():
        for _ in range(2):
            assert WORD in str(await kitchen.anna.result("captures"))
        (line,) = [it for it in await kitchen.lines() if it.verb is Verb.READ]
        assert (line.room_id, line.actor.user_id) == (kitchen.entry.entry_id, user.id)

        async def full(*_: object, **__: object) -> int:
            raise AuditError("disk full")

        monkeypatch.setattr(kitchen.audit, "async_write", full)
        answer = await again.ask("captures")
        assert answer["error"]["code"] == "audit_failed"
        assert WORD not in str(answer)
    await kitchen.anna.close()
    await again.close()


async def test_a_search_in_vain_is_reading_too(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That nobody said a word is an answer; no line, no search."""
    vault = await kitchen.hass.data[DATA_HOUSE].async_vault()
    searched, page = [], vault.async_page

    async def noted(*args: Any) -> Any:
        searched.append([it.verb for it in await kitchen.lines()])
        return await page(*args)

    monkeypatch.setattr(vault, "async_page", noted)
    with not_written_down():
        assert (await kitchen.anna.result("captures", text="nosuchword"))["captures"] == []
        (line,) = [it for it in await kitchen.lines() if it.verb is Verb.READ]
        assert (line.room_id, line.target) == (kitchen.entry.entry_id, "")
        assert [it.count(Verb.READ) for it in searched] == [1]

        async def full(*_: object, **__: object) -> int:
            raise AuditError("disk full")

        monkeypatch.setattr(kitchen.audit, "async_write", full)
        assert await kitchen.ulf.refused("captures", text="nosuchword") == "not_allowed"
        kitchen.hass.data[DATA_API].readings._written.clear()
        assert await kitchen.anna.refused("captures", text="nosuchword") == "audit_failed"
        assert len(searched) == 1
    await kitchen.anna.close()
    await kitchen.ulf.close()


async def test_who_tried_in_vain_is_in_the_log_too(kitchen: Kitchen) -> None:
    written: list[Line] = []
    kitchen.audit.async_listen(written.append)
    response = await kitchen.ulf.get(kitchen.audio)
    assert response.status == 403
    await until(lambda: [it for it in written if it.verb is Verb.REFUSED])
    assert not [it for it in await kitchen.lines() if it.verb is Verb.PLAYED]


async def test_the_line_is_written_before_the_first_byte(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the line waits to be written, nothing of the answer leaves; not even its head."""
    asked, go = asyncio.Event(), asyncio.Event()
    write = kitchen.audit.async_write

    async def held(verb: Verb, *args: Any, **kwargs: Any) -> int:
        if verb is Verb.PLAYED:
            asked.set()
            await go.wait()
        return await write(verb, *args, **kwargs)

    monkeypatch.setattr(kitchen.audit, "async_write", held)
    listening = asyncio.create_task(kitchen.anna.get(kitchen.audio))
    async with asyncio.timeout(10):
        await asked.wait()
    # Another request goes to and fro meanwhile.
    assert (await kitchen.ulf.get(kitchen.audio)).status == 403
    assert not listening.done()
    go.set()
    assert (await listening).status == 200
    assert [it.target for it in await kitchen.lines() if it.verb is Verb.PLAYED] == [
        kitchen.capture_id
    ]


async def test_without_a_line_nobody_listens(kitchen: Kitchen) -> None:
    """The log's disk is full: the capture is there, and is not given out."""

    def full(log: AuditLog) -> None:
        execute = log._rows._connection.execute
        (pages,) = execute("PRAGMA page_count").fetchone()
        execute(f"PRAGMA max_page_count = {pages}")

    await kitchen.audit._run(full)
    statuses = []
    for _ in range(200):
        response = await kitchen.anna.get(kitchen.audio)
        statuses.append(response.status)
        body = await response.read()
        if response.status != 200:
            break
    assert statuses[-1] == 503
    assert b"fLaC" not in body
    assert b"RIFF" not in body
    played = [it for it in await kitchen.lines() if it.verb is Verb.PLAYED]
    assert len(played) == len(statuses) - 1


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param("UPDATE lines SET user = '' WHERE seq = 3", 3, id="edit"),
        pytest.param("DELETE FROM lines WHERE seq = 3", 3, id="drop"),
        pytest.param(
            "UPDATE lines SET seq = 99 WHERE seq = 3; UPDATE lines SET seq = 3 WHERE seq = 4;"
            "UPDATE lines SET seq = 4 WHERE seq = 99",
            3,
            id="reorder",
        ),
        pytest.param("DELETE FROM lines WHERE seq > 3", 4, id="truncate"),
    ],
)
async def test_a_touched_log_is_noticed(kitchen: Kitchen, change: str, found: int) -> None:
    for _ in range(6):
        await kitchen.anna.get(kitchen.audio)
    await kitchen.witnessed()
    verdict = await kitchen.audit.async_verify()
    assert (verdict.state, verdict.witnesses) == ("verified", 1)
    await kitchen.audit.async_close()
    folder = kitchen.hass.data[DATA_HOUSE].folder
    with closing(sqlite3.connect(folder / AUDIT)) as connection:
        connection.executescript(change)
    await kitchen.audit.async_open()
    verdict = await kitchen.audit.async_verify()
    assert (verdict.state, verdict.broken_at) == ("broken", found)
    shown = await kitchen.anna.result("audit/verify")
    assert (shown["state"], shown["broken_at"]) == ("broken", found)


async def test_listening_and_putting_an_older_log_back_is_noticed(kitchen: Kitchen) -> None:
    """Whoever has the whole machine can make a log that fits itself, but not what others saw."""
    await kitchen.anna.get(kitchen.audio)
    folder = kitchen.hass.data[DATA_HOUSE].folder
    await kitchen.audit.async_close()
    shutil.copy(folder / AUDIT, folder / "before")
    await kitchen.audit.async_open()
    await kitchen.anna.get(kitchen.audio)
    await kitchen.witnessed()
    await kitchen.audit.async_close()
    shutil.copy(folder / "before", folder / AUDIT)
    await kitchen.audit.async_open()
    verdict = await kitchen.audit.async_verify()
    assert (verdict.state, verdict.witnesses) == ("broken", 0)


async def test_no_word_that_was_said_is_in_the_log(kitchen: Kitchen) -> None:
    await kitchen.anna.get(kitchen.audio)
    await kitchen.anna.result("captures", rooms=[kitchen.entry.entry_id])
    await kitchen.audit.async_close()
    folder = kitchen.hass.data[DATA_HOUSE].folder
    for path in folder.glob("audit*"):
        assert WORD.encode() not in path.read_bytes()
