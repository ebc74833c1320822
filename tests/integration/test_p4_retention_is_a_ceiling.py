"""P4: retention is a ceiling; the strictest rule wins, and `never` is never written.

Over all combinations: tests/policy/test_retention.py. Here it is Home Assistant, the vault, the
clocks and the disk.
"""

import asyncio
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.audit import Actor
from custom_components.earshot.house import House
from custom_components.earshot.policy.retention import Outcome
from custom_components.earshot.vault import Query
from custom_components.earshot.voice.turn import TurnReport
from custom_components.earshot.wire.turn import Listen, TurnEnd

from .conftest import until
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .house_clock import HouseClock
from .test_rules import change
from .test_turn import COMMAND, FIRST, say
from .write_trace import WriteTrace

NEVER = {"audio": "never", "transcript": "never"}
VAULT = Path(".cache") / "earshot"


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return the folder of the configuration and one that every temporary file goes to."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    return tmp_path, scratch


async def settled(hass: HomeAssistant, house: House) -> None:
    """Wait until nothing of Earshot is about to be written."""
    await hass.async_block_till_done()
    await until(lambda: not house._keeping)
    vault = await house.async_vault()
    await vault.async_usage()


async def forbid(house: House, room: ConfigEntry, where: str) -> None:
    """Have one rule say that nothing is kept; all others allow a day or more."""
    actor = Actor()
    if where == "guest":
        await house.guest.async_begin(1, actor)
    elif where in Outcome:
        await house.rules.async_change(house.entry, {where: "never"}, actor)
    elif where in ("unset", "child", "bedroom", "bathroom"):
        await house.rules.async_change(room, {"room_kind": where}, actor)
    else:
        entry = house.entry if where == "house" else room
        await house.rules.async_change(entry, NEVER, actor)


@pytest.mark.parametrize(
    ("where", "rule"),
    [
        ("house", "house"), ("room", "room"), ("understood", "understood"), ("guest", "guest"),
        ("unset", "room_kind_unset"), ("child", "room_kind"), ("bedroom", "room_kind"),
        ("bathroom", "room_kind"),
    ],
)  # fmt: skip
async def test_at_never_not_one_byte_is_written(
    *, hass: HomeAssistant, house: House, room: MockConfigEntry, satellite: FakeSatellite,
    speech: FakeSpeech, disk: tuple[Path, Path], where: str, rule: str,
) -> None:  # fmt: skip
    """Whichever rule says so: no file is touched in the vault, and none elsewhere has the words."""
    config, scratch = disk
    speech.text = "turn on the kitchen light please zanzibar"
    await forbid(house, room, where)
    verdict = house.rules.verdict(room.entry_id, Outcome.UNDERSTOOD)
    assert (verdict.audio.rule, verdict.transcript.rule) == (rule, rule)
    # What the change itself writes is on the disk before anything is said.
    await until(lambda: not [it for it in asyncio.all_tasks() if it.get_name() == "earshot log"])
    await settled(hass, house)
    with WriteTrace(config) as trace:
        end = await say(satellite, FIRST)
        await settled(hass, house)
    assert end.outcome in Outcome
    assert not trace.lost
    assert trace.below(config / VAULT) == set()
    assert trace.below(scratch) == set()
    written = [path for path in trace.paths if path.is_file()]
    assert not [path for path in written if b"zanzibar" in path.read_bytes()]
    assert house.usage == {}


async def test_the_trace_sees_what_is_written_when_a_rule_allows_it(
    hass: HomeAssistant, house: House, room: MockConfigEntry, satellite: FakeSatellite,
    disk: tuple[Path, Path],
) -> None:  # fmt: skip
    """The same turn, allowed: else the test above could not fail."""
    config, _ = disk
    await settled(hass, house)
    with WriteTrace(config) as trace:
        await say(satellite, FIRST)
        await until(lambda: house.usage)
    assert trace.below(config / VAULT / "audio")
    assert len(trace.below(config / VAULT)) > 2


