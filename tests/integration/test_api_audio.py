"""The sound of a capture: after a line, or not at all; and what is amiss with one is told."""

import asyncio
import io
import wave
from pathlib import Path
from typing import Any

import pytest

from custom_components.earshot.audit import Audit, Line, Verb
from custom_components.earshot.house import DATA_HOUSE, House
from custom_components.earshot.policy.retention import Outcome
from custom_components.earshot.vault.audit.log import AuditError

from .house_clock import take_over
from .household import HTTP, MARKER, Household

AUDIO = "/api/earshot/captures/{}/audio"
GONE = (403, "not_allowed")


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Believe our own proxy."""
    return HTTP


@pytest.fixture
def house(household: Household) -> House:
    """Return the house."""
    return household.hass.data[DATA_HOUSE]


async def get(household: Household, capture_id: str) -> tuple[int, str]:
    """Return what Anna gets: the status, and the code or the type of what it is."""
    way = await household.way(household.anna)
    response = await way.get(AUDIO.format(capture_id))
    body = await response.read()
    assert response.headers["Cache-Control"] == "no-store"
    if response.status == 200:
        assert body[:4] in (b"fLaC", b"RIFF")
        return 200, response.content_type
    told = await response.json()
    assert set(told) == {"code"}
    return response.status, told["code"]


async def played(house: House) -> list[Line]:
    """Return the lines of what was played."""
    return [it for it in await house.audit.async_lines(None, None, 100) if it.verb is Verb.PLAYED]


async def test_it_is_the_sound_that_was_kept(household: Household) -> None:
    """Sample by sample, when it is a file that can be looked into here."""
    pcm = bytes(range(256)) * 100
    capture_id = await household.capture(pcm=pcm)
    way = await household.way(household.anna)
    response = await way.get(AUDIO.format(capture_id))
    body = await response.read()
    assert response.content_type in ("audio/flac", "audio/wav")
    assert pcm not in body or body[:4] == b"RIFF"
    if body[:4] == b"RIFF":
        with wave.open(io.BytesIO(body)) as file:
            assert file.readframes(file.getnframes()) == pcm
    assert int(response.headers["Content-Length"]) == len(body) > 100


async def test_each_playing_is_a_line_before_the_first_byte(
    household: Household, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that cannot be written: nothing goes out, and the asker is told so."""
    capture_id = await household.capture()
    assert (await get(household, capture_id))[0] == 200
    assert [it.target for it in await played(house)] == [capture_id]

    async def broken(*_: Any, **__: Any) -> int:
        raise AuditError("planted")

    with monkeypatch.context() as planted:
        planted.setattr(Audit, "async_write", broken)
        assert await get(household, capture_id) == (503, AuditError.code)
        way = await household.way(household.anna)
        # Words are no other than sound.
        assert await way.refused("captures") == AuditError.code
        await way.close()
        await household.hass.async_block_till_done()
    assert len(await played(house)) == 1


async def test_who_hangs_up_meanwhile_has_a_line_all_the_same(
    household: Household, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked is listened: what left the vault is not unsaid."""
    capture_id = await household.capture()
    write, asked = house.audit.async_write, asyncio.Event()

    async def slow(*args: Any, **more: Any) -> int:
        seq = await write(*args, **more)
        asked.set()
        return seq

    monkeypatch.setattr(house.audit, "async_write", slow)
    way = await household.way(household.anna)
    listening = asyncio.create_task(way.get(AUDIO.format(capture_id)))
    async with asyncio.timeout(10):
        await asked.wait()
    listening.cancel()
    assert [it.target for it in await played(house)] == [capture_id]


async def test_what_is_past_its_time_is_gone(
    household: Household, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a purge removed it, and in the words for what never was."""
    capture_id = await household.capture()
    clock = await take_over(house, monkeypatch)
    clock.later(hours=24 * 7 - 1)
    assert (await get(household, capture_id))[0] == 200
    clock.later(hours=2)
    assert await get(household, capture_id) == GONE
    way = await household.way(household.anna)
    assert (await way.result("captures"))["captures"] == []
    await way.close()
    assert len(await played(house)) == 1


async def test_while_the_clock_is_in_doubt_what_may_be_past_its_time_is_refused(
    household: Household, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may still be there when the clock is right again; what cannot be past it plays."""
    capture_id = await household.capture()
    clock = await take_over(house, monkeypatch)
    clock.set_wall(24 * 8)
    assert await get(household, capture_id) == (403, "clock_uncertain")
    way = await household.way(household.anna)
    (listed,) = (await way.result("captures"))["captures"]
    assert listed["uncertain"]
    assert (listed["transcript"], listed["record"]) == (None, None)
    clock.set_wall(-24 * 8 + 0.25)
    assert (await get(household, capture_id))[0] == 200
    await way.close()
    assert len(await played(house)) == 1


@pytest.mark.parametrize("damage", ["removed", "altered", "swapped"])
async def test_a_damaged_one_is_told_and_the_others_play(
    household: Household, house: House, damage: str
) -> None:
    """Its words are still there; nothing was played, so no line says so."""
    good, bad = await household.capture(), await household.capture(pcm=bytes(range(256)) * 50)
    blobs = await household.hass.async_add_executor_job(found, house.folder)
    if damage == "removed":
        blobs[bad].unlink()
    elif damage == "altered":
        data = bytearray(blobs[bad].read_bytes())
        data[len(data) // 2] ^= 1
        blobs[bad].write_bytes(data)
    else:
        blobs[bad].write_bytes(blobs[good].read_bytes())
    assert await get(household, bad) == (500, "capture_damaged")
    assert (await get(household, good))[0] == 200
    assert [it.target for it in await played(house)] == [good]
    way = await household.way(household.anna)
    listed = (await way.result("captures", text=MARKER))["captures"]
    assert {it["id"] for it in listed} == {good, bad}
    assert all(MARKER in it["transcript"] for it in listed)
    await way.close()


def found(folder: Path) -> dict[str, Path]:
    """Return the files of sound, by the ids of captures."""
    return {it.name: it for it in (folder / "audio").iterdir()}


async def test_one_without_sound_is_told_so(household: Household, house: House) -> None:
    """By another word than one that is not there: a listener sees it in the list."""
    capture_id = await household.capture(pcm=None, outcome=Outcome.FAILED)
    assert await get(household, capture_id) == (404, "no_audio")
    assert await played(house) == []


async def test_there_is_no_other_way_to_ask(household: Household, house: House) -> None:
    """With a query, by another method, with another id: nothing, and no line of listening."""
    capture_id = await household.capture()
    way = await household.way(household.anna)
    path = AUDIO.format(capture_id)
    assert await (await way.get(f"{path}?x=1")).json() == {"code": "token"}
    for method in ("head", "post", "put", "delete"):
        answer = await household.client.request(method, path, headers=way._headers({}))
        assert answer.status in (404, 405)
    for other in (capture_id.upper(), capture_id[:-1], f"{capture_id}0"):
        assert (await way.get(AUDIO.format(other))).status == 403
    assert await played(house) == []
