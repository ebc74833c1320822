"""A real Home Assistant 2026.11, with a satellite and a speech service that are real servers."""

import asyncio
import logging
import shutil
from collections.abc import AsyncGenerator, Callable, Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from gazetteer_matcher import config as vocabulary
from haffmpeg.tools import FFVersion
from homeassistant.components.assist_pipeline import Pipeline
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

# Else Home Assistant finds the test plugin's own package of that name.
import custom_components.earshot  # noqa: F401
from custom_components.earshot.const import (
    CONF_KIND,
    CONF_OWNER,
    CONF_PAIRING,
    CONF_PIPELINE,
    CONF_ROOM_KIND,
    CONF_SATELLITE_ID,
    DOMAIN,
    EntryKind,
)
from custom_components.earshot.engines import async_make_pipeline
from custom_components.earshot.house import DATA_HOUSE, House
from custom_components.earshot.link.keys import LinkKeys
from custom_components.earshot.voice import reply, warm
from custom_components.earshot.voice.phrases import TEXTS
from custom_components.earshot.wire.identity import Trust

from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech
from .house_clock import HouseClock, take_over

FFMPEG = shutil.which("ffmpeg") is not None
LIGHT = "input_boolean.kitchen_light"


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Give every test a configuration folder of its own: the vault is a real one."""
    return str(tmp_path)


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Leave out what the plugin turns on: noting where each future was made is half the time."""


@pytest.fixture(autouse=True, scope="session")
def read_once() -> Generator[None]:
    """Ask for ffmpeg's version, and read the agent's vocabulary, once and not for every home."""
    version, versions = FFVersion.get_version, dict[str, str | None]()

    async def get_version(self: FFVersion) -> str | None:
        if self._ffmpeg not in versions:
            versions[self._ffmpeg] = await version(self)
        return versions[self._ffmpeg]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FFVersion, "get_version", get_version)
        patch.setattr(vocabulary, "_load_yaml", cache(vocabulary._load_yaml))
        yield


@pytest.fixture(autouse=True)
def acknowledge_when_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave core's acknowledging sound to the command that needs it; `test_warm` has it before."""

    async def later(hass: HomeAssistant, pipeline: Pipeline) -> None:
        pass

    monkeypatch.setattr(warm, "_convert_acknowledge", later)


@pytest.fixture
def http_config() -> dict[str, Any]:
    """Configure Home Assistant's http; a module may want another one."""
    return {}


@pytest.fixture(autouse=True)
async def home(
    hass: HomeAssistant,
    http_config: dict[str, Any],
    socket_enabled: None,
    enable_custom_integrations: None,
) -> AsyncGenerator[HomeAssistant]:
    """Set up what Assist needs, and a light that can be switched by voice."""
    assert await async_setup_component(hass, "http", {"http": http_config})
    for component in ("homeassistant", "conversation", "assist_pipeline", "intent"):
        assert await async_setup_component(hass, component, {})
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"kitchen_light": {"name": "Kitchen light"}}}
    )
    await hass.async_block_till_done()
    async_expose_entity(hass, "conversation", LIGHT, True)
    yield hass
    # Core's converter does not let go of ffmpeg when it is cancelled.
    await until(lambda: not [it for it in asyncio.all_tasks() if "warm" in it.get_name()])


@pytest.fixture
async def satellite() -> AsyncGenerator[FakeSatellite]:
    """Serve a satellite."""
    async with FakeSatellite() as fake:
        yield fake


@pytest.fixture
async def speech() -> AsyncGenerator[FakeSpeech]:
    """Serve a speech service."""
    async with FakeSpeech() as fake:
        yield fake


@pytest.fixture
async def speech_entry(home: HomeAssistant, speech: FakeSpeech) -> MockConfigEntry:
    """Have the speech service set up."""
    entry = MockConfigEntry(
        domain=DOMAIN, title="Earshot speech", unique_id=f"speech-127.0.0.1:{speech.port}",
        data={CONF_KIND: EntryKind.SPEECH, "host": "127.0.0.1", "port": speech.port},
    )  # fmt: skip
    return await set_up(home, entry)


