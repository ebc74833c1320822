"""The rooms that an action names."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from .const import DOMAIN, EntryKind
from .entries import entries_of


@callback
def rooms_named(hass: HomeAssistant, data: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the ids of the rooms whose entities, devices, areas, floors or labels are named.

    None when nothing is named at all. Raises `ServiceValidationError` when what is named is no
    room, or comes to nothing: an empty list must not mean the whole house.
    """
    if not any(str(key) in data for key in cv.ENTITY_SERVICE_FIELDS):
        return None
    found = async_extract_referenced_entity_ids(hass, TargetSelection(dict(data)))
    entities, devices = er.async_get(hass), dr.async_get(hass)
    owners = {
        entity.config_entry_id
        for entity_id in found.referenced | found.indirectly_referenced
        if (entity := entities.async_get(entity_id)) is not None
    } | {
        device.config_entry_id
        for device_id in found.referenced_devices
        if (device := devices.async_get(device_id)) is not None
    }
    rooms = {room.entry_id for room in entries_of(hass, EntryKind.ROOM)} & owners
    if not rooms:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_room_named")
    return frozenset(rooms)
