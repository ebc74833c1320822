"""What can be asked of the vault, and what it answers. No repr holds what was said."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ..policy.retention import Outcome, Verdict
from .model import PurgeReport

PAGE = 50
MAX_PAGE = 100
MAX_TEXT = 200
"""Letters of what is searched for."""

MAX_PIN = timedelta(days=30)
MAX_REASON = 200
MAX_RIGHT_TEXT = 1_000

_CURSOR = re.compile(r"[0-9]{1,19}")

type Policy = Callable[[Outcome], Verdict]
"""What a room would keep today of a turn with this outcome."""


class Label(StrEnum):
    """What a person said of a capture."""

    NOT_FOR_YOU = "not_for_you"
    WRONG_TEXT = "wrong_text"


class ChangeKind(StrEnum):
    """What happened to captures."""

    KEPT = "kept"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which captures; None: no limit."""

    ids: frozenset[str] | None = None
    rooms: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    """The first moment that no longer counts."""

    outcomes: frozenset[Outcome] | None = None
    pinned: bool = False
    """Take pinned ones too; otherwise they are left alone, even when named."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """One page of captures, newest first."""

    rooms: frozenset[str]
    outcomes: frozenset[Outcome] | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = field(default=None, repr=False)
    """Words that must all be in the transcript; the last may be a beginning of three letters."""

    listener: str | None = None
    """Only what this user was a listener of; None: of all. Else where a page ends would tell how
    much there is that nobody may show them, also of what holds a word."""

    cursor: str | None = None
    """Of the page before."""

    limit: int = PAGE

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_PAGE:
            raise ValueError(f"a page has 1 to {MAX_PAGE} captures")
        if self.text is not None and len(self.text) > MAX_TEXT:
            raise ValueError("the text to search for is too long")
        if self.cursor is not None and not _CURSOR.fullmatch(self.cursor):
            raise ValueError("no cursor of a page")


@dataclass(frozen=True, kw_only=True)
class Pin:
    """Why a capture stays past its ceiling, and until when."""

    until: datetime
    reason: str = field(repr=False)
    by: str
    """Id of a user."""

    made: datetime

    def __post_init__(self) -> None:
        if not timedelta() < self.until - self.made <= MAX_PIN:
            raise ValueError("a pin ends after it was made and within 30 days")
        if len(self.reason) > MAX_REASON:
            raise ValueError("the reason of a pin is too long")


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One capture in a list. What is gone, sealed, or perhaps past its ceiling is None."""

    id: str
    room_id: str
    started: datetime
    outcome: Outcome
    sealed: bool
    """Its keys are sealed: it is open only to whoever unlocked the seal."""

    uncertain: bool
    """The clock is in doubt and this may be past its ceiling."""

    audio_bytes: int | None
    audio_expires: datetime | None
    words_expires: datetime | None
    transcript: str | None = field(repr=False)
    record: dict[str, Any] | None = field(repr=False)
    peaks: bytes | None = field(repr=False)
    """100 values from silence, 0, to full scale, 255."""

    pin: Pin | None
    label: Label | None
    right_text: str | None = field(repr=False)
    """What was really said, of a transcript labelled as wrong."""

    audience: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some captures, newest first."""

    items: tuple[Listed, ...]
    cursor: str | None
    """For the next page; None: this is the last."""

    complete: bool = True
    """False: the search index is still being built, and more may be found later."""


@dataclass(frozen=True, kw_only=True)
class Count:
    """How much there is."""

    captures: int = 0
    audio: int = 0
    transcripts: int = 0
    bytes: int = 0
    pinned: int = 0
    """Of the captures that were asked for, those that are pinned."""


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """What is left of a destroyed capture, to look for it. It opens nothing and tells nothing."""

    id: str
    room_id: str
    deleted: datetime
    fingerprints: tuple[bytes, ...] = field(repr=False)
    """The random nonces of its seals and of its wrapped keys, 12 bytes each."""


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """What a deletion took."""

    report: PurgeReport
    tombstones: tuple[Tombstone, ...]


@dataclass(frozen=True)
class Change:
    """Captures of one room that came, changed or went."""

    kind: ChangeKind
    capture_ids: tuple[str, ...]
    room_id: str