@pytest.fixture
async def room(
    home: HomeAssistant, speech_entry: MockConfigEntry, satellite: FakeSatellite
) -> MockConfigEntry:
    """Have a working room: linked, with a pipeline of the speech service."""
    return await add_room(home, satellite)


@pytest.fixture
async def house(
    hass: HomeAssistant, room: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> House:
    """Have a house with its entry, its vault and its log; it speaks as fast as a link takes it."""
    monkeypatch.setattr(reply, "LEAD_S", 1_000.0)
    house = hass.data[DATA_HOUSE]
    await house.async_vault()
    await until(lambda: hass.states.get("select.earshot_house_keep_audio_at_most"))
    await until(lambda: house.audit.tip is not None)
    return house


@pytest.fixture
async def clock(house: House, monkeypatch: pytest.MonkeyPatch) -> HouseClock:
    """Move the clocks of the house."""
    return await take_over(house, monkeypatch)


@pytest.fixture
async def household(
    hass: HomeAssistant, home: HomeAssistant, aiohttp_client: Any, local_auth: Any
) -> AsyncGenerator[Any]:
    """Have two rooms and people with accounts: see `household.py`."""
    from .household import move_in

    async with move_in(hass, aiohttp_client) as household:
        yield household


async def add_room(
    hass: HomeAssistant,
    satellite: FakeSatellite,
    *,
    wait: bool = True,
    paired: bool = True,
    options: dict[str, Any] | None = None,
    **data: Any,
) -> MockConfigEntry:
    """Set up a room for a satellite and wait until it is linked."""
    pipeline = None
    if hass.states.get("stt.earshot_speech_recognition"):
        pipeline = await async_make_pipeline(
            hass, "stt.earshot_speech_recognition", "tts.earshot_speech_voice"
        )
    entry = MockConfigEntry(
        domain=DOMAIN, title=satellite.name, unique_id=satellite.id,
        data={
            CONF_KIND: EntryKind.ROOM, "host": "127.0.0.1", "port": satellite.port,
            CONF_OWNER: f"owner-{satellite.name.lower()}", CONF_SATELLITE_ID: satellite.id,
            CONF_PIPELINE: pipeline.id if pipeline else None,
        } | (await keys_of(hass, satellite.home_trust) if paired else {}) | data,
        options={CONF_ROOM_KIND: "other"} if options is None else options,
    )  # fmt: skip
    await set_up(hass, entry)
    if wait:
        await satellite.wait(lambda: satellite.linked)
        if pipeline is not None:
            await satellite.wait(lambda: len(satellite.phrases) == len(TEXTS["en"]))
        await over("earshot vault")
        await hass.async_block_till_done()
    return entry


async def keys_of(hass: HomeAssistant, trust: Trust) -> dict[str, str]:
    """Leave behind what pairing does, without it; return what the entry says of it."""
    return {CONF_PAIRING: await LinkKeys(hass).async_save(trust)}


async def until(condition: Callable[[], Any]) -> None:
    """Wait until a condition holds in Home Assistant."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - any state of Home Assistant's
            await asyncio.sleep(0.01)


async def over(task: str) -> None:
    """Wait until what is done in the background under a name is done."""
    await until(lambda: task not in {it.get_name() for it in asyncio.all_tasks()})


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Set an entry up and see that it is."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    return entry


@pytest.fixture(autouse=True)
def quiet_core() -> None:
    """Keep the log of failing tests readable, and ours whole."""
    logging.getLogger("custom_components.earshot").setLevel(logging.DEBUG)
    noisy = ("asyncio", "homeassistant.loader", "homeassistant.helpers.entity_registry")
    for name in (*noisy, "sqlalchemy.engine"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("homeassistant.core").setLevel(logging.INFO)
