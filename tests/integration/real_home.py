"""A whole Home Assistant in this process: real storage, recorder, log file, backups, restarts."""

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from datetime import UTC
from logging.handlers import QueueHandler
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

from homeassistant.bootstrap import DEFAULT_INTEGRATIONS, async_setup_hass
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import MATCH_ALL
from homeassistant.core import Event, HomeAssistant
from homeassistant.runner import RuntimeConfig
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.earshot.const import (
    CONF_AUDIO,
    CONF_KIND,
    CONF_OWNER,
    CONF_PAIRING,
    CONF_PIPELINE,
    CONF_ROOM_KIND,
    CONF_SATELLITE_ID,
    CONF_TRANSCRIPT,
    DOMAIN,
    EntryKind,
)
from custom_components.earshot.engines import async_make_pipeline
from custom_components.earshot.link.keys import LinkKeys
from custom_components.earshot.wire.turn import Listen, TurnEnd

from .fake_satellite import FakeSatellite
from .fake_speech import FakeSpeech

SECONDS = 30.0
ASKING = {"analytics", "marketplace"}

CONFIGURATION = """
homeassistant:
  name: Home
  country: GB
  language: en
  time_zone: UTC
  unit_system: metric
http:
  server_host: 127.0.0.1
  server_port: 8123
logger:
  default: {log}
  logs:
    custom_components.earshot: debug
recorder:
  commit_interval: 3600
system_log:
trace:
backup:
conversation:
assist_pipeline:
history:
logbook:
input_boolean:
  kitchen_light:
    name: Kitchen light
input_text:
  note:
    name: Note
automation:
  - id: remember
    alias: Remember
    triggers:
      - trigger: conversation
        command: remember {what}
    actions:
      - action: input_text.set_value
        target:
          entity_id: input_text.note
        data:
          value: "{{ trigger.slots.what }}"
"""


