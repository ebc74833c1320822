"""A day of use with words that are found again: ours keeps none, and what core keeps is told.

The words are said to the room, to an automation and to a list, announced, misunderstood, deleted
by voice and by hand. Then the configuration folder, the states, all events, the recorder's database
and the logs are searched by other means than the check's: what is found must all be in its report.
"""

import asyncio
import gc
import json
import logging
import re
import tarfile
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import Event
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.json import JSONEncoder

from custom_components.earshot.audit import Actor
from custom_components.earshot.const import DOMAIN
from custom_components.earshot.house import DATA_HOUSE
from custom_components.earshot.traces import (
    Certificate,
    Keeper,
    Needles,
    Report,
    State,
    Verdict,
    async_scan,
)
from custom_components.earshot.vault import Selection

from . import house_clock
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .real_home import RealHome

# One at each use, so that what is found says where it came from.
REMEMBERED, MISHEARD, LISTED, ANNOUNCED = "zanzibar", "quixotic", "marzipan", "dodecahedron"
MARKS = (REMEMBERED, MISHEARD, LISTED, ANNOUNCED)
SAID = (f"remember the {REMEMBERED}", f"paint the {MISHEARD} green",
        f"add {LISTED} to my shopping list")  # fmt: skip
PCM = b"\x11\x22Earshot hears this\x33\x44" * 2000
VAULT = ".cache/earshot/"

PLACES = {
    "home-assistant_v2.db": "recorder",
    "home-assistant.log": "log_files",
    ".storage/trace.saved_traces": "trace_files",
    ".storage/core.restore_state": "storage",
    ".shopping_list.json": "lists",
    "backups/": "backups",
    "tts/": "tts_files",
}
"""Where core writes what was said, and what the report calls it: by this test, not by the check."""


@pytest.fixture
def home(socket_enabled: None) -> None:
    """Do without the Home Assistant of the other tests."""


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Home Assistant does not unload entries when it stops."""
    return True


@pytest.fixture
async def real(
    tmp_path: Path,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    home: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[RealHome]:
    """Have a whole Home Assistant that logs all it can."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    async with RealHome(tmp_path, satellite, speech, log="debug") as home_assistant:
        yield home_assistant


def holding(folder: Path, marks: tuple[bytes, ...]) -> set[str]:
    """Return the files that hold a mark, in their bytes, their name or what is packed in them.

    The case of letters does not count.
    """
    held = set()
    for path in folder.rglob("*"):
        try:
            packed = path.is_file() and tarfile.is_tarfile(path)
            raw = path.name.encode() + (unpacked(path) if packed else path.read_bytes())
        except FileNotFoundError, IsADirectoryError:
            continue
        if any(mark in raw or mark in raw.lower() for mark in marks):
            held.add(path.relative_to(folder).as_posix())
    return held


def unpacked(path: Path) -> bytes:
    """Return everything in an archive, one after the other."""
    parts = []
    with tarfile.open(path) as archive:
        for member in archive:
            if (file := archive.extractfile(member)) is None:
                continue
            inner = Path(tempfile.mkdtemp()) / "inner"
            inner.write_bytes(file.read())
            parts.append(unpacked(inner) if tarfile.is_tarfile(inner) else inner.read_bytes())
            inner.unlink()
            inner.parent.rmdir()
    return b"".join(parts)


def log_of_ours(real: RealHome) -> str:
    """Return the records that loggers of ours wrote, with all their lines."""
    text = (real.config / "home-assistant.log").read_text()
    records = re.split(r"(?m)^(?=\d{4}-\d\d-\d\d )", text)
    return "".join(it for it in records if re.search(r"\[custom_components\.earshot[^]]*\]", it))


def is_ours(real: RealHome, event: Event[Any]) -> bool:
    """Whether an event is of our kind, of an entity of ours, or a call of an action of ours."""
    data = event.data
    return (
        event.event_type.startswith(DOMAIN)
        or data.get("domain") == DOMAIN
        or data.get("entity_id") in entities_of_ours(real)
    )


def entities_of_ours(real: RealHome) -> set[str]:
    registry = er.async_get(real.hass)
    return {it.entity_id for it in registry.entities.values() if it.platform == DOMAIN}


def words_in(value: Any) -> bool:
    text = json.dumps(value, cls=JSONEncoder, default=str, ensure_ascii=False)
    return any(mark in text.lower() for mark in MARKS)


def objects_of_ours_with_words() -> set[str]:
    """Return the types of our objects in memory that hold a mark, at most three steps away."""
    gc.collect()
    held = set()
    for thing in gc.get_objects():
        if not str(type(thing).__module__).startswith("custom_components.earshot"):
            continue
        near = [thing]
        for _ in range(3):
            near = [
                part
                for each in near
                for part in gc.get_referents(each)
                if isinstance(part, (str, dict, list, tuple, set))
            ]
            if any(mark in part for part in near if isinstance(part, str) for mark in MARKS):
                held.add(type(thing).__qualname__)
    return held


