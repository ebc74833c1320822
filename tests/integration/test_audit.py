"""The log in a real Home Assistant, witnessed by satellites over real links."""

import asyncio
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.audit import Actor, Audit, AuditError, AuditVerdict, Verb
from custom_components.earshot.const import VAULT_FOLDER
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.vault.audit.log import AuditLog

from .conftest import add_room, until
from .fake_satellite import FakeSatellite

ANN = Actor("a" * 32, "5" * 32, "user")
CAPTURE = "c" * 32


@pytest.fixture
async def paired() -> FakeSatellite:
    """Serve a satellite that says its link is paired."""
    async with FakeSatellite() as fake:
        yield fake


@pytest.fixture
async def audit(home: HomeAssistant, paired: FakeSatellite) -> Audit:
    """Have a room with a paired satellite, and three lines that it has heard of."""
    await add_room(home, paired)
    return await written(home, paired)


async def written(hass: HomeAssistant, satellite: FakeSatellite, lines: int = 3) -> Audit:
    house = hass.data[DATA_HOUSE]
    await house.async_vault()
    for _ in range(lines):
        await house.audit.async_write(Verb.PLAYED, ANN, "kitchen", CAPTURE)
    await heard(satellite, house.audit)
    return house.audit


async def heard(satellite: FakeSatellite, audit: Audit) -> None:
    tip = audit.tip
    assert tip is not None
    await until(lambda: satellite.heads.get(tip.chain, {}).get(tip.seq) == tip.head)


def folder_of(hass: HomeAssistant) -> Path:
    return Path(hass.config.path(*VAULT_FOLDER))


async def reopened(
    hass: HomeAssistant, satellite: FakeSatellite, *statements: str, **replaced: Path
) -> Audit:
    """Close the log, change it, and open it again."""
    audit = hass.data[DATA_HOUSE].audit
    await audit.async_close()
    for name, path in replaced.items():
        shutil.copy(path, folder_of(hass) / f"{name}.db")
    with closing(sqlite3.connect(folder_of(hass) / "audit.db")) as connection:
        for statement in statements:
            connection.executescript(statement)
    await audit.async_open()
    return audit


def outcome(verdict: AuditVerdict) -> tuple[str, int, int | None]:
    return verdict.state, verdict.witnesses, verdict.broken_at


async def test_it_is_verified_by_the_satellites_that_remember_it(
    home: HomeAssistant, audit: Audit
) -> None:
    async with FakeSatellite("Bedroom") as bedroom, FakeSatellite("Hall") as hall:
        await add_room(home, bedroom)
        await add_room(home, hall, wait=False, paired=False)
        await heard(bedroom, audit)
        verdict = await audit.async_verify()
        assert outcome(verdict) == ("verified", 2, None)
        assert (verdict.unpaired_witnesses, verdict.disputed_by, verdict.lines) == (0, 0, 3)
        assert not hall.heads, "a room that is not paired is told nothing"


