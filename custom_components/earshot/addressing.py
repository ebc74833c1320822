"""Follows which calls mean a switch by its name, and which mean many things at once."""

import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
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
    ENTITY_MATCH_ALL,
    EVENT_CALL_SERVICE,
    SERVICE_TOGGLE,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
)
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback, split_entity_id
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from .policy.addressing import Addressed, Addressing, after

_CALLS: Final = 64
"""Contexts that are remembered; what is called in one is carried out at once."""

_SWITCHING: Final = frozenset({SERVICE_TOGGLE, SERVICE_TURN_OFF, SERVICE_TURN_ON})
_APPLY: Final = "apply"
_SERVICES: Final = {
    HOMEASSISTANT_DOMAIN: _SWITCHING,
    SCENE_DOMAIN: frozenset({SERVICE_TURN_ON, _APPLY}),
    SWITCH_DOMAIN: _SWITCHING,
}


class Calls:
    """The calls that reach one switch, by their context."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        self._hass = hass
        self._entity_id = entity_id
        self._contexts: OrderedDict[str, Addressing] = OrderedDict()

    @callback
    def async_follow(self) -> CALLBACK_TYPE:
        """Begin to follow the calls; returns what ends that."""
        return self._hass.bus.async_listen(EVENT_CALL_SERVICE, self._note, _is_of_interest)

    def how(self, context_id: str) -> Addressed:
        """Return how the switch is meant in a context; what is not known is not by name."""
        known = self._contexts.get(context_id)
        return Addressed.AMONG_OTHERS if known is None else known.how

    @callback
    def _note(self, event: Event) -> None:
        domain, data = event.data[ATTR_DOMAIN], event.data[ATTR_SERVICE_DATA]
        try:
            how, onward = self._reach(domain, event.data[ATTR_SERVICE], data)
        except probatio.Invalid, TypeError:
            return  # Nor will the call be carried out.
        if how is None:
            return
        context_id = event.context.id
        before = self._contexts.pop(context_id, None)
        self._contexts[context_id] = after(before, how, onward, time.monotonic())
        while len(self._contexts) > _CALLS:
            self._contexts.popitem(last=False)

    def _reach(
        self, domain: str, service: str, data: Mapping[str, Any]
    ) -> tuple[Addressed | None, int]:
        """Return how a call means the switch, if at all, and how often it will be carried on."""
        if domain == SCENE_DOMAIN and service == _APPLY:
            ways = self._ways(data.get(CONF_ENTITIES, ()))
            return (Addressed.AMONG_OTHERS if ways else None), ways
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
        reached = {it for it in meant if self._ways([it])}
        if domain == SCENE_DOMAIN:
            onward = sum(self._ways(self._members(it)) for it in reached)
        elif domain == SWITCH_DOMAIN:
            onward = len(reached - {self._entity_id})
        else:
            onward = len({split_entity_id(it)[0] for it in reached})
        return (how if reached else None), onward

    def _ways(self, entity_ids: Iterable[str], seen: frozenset[str] = frozenset()) -> int:
        """Return how many of some entities are the switch, or have it among their members."""
        return sum(
            it == self._entity_id
            or (it not in seen and self._ways(self._members(it), seen | {it}) > 0)
            for it in entity_ids
        )

    def _members(self, entity_id: str) -> Sequence[str]:
        """Return what a group or a scene has."""
        state = self._hass.states.get(entity_id)
        members = None if state is None else state.attributes.get(ATTR_ENTITY_ID)
        return members if isinstance(members, list | tuple) else ()


@callback
def _is_of_interest(data: Mapping[str, Any]) -> bool:
    return data[ATTR_SERVICE] in _SERVICES.get(data[ATTR_DOMAIN], ())
