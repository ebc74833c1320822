"""Earshot: a voice assistant whose hearing stops at your walls."""

import logging

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.typing import ConfigType

from .administrators import async_watch_administrators
from .api import async_setup_api
from .api.state import DATA_API
from .arbitration import DATA_ARBITER, Arbiter
from .audit import Verb
from .cards import async_setup_cards
from .const import CONF_AREA, CONF_KIND, CONF_PAIRING, DOMAIN, PLATFORMS, EntryKind, IssueId
from .disk import async_watch_disk
from .entries import entries_of
from .flow_user import actor_of_flow
from .house import DATA_HOUSE, House, ensure_house_entry
from .issues import forget_room, tell_left_out
from .link.keys import link_keys
from .locality import DATA_LOCALITY, Localities
from .models import EarshotConfigEntry, RoomConfigEntry
from .mute_store import async_mute_store
from .pairing_flow import async_log_pairing, async_sweep_keys, async_unpair
from .privacy_issues import tell_debug_recording
from .recording import writes_to_disk
from .room import Room
from .services import async_setup_services
from .speech import Speech
from .typed import async_refuse_typed
from .vault import VaultError
from .voice.vocabulary import async_setup_vocabulary

_LOGGER = logging.getLogger(__name__)

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what all entries share."""
    await async_sweep_keys(hass)
    house = hass.data[DATA_HOUSE] = House(hass)
    house.async_start()
    await house.rules.async_start()
    await house.guest.async_start()
    localities = hass.data[DATA_LOCALITY] = Localities(hass)
    await localities.async_start()
    hass.data[DATA_ARBITER] = Arbiter(hass)
    tell_debug_recording(hass, recording=writes_to_disk(hass))
    async_watch_administrators(hass)
    async_watch_disk(hass)
    async_setup_services(hass)
    await async_setup_api(hass, house)
    await async_setup_cards(hass)
    await async_setup_vocabulary(hass)
    await async_refuse_typed(hass, house)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: EarshotConfigEntry) -> None:
    """Set up the house, a room or a speech service."""
    kind = EntryKind(entry.data[CONF_KIND])
    house = hass.data[DATA_HOUSE]
    house.async_open()
    match kind:
        case EntryKind.HOUSE:
            entry.runtime_data = house
            await house.rules.async_observe(entry)
            house.retention_changed()
        case EntryKind.ROOM:
            room = entry.runtime_data = Room(hass, entry)
            await house.rules.async_observe(entry)
            is_new = _device(hass, entry) is None
            await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS[kind])
            if is_new:
                # After its entities: an id made of area and room would be kitchen_kitchen_mute.
                _place(hass, entry)
            _note_paired(hass, entry)
            await room.async_start()
            house.retention_changed()
            # A house that is sealed seals its new rooms too.
            hass.data[DATA_API].sealing.async_look()
            ensure_house_entry(hass)
            return
        case EntryKind.SPEECH:
            speech = entry.runtime_data = Speech(hass, entry)
            await speech.async_start()
            _note_paired(hass, entry)
            entry.async_create_background_task(
                hass, async_setup_vocabulary(hass), "earshot vocabulary"
            )
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS[kind])


async def async_unload_entry(hass: HomeAssistant, entry: EarshotConfigEntry) -> None:
    """Unload an entry; its links and turns are background tasks and end with it."""
    kind = EntryKind(entry.data[CONF_KIND])
    await hass.config_entries.async_unload_platforms_or_raise(entry, PLATFORMS[kind])


async def async_remove_entry(hass: HomeAssistant, entry: EarshotConfigEntry) -> None:
    """Destroy what is kept of a removed room, and everything with the last entry."""
    kind = EntryKind(entry.data[CONF_KIND])
    house = hass.data[DATA_HOUSE]
    rooms = entries_of(hass, EntryKind.ROOM)
    await async_unpair(hass, entry.data)
    if kind is EntryKind.SPEECH:
        tell_left_out(hass, None)
    if kind is EntryKind.ROOM:
        forget_room(hass, entry.entry_id)
        await house.rules.async_forget(entry.entry_id)
        await (await async_mute_store(hass)).async_set(entry.entry_id, None)
    try:
        if not hass.config_entries.async_entries(DOMAIN):
            await house.rules.async_destroy()
            await house.guest.async_destroy()
            await hass.data[DATA_API].sealing.async_close()
            await hass.data[DATA_API].checks.async_destroy()
            await house.async_destroy()
            return
        if CONF_PAIRING in entry.data:
            await async_log_pairing(hass, Verb.UNPAIRED, entry)
        if kind is EntryKind.ROOM:
            await house.async_delete_room(entry.entry_id, actor_of_flow(hass))
            hass.data[DATA_API].sealing.async_look()
    except (TimeoutError, VaultError) as err:
        _LOGGER.warning("What was kept could not be destroyed: %s", type(err).__name__)
    if kind is EntryKind.HOUSE and rooms:
        ensure_house_entry(hass)
        ir.async_create_issue(
            hass,
            DOMAIN,
            IssueId.HOUSE_MADE_AGAIN,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=IssueId.HOUSE_MADE_AGAIN,
        )


def _device(hass: HomeAssistant, entry: RoomConfigEntry) -> dr.DeviceEntry | None:
    """Return the device of a room's satellite, if there is one yet."""
    return dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, entry.entry_id), entry.entry_id
    )


def _note_paired(hass: HomeAssistant, entry: EarshotConfigEntry) -> None:
    """Write down that a new entry's device was paired; nobody waits for the log."""
    if link_keys(hass).take_fresh(entry.data.get(CONF_PAIRING)):
        hass.async_create_task(async_log_pairing(hass, Verb.PAIRED, entry), "earshot paired")


def _place(hass: HomeAssistant, entry: RoomConfigEntry) -> None:
    """Put a new satellite into the area that was chosen for it; later the user moves it."""
    if (device := _device(hass, entry)) is not None:
        dr.async_get(hass).async_update_device(device.id, area_id=entry.data.get(CONF_AREA))