class RealHome:
    """Its folder outlives a restart; its satellite and its speech service do as well."""

    def __init__(
        self, folder: Path, satellite: FakeSatellite, speech: FakeSpeech, log: str
    ) -> None:
        self.config = folder / "config"
        self.config.mkdir()
        configuration = CONFIGURATION.replace("{log}", log)
        (self.config / "configuration.yaml").write_text(configuration)
        self.events: list[Event[Any]] = []
        """All events of all lives."""

        self._satellite = satellite
        self._speech = speech
        self._hass: HomeAssistant | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._set_up()
        except BaseException:
            # Its threads would keep this process from ending.
            await self.stop()
            raise
        return self

    async def _set_up(self) -> None:
        await self.start()
        await self._add(MockConfigEntry(domain="shopping_list", unique_id="shopping_list"))
        entry = self._entry(EntryKind.SPEECH, "Earshot speech", port=self._speech.port)
        await self._add(entry)
        await self.settled()
        pipeline = await async_make_pipeline(
            self.hass, "stt.earshot_speech_recognition", "tts.earshot_speech_voice"
        )
        async_expose_entity(self.hass, "conversation", "input_boolean.kitchen_light", True)
        await self._add(
            self._entry(
                EntryKind.ROOM,
                "Kitchen",
                port=self._satellite.port,
                options={CONF_ROOM_KIND: "other", CONF_AUDIO: "1_day", CONF_TRANSCRIPT: "7_days"},
                **{
                    CONF_OWNER: "owner",
                    CONF_SATELLITE_ID: self._satellite.id,
                    CONF_PIPELINE: pipeline.id,
                    CONF_PAIRING: await LinkKeys(self.hass).async_save(self._satellite.home_trust),
                },
            )
        )
        await self.linked()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def hass(self) -> HomeAssistant:
        """The Home Assistant of this life."""
        assert self._hass is not None
        return self._hass

    @property
    def room(self) -> ConfigEntry:
        """The room's entry."""
        return next(
            entry
            for entry in self.hass.config_entries.async_entries(DOMAIN)
            if entry.data[CONF_KIND] == EntryKind.ROOM
        )

    async def start(self) -> None:
        """Start Home Assistant."""
        self._logging = (logging.root.level, list(logging.root.handlers))
        self._hooks = (sys.excepthook, threading.excepthook)
        with (
            # Both can be done once in a process only, and are not what is tested here.
            patch("homeassistant.bootstrap.block_async_io.enable"),
            patch("homeassistant.bootstrap.block_shared_serial.enable"),
            # They would ask the internet.
            patch("homeassistant.bootstrap.DEFAULT_INTEGRATIONS", DEFAULT_INTEGRATIONS - ASKING),
        ):
            self._hass = await async_setup_hass(
                RuntimeConfig(config_dir=str(self.config), skip_pip=True)
            )
        assert self._hass is not None
        assert not self._hass.config.recovery_mode
        self._hass.bus.async_listen(MATCH_ALL, self.events.append)
        await self._hass.async_start()

    async def stop(self) -> None:
        """Stop it as a person does."""
        if self._hass is None:
            return
        # Core's converter does not let go of ffmpeg when it is cancelled.
        await self.until(lambda: not [it for it in asyncio.all_tasks() if "warm" in it.get_name()])
        await self._hass.async_stop(force=True)
        self._hass = None
        self._take_back_logging()
        dt_util.set_default_time_zone(UTC)

    def _take_back_logging(self) -> None:
        level, handlers = self._logging
        for handler in set(logging.root.handlers) - set(handlers):
            writers = handler.listener.handlers if isinstance(handler, QueueHandler) else ()
            handler.close()
            for writer in set(writers) - set(handlers):
                writer.close()
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)
        logging.captureWarnings(False)
        sys.excepthook, threading.excepthook = self._hooks

    async def restart(self) -> None:
        """Stop it and start it again with the same folder."""
        await self.stop()
        await self.start()
        await self.linked()

    async def linked(self) -> None:
        """Wait until the room can be spoken to."""
        await self._satellite.wait(lambda: self._satellite.linked)
        await self.until(lambda: self.state("assist_satellite.kitchen") == "idle")
        await self.settled()

    async def settled(self) -> None:
        """Wait for what Home Assistant is doing."""
        async with asyncio.timeout(SECONDS):
            await self.hass.async_block_till_done()

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until a condition holds."""
        async with asyncio.timeout(SECONDS):
            while not condition():  # noqa: ASYNC110 - any state of Home Assistant's
                await asyncio.sleep(0.01)

    async def say(self, turn: str, pcm: bytes) -> TurnEnd:
        """Wake the room, speak, and return how the turn ended."""
        await self._satellite.wake(turn)
        await self._satellite.expect(Listen, turn)
        await self._satellite.speak(turn, pcm)
        return await self._satellite.expect(TurnEnd, turn)

    def state(self, entity_id: str) -> str | None:
        """Return a state."""
        state = self.hass.states.get(entity_id)
        return None if state is None else state.state

    async def call(self, action: str, **data: Any) -> Any:
        """Call an action and return what it answers."""
        domain, name = action.split(".")
        services = self.hass.services
        answers = services.supports_response(domain, name) != "none"
        return await services.async_call(domain, name, data, blocking=True, return_response=answers)

    def _entry(
        self, kind: EntryKind, title: str, *, port: int, options: Any = None, **data: Any
    ) -> MockConfigEntry:
        return MockConfigEntry(
            domain=DOMAIN, title=title, unique_id=f"{kind}-{port}", options=options,
            data={CONF_KIND: kind, "host": "127.0.0.1", "port": port} | data,
        )  # fmt: skip

    async def _add(self, entry: MockConfigEntry) -> None:
        await self.hass.config_entries.async_add(entry)
        await self.settled()
        assert entry.state is ConfigEntryState.LOADED