async def test_audio_alone_or_words_alone(
    hass: HomeAssistant, house: House, room: MockConfigEntry, satellite: FakeSatellite,
    disk: tuple[Path, Path],
) -> None:  # fmt: skip
    """Never for sound writes no sound, while the words are kept."""
    config, _ = disk
    await house.rules.async_change(room, {"audio": "never"}, Actor())
    with WriteTrace(config) as trace:
        await say(satellite, FIRST)
        await until(lambda: house.usage)
    assert trace.below(config / VAULT / "audio") == set()
    (capture,) = await captures(house, room)
    assert capture.audio_bytes is None
    assert capture.transcript is not None


async def captures(house: House, room: ConfigEntry) -> tuple[Any, ...]:
    """Return what is kept of a room and not past its ceiling."""
    vault = await house.async_vault()
    page = await vault.async_page(Query(rooms=frozenset({room.entry_id})), house.reading())
    return page.items


def a_turn(outcome: Outcome, started: datetime | None = None) -> TurnReport:
    """Return a turn that is over."""
    return TurnReport(
        outcome=outcome, started=started or dt_util.utcnow(), pcm=bytes(3_200),
        transcript="turn on the light", record={},
    )  # fmt: skip


async def test_each_outcome_goes_at_its_own_ceiling(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry
) -> None:
    """False wakes after six hours, what was not understood after one, sound after a day."""
    await change(house, house.entry, not_understood="1_hour")
    for outcome in (Outcome.UNDERSTOOD, Outcome.NOT_UNDERSTOOD, Outcome.FALSE_WAKE):
        await house.keep(room.entry_id, a_turn(outcome, clock.now().wall))

    async def left() -> dict[str, tuple[bool, bool]]:
        await house.async_purge()
        return {
            it.outcome.value: (it.audio_bytes is not None, it.transcript is not None)
            for it in await captures(house, room)
        }

    both = (True, True)
    assert await left() == dict.fromkeys(("understood", "not_understood", "false_wake"), both)
    clock.later(hours=1.1)
    assert await left() == {"understood": both, "false_wake": both}
    clock.later(hours=5)
    assert await left() == {"understood": both}
    clock.later(hours=18)
    assert await left() == {"understood": (False, True)}
    clock.later(hours=6 * 24)
    assert await left() == {}


async def test_a_wider_rule_never_lengthens_what_is_kept(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry
) -> None:
    """Not even when it has waited its day."""
    await house.keep(room.entry_id, a_turn(Outcome.UNDERSTOOD, clock.now().wall))
    await change(house, house.entry, audio="forever", transcript="forever")
    clock.later(hours=24.5)
    await house.keep(room.entry_id, a_turn(Outcome.UNDERSTOOD, clock.now().wall))
    await house.async_purge()
    old, new = sorted(await captures(house, room), key=lambda it: it.started)
    assert old.audio_bytes is None
    assert new.audio_expires is None
    clock.later(hours=6 * 24)
    await house.async_purge()
    assert [it.id for it in await captures(house, room)] == [new.id]


async def test_a_rule_lowered_in_the_middle_of_a_command_holds_for_it(
    hass: HomeAssistant, house: House, room: MockConfigEntry, satellite: FakeSatellite,
    speech: FakeSpeech,
) -> None:  # fmt: skip
    """The rule is asked when the command is over, before the first byte is written."""
    await satellite.wake(FIRST)
    await satellite.expect(Listen, FIRST)
    await change(house, room, **NEVER)
    await satellite.speak(FIRST, COMMAND)
    await satellite.expect(TurnEnd, FIRST)
    await settled(hass, house)
    assert house.usage == {}
    assert await captures(house, room) == ()


@pytest.mark.parametrize("hours", [24 * 30, -24 * 30])
async def test_a_clock_that_jumps_neither_destroys_nor_lengthens(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry, hours: float
) -> None:
    """A month forward takes nothing that is not due; a month back keeps nothing longer."""
    await house.keep(room.entry_id, a_turn(Outcome.FALSE_WAKE, clock.now().wall))
    house.reading()
    clock.later(hours=1)
    clock.set_wall(hours)
    report = await house.async_purge()
    assert (report.audio, report.transcripts) == (0, 0)
    clock.later(hours=5.1)
    report = await house.async_purge()
    assert (report.audio, report.transcripts) == (1, 1)
