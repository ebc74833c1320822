"""What goes into the vault and what comes out."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from ..policy.clock import Moment
from ..policy.retention import Outcome

MAX_PCM = 16_000 * 2 * 60
"""Bytes of a minute at 16 kHz, 16 bit, mono: four times the longest utterance."""

MAX_TRANSCRIPT = 4_096
MAX_RECORD = 64 * 1024
"""Bytes of the record as JSON."""

PEAKS = 100
"""Values of a waveform, each a byte."""

_ROOM_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_USER_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class VaultState(StrEnum):
    """How the vault is. Whatever is wrong, it can be emptied with `async_delete_all`."""

    READY = "ready"
    KEY_LOST = "key_lost"
    """Nothing new is kept, what is kept cannot be read; it still expires."""

    DAMAGED = "damaged"
    """The database cannot be read."""


@dataclass(frozen=True, kw_only=True)
class NewCapture:
    """One turn, in memory, before it is decided what of it may be kept."""

    room_id: str
    started: datetime
    outcome: Outcome
    moment: Moment | None = None
    """Of the start, by both clocks. None: only the wall clock is known."""

    audience: frozenset[str] = frozenset()
    """Ids of the users who may listen, as it was at the time."""

    pcm: bytes | None = field(default=None, repr=False)
    """16 kHz, 16 bit, mono, little endian."""

    transcript: str | None = field(default=None, repr=False)
    record: dict[str, Any] = field(default_factory=dict, repr=False)
    """What was decided and done, for JSON. It shares the transcript's clock."""

    def __post_init__(self) -> None:
        if not _ROOM_ID.fullmatch(self.room_id):
            raise ValueError("a room id has 1 to 64 letters, digits, '_', '.' or '-'")
        if self.started.tzinfo is None:
            raise ValueError("the start of a capture needs a time zone")
        if self.started.timestamp() < 0:
            raise ValueError("the start of a capture is before all clocks")
        if not all(_USER_ID.fullmatch(user) for user in self.audience):
            raise ValueError("the audience of a capture are ids of users")
        if self.pcm is not None and (len(self.pcm) > MAX_PCM or len(self.pcm) % 2):
            raise ValueError("the audio of a capture is not 16 bit, or longer than a minute")
        if self.transcript is not None and len(self.transcript) > MAX_TRANSCRIPT:
            raise ValueError("the transcript of a capture is too long")


@dataclass(frozen=True, kw_only=True)
class Capture:
    """One kept turn, opened. Parts that were not kept, or are gone, are None."""

    id: str
    room_id: str
    started: datetime
    outcome: Outcome
    audio: bytes | None = field(repr=False)
    """A whole FLAC or WAV file."""

    audio_type: str | None
    """Media type of `audio`."""

    audio_expires: datetime | None
    """None: no end, or no audio."""

    transcript: str | None = field(repr=False)
    record: dict[str, Any] | None = field(repr=False)
    transcript_expires: datetime | None
    """Of transcript and record. None: no end, or neither."""

    audience: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class RoomUsage:
    """What is kept of one room."""

    captures: int
    bytes: int
    """Of sealed audio, transcripts and records."""

    oldest: datetime
    next_expiry: datetime | None
    """By the ceilings at the time of keeping. None: nothing ever expires."""


@dataclass(frozen=True, kw_only=True)
class PurgeReport:
    """What a purge or a deletion took."""

    audio: int = 0
    transcripts: int = 0
    captures: int = 0
    """Captures of which nothing is left."""

    evicted: int = 0
    """Captures that went before their time, the oldest first, because the size cap was reached.
    They are in `captures` too."""

    pending: bool = False
    """Another program reads the database, so old copies of sealed pages may be left in its log
    until the next purge. Their keys are gone."""

    def __add__(self, other: PurgeReport) -> PurgeReport:
        return PurgeReport(
            audio=self.audio + other.audio,
            transcripts=self.transcripts + other.transcripts,
            captures=self.captures + other.captures,
            evicted=self.evicted + other.evicted,
            pending=self.pending or other.pending,
        )
