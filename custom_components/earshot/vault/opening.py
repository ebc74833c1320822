"""Opening what is sealed of a capture, and what of it may be given out at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..policy.clock import Reading
from . import crypto
from .crypto import Place, Purpose, SealError
from .errors import CaptureDamagedError, CaptureSealedError
from .keys import Keys, Private, Wrapped
from .records import Part, Row, Sealed
from .views import Label, Listed

KEY_OF: Mapping[Purpose, Purpose] = {
    Purpose.AUDIO: Purpose.AUDIO_KEY,
    Purpose.PEAKS: Purpose.AUDIO_KEY,
    Purpose.TRANSCRIPT: Purpose.WORDS_KEY,
    Purpose.RECORD: Purpose.WORDS_KEY,
    Purpose.LABEL: Purpose.LABEL_KEY,
    Purpose.REASON: Purpose.REASON_KEY,
}
"""Which key seals what. Label and reason have their own, so that they can be written into a sealed
room that nobody unlocked."""


def place(row: Row, purpose: Purpose, key_id: str) -> Place:
    """Return where something sealed of a capture belongs."""
    return Place(purpose=purpose, capture_id=row.id, room_id=row.room_id, key_id=key_id)


@dataclass(frozen=True)
class Allowed:
    """What of a capture is within its ceilings."""

    parts: Part
    """Certainly."""

    uncertain: Part
    """Perhaps: the clock is in doubt."""


def allowed(row: Row, reading: Reading) -> Allowed:
    """Return what of a capture may be given out; a pin holds its ceilings off."""
    if row.pin_until is not None and row.pin_until > reading.earliest:
        sure = reading.latest is not None and row.pin_until > reading.latest
        return Allowed(row.parts, Part(0)) if sure else Allowed(Part(0), row.parts)
    age = reading.age(row.moment)
    parts = uncertain = Part(0)
    for part, expires in ((Part.AUDIO, row.audio_expires), (Part.WORDS, row.words_expires)):
        if part not in row.parts:
            continue
        seconds = _ceiling(row.started, expires)
        if seconds is None or age.possible < seconds:
            parts |= part
        elif age.certain < seconds:
            uncertain |= part
    return Allowed(parts, uncertain)


def _ceiling(started: datetime, expires: datetime | None) -> float | None:
    return None if expires is None else (expires - started).total_seconds()


@dataclass(frozen=True)
class Opener:
    """Opens captures with the house's keys and those of unlocked seals."""

    keys: Keys
    private: Private = field(default_factory=dict, repr=False)

    def open(self, row: Row, purpose: Purpose, sealed: bytes | None) -> bytes:
        """Open one sealed part; raises `CaptureDamagedError` and `CaptureSealedError`."""
        key = self.keys.get(row.id, row.room_id, KEY_OF[purpose], self.private)
        return self._unseal(row, purpose, sealed, key)

    def listed(
        self,
        row: Row,
        sealed: Sealed,
        stored: Mapping[tuple[str, Purpose], Wrapped],
        may: Allowed,
    ) -> Listed:
        """Return a capture as a list shows it. What is damaged is None, like what is gone."""

        def open_(purpose: Purpose, raw: bytes | None) -> bytes | None:
            if raw is None:
                return None
            wrapped = stored.get((row.id, KEY_OF[purpose]))
            try:
                key = self.keys.unwrap(row.id, row.room_id, KEY_OF[purpose], wrapped, self.private)
                return self._unseal(row, purpose, raw, key)
            except CaptureDamagedError, CaptureSealedError:
                return None

        words = Part.WORDS in may.parts
        label, right_text = _label(open_(Purpose.LABEL, sealed.label) if may.parts else None)
        transcript = open_(Purpose.TRANSCRIPT, sealed.transcript) if words else None
        record = open_(Purpose.RECORD, sealed.record) if words else None
        reason = open_(Purpose.REASON, sealed.reason)
        return Listed(
            id=row.id,
            room_id=row.room_id,
            started=row.started,
            outcome=row.outcome,
            sealed=any(
                stored[row.id, purpose].seal_id is not None
                for purpose in (Purpose.AUDIO_KEY, Purpose.WORDS_KEY)
                if (row.id, purpose) in stored
            ),
            uncertain=bool(may.uncertain),
            audio_bytes=row.audio_bytes if Part.AUDIO in may.parts | may.uncertain else None,
            audio_expires=row.audio_expires,
            words_expires=row.words_expires,
            transcript=None if transcript is None else transcript.decode(),
            record=None if record is None else json.loads(record),
            peaks=open_(Purpose.PEAKS, sealed.peaks) if Part.AUDIO in may.parts else None,
            pin=row.pin("" if reason is None else reason.decode()),
            label=label,
            right_text=right_text,
            audience=row.audience,
        )

    def _unseal(self, row: Row, purpose: Purpose, sealed: bytes | None, key: bytes) -> bytes:
        try:
            return crypto.unseal(key, sealed or b"", place(row, purpose, self.keys.key_id))
        except SealError:
            raise CaptureDamagedError(f"the {purpose} of this capture is damaged") from None


def outline(row: Row, may: Allowed, *, sealed: bool) -> Listed:
    """Return a capture without anything that is sealed."""
    return Listed(
        id=row.id,
        room_id=row.room_id,
        started=row.started,
        outcome=row.outcome,
        sealed=sealed,
        uncertain=bool(may.uncertain),
        audio_bytes=row.audio_bytes if Part.AUDIO in may.parts | may.uncertain else None,
        audio_expires=row.audio_expires,
        words_expires=row.words_expires,
        transcript=None,
        record=None,
        peaks=None,
        pin=row.pin(""),
        label=None,
        right_text=None,
        audience=row.audience,
    )


def label_bytes(label: Label, right_text: str | None) -> bytes:
    """Return a label to be sealed."""
    return json.dumps([label, right_text], ensure_ascii=False).encode()


def _label(raw: bytes | None) -> tuple[Label | None, str | None]:
    if raw is None:
        return None, None
    label, right_text = json.loads(raw)
    return Label(label), right_text


def record_of(raw: bytes) -> dict[str, Any]:
    """Return an opened record."""
    record: dict[str, Any] = json.loads(raw)
    return record
