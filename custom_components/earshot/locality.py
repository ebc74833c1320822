"""Which rooms are local: judged anew whenever anything that counts has changed."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, Final

from homeassistant.auth.models import User
from homeassistant.components.assist_pipeline.runtime import KEY_ASSIST_PIPELINE
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry
from homeassistant.const import EVENT_COMPONENT_LOADED, EVENT_STATE_CHANGED, Platform
from homeassistant.core import EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, EntryKind
from .engine_facts import EngineFacts, pipeline_facts
from .engines import (
    pipeline_select,
    room_pipeline,
    room_pipelines,
    word_pipeline_select,
    words_with_pipeline,
)
from .entries import entries_of
from .outside_tools import async_has_outside_tools
from .policy.locality import (
    UNKNOWN,
    Engine,
    LocalityVerdict,
    Reason,
    judge_engine,
    judge_room,
    worst,
)
from .privacy_issues import tell_not_proven
from .vouchers import Vouchers

_LOGGER = logging.getLogger(__name__)

LOOK_INTERVAL: Final = timedelta(seconds=30)
"""Nothing tells when another pipeline becomes the preferred one."""

_ENGINES: Final = (Platform.CONVERSATION, Platform.SELECT, Platform.STT, Platform.TTS)


class Localities:
    """Judges rooms, and tells when a verdict may have become another one."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._vouchers = Vouchers(hass)
        self._outside_tools: dict[tuple[str, ...], bool | None] = {}
        self._listeners: set[Callable[[], None]] = set()
        self._selects: frozenset[str | None] = frozenset()
        self._changed = asyncio.Event()

    async def async_start(self) -> None:
        """Begin to watch."""
        await self._vouchers.async_load()
        hass = self._hass
        hass.data[KEY_ASSIST_PIPELINE].pipeline_store.async_add_change_set_listener(
            self._pipelines_changed
        )
        async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, self.look_again)
        hass.bus.async_listen(EVENT_COMPONENT_LOADED, self.look_again)
        hass.bus.async_listen(
            er.EVENT_ENTITY_REGISTRY_UPDATED, self.look_again, event_filter=_is_engine
        )
        hass.bus.async_listen(EVENT_STATE_CHANGED, self.look_again, event_filter=self._is_choice)
        async_track_time_interval(
            hass, self.look_again, LOOK_INTERVAL, name="earshot locality", cancel_on_shutdown=True
        )
        async_at_started(hass, self.look_again)
        hass.async_create_background_task(self._watch(), "earshot locality")

    @callback
    def async_listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have a function called when a verdict may be another one; returns what ends that."""
        self._listeners.add(listener)
        return partial(self._listeners.discard, listener)

    @callback
    def look_again(self, *_: Any) -> None:
        """Judge all rooms anew, soon."""
        self._changed.set()

    @callback
    def verdict(self, entry: ConfigEntry) -> LocalityVerdict:
        """Return what can be said of a room right now; never raises."""
        try:
            return worst(
                judge_room(self._engine(facts) for facts in pipeline_facts(self._hass, pipeline))
                for pipeline in room_pipelines(self._hass, entry)
            )
        except Exception:
            # What cannot be judged must not go on being shown as it was.
            _LOGGER.exception("Whether a room is local could not be judged")
            return UNKNOWN

    @callback
    def verdict_on_word(self, entry: ConfigEntry, word: str | None) -> LocalityVerdict:
        """Return what can be said of the pipeline that a wake word leads to; never raises."""
        try:
            pipeline = room_pipeline(self._hass, entry, word)
            return judge_room(self._engine(it) for it in pipeline_facts(self._hass, pipeline))
        except Exception:
            _LOGGER.exception("Whether a wake word is local could not be judged")
            return UNKNOWN

    @callback
    def unproven(self, engine_id: str) -> EngineFacts | None:
        """Return the facts of an engine that somebody's word would make local, else None."""
        return next((it for it in self._unproven() if it.id == engine_id), None)

    @callback
    def rooms_of(self, engine_id: str) -> list[str]:
        """Return the names of the rooms that use an engine."""
        rooms = entries_of(self._hass, EntryKind.ROOM)
        return [it.title for it in rooms if any(e.id == engine_id for e in self._facts(it))]

    async def async_vouch(self, facts: EngineFacts, user: User) -> None:
        """Keep a user's word that an engine, as it was shown to them, is local."""
        assert facts.configuration is not None
        await self._vouchers.async_give(facts.id, facts.configuration, user, dt_util.utcnow())
        self.look_again()

    async def _watch(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._look()
            except Exception:
                # A fault in one look must not be the last look.
                _LOGGER.exception("Whether rooms are local could not be judged")
            for listener in tuple(self._listeners):
                listener()

    async def _look(self) -> None:
        rooms = entries_of(self._hass, EntryKind.ROOM)
        self._selects = frozenset(
            select
            for entry in rooms
            for select in (
                pipeline_select(self._hass, entry),
                *(
                    word_pipeline_select(self._hass, entry, word)
                    for word in words_with_pipeline(self._hass, entry)
                ),
            )
        )
        facts = [it for entry in rooms for it in self._facts(entry)]
        tool_sets = {it.tool_sets for it in facts if it.tool_sets}
        self._outside_tools = {
            it: await async_has_outside_tools(self._hass, it) for it in tool_sets
        }
        if self._hass.is_running:
            tell_not_proven(self._hass, {it.id: it.name for it in self._unproven()})
        await self._vouchers.async_void(
            {it.id: it.configuration for it in facts if it.configuration is not None}
        )

    def _facts(self, entry: ConfigEntry) -> tuple[EngineFacts, ...]:
        return tuple(
            facts
            for pipeline in room_pipelines(self._hass, entry)
            for facts in pipeline_facts(self._hass, pipeline)
        )

    def _unproven(self) -> Iterator[EngineFacts]:
        for entry in entries_of(self._hass, EntryKind.ROOM):
            for facts in self._facts(entry):
                if (
                    facts.configuration is not None
                    and judge_engine(self._engine(facts)).reason is Reason.NOT_PROVEN
                ):
                    yield facts

    def _engine(self, facts: EngineFacts) -> Engine:
        return Engine(
            role=facts.role,
            name=facts.name,
            maker=facts.maker,
            iot_class=facts.iot_class,
            paired=facts.paired,
            place=facts.place,
            has_outside_tools=(
                self._outside_tools.get(facts.tool_sets) if facts.tool_sets else False
            ),
            voucher=(
                self._vouchers.get(facts.id, facts.configuration) if facts.configuration else None
            ),
        )

    async def _pipelines_changed(self, _changes: object) -> None:
        self.look_again()

    @callback
    def _is_choice(self, data: EventStateChangedData) -> bool:
        return data["entity_id"] in self._selects


DATA_LOCALITY: HassKey[Localities] = HassKey(f"{DOMAIN}.locality")


@callback
def _is_engine(data: er.EventEntityRegistryUpdatedData) -> bool:
    return data["entity_id"].partition(".")[0] in _ENGINES
