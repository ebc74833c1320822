"""Actions on rooms and on the house as a whole: mute, guest mode, what is due, and the proofs."""

import asyncio
from dataclasses import asdict

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError

from .action_rooms import rooms_named
from .api.state import DATA_API
from .callers import async_caller
from .const import DOMAIN
from .entity import actor_of
from .house import DATA_HOUSE


async def async_check(call: ServiceCall) -> ServiceResponse:
    """Look for what is left of deleted captures; returns the verdict with the list of places."""
    return (await call.hass.data[DATA_API].checks.async_check()).as_dict()


async def async_purge(call: ServiceCall) -> ServiceResponse:
    """Remove what is past its ceiling now; returns how much that was."""
    return asdict(await call.hass.data[DATA_HOUSE].async_purge())


async def async_verify_audit(call: ServiceCall) -> ServiceResponse:
    """Go through the whole log and ask the witnesses whether anything is missing or altered."""
    if (ask := await async_caller(call.hass, call.context)) is not None:
        ask.demand_person()
    async with call.hass.data[DATA_API].verifying:
        return asdict(await call.hass.data[DATA_HOUSE].audit.async_verify())


async def async_mute_for(call: ServiceCall) -> ServiceResponse:
    """Mute rooms for some minutes. Anybody may: it only lets less be heard."""
    named = rooms_named(call.hass, call.data)
    if named is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_room_named")
    entries = [call.hass.config_entries.async_get_known_entry(room_id) for room_id in named]
    rooms = [it.runtime_data for it in entries if it.state is ConfigEntryState.LOADED]
    actor = actor_of(call.context)
    await asyncio.gather(*(it.mute.async_set_for(call.data["minutes"], actor) for it in rooms))
    for entry in entries:
        if entry.state is not ConfigEntryState.LOADED:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="room_not_set_up",
                translation_placeholders={"room": entry.title},
            )
    return {"rooms": {it.id: {"name": it.name, "seconds": it.mute.left_s} for it in rooms}}


async def async_listen(call: ServiceCall) -> ServiceResponse:
    """Have rooms listen although nobody there woke them; each answers for itself."""
    named = rooms_named(call.hass, call.data)
    if named is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_room_named")
    actor = actor_of(call.context)
    for room_id in sorted(named):
        entry = call.hass.config_entries.async_get_known_entry(room_id)
        if entry.state is not ConfigEntryState.LOADED or entry.runtime_data.handler is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="room_not_set_up",
                translation_placeholders={"room": entry.title},
            )
        await entry.runtime_data.handler.async_listen(actor)
    return None


async def async_guest_mode(call: ServiceCall) -> ServiceResponse:
    """Begin guest mode, or let it last longer. Anybody may; only a listener ends it early."""
    guest = call.hass.data[DATA_HOUSE].guest
    await guest.async_begin(call.data["hours"], actor_of(call.context))
    return {"until": None if guest.until is None else guest.until.isoformat()}
