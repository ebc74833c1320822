"""What is kept: only what the rules allow, sealed, and gone with its room."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import CONF_KIND, DOMAIN, EntryKind
from custom_components.earshot.house import DATA_HOUSE, House
from custom_components.earshot.policy.clock import Moment
from custom_components.earshot.vault import Query, VaultUnavailableError
from custom_components.earshot.vault import clock as machine
from custom_components.earshot.vault.keys import KEYS

from .conftest import add_room, until
from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .house_clock import HouseClock
from .test_turn import FIRST, say

KEPT = "sensor.kitchen_captures_kept"
HOUSE_KEPT = "sensor.earshot_house_captures_kept"


async def choose(hass: HomeAssistant, entity_id: str, option: str) -> None:
    """Choose in a select."""
    await hass.services.async_call(
        "select", "select_option", {"entity_id": entity_id, "option": option}, blocking=True
    )


def files(folder: Path) -> set[str]:
    """Return the blobs in the vault."""
    return {str(it) for it in (folder / ".cache" / "earshot").rglob("*") if it.is_file()}


def in_time(later: timedelta) -> Moment:
    """Return a moment that both clocks agree upon."""
    now = machine.now()
    return Moment(now.wall + later, now.boot_id, now.boottime + later.total_seconds())


async def test_a_command_is_kept_sealed_and_can_be_opened(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, speech: FakeSpeech,
    tmp_path: Path,
) -> None:  # fmt: skip
    """Audio and words are in the vault, nowhere in the clear."""
    await until(lambda: hass.states.get(KEPT).state == "0")
    await say(satellite)
    await until(lambda: hass.states.get(KEPT).state == "1")
    assert hass.states.get(HOUSE_KEPT).state == "1"
    house = hass.data[DATA_HOUSE]
    vault = await house.async_vault()
    page = await vault.async_page(Query(rooms=frozenset({room.entry_id})), house.reading())
    (listed,) = page.items
    capture = await vault.async_read(listed.id, house.reading())
    assert capture.transcript == speech.text
    assert capture.audio
    assert capture.record["wake_word"] == "hey_jarvis"
    clear = await hass.async_add_executor_job(
        lambda: [it for it in files(tmp_path) if speech.text.encode() in Path(it).read_bytes()]
    )
    assert clear == []


@pytest.mark.parametrize(
    ("select", "option"),
    [
        (("select.kitchen_keep_audio", "select.kitchen_keep_transcripts"), "never"),
        (("select.earshot_house_keep_audio_at_most",
          "select.earshot_house_keep_transcripts_at_most"), "never"),
    ],
)  # fmt: skip
async def test_never_writes_nothing(
    *,
    hass: HomeAssistant,
    room: MockConfigEntry,
    satellite: FakeSatellite,
    tmp_path: Path,
    select: tuple[str, ...],
    option: str,
) -> None:
    """Not one file more, whether the room or the house says never."""
    await until(lambda: hass.states.get(HOUSE_KEPT) is not None)
    await until(lambda: hass.states.get(HOUSE_KEPT).state == "0")
    for entity_id in select:
        await choose(hass, entity_id, option)
        assert hass.states.get(entity_id).state == option
    before = await hass.async_add_executor_job(files, tmp_path)
    await say(satellite)
    await hass.async_block_till_done()
    assert not hass.data[DATA_HOUSE]._keeping
    assert await hass.async_add_executor_job(files, tmp_path) == before
    assert hass.states.get(KEPT).state == "0"


async def test_a_room_whose_kind_nobody_said_keeps_nothing(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """The default of every room is never."""
    hass.config_entries.async_update_entry(room, options={})
    await say(satellite)
    assert not hass.data[DATA_HOUSE]._keeping


async def test_lowering_a_rule_removes_what_is_past_it(
    hass: HomeAssistant, house: House, clock: HouseClock, room: MockConfigEntry,
    satellite: FakeSatellite,
) -> None:  # fmt: skip
    """A changed rule binds what is already kept, after the five minutes to take it back."""
    await say(satellite)
    await until(lambda: hass.states.get(KEPT).state == "1")
    await choose(hass, "select.kitchen_keep_audio", "never")
    await choose(hass, "select.kitchen_keep_transcripts", "never")
    clock.later(minutes=5.1)
    house.retention_changed()
    await until(lambda: hass.states.get(KEPT).state == "0")


async def test_purge_returns_what_went(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, monkeypatch
) -> None:
    """Eight days on, both clocks are over."""
    await say(satellite)
    await until(lambda: hass.states.get(KEPT).state == "1")
    later = timedelta(days=8)
    vault = await hass.data[DATA_HOUSE].async_vault()
    monkeypatch.setattr(vault._watch, "_now", lambda: in_time(later))
    report = await hass.services.async_call(
        DOMAIN, "purge", {}, blocking=True, return_response=True
    )
    assert report == {
        "audio": 1, "transcripts": 1, "captures": 1, "evicted": 0, "pending": False,
    }  # fmt: skip
    assert hass.states.get(KEPT).state == "0"


async def test_removing_a_room_destroys_what_it_kept(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite
) -> None:
    """And leaves the other room's alone."""
    async with FakeSatellite("Hall") as hall:
        await add_room(hass, hall)
        # Apart by more than what counts as the same word.
        await say(satellite, age_ms=1_000)
        await say(hall)
        await until(lambda: hass.states.get(HOUSE_KEPT).state == "2")
        await hass.config_entries.async_remove(room.entry_id)
        await until(lambda: hass.states.get(HOUSE_KEPT).state == "1")
        assert hass.states.get("sensor.hall_captures_kept").state == "1"


