"""What may be in a message: types, lengths and counts. No error repeats what was sent."""

import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import probatio as vol
from homeassistant.util import dt as dt_util

from ..policy.retention import Outcome
from ..vault.views import MAX_PAGE, MAX_TEXT

MAX_IDS: Final = 500
MAX_LABEL: Final = 64
MAX_ROOMS: Final = 200
YEARS: Final = range(1970, 2200)
"""Of the moments that may be named: all have a number in the vault."""

type Check = Callable[[Any], Any]

_CAPTURE_ID = re.compile(r"[0-9a-f]{32}")
_CODE = re.compile(r"[0-9]{6}")
_CURSOR = re.compile(r"[0-9]{1,19}")
_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def is_capture_id(value: object) -> bool:
    """Return whether this could be the id of a capture."""
    return isinstance(value, str) and _CAPTURE_ID.fullmatch(value) is not None


def capture_id(value: Any) -> str:
    """Take the id of a capture."""
    if not is_capture_id(value):
        raise vol.Invalid("no id of a capture")
    return str(value)


def identifier(value: Any) -> str:
    """Take the id of a room, a user, a seal or a deletion."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise vol.Invalid("no id")
    return value


def code(value: Any) -> str:
    """Take a one-time password."""
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise vol.Invalid("no code")
    return value


def cursor(value: Any) -> str:
    """Take the end of a page."""
    if not isinstance(value, str) or not _CURSOR.fullmatch(value):
        raise vol.Invalid("no cursor of a page")
    return value


def label(value: Any) -> str:
    """Take a short name of something."""
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_LABEL or not value.isprintable():
        raise vol.Invalid("no label")
    return value


def text(longest: int, shortest: int = 1) -> Check:
    """Take a text of so many characters."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not shortest <= len(value) <= longest:
            raise vol.Invalid("no text, or too long")
        return value

    return check


def number(least: int, most: int) -> Check:
    """Take a whole number in a range."""

    def check(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise vol.Invalid("no number, or out of range")
        return value

    return check


def moment(value: Any) -> datetime:
    """Take a point in time with its time zone."""
    found = dt_util.parse_datetime(value) if isinstance(value, str) and len(value) <= 40 else None
    if found is None or found.tzinfo is None or found.year not in YEARS:
        raise vol.Invalid("no time with a time zone")
    return dt_util.as_utc(found)


def one_of(kind: type[StrEnum]) -> Check:
    """Take a word of a list."""

    def check(value: Any) -> StrEnum:
        try:
            return kind(value)
        except ValueError:
            raise vol.Invalid("none of the words") from None

    return check


def set_of(each: Check, most: int) -> Check:
    """Take a list of different things, at least one."""

    def check(value: Any) -> frozenset[Any]:
        if not isinstance(value, list) or not 1 <= len(value) <= most:
            raise vol.Invalid("no list, or too long")
        return frozenset(each(it) for it in value)

    return check


flag: Final[Check] = vol.Schema(bool)
rooms: Final = set_of(identifier, MAX_ROOMS)

SPAN: Final = {
    vol.Optional("rooms"): rooms,
    vol.Optional("since"): moment,
    vol.Optional("until"): moment,
    vol.Optional("outcomes"): set_of(one_of(Outcome), len(Outcome)),
}
"""Which captures, by what everybody in the room could know."""

SELECTION: Final = SPAN | {
    vol.Optional("ids"): set_of(capture_id, MAX_IDS),
    vol.Optional("pinned", default=False): flag,
}
QUERY: Final = SPAN | {
    vol.Optional("text"): text(MAX_TEXT),
    vol.Optional("cursor"): cursor,
    vol.Optional("limit"): number(1, MAX_PAGE),
}
