"""The options of the config entries as the rules they stand for."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry

from .const import (
    CONF_AUDIO,
    CONF_BACKUP,
    CONF_DEBUG_ALLOWED,
    CONF_FAILED,
    CONF_FALSE_WAKE,
    CONF_FOLLOW_UP,
    CONF_KIND,
    CONF_LISTENERS,
    CONF_LOCAL_ONLY,
    CONF_LONG_LIVED,
    CONF_NOT_UNDERSTOOD,
    CONF_PLAIN_HTTP,
    CONF_REMOTE,
    CONF_REMOTE_LISTEN,
    CONF_ROOM_KIND,
    CONF_SEALED,
    CONF_SECOND_FACTOR,
    CONF_TRANSCRIPT,
    CONF_UNDERSTOOD,
    EntryKind,
)
from .policy.access import RoomAccess
from .policy.changes import RoomRules
from .policy.retention import HouseRetention, Period, RoomKind, RoomRetention

type Options = Mapping[str, Any]

_HOUSE_PERIODS: Final = (
    CONF_AUDIO, CONF_TRANSCRIPT,
    CONF_UNDERSTOOD, CONF_NOT_UNDERSTOOD, CONF_FALSE_WAKE, CONF_FAILED,
)  # fmt: skip
_FLAGS: Final = (
    CONF_SECOND_FACTOR, CONF_REMOTE, CONF_LONG_LIVED, CONF_PLAIN_HTTP, CONF_LOCAL_ONLY, CONF_SEALED,
)  # fmt: skip
RULES: Final = frozenset(
    {
        *_HOUSE_PERIODS, *_FLAGS, CONF_ROOM_KIND, CONF_LISTENERS, CONF_DEBUG_ALLOWED,
        CONF_REMOTE_LISTEN, CONF_FOLLOW_UP, CONF_BACKUP,
    }
)  # fmt: skip
"""The options that are rules: each change of one is held, said and shown."""


HOUSE: Final = "house"
"""The scope of the house's rules, whichever entry carries them; a room's scope is its entry id."""


def scope_of(entry: ConfigEntry) -> str:
    """Return whose rules an entry has."""
    return HOUSE if entry.data[CONF_KIND] == EntryKind.HOUSE else entry.entry_id


def rules_of(options: Options) -> dict[str, Any]:
    """Return the options that are rules."""
    return {key: value for key, value in options.items() if key in RULES}


def parse_house(options: Options) -> HouseRetention:
    """Return the house's rules; raises `ValueError` for an option that is none."""
    return HouseRetention(**{key: Period(options[key]) for key in _HOUSE_PERIODS if key in options})


def parse_room(options: Options) -> RoomRules:
    """Return a room's rules; raises `ValueError` for an option that is none."""
    kind = RoomKind(options.get(CONF_ROOM_KIND, RoomKind.UNSET))
    return RoomRules(
        retention=RoomRetention(
            kind=kind,
            audio=Period(options.get(CONF_AUDIO, Period.AS_HOUSE)),
            transcript=Period(options.get(CONF_TRANSCRIPT, Period.AS_HOUSE)),
        ),
        access=RoomAccess(
            listeners=frozenset(options.get(CONF_LISTENERS, ())),
            child=kind is RoomKind.CHILD,
            **{key: options.get(key) is True for key in _FLAGS},
        ),
        debug_allowed=options.get(CONF_DEBUG_ALLOWED) is True,
        remote_listen=options.get(CONF_REMOTE_LISTEN) is True,
        follow_up=options.get(CONF_FOLLOW_UP, True) is True,
    )


def house_rules(options: Options) -> HouseRetention:
    """Return the house's rules; what cannot be read allows nothing."""
    try:
        return parse_house(options)
    except ValueError:
        return HouseRetention(audio=Period.NEVER, transcript=Period.NEVER)


def room_rules(options: Options) -> RoomRules:
    """Return a room's rules; what cannot be read allows nothing."""
    try:
        return parse_room(options)
    except ValueError:
        return RoomRules()


def house_retention(entry: ConfigEntry | None) -> HouseRetention:
    """Return the house's rules as they are written in its entry, or the defaults."""
    return house_rules(entry.options if entry else {})


def room_retention(entry: ConfigEntry) -> RoomRetention:
    """Return a room's kind and rules as they are written in its entry."""
    return room_rules(entry.options).retention
