"""Somebody in the room agrees that its rules are loosened without waiting for a day."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .message import Message, choice, text, whole

_NONCE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class Confirm(Message, kind="earshot-confirm"):
    """Satellite to home: what waits in this room may begin. Sent only by a hand at the device."""

    nonce: str = text(32, pattern=_NONCE)
    """Random; the answer carries it."""


@dataclass(frozen=True, kw_only=True)
class Confirmed(Message, kind="earshot-confirmed"):
    """Home to satellite: what came of it."""

    nonce: str = text(32, pattern=_NONCE)
    result: str = choice("begun", "nothing", "not_paired", "failed")
    """`nothing` waited; over a link that is `not_paired` anybody could say so; `failed`: home
    could not write it down."""

    changes: int = whole(0, 1_000)
    """How many changes begin now."""