async def assert_only_core_keeps_and_all_of_it_is_told(real: RealHome, report: Report) -> set[str]:
    """Search for the marks without the check; return the files of core that hold one."""
    marks = tuple(mark.encode() for mark in MARKS)
    files = await asyncio.to_thread(holding, real.config, marks)
    assert not [it for it in files if it.startswith(VAULT)]
    assert not await asyncio.to_thread(holding, real.config, (PCM[:24], PCM[3:40]))
    assert not any(mark in log_of_ours(real) for mark in MARKS)
    ours = entities_of_ours(real)
    assert ours
    states = real.hass.states.async_all()
    assert not [it.entity_id for it in states if it.entity_id in ours and words_in(it.as_dict())]
    assert not [it for it in real.events if is_ours(real, it) and words_in(it.data)]

    found = {place.key for place in report.at(State.FOUND)}
    for file in files:
        beginning = next((it for it in PLACES if file.startswith(it)), None)
        assert beginning is not None, f"{file} is a place that this test does not know"
        assert PLACES[beginning] in found, file
    if any(words_in(it.as_dict()) for it in states):
        assert "states" in found
    assert not [it for it in report.at(State.FOUND) if it.kept_by is Keeper.EARSHOT]
    assert report.verdict is Verdict.COPIES
    return files


async def use(
    real: RealHome, speech: FakeSpeech, turn: str, text: str, kind: str = "command"
) -> str:
    """Say something in the room and return what came of it."""
    speech.text, speech.kind = text, kind
    return (await real.say(turn, PCM)).outcome


async def kept(real: RealHome, captures: int) -> None:
    await real.until(lambda: real.state("sensor.kitchen_captures_kept") == str(captures))


async def forget_everything(real: RealHome) -> Certificate:
    house = real.hass.data[DATA_HOUSE]
    return await house.async_delete(Selection(), Actor(name="system"))


async def test_a_day_of_use_leaves_no_word_of_ours_and_core_s_are_all_told(
    real: RealHome,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await use(real, speech, "00000000000000a1", SAID[0]) == "understood"
    assert await use(real, speech, "00000000000000a2", "turn on the kitchen light") == "understood"
    assert await use(real, speech, "00000000000000a3", SAID[1]) == "not_understood"
    assert await use(real, speech, "00000000000000a4", SAID[2]) == "understood"
    assert await use(real, speech, "00000000000000a5", "", "no_speech") == "false_wake"
    assert await use(real, speech, "00000000000000a6", "", "not_command") == "not_understood"
    await real.call(
        "assist_satellite.announce",
        entity_id="assist_satellite.kitchen",
        message=f"the {ANNOUNCED} is here",
        preannounce=False,
    )
    await kept(real, 6)
    await real.call("backup.create")

    order = await use(real, speech, "00000000000000a7", "what did you hear")
    assert order == "understood"
    await use(real, speech, "00000000000000a8", "delete what I just said")
    await real.until(lambda: real.state("sensor.kitchen_captures_kept") in {"5", "4"})
    await real.settled()
    certificate = await forget_everything(real)
    assert certificate.report.verdict is Verdict.COPIES
    await kept(real, 0)
    assert objects_of_ours_with_words() == set()
    words = Needles(words=(*SAID, f"the {ANNOUNCED} is here"))
    report = await async_scan(real.hass, real.hass.data[DATA_HOUSE], words)
    files = await assert_only_core_keeps_and_all_of_it_is_told(real, report)
    assert {"home-assistant.log", ".shopping_list.json"} <= files
    assert any(it.startswith("backups/") for it in files)
    told = {place.key for place in report.at(State.FOUND)}
    assert {"pipeline_runs", "chat_logs", "recognised_texts", "trace_memory", "states"} <= told

    await real.restart()
    assert await use(real, speech, "00000000000000b1", SAID[1]) == "not_understood"
    await kept(real, 1)
    clock = await house_clock.take_over(real.hass.data[DATA_HOUSE], monkeypatch)
    clock.later(hours=24 * 8)
    await real.call("earshot.purge")
    await kept(real, 0)
    report = await async_scan(real.hass, real.hass.data[DATA_HOUSE], words)
    files = await assert_only_core_keeps_and_all_of_it_is_told(real, report)
    assert ".storage/trace.saved_traces" in files

    later = await real.call("earshot.check_deleted")
    assert later["verdict"] in {Verdict.CLEAN, Verdict.INCOMPLETE}
    assert later["looked_for"] == ["ids", "fingerprints"]
    assert {place["place"] for place in later["places"]} >= {"satellites", "swap_and_flash"}


async def test_a_leak_of_ours_would_be_seen(real: RealHome, speech: FakeSpeech) -> None:
    """What the day is searched with finds a word in each place where there must be none."""
    words = Needles(words=SAID)
    await kept(real, 0)
    (real.config / VAULT / "leak").write_text(MISHEARD)
    logging.getLogger("custom_components.earshot.voice").warning("heard %s", MISHEARD)
    # An entity that writes nothing of its own meanwhile.
    real.hass.states.async_set("event.kitchen_listened", "1", {"text": MISHEARD})
    real.hass.bus.async_fire("earshot_heard", {"text": MISHEARD})
    await real.settled()
    await real.until(lambda: MISHEARD in log_of_ours(real))
    assert f"{VAULT}leak" in await asyncio.to_thread(holding, real.config, (MISHEARD.encode(),))
    leaks = [it for it in real.events if is_ours(real, it) and words_in(it.data)]
    assert {it.event_type for it in leaks} >= {"earshot_heard", "state_changed"}
    report = await async_scan(real.hass, real.hass.data[DATA_HOUSE], words)
    assert report.verdict is Verdict.FOUND
    assert {it.key for it in report.at(State.FOUND)} >= {
        "vault_other", "log_files", "states", "recorder",
    }  # fmt: skip
