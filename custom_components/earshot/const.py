"""Names that more than one module needs."""

from enum import StrEnum
from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "earshot"

CONF_AREA: Final = "area_id"
CONF_AUDIO: Final = "audio"
CONF_BACKUP: Final = "backup"
CONF_DEBUG_ALLOWED: Final = "debug_allowed"
CONF_FAILED: Final = "failed"
CONF_FALSE_WAKE: Final = "false_wake"
CONF_FOLLOW_UP: Final = "follow_up"
CONF_KIND: Final = "kind"
CONF_LISTENERS: Final = "listeners"
CONF_LOCAL_ONLY: Final = "local_only"
CONF_LONG_LIVED: Final = "long_lived"
CONF_NOT_UNDERSTOOD: Final = "not_understood"
CONF_OWNER: Final = "owner"
CONF_PAIRING: Final = "pairing"
"""The id of the keys of a paired link: see `link.keys`."""

CONF_PIPELINE: Final = "pipeline"
CONF_PLAIN_HTTP: Final = "plain_http"
CONF_REMOTE: Final = "remote"
CONF_REMOTE_LISTEN: Final = "remote_listen"
CONF_ROOM_KIND: Final = "room_kind"
CONF_SATELLITE_ID: Final = "satellite_id"
CONF_SEALED: Final = "sealed"
CONF_SECOND_FACTOR: Final = "second_factor"
CONF_SIZE_CAP: Final = "size_cap"
CONF_TRANSCRIPT: Final = "transcript"
CONF_UNDERSTOOD: Final = "understood"

AS_ROOM: Final = "as_room"
"""What a wake word's pipeline is until it has one of its own."""

DEFAULT_SIZE_CAP_MIB: Final = 2_048
DEFAULT_SPEECH_HOST: Final = "127.0.0.1"
PIPELINE_NAME: Final = "Earshot"
WORD_PIPELINE: Final = "pipeline-"
"""Begins the key of the select that gives a wake word its pipeline."""

VAULT_FOLDER: Final = (".cache", "earshot")
"""Below the configuration folder: the one place that no backup of Home Assistant includes."""

BACKUP_FOLDER: Final = "earshot_sealed"
"""There while a backup is made that is to hold the sealed records, and after its restore."""


class EntryKind(StrEnum):
    """What a config entry stands for."""

    HOUSE = "house"
    ROOM = "room"
    SPEECH = "speech"


PLATFORMS: Final[dict[EntryKind, list[Platform]]] = {
    EntryKind.HOUSE: [Platform.BUTTON, Platform.SELECT, Platform.SENSOR, Platform.SWITCH],
    EntryKind.ROOM: [
        Platform.ASSIST_SATELLITE,
        Platform.BINARY_SENSOR,
        Platform.BUTTON,
        Platform.EVENT,
        Platform.MEDIA_PLAYER,
        Platform.NUMBER,
        Platform.SELECT,
        Platform.SENSOR,
        Platform.SWITCH,
    ],
    EntryKind.SPEECH: [Platform.STT, Platform.TTS],
}


class IssueId(StrEnum):
    """The problems told in Repairs; a room's carry its entry id behind a full stop."""

    ADMINISTRATOR_WITHOUT_SECOND_FACTOR = "administrator_without_second_factor"
    ANOTHER_SATELLITE = "another_satellite"
    BACKUP_WITHOUT_RECORDS = "backup_without_records"
    CAPTURES_LOST = "captures_lost"
    DEBUG_RECORDING = "debug_recording"
    DISK_NEARLY_FULL = "disk_nearly_full"
    ENGINE_NOT_PROVEN = "engine_not_proven"
    EVICTED = "evicted"
    HOUSE_MADE_AGAIN = "house_made_again"
    LEFT_OUT = "left_out"
    LINK_KEYS_LOST = "link_keys_lost"
    LINK_NOT_PAIRED = "link_not_paired"
    MUTE_EXPOSED = "mute_exposed"
    MUTE_OVERDUE = "mute_overdue"
    PIPELINE_MISSING = "pipeline_missing"
    PLAIN_HTTP = "plain_http"
    ROOM_KEPT_MUTED = "room_kept_muted"
    ROOM_NOT_LOCAL = "room_not_local"
    ROOM_RECORDED = "room_recorded"
    SATELLITE_NOT_RUNNING = "satellite_not_running"
    SATELLITE_PROBLEM = "satellite_problem"
    SATELLITE_REFUSES = "satellite_refuses"
    VAULT_UNAVAILABLE = "vault_unavailable"
