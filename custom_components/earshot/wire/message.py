"""Checked dataclasses over Wyoming events.

A message is a frozen dataclass whose fields say what they may hold:

    @dataclass(frozen=True, kw_only=True)
    class Heard(Message, kind="earshot-heard"):
        turn: str = turn_id()

It is checked when it is made, be it by us or from what a peer sent, so that a value that passed
can be used without another look.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable
from typing import Any, ClassVar, Self, TypeVar

from wyoming.event import Event

TURN_ID = re.compile(r"[0-9a-f]{16}")
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

_CHECK = "check"
_PAYLOAD = "payload"
_REQUIRED: Any = dataclasses.MISSING


class MessageError(ValueError):
    """A message does not fit its type; names the message and the field, never the value."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
    """A dataclass with checked fields: a message, or a part of one."""

    def __post_init__(self) -> None:
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            try:
                checked = item.metadata[_CHECK](value)
            except (TypeError, ValueError):
                raise MessageError(f"{type(self).__name__}.{item.name} is not valid") from None
            if checked is not value:
                object.__setattr__(self, item.name, checked)

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Make one from what a peer sent; keys it does not know are left alone."""
        if not isinstance(data, dict):
            raise MessageError(f"{cls.__name__} is not an object")
        known = {item.name for item in dataclasses.fields(cls)}
        try:
            return cls(**{key: value for key, value in data.items() if key in known})
        except TypeError:
            raise MessageError(f"{cls.__name__} lacks a field") from None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Message(Record):
    """An event of our protocol."""

    KIND: ClassVar[str] = ""

    def __init_subclass__(cls, kind: str) -> None:
        super().__init_subclass__()
        cls.KIND = kind

    @classmethod
    def is_type(cls, event_type: str) -> bool:
        """Return whether an event of this type is one of these."""
        return event_type == cls.KIND

    @classmethod
    def from_event(cls, event: Event) -> Self:
        """Make one from an event; raises `MessageError` when it does not fit."""
        data = dict(event.data)
        for item in dataclasses.fields(cls):
            if item.metadata.get(_PAYLOAD):
                data[item.name] = event.payload or b""
        return cls.from_dict(data)

    def event(self) -> Event:
        """Return the event that carries it."""
        data: dict[str, Any] = {}
        payload: bytes | None = None
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            if item.metadata.get(_PAYLOAD):
                payload = value or None
            else:
                data[item.name] = _plain(value)
        return Event(type=self.KIND, data=data, payload=payload)


MessageT = TypeVar("MessageT", bound=Message)


def parser(*kinds: type[MessageT]) -> Callable[[Event], MessageT | None]:
    """Return a function that makes the message of an event, or None for an event of another kind.

    It raises `MessageError` when the kind is known and the contents do not fit.
    """
    by_kind = {kind.KIND: kind for kind in kinds}

    def parse(event: Event) -> MessageT | None:
        kind = by_kind.get(event.type)
        return None if kind is None else kind.from_event(event)

    return parse


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _field(check: Callable[[Any], Any], *, default: Any = _REQUIRED, payload: bool = False) -> Any:
    return dataclasses.field(default=default, metadata={_CHECK: check, _PAYLOAD: payload})


def text(
    max_length: int, *, pattern: re.Pattern[str] | None = None, default: Any = _REQUIRED
) -> Any:
    """Return a field for a string without control characters; a pattern must match all of it."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > max_length or not value.isprintable():
            raise ValueError
        if pattern is not None and not pattern.fullmatch(value):
            raise ValueError
        return value

    return _field(check, default=default)


def turn_id(*, default: Any = _REQUIRED) -> Any:
    """Return a field for the id of a turn: 64 random bits in hexadecimal."""
    return text(16, pattern=TURN_ID, default=default)


def identifier(*, default: Any = _REQUIRED) -> Any:
    """Return a field for an id that is safe as a file name."""
    return text(64, pattern=IDENTIFIER, default=default)


def flag(*, default: Any = _REQUIRED) -> Any:
    """Return a field for true or false."""

    def check(value: Any) -> bool:
        if not isinstance(value, bool):
            raise TypeError
        return value

    return _field(check, default=default)


def whole(low: int, high: int, *, default: Any = _REQUIRED) -> Any:
    """Return a field for an integer from `low` to `high`."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError
        return value

    return _field(check, default=default)


def real(low: float, high: float, *, default: Any = _REQUIRED) -> Any:
    """Return a field for a finite number from `low` to `high`."""

    def check(value: Any) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise TypeError
        if not math.isfinite(value) or not low <= value <= high:
            raise ValueError
        return value

    return _field(check, default=default)


def choice(*values: Any, default: Any = _REQUIRED) -> Any:
    """Return a field for one of the values."""

    def check(value: Any) -> Any:
        if isinstance(value, bool) or value not in values:
            raise ValueError
        return value

    return _field(check, default=default)


def texts(
    max_items: int,
    max_length: int,
    *,
    pattern: re.Pattern[str] | None = None,
    default: Any = _REQUIRED,
) -> Any:
    """Return a field for a list of strings, held as a tuple."""
    check_one = text(max_length, pattern=pattern).metadata[_CHECK]

    def check(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or len(value) > max_items:
            raise ValueError
        return tuple(check_one(item) for item in value)

    return _field(check, default=default)


def records(kind: type[Record], max_items: int, *, default: Any = _REQUIRED) -> Any:
    """Return a field for a list of records, held as a tuple."""

    def check(value: Any) -> tuple[Record, ...]:
        if not isinstance(value, list | tuple) or len(value) > max_items:
            raise ValueError
        return tuple(item if isinstance(item, kind) else kind.from_dict(item) for item in value)

    return _field(check, default=default)


def mapping(
    max_items: int, key: re.Pattern[str], value: re.Pattern[str], *, optional: bool = False
) -> Any:
    """Return a field for a table of strings; both patterns must match whole.

    An optional one is empty when it is left out.
    """

    def check(table: Any) -> dict[str, str]:
        if not isinstance(table, dict) or len(table) > max_items:
            raise ValueError
        if not all(key.fullmatch(k) and value.fullmatch(v) for k, v in table.items()):
            raise ValueError
        return dict(table)

    if optional:
        return dataclasses.field(default_factory=dict, metadata={_CHECK: check, _PAYLOAD: False})
    return _field(check)


def payload(max_bytes: int, *, multiple_of: int = 1, may_be_empty: bool = False) -> Any:
    """Return a field for the bytes that follow the event."""

    def check(value: Any) -> bytes:
        if not isinstance(value, bytes) or len(value) > max_bytes:
            raise ValueError
        if not value and not may_be_empty:
            raise ValueError
        if len(value) % multiple_of:
            raise ValueError
        return value

    return _field(check, payload=True)
