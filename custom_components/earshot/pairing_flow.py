"""Pairing in a flow: with a code that somebody carries from the device, and the end of it."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant

from .audit import AuditError, Verb
from .const import CONF_KIND, CONF_OWNER, CONF_PAIRING, EntryKind
from .entries import entries_of
from .flow_user import actor_of_flow
from .house import DATA_HOUSE
from .link.greet import LinkError, identify, is_other_wyoming
from .link.keys import link_keys
from .link.pair import Made, async_forget, async_pair, async_say_goodbye
from .link.speech import SpeechClient, SpeechError
from .vault import VaultError
from .wire.code import SATELLITE, SPEECH, typed
from .wire.framing import encode_event
from .wire.greeting import Hello, Welcome
from .wire.identity import TrustError
from .wire.limits import VERSION

_LOGGER = logging.getLogger(__name__)

SERVICE: Final = "earshot"
"""How our speech service calls its programs."""

MEET_AFTER_S: Final = (0.0, 0.5, 2.0)
"""Pauses before each try to meet a device that was just paired: it opens its link at this moment,
and one that is not met would have to be paired anew, with another code."""


@dataclass(frozen=True)
class PairedRoom:
    """A satellite that was just paired."""

    made: Made
    welcome: Welcome


async def async_pair_room(
    hass: HomeAssistant, host: str, port: int, code: str, owner: str
) -> PairedRoom:
    """Pair with a satellite and meet it over the paired link.

    Raises `LinkError`; then nothing is left of it here.
    """
    made = await _pair(hass, host, port, code, SATELLITE)
    reason = ""
    for pause_s in MEET_AFTER_S:
        await asyncio.sleep(pause_s)
        try:
            return PairedRoom(made, await identify(host, port, owner, made.credentials))
        except LinkError as err:
            reason = err.reason
        if reason == "version":
            break
    await async_forget(hass, made.pairing_id)
    raise LinkError(reason if reason == "version" else "interrupted")


async def async_pair_speech(hass: HomeAssistant, host: str, port: int, code: str) -> Made:
    """Pair with a speech service and see that it answers. Raises `LinkError` as above."""
    made = await _pair(hass, host, port, code, SPEECH)
    error: str | None = None
    for pause_s in MEET_AFTER_S:
        await asyncio.sleep(pause_s)
        error = await async_check_speech(SpeechClient(host, port, made.credentials))
        if error != "cannot_connect":
            break
    if error is not None:
        await async_forget(hass, made.pairing_id)
        raise LinkError(error)
    return made


async def async_check_speech(client: SpeechClient) -> str | None:
    """Return why no Earshot speech service can be used so, as an error's translation key."""
    try:
        info = await client.describe()
    except SpeechError as err:
        return "not_speech" if err.reason == "not_speech" else "cannot_connect"
    if not any(program.name.startswith(SERVICE) for program in info.asr):
        return "not_speech"
    return None


async def async_unpair(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
    """Tell the device of an entry that it is unpaired, if it is there, and forget the keys."""
    if (pairing_id := data.get(CONF_PAIRING)) is None:
        return
    first = b""
    if data[CONF_KIND] == EntryKind.ROOM:
        first = encode_event(Hello(version=VERSION, owner=data[CONF_OWNER]).event())
    try:
        credentials = await link_keys(hass).async_load(pairing_id)
    except TrustError:
        return
    if not await async_say_goodbye(data[CONF_HOST], data[CONF_PORT], credentials, first):
        _LOGGER.warning("A device was not reached to be unpaired: unpair it there as well")
    await async_forget(hass, pairing_id)


async def async_replace(hass: HomeAssistant, entry: ConfigEntry, pairing_id: str) -> None:
    """Write down that an entry is paired anew, and forget its older keys."""
    link_keys(hass).take_fresh(pairing_id)
    await async_log_pairing(hass, Verb.PAIRED, entry, "replaced")
    if (older := entry.data.get(CONF_PAIRING)) is not None:
        await async_forget(hass, older)


async def async_log_pairing(
    hass: HomeAssistant, verb: Verb, entry: ConfigEntry, detail: str = ""
) -> None:
    """Write a line about a pairing: a room's, or the house's for a speech service.

    One that cannot be written is said in Home Assistant's log.
    """
    house = hass.data[DATA_HOUSE]
    room_id = entry.entry_id if entry.data[CONF_KIND] == EntryKind.ROOM else None
    try:
        await house.async_vault()
        await house.audit.async_write(verb, actor_of_flow(hass), room_id, detail=detail)
    except (VaultError, AuditError) as err:
        _LOGGER.warning("The audit log lacks a line (%s): %s", verb.value, err)


async def async_sweep_keys(hass: HomeAssistant) -> None:
    """Forget keys that no entry names."""
    named = [
        entry.data[CONF_PAIRING]
        for kind in (EntryKind.ROOM, EntryKind.SPEECH)
        for entry in entries_of(hass, kind)
        if CONF_PAIRING in entry.data
    ]
    try:
        await link_keys(hass).async_sweep(named)
    except OSError as err:
        _LOGGER.warning("Keys that nobody needs cannot be removed: %s", err.strerror)


async def _pair(hass: HomeAssistant, host: str, port: int, code: str, role: str) -> Made:
    if (whole := typed(code)) is None:
        raise LinkError("no_code")
    try:
        return await async_pair(hass, host, port, whole, role)
    except LinkError as err:
        asked = err.reason in {"not_pairing", "cannot_connect"} and role == SATELLITE
        if asked and await is_other_wyoming(host, port):
            raise LinkError("wyoming_satellite") from None
        raise
