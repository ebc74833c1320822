"""Follows which calls mean a switch by its name, and which mean many things at once."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import probatio
from homeassistant.components.homeassistant import DOMAIN as HOMEASSISTANT_DOMAIN
from homeassistant.components.scene import DOMAIN as SCENE_DOMAIN
from homeassistant.components.switch import DOMAIN as SWITCH_DOMAIN
from homeassistant.const import (
    ATTR_DOMAIN,
    ATTR_ENTITY_ID,
    ATTR_SERVICE,
    ATTR_SERVICE_DATA,
    CONF_ENTITIES,
    CONF_ENTITY_ID,
    ENTITY_MATCH_ALL,
    EVENT_CALL_SERVICE,
    SERVICE_TOGGLE,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    Platform,
)
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback, split_entity_id
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.chat_session import current_session
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from .policy.addressing import NONE, Addressed, Addressing, Call, after

_CALLS: Final = 64
"""Contexts that are remembered; what is called in one is carried out at once."""

_OFF: Final = frozenset({SERVICE_TOGGLE, SERVICE_TURN_OFF})
_APPLY: Final = "apply"
_SERVICES: Final = {
    HOMEASSISTANT_DOMAIN: _OFF,
    SCENE_DOMAIN: frozenset({SERVICE_TURN_ON, _APPLY}),
    SWITCH_DOMAIN: _OFF,
}
_GROUP: Final = "group"
"""Of the groups that are none of a platform: core puts their members in their place."""

_WRAPPING: Final = "switch_as_x"
"""Core's "change device type of a switch": a light or a lock that is the switch."""

_WRAPPED_AS: Final = frozenset(
    {
        Platform.COVER,
        Platform.FAN,
        Platform.LIGHT,
        Platform.LOCK,
        Platform.SIREN,
        Platform.VALVE,
    }
)
_INTENT_TASK: Final = "intent_call_service_"
"""How core names the task in which an intent calls a service."""


class Calls:
    """The calls that reach one switch, by their context."""

    def __init__(self, hass: HomeAssistant, entity_id: str, asked: Callable[[], int]) -> None:
        """Follow the calls to a switch; `asked` tells how often it was to mute."""
        self._hass = hass
        self._entity_id = entity_id
        self._asked = asked
        self._contexts: OrderedDict[str, Addressing] = OrderedDict()
        self._spoken: OrderedDict[str, None] = OrderedDict()

    @callback
    def async_follow(self) -> CALLBACK_TYPE:
        """Begin to follow the calls; returns what ends that."""
        return self._hass.bus.async_listen(EVENT_CALL_SERVICE, self._note, _is_of_interest)

    def of(self, context_id: str) -> Addressing:
        """Return how the switch is meant in a context; what is not known is not by name."""
        return self._contexts.get(context_id, NONE)

    def is_spoken(self, context_id: str) -> bool:
        """Return whether a sentence, or a model's tool, is what calls in a context.

        To be asked by the one that is called: it runs inside the conversation.
        """
        return current_session.get() is not None or context_id in self._spoken

    @callback
    def _note(self, event: Event) -> None:
        domain, data = event.data[ATTR_DOMAIN], event.data[ATTR_SERVICE_DATA]
        try:
            call = self._call(domain, event.data[ATTR_SERVICE], data)
        except probatio.Invalid, TypeError:
            return  # Nor will the call be carried out.
        if call is None:
            return
        context_id = event.context.id
        before = self._contexts.pop(context_id, NONE)
        self._contexts[context_id] = after(before, call, self._asked(), time.monotonic())
        _bound(self._contexts)
        if _is_by_intent():
            self._spoken[context_id] = None
            _bound(self._spoken)

    def _call(self, domain: str, service: str, data: Mapping[str, Any]) -> Call | None:
        """Return how a call means the switch, if at all."""
        if domain == SCENE_DOMAIN and service == _APPLY:
            return _among(self._ways(str(it).lower() for it in data.get(CONF_ENTITIES, ())))
        wrapped = self._wrapped() if domain in _WRAPPED_AS else frozenset[str]()
        if domain in _WRAPPED_AS and not wrapped:
            return None
        named = cv.comp_entity_ids_or_uuids(data.get(ATTR_ENTITY_ID) or [])
        if named == ENTITY_MATCH_ALL:
            meant, how = set(self._hass.states.async_entity_ids(domain)), Addressed.WITH_ALL
        else:
            selected = async_extract_referenced_entity_ids(
                self._hass, TargetSelection({**data, ATTR_ENTITY_ID: named})
            )
            meant = selected.referenced | selected.indirectly_referenced
            is_named = self._entity_id in named
            how = Addressed.BY_NAME if is_named else Addressed.AMONG_OTHERS
        if domain in _WRAPPED_AS:
            call = _among(len(meant & wrapped), how)
        elif domain == SCENE_DOMAIN:
            call = _among(sum(self._ways(self._members(it)) for it in meant))
        elif domain == HOMEASSISTANT_DOMAIN:
            call = Call(how, onward=1) if self._ways(meant) else None
        elif how is Addressed.BY_NAME:
            call = Call(how)
        else:
            groups = sum(self._entity_id in self._members(it) for it in meant)
            call = Call(how, groups) if groups or self._ways(meant) else None
        return call

    def _ways(self, entity_ids: Iterable[str], seen: frozenset[str] = frozenset()) -> int:
        """Return how many of some entities are the switch, or are old groups that have it."""
        return sum(
            it == self._entity_id
            or (
                it not in seen
                and split_entity_id(it)[0] == _GROUP
                and self._ways(self._members(it), seen | {it})
            )
            for it in entity_ids
        )

    def _members(self, entity_id: str) -> Sequence[str]:
        """Return what a group or a scene has."""
        state = self._hass.states.get(entity_id)
        members = None if state is None else state.attributes.get(ATTR_ENTITY_ID)
        return members if isinstance(members, list | tuple) else ()

    def _wrapped(self) -> frozenset[str]:
        """Return what the switch was made into."""
        entities = er.async_get(self._hass)
        return frozenset(
            it.entity_id
            for entry in self._hass.config_entries.async_entries(_WRAPPING)
            if er.async_resolve_entity_id(entities, entry.options.get(CONF_ENTITY_ID, ""))
            == self._entity_id
            for it in er.async_entries_for_config_entry(entities, entry.entry_id)
        )


def _among(onward: int, how: Addressed = Addressed.AMONG_OTHERS) -> Call | None:
    return Call(how, onward) if onward else None


def _bound(contexts: OrderedDict[str, Any]) -> None:
    while len(contexts) > _CALLS:
        contexts.popitem(last=False)


def _is_by_intent() -> bool:
    """Return whether an intent calls that no conversation is around, as a model's tool may."""
    task = asyncio.current_task()
    return task is not None and task.get_name().startswith(_INTENT_TASK)


@callback
def _is_of_interest(data: Mapping[str, Any]) -> bool:
    domain = data[ATTR_DOMAIN]
    return domain in _WRAPPED_AS or data[ATTR_SERVICE] in _SERVICES.get(domain, ())
