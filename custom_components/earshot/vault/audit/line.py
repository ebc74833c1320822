"""One line of the log: what it says, and what proves it."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Literal

HEAD_BYTES = 32
FIRST_HEAD = bytes(HEAD_BYTES)
"""What the first line of a log names as the head before it."""

_FORMAT = b"earshot/1/line"
_NAME = re.compile(r"[A-Za-z0-9_.-]{0,64}")
_DETAIL = re.compile(r"[a-z0-9_.:/>+-]{0,64}")


class Restored(StrEnum):
    """Why a new chain begins; the detail of a `Verb.RESTORED`."""

    BACKUP = "restored"
    """There was a log once, and neither it nor the house key is here."""

    HOUSE_KEY = "house_key_new"
    MISSING = "log_missing"
    """The log is gone and the house key is here: somebody took it, or a disk lost it."""

    DAMAGED = "log_damaged"


class Verb(StrEnum):
    """What was done."""

    PLAYED = "played"
    READ = "read"
    """Words were read; one line for a while of reading."""

    EXPORTED = "exported"
    DELETED = "deleted"
    PINNED = "pinned"
    UNPINNED = "unpinned"
    LABELLED = "labelled"
    UNLOCKED = "unlocked"
    LOCKED = "locked"
    SEALED = "sealed"
    UNSEALED = "unsealed"
    POLICY_CHANGED = "policy_changed"
    WIDENED = "widened"
    GUEST_BEGUN = "guest_begun"
    GUEST_ENDED = "guest_ended"
    HEARD_BACK = "heard_back"
    """Somebody asked in the room what was heard."""

    REFUSED = "refused"
    RESTORED = "restored"
    """A new chain begins because the old one, or the key for it, is not there."""

    VOUCHED = "vouched"
    LISTENING = "listening"
    """Home Assistant recorded a command for debugging."""

    OPENED = "opened"
    """A room listened although nobody there woke it."""

    NOT_OPENED = "not_opened"
    """The satellite refused what the line with the same target announced: nobody listened."""

    FOLLOWED_UP = "followed_up"
    """A room listened once more right after a reply that was asked for there."""

    MUTED = "muted"
    UNMUTED = "unmuted"
    PAIRED = "paired"
    """A satellite or a speech service was paired with this home."""

    UNPAIRED = "unpaired"


LISTENS: Final = frozenset(
    {Verb.PLAYED, Verb.READ, Verb.EXPORTED, Verb.HEARD_BACK, Verb.LISTENING, Verb.OPENED}
)
"""What counts as having listened, whoever asks: aloud or on a dashboard."""


@dataclass(frozen=True)
class Actor:
    """Who did it."""

    user_id: str | None = None
    session: str | None = None
    """Of a user: the id of the refresh token."""

    name: Literal["user", "voice", "system", "satellite"] = "system"


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one line says. It has no room for words: ids, names of options, and verbs."""

    seq: int
    chain: str
    """Random name of the chain of keys it is proved by: 16 digits of the house key's, then 16."""

    time_ms: int
    """Wall clock, in milliseconds since 1970."""

    boot_id: str
    actor: Actor
    verb: Verb
    room_id: str | None = None
    """None: the whole house."""

    target: str = ""
    """The id of a capture or of a turn, or the name of an option."""

    detail: str = ""

    def __post_init__(self) -> None:
        names = (self.chain, self.boot_id, self.room_id, self.actor.user_id, self.actor.session)
        if not all(_NAME.fullmatch(name or "") for name in (*names, self.target)):
            raise ValueError("a line of the log holds ids and names of options only")
        if not _DETAIL.fullmatch(self.detail):
            raise ValueError("the detail of a line is a word of ours, not of somebody else's")

    @property
    def tells_of_loss(self) -> bool:
        """Whether lines before it are missing that should be there."""
        return self.verb is Verb.RESTORED and self.detail in {
            Restored.MISSING,
            Restored.DAMAGED,
        }

    @property
    def when(self) -> datetime:
        """When it was written."""
        return datetime.fromtimestamp(self.time_ms / 1000, UTC)

    def body(self, previous: bytes) -> bytes:
        """Return what is authenticated: each part with its length before it, so none can move."""
        parts = (
            _FORMAT,
            str(self.seq).encode(),
            self.chain.encode(),
            str(self.time_ms).encode(),
            self.boot_id.encode(),
            self.actor.name.encode(),
            (self.actor.user_id or "").encode(),
            (self.actor.session or "").encode(),
            self.verb.encode(),
            (self.room_id or "").encode(),
            self.target.encode(),
            self.detail.encode(),
            previous,
        )
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def authenticate(key: bytes, body: bytes) -> bytes:
    """Return the proof of a line: HMAC-SHA256 under the key of its turn."""
    return hmac.digest(key, body, hashlib.sha256)


def head(body: bytes, proof: bytes) -> bytes:
    """Return what stands for this line and all before it."""
    return hashlib.sha256(body + proof).digest()


def step(key: bytes) -> bytes:
    """Return the key of the next line; there is no way back."""
    return hashlib.sha256(b"earshot/1/step" + key).digest()
