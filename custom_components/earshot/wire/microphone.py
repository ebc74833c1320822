"""Mute, and the receipt for it.

A receipt says what the satellite verified, never what it was asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .message import Message, Record, choice, flag, identifier, records, text, texts, whole

_NONCE = re.compile(r"[0-9a-f]{0,32}")
_SOURCE = re.compile(r"local|remote")


@dataclass(frozen=True, kw_only=True)
class SetMute(Message, kind="earshot-set-mute"):
    """Home to satellite: close or open the microphone. A mute set at the device stays."""

    muted: bool = flag()
    nonce: str = text(32, pattern=_NONCE)
    """Random; the receipt that answers carries it."""


@dataclass(frozen=True, kw_only=True)
class Evidence(Record):
    """What one source of the device's system showed."""

    source: str = identifier()
    """`ear`, `alsa` or `sound_server`."""

    state: str = choice("closed", "open", "other", "unknown")
    """`other`: somebody else's recording."""

    detail: str = text(128, default="")
    """The holder's name where there is one."""


@dataclass(frozen=True, kw_only=True)
class Receipt(Message, kind="earshot-receipt"):
    """Satellite to home: the microphone as verified.

    Sent in answer to `SetMute`, at each change, and every `limits.RECEIPT_INTERVAL_S`
    or, while it is meant to be open, `limits.OPEN_INTERVAL_S`.
    """

    state: str = choice("closed", "open", "unverified")
    reason: str = text(64, pattern=re.compile(r"[a-z_]*"), default="")
    """Why it is `unverified`; for a translation."""

    sequence: int = whole(0, 2**53)
    boot_id: str = text(64)
    age_ms: int = whole(0, 3_600_000)
    """From the verification to the sending of this message."""

    muted_by: tuple[str, ...] = texts(2, 8, pattern=_SOURCE)
    """Who asked for the mute that holds: `local`, `remote`, both or nobody."""

    evidence: tuple[Evidence, ...] = records(Evidence, 16)
    nonce: str = text(32, pattern=_NONCE, default="")