async def test_the_last_entry_takes_everything_with_it(
    hass: HomeAssistant, room: MockConfigEntry, satellite: FakeSatellite, tmp_path: Path
) -> None:
    """Captures, keys, folder; and the house can be begun anew."""
    await say(satellite)
    await until(lambda: hass.states.get(KEPT).state == "1")
    await hass.config_entries.async_remove(room.entry_id)
    for entry in hass.config_entries.async_entries(DOMAIN):
        await hass.config_entries.async_remove(entry.entry_id)
    assert not await hass.async_add_executor_job(files, tmp_path)


async def test_a_deleted_house_is_made_again_and_told(
    hass: HomeAssistant, room: MockConfigEntry
) -> None:
    """While rooms exist there is a house."""

    def houses() -> list[str]:
        return [
            it.entry_id
            for it in hass.config_entries.async_entries(DOMAIN)
            if it.data[CONF_KIND] == EntryKind.HOUSE
        ]

    (first,) = houses()
    await hass.config_entries.async_remove(first)
    await hass.async_block_till_done()
    assert len(houses()) == 1
    assert houses() != [first]
    assert ir.async_get(hass).async_get_issue(DOMAIN, "house_made_again")


async def test_a_vault_that_cannot_be_opened_stops_nothing(
    *, hass: HomeAssistant, home: HomeAssistant, speech: FakeSpeech, satellite: FakeSatellite,
    tmp_path: Path, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """The room works, nothing is kept, Repairs says so, and the action has a clear error."""
    blocked = tmp_path / ".cache" / "earshot" / KEYS
    await hass.async_add_executor_job(partial(blocked.mkdir, parents=True))
    entry = MockConfigEntry(
        domain=DOMAIN, title="Earshot speech", unique_id="s",
        data={CONF_KIND: EntryKind.SPEECH, "host": "127.0.0.1", "port": speech.port},
    )  # fmt: skip
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await add_room(hass, satellite)
    assert (await say(satellite, FIRST)).outcome == "understood"
    await until(lambda: ir.async_get(hass).async_get_issue(DOMAIN, "vault_unavailable"))
    assert hass.states.get(KEPT).state == "unknown"
    with pytest.raises(HomeAssistantError) as raised:
        await hass.services.async_call(DOMAIN, "purge", {}, blocking=True)
    assert raised.value.translation_key == "vault_unavailable"
    assert isinstance(raised.value.__cause__, VaultUnavailableError)
    assert "Traceback" not in caplog.text