async def test_without_a_satellite_it_only_fits_itself(
    home: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    audit = await written(home, satellite)
    await satellite.stop()
    await until(lambda: not room.runtime_data.link.is_up)
    verdict = await audit.async_verify()
    assert (verdict.state, verdict.unpaired_witnesses) == ("consistent", 0)


async def test_a_satellite_that_comes_back_learns_where_the_log_stands(
    home: HomeAssistant, audit: Audit, paired: FakeSatellite
) -> None:
    await paired.stop()
    await until(lambda: not paired.linked)
    await audit.async_write(Verb.MUTED, Actor(), "kitchen")
    paired.heads.clear()
    await paired.start()
    await heard(paired, audit)
    assert outcome(await audit.async_verify()) == ("verified", 1, None)


async def test_nobody_waits_for_their_line_while_the_log_is_gone_through(
    audit: Audit, paired: FakeSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a log of a year, checked again and again, would keep microphones from being opened."""
    verify, begun, goes_on = AuditLog.verify, threading.Event(), threading.Event()

    def slowly(log: AuditLog, wanted: frozenset[int] = frozenset()):
        begun.set()
        goes_on.wait(30)
        return verify(log, wanted)

    monkeypatch.setattr(AuditLog, "verify", slowly)
    verifying = asyncio.create_task(audit.async_verify())
    try:
        await until(begun.is_set)
        assert await audit.async_write(Verb.PLAYED, ANN, "kitchen", CAPTURE) == 4
    finally:
        goes_on.set()
    verdict = await verifying
    assert outcome(verdict) == ("verified", 1, None)
    assert verdict.lines == 3


async def test_an_older_copy_of_the_whole_log_is_noticed(
    home: HomeAssistant, audit: Audit, paired: FakeSatellite
) -> None:
    """A replayed head: the copy fits itself, house key and all. New lines do not mend it."""
    await audit.async_close()
    copy = folder_of(home) / "copy"
    shutil.copy(folder_of(home) / "audit.db", copy)
    await audit.async_open()
    await audit.async_write(Verb.EXPORTED, ANN, "kitchen", CAPTURE)
    await heard(paired, audit)
    audit = await reopened(home, paired, audit=copy)
    assert outcome(await audit.async_verify()) == ("broken", 0, 4)
    for _ in range(3):
        await audit.async_write(Verb.LOCKED, ANN, None)
    assert (await audit.async_verify()).broken_at == 4


async def test_a_wiped_log_is_noticed_though_the_new_one_fits_itself(
    home: HomeAssistant, audit: Audit, paired: FakeSatellite
) -> None:
    """The house key is there, so the captures could be heard: the log was taken, not the vault."""
    await audit.async_close()
    (folder_of(home) / "audit.db").unlink()
    await audit._known.async_remove()
    await audit.async_open()
    await audit.async_write(Verb.LOCKED, ANN, None)
    assert outcome(await audit.async_verify()) == ("broken", 0, 1)


async def test_a_wiped_log_says_so_even_without_a_witness(
    home: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    audit = await written(home, satellite)
    chain = audit.tip.chain
    await audit.async_close()
    (folder_of(home) / "audit.db").unlink()
    await audit.async_open()
    (line,) = await audit.async_lines(None, None, 10)
    assert (line.verb, line.detail, line.target) == (Verb.RESTORED, "log_missing", chain)
    assert outcome(await audit.async_verify()) == ("broken", 0, 1)


async def test_after_a_restore_there_is_a_new_chain_and_no_alarm(
    home: HomeAssistant, audit: Audit, paired: FakeSatellite
) -> None:
    """A backup has `.storage` and not the vault: all that could be heard is gone with the log."""
    house = home.data[DATA_HOUSE]
    vault = await house.async_vault()
    await audit.async_close()
    await vault.async_close()
    shutil.rmtree(folder_of(home))
    house._vault = None
    await house.async_vault()
    await house.audit.async_write(Verb.PLAYED, ANN, "kitchen", CAPTURE)
    first, second = reversed(await house.audit.async_lines(None, None, 10))
    assert (first.verb, first.detail) == (Verb.RESTORED, "restored")
    assert second.verb is Verb.PLAYED
    await heard(paired, house.audit)
    assert outcome(await house.audit.async_verify()) == ("verified", 1, None)


async def test_forgetting_everything_goes_on_in_a_new_chain(
    home: HomeAssistant, audit: Audit, paired: FakeSatellite
) -> None:
    """The house key is another one then; what was written before is still there, and held."""
    vault = await home.data[DATA_HOUSE].async_vault()
    await vault.async_delete_all()
    await audit.async_write(Verb.DELETED, ANN, None, detail="everything")
    verbs = [line.verb for line in await audit.async_lines(None, None, 10)]
    assert verbs == [Verb.DELETED, Verb.RESTORED, Verb.PLAYED, Verb.PLAYED, Verb.PLAYED]
    await heard(paired, audit)
    verdict = await audit.async_verify()
    assert outcome(verdict) == ("verified", 1, None)
    assert verdict.unkeyed == 3
    audit = await reopened(home, paired, "UPDATE lines SET user = 'b' WHERE seq = 2")
    assert outcome(await audit.async_verify()) == ("broken", 0, 2)


async def test_listeners_hear_of_each_line(audit: Audit) -> None:
    lines = []
    stop = audit.async_listen(lines.append)
    seq = await audit.async_write(Verb.UNLOCKED, ANN, "kitchen", "0123456789abcdef")
    stop()
    await audit.async_write(Verb.LOCKED, ANN, None)
    assert [(line.seq, line.verb, line.room_id) for line in lines] == [
        (seq, Verb.UNLOCKED, "kitchen")
    ]


@pytest.mark.parametrize(
    "target",
    [CAPTURE, "0123456789abcdef", "01JDAAAAAAAAAAAAAAAAAAAAAA", "listeners", "stt.whisper"],
)
async def test_a_target_is_an_id_or_an_option(audit: Audit, target: str) -> None:
    await audit.async_write(Verb.POLICY_CHANGED, ANN, "kitchen", target)
    assert (await audit.async_lines(None, None, 1))[0].target == target


@pytest.mark.parametrize("target", ["light", "turn on the light", "stop", "a" * 31, "x.y.z", "X"])
async def test_a_target_is_never_a_word_that_was_heard(audit: Audit, target: str) -> None:
    with pytest.raises(ValueError, match="id or an option"):
        await audit.async_write(Verb.POLICY_CHANGED, ANN, "kitchen", target)
    assert len(await audit.async_lines(None, None, 10)) == 3


async def test_a_hundred_rooms_write_at_once(audit: Audit) -> None:
    """As when an automation opens all microphones: none stays closed for want of a line."""
    numbers = await asyncio.gather(
        *(audit.async_write(Verb.UNMUTED, Actor(), f"room{at}") for at in range(100))
    )
    assert sorted(numbers) == list(range(4, 104))
    assert (await audit.async_verify()).lines == 103


async def test_a_closed_log_takes_no_line(audit: Audit) -> None:
    await audit.async_close()
    await audit.async_close()
    with pytest.raises(AuditError):
        await audit.async_write(Verb.PLAYED, ANN, "kitchen", CAPTURE)
    with pytest.raises(AuditError):
        await audit.async_lines(None, None, 10)
    with pytest.raises(AuditError):
        await audit.async_verify()


async def test_the_last_entry_takes_the_log_with_it(
    home: HomeAssistant, audit: Audit, hass_storage: dict
) -> None:
    for entry in home.config_entries.async_entries("earshot"):
        await home.config_entries.async_remove(entry.entry_id)
    await home.async_block_till_done()
    assert not folder_of(home).exists()
    assert "earshot.audit" not in hass_storage
