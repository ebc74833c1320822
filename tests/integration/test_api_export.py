"""What is in an export: everything that may be, readable, and nothing of anybody else's room."""

import asyncio
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from homeassistant.util import dt as dt_util

from custom_components.earshot.api import unlocks
from custom_components.earshot.audit import Verb
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.policy.retention import Outcome

from .household import HTTP, MARKER, Household, Way
from .write_trace import WriteTrace

EXPORT = "/api/earshot/export"
PASSPHRASE = "bata dine fogu kila mopa rute"


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy."""
    return HTTP


async def opened(response: ClientResponse) -> tuple[zipfile.ZipFile, list[dict[str, Any]], str]:
    """Return a zip with both of its indices."""
    assert response.status == 200, await response.text()
    archive = zipfile.ZipFile(io.BytesIO(await response.read()))
    assert archive.testzip() is None
    index = json.loads(archive.read("index.json"))
    return archive, index, archive.read("index.txt").decode()


async def exported(household: Household) -> list[str]:
    """Return the captures that the log says were exported, the first one first."""
    lines = await household.hass.data[DATA_HOUSE].audit.async_lines(None, None, 200)
    return [it.target for it in reversed(lines) if it.verb is Verb.EXPORTED]


async def in_study(household: Household) -> str:
    """Keep something in the study, of which Anna is no listener."""
    ben = frozenset({household.people["listener of another room"].id})
    return await household.capture(
        room_id=household.study.entry_id, audience=ben, transcript="nothing of hers"
    )


async def test_an_export_can_be_read_by_people_and_by_programs(household: Household) -> None:
    """Sound as files that play, words and records beside them, and a list of it all."""
    whole = await household.capture()
    words = await household.capture(pcm=None, transcript="grün é 灯", outcome=Outcome.FAILED)
    sound = await household.capture(transcript=None, record={}, outcome=Outcome.FALSE_WAKE)
    way = await household.way(household.anna)
    response = await way.post(EXPORT, {"ids": [whole, words, sound]})
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Content-Disposition"] == 'attachment; filename="earshot.zip"'
    assert response.headers["Cache-Control"] == "no-store"
    archive, index, text = await opened(response)
    by_id = {it["id"]: it for it in index}
    assert set(by_id) == {whole, words, sound}
    assert by_id[whole]["transcript"] == f"turn on the {MARKER} light"
    assert by_id[words]["transcript"] == "grün é 灯"
    assert (by_id[words]["audio"], by_id[sound]["transcript"]) == (None, None)
    assert {it["room"] for it in index} == {"Kitchen"}
    assert by_id[words]["outcome"] == "failed"
    assert dt_util.parse_datetime(by_id[whole]["started"]) is not None
    names = set(archive.namelist())
    for capture_id in (whole, sound):
        name = by_id[capture_id]["audio"]
        assert archive.read(name)[:4] in (b"fLaC", b"RIFF")
        names.remove(name)
    records = {it for it in names if it.endswith(f"{whole[:8]}.json")}
    assert json.loads(archive.read(records.pop()))["intent"] == MARKER
    assert all("/" not in it and "\\" not in it and ".." not in it for it in archive.namelist())
    assert "grün é 灯" in text
    assert text.count("(no words kept)") == text.count("(no audio kept)") == 1
    assert sorted(await exported(household)) == sorted([whole, words, sound])


async def test_a_name_of_a_room_does_not_leave_the_zip(household: Household) -> None:
    household.hass.config_entries.async_update_entry(
        household.kitchen, title="../../etc/\u202e\u00e4 / kitchen\n"
    )
    way = await household.way(household.anna)
    archive, _, _ = await opened(await way.post(EXPORT, {"ids": [await household.capture()]}))
    for name in archive.namelist():
        assert name.isascii()
        assert not {"/", "\\", "\n"} & set(name)


async def test_one_forbidden_among_them_refuses_them_all(household: Household) -> None:
    """By its room and by its id; nothing goes out, and no line says that something did."""
    mine, other = await household.capture(), await in_study(household)
    way = await household.way(household.anna)
    kitchen, study = household.kitchen.entry_id, household.study.entry_id
    for body in ({"rooms": [kitchen, study]}, {"rooms": [study]}, {"ids": [mine, other]}):
        response = await way.post(EXPORT, body)
        assert (response.status, await response.json()) == (403, {"code": "not_allowed"})
    assert await exported(household) == []


async def test_without_rooms_it_is_what_is_ones_own(household: Household) -> None:
    """Of nothing, it is an empty list; not an error."""
    mine, other = await household.capture(), await in_study(household)
    way = await household.way(household.anna)
    _, index, text = await opened(await way.post(EXPORT, {}))
    assert [it["id"] for it in index] == [mine]
    assert other not in text
    assert "Study" not in text
    before = dt_util.utcnow().replace(year=2020).isoformat()
    archive, index, _ = await opened(await way.post(EXPORT, {"until": before}))
    assert index == []
    assert set(archive.namelist()) == {"index.json", "index.txt"}
    assert await exported(household) == [mine]


async def test_all_pages_are_in_it(household: Household) -> None:
    """More than the vault tells at once."""
    ids = [await household.capture(pcm=None) for _ in range(103)]
    way = await household.way(household.anna)
    _, index, _ = await opened(await way.post(EXPORT, {"rooms": [household.kitchen.entry_id]}))
    assert sorted(it["id"] for it in index) == sorted(ids)
    assert len(await exported(household)) == len(ids)
    assert not [it for it in index if "left_out" in it]


async def test_nothing_of_it_is_written_to_a_disk(
    household: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the log, which has no words."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    ids = [await household.capture() for _ in range(3)]
    way = await household.way(household.anna)
    await household.hass.async_block_till_done()
    with WriteTrace(tmp_path) as trace:
        await opened(await way.post(EXPORT, {"ids": ids}))
        await household.hass.async_block_till_done()
    assert not trace.lost
    written = [it for it in trace.paths if it.is_file()]
    assert written, "the log at least"
    assert all(it.name.startswith(("audit", "earshot.audit")) for it in written), written
    assert not [it for it in written if MARKER.encode() in it.read_bytes()]


async def test_each_has_its_line_before_its_first_byte(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the line of the second one waits, nothing of it is on its way; the first one may be."""
    ids = sorted([await household.capture(pcm=bytes(200_000)) for _ in range(2)])
    audit = household.hass.data[DATA_HOUSE].audit
    write, asked, go = audit.async_write, asyncio.Event(), asyncio.Event()

    async def held(verb: Verb, *args: Any, **more: Any) -> int:
        if verb is Verb.EXPORTED and args[2] == ids[1]:
            asked.set()
            await go.wait()
        return await write(verb, *args, **more)

    monkeypatch.setattr(audit, "async_write", held)
    way = await household.way(household.anna)
    response = await way.post(EXPORT, {"ids": ids})
    async with asyncio.timeout(10):
        await asked.wait()
        assert await exported(household) == [ids[0]]
        begun = b""
        while ids[0][:8].encode() not in begun:
            begun += await response.content.readany()
    assert ids[1][:8].encode() not in begun
    go.set()
    rest = begun + await response.read()
    index = json.loads(zipfile.ZipFile(io.BytesIO(rest)).read("index.json"))
    assert [it["id"] for it in index] == ids
    assert await exported(household) == ids


async def test_what_is_sealed_is_left_out_until_it_is_unlocked(household: Household) -> None:
    """And the list says why."""
    capture_id, way = await household.capture(), await household.way(household.anna)
    seal_id = (
        await way.result(
            "seals/create",
            rooms=[household.kitchen.entry_id],
            label="Anna",
            password=PASSPHRASE,
        )
    )["seal_id"]
    _, index, text = await opened(await way.post(EXPORT, {"ids": [capture_id]}))
    assert index == [{"id": capture_id, "left_out": "capture_sealed"}]
    assert MARKER not in text
    assert await exported(household) == []
    handle = (await way.result("seals/unlock", seal_id=seal_id, password=PASSPHRASE))["handle"]
    unlocked = Way(household.client, way.token, {**way.headers, unlocks.HEADER: handle})
    _, (one,), _ = await opened(await unlocked.post(EXPORT, {"ids": [capture_id]}))
    assert MARKER in one["transcript"]
    assert await exported(household) == [capture_id]
    await way.close()
