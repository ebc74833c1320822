"""The house's option: sealed records in a backup that Home Assistant itself makes, never a key."""

import asyncio
from pathlib import Path

import pytest

from .fake_speech import FakeSpeech
from .real_home import RealHome
from .test_p5_deleted_is_gone import (
    PCM,
    WORDS,
    Loot,
    expected_lingering_timers,
    home,
    opens_with_anything,
    real,
    steal,
    unpacked,
)
from .test_turn import FIRST

__all__ = ["expected_lingering_timers", "home", "real"]


@pytest.fixture
def weakness() -> None:
    """Have the vault as it is."""


def names_and_marks(backup: Path, loot: Loot) -> tuple[set[str], set[str]]:
    """Return the names in a backup of what is ours, and which marks are in any of its files."""
    names, marks = set(), set()
    for name, raw in unpacked(backup):
        if "earshot_sealed/" in name or ".cache/" in name:
            names.add(name.rpartition("data/")[2])
        marks |= {label for label, mark in loot.marks().items() if mark in raw}
        if loot.house_key[9:] in raw:
            marks.add("house key")
    return names, marks


async def test_a_backup_holds_what_is_sealed_and_no_key_if_it_is_wanted(
    real: RealHome, speech: FakeSpeech
) -> None:
    speech.text = WORDS
    await real.say(FIRST, PCM)
    await real.until(lambda: real.state("sensor.kitchen_captures_kept") == "1")
    loot = await asyncio.to_thread(steal, real.config / ".cache" / "earshot")
    (house,) = (
        entry
        for entry in real.hass.config_entries.async_entries("earshot")
        if entry.data["kind"] == "house"
    )
    real.hass.config_entries.async_update_entry(house, options={"backup": True})
    await real.call("backup.create")
    assert not (real.config / "earshot_sealed").exists()

    (backup,) = (real.config / "backups").glob("*.tar")
    names, marks = await asyncio.to_thread(names_and_marks, backup, loot)
    assert names == {"earshot_sealed/records.db", f"earshot_sealed/audio/{loot.capture_id}"}
    assert {it for it in marks if it.startswith("sealed")} == {
        label for label in loot.marks() if label.startswith("sealed")
    }
    assert not {it for it in marks if it.endswith("key") or it in {"words", "sound"}}
    assert not await asyncio.to_thread(opens_with_anything, loot, real.config / "backups")
