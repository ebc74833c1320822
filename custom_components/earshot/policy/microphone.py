"""What may be said about a room's microphone.

Wish and truth are apart: this is the truth, made from what the satellite verified. Without it, an
old receipt, a lost link or a stranger's word would read as "off".
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

VALID_S = 30.0
"""A receipt older than this says nothing any more; a satellite sends one every 10 s."""


class Receipt(Protocol):
    """The part of a satellite's receipt that counts here."""

    @property
    def state(self) -> str:
        """`closed`, `open` or `unverified`."""

    @property
    def reason(self) -> str:
        """Why it is `unverified`, else empty."""


class Reason(StrEnum):
    """Why the verdict is what it is; an unverified receipt's own reason may stand instead."""

    VERIFIED = "verified"
    NOT_LINKED = "not_linked"
    NO_RECEIPT = "no_receipt"
    STALE = "stale"
    NOT_PAIRED = "not_paired"
    UNVERIFIED = "unverified"


@dataclass(frozen=True)
class MicrophoneVerdict:
    """What to show: on, off, or (None) not known."""

    state: Literal["on", "off"] | None
    reason: str


def judge(
    receipt: Receipt | None, *, age_s: float, linked: bool, paired: bool
) -> MicrophoneVerdict:
    """Return what the latest receipt of a room is worth.

    `age_s` is the time since the satellite verified, on our own clock; `paired` says that the link
    proves who speaks. Over any other link `closed` is a claim, so it is never shown as off.
    """
    if not linked:
        return MicrophoneVerdict(None, Reason.NOT_LINKED)
    if receipt is None:
        return MicrophoneVerdict(None, Reason.NO_RECEIPT)
    if not 0 <= age_s <= VALID_S:
        return MicrophoneVerdict(None, Reason.STALE)
    match receipt.state:
        case "open":
            verdict = MicrophoneVerdict("on", Reason.VERIFIED)
        case "closed" if paired:
            verdict = MicrophoneVerdict("off", Reason.VERIFIED)
        case "closed":
            verdict = MicrophoneVerdict(None, Reason.NOT_PAIRED)
        case _:
            verdict = MicrophoneVerdict(None, receipt.reason or Reason.UNVERIFIED)
    return verdict
