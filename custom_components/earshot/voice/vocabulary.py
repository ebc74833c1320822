"""The words of this home, for a recogniser that knows nothing else.

They are collected when they are asked for and something changed since: a burst of changes costs
one look, and no change costs none.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from hassil.util import remove_punctuation
from homeassistant.components.conversation import DOMAIN as CONVERSATION
from homeassistant.components.homeassistant.exposed_entities import (
    async_listen_entity_updates,
    async_should_expose,
)
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_DOMAIN,
    ATTR_FRIENDLY_NAME,
    ATTR_SERVICE,
    EVENT_CALL_SERVICE,
    EVENT_STATE_CHANGED,
    SERVICE_RELOAD,
)
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers import intent
from homeassistant.util.hass_dict import HassKey

from ..wire.limits import SPEECH_LIMITS
from ..wire.vocabulary import MAX_NAMES, Name, Vocabulary
from .own_sentences import MAX_SENTENCES, OwnSentences, clean, read_files
from .spoken_sentences import TEMPLATES

_LOGGER = logging.getLogger(__name__)

_LANGUAGE: Final = "en"
_TODO: Final = "todo"
_MAX_NAME: Final = 100
_MAX_AREAS: Final = 500
_MAX_FLOORS: Final = 100
_MAX_ITEMS: Final = 1_000
_MAX_DEFINITIONS: Final = 200


async def async_setup_vocabulary(hass: HomeAssistant) -> None:
    """Begin to follow the words of this home; the files are read when this returns."""
    await _collector(hass).async_read_files()


@callback
def async_get_vocabulary(hass: HomeAssistant) -> Vocabulary:
    """Return the words of this home as they are now."""
    return _collector(hass).vocabulary


@callback
def _collector(hass: HomeAssistant) -> _Collector:
    if (collector := hass.data.get(_DATA_COLLECTOR)) is None:
        collector = hass.data[_DATA_COLLECTOR] = _Collector(hass)
        collector.async_follow()
    return collector


class _Collector:
    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._collected: Vocabulary | None = None
        self._of_files = OwnSentences()
        self._of_intents: dict[str, OwnSentences] = {}
        self._broken_files: set[Path] = set()
        self._complained: set[str] = set()

    @property
    def vocabulary(self) -> Vocabulary:
        if self._collected is None:
            self._collected = self._fit(self._collect())
        return self._collected

    @callback
    def async_follow(self) -> None:
        """Notice whatever may change the words."""
        listen = self._hass.bus.async_listen
        for event_type in (
            ar.EVENT_AREA_REGISTRY_UPDATED,
            fr.EVENT_FLOOR_REGISTRY_UPDATED,
            er.EVENT_ENTITY_REGISTRY_UPDATED,
            dr.EVENT_DEVICE_REGISTRY_UPDATED,
        ):
            listen(event_type, self._changed)
        listen(EVENT_STATE_CHANGED, self._changed, event_filter=_changes_words)
        listen(EVENT_CALL_SERVICE, self._reloaded, event_filter=_is_reload)
        async_listen_entity_updates(self._hass, CONVERSATION, self._changed)
        try:
            # Not public, but the only way to the sentences of automations (2026.11).
            from homeassistant.components.conversation.agent_manager import (  # noqa: PLC0415
                get_agent_manager,
            )

            get_agent_manager(self._hass).subscribe_intents(self._intents_changed)
        except ImportError, AttributeError, TypeError:
            _LOGGER.warning(
                "This Home Assistant does not tell the sentences of its automations: they will not"
                " be understood when spoken. Update Earshot"
            )

    async def async_read_files(self) -> None:
        """Read the custom sentence files, off the event loop."""
        folder = Path(self._hass.config.path("custom_sentences", _LANGUAGE))
        self._of_files = await self._hass.async_add_executor_job(
            read_files, folder, self._broken_files
        )
        self._changed()

    @callback
    def _changed(self, _event: Event[Any] | None = None) -> None:
        self._collected = None

    @callback
    def _reloaded(self, _event: Event[Any]) -> None:
        self._hass.async_create_background_task(self.async_read_files(), "earshot sentences")

    @callback
    def _intents_changed(self, update: Mapping[Any, Any]) -> None:
        for source, intents in update.items():
            self._of_intents[str(source)] = OwnSentences.of(intents)
        self._changed()

    def _collect(self) -> Vocabulary:
        own = OwnSentences()
        for source in (*self._of_intents.values(), self._of_files):
            own.merge(source)
        # Our own are in every grammar; as triggers they are there to be refused when typed.
        own.sentences -= TEMPLATES
        exposed = [
            state
            for state in self._hass.states.async_all()
            if async_should_expose(self._hass, CONVERSATION, state.entity_id)
        ]
        floors = fr.async_get(self._hass).async_list_floors()
        areas = ar.async_get(self._hass).async_list_areas()
        return Vocabulary(
            language=_LANGUAGE,
            names=self._bounded("names", self._names(exposed), MAX_NAMES),
            areas=self._bounded("areas", _spoken(_with_aliases(areas)), _MAX_AREAS),
            floors=self._bounded("floors", _spoken(_with_aliases(floors)), _MAX_FLOORS),
            list_items=self._bounded("list items", _spoken(self._items(exposed)), _MAX_ITEMS),
            sentences=self._bounded("sentences", own.sentences, MAX_SENTENCES),
            lists=self._bounded("lists", own.lists.values(), _MAX_DEFINITIONS),
            rules=self._bounded("expansion rules", own.rules.values(), _MAX_DEFINITIONS),
        )

    def _names(self, exposed: Iterable[State]) -> Iterable[Name]:
        areas = ar.async_get(self._hass)
        entities = er.async_get(self._hass)
        devices = dr.async_get(self._hass)
        for state in exposed:
            entry = entities.async_get(state.entity_id)
            area_id = entry.area_id if entry else None
            if entry and entry.device_id and area_id is None:
                device = devices.async_get(entry.device_id)
                area_id = device.area_id if device else None
            area = areas.async_get_area(area_id) if area_id else None
            area_name = next(iter(_spoken([area.name])), "") if area else ""
            device_class = str(state.attributes.get(ATTR_DEVICE_CLASS, ""))
            if len(device_class) > 32 or not device_class.isprintable():
                device_class = ""
            for alias in _spoken(intent.async_get_entity_aliases(self._hass, entry, state=state)):
                yield Name(
                    name=alias, domain=state.domain, area=area_name, device_class=device_class
                )

    def _items(self, exposed: Iterable[State]) -> Iterable[str]:
        """Yield what is, or was and is done, on the to-do lists that voice can reach."""
        component = self._hass.data.get(_TODO)
        for state in exposed:
            if state.domain == _TODO and component is not None:
                entity = component.get_entity(state.entity_id)
                for item in getattr(entity, "todo_items", None) or ():
                    yield item.summary or ""

    def _bounded[T: (str, Name, Any)](
        self, what: str, found: Iterable[T], limit: int
    ) -> tuple[T, ...]:
        ordered = sorted(set(found), key=_order)
        self._complain(what, len(ordered) > limit, f"only the first {limit} {what} of this home")
        return tuple(ordered[:limit])

    def _fit(self, whole: Vocabulary) -> Vocabulary:
        """Return what fits into a message: all of it, or all but the household's own sentences."""
        too_large = len(whole.canonical) > SPEECH_LIMITS.payload
        self._complain("size", too_large, "the names of this home, but not its own sentences,")
        if not too_large:
            return whole
        fitting = replace(whole, sentences=(), lists=(), rules=())
        while len(fitting.canonical) > SPEECH_LIMITS.payload:
            fitting = replace(
                fitting, names=fitting.names[: len(fitting.names) // 2], list_items=()
            )
        return fitting

    def _complain(self, what: str, holds: bool, message: str) -> None:
        if holds and what not in self._complained:
            self._complained.add(what)
            _LOGGER.warning("There are too many words: %s can be understood", message)
        elif not holds:
            self._complained.discard(what)


_DATA_COLLECTOR: HassKey[_Collector] = HassKey("earshot_vocabulary")


@callback
def _changes_words(data: EventStateChangedData) -> bool:
    old, new = data["old_state"], data["new_state"]
    if old is None or new is None:
        return True
    return new.domain == _TODO or (
        old.attributes.get(ATTR_FRIENDLY_NAME) != new.attributes.get(ATTR_FRIENDLY_NAME)
    )


@callback
def _is_reload(data: Mapping[str, Any]) -> bool:
    return data.get(ATTR_DOMAIN) == CONVERSATION and data.get(ATTR_SERVICE) == SERVICE_RELOAD


def _with_aliases(entries: Iterable[ar.AreaEntry | fr.FloorEntry]) -> Iterable[str]:
    for entry in entries:
        yield entry.name
        yield from entry.aliases


def _spoken(names: Iterable[str]) -> Iterable[str]:
    """Yield names as Home Assistant compares them: on one line, without punctuation."""
    return clean((remove_punctuation(name) for name in names), _MAX_NAME)


def _order(item: object) -> tuple[str, ...]:
    return (item,) if isinstance(item, str) else tuple(map(str, vars(item).values()))
