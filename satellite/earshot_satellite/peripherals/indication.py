"""What a light is to show: pure.

The microphone is shown as verified, never as wished, and a mute is shown before all else: a light
that knows one colour at a time must not look open while the room is muted, nor closed while it is
not proved.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from earshot_wire.limits import RECEIPT_VALID_S

VALID_S = RECEIPT_VALID_S
"""As long as a receipt counts. A light that hears nothing for so long knows nothing."""

ACTIVITIES = ("listening", "processing", "responding", "announcing", "ringing")
"""What a satellite may be doing beside nothing."""


class State(StrEnum):
    """All that a light with one colour needs."""

    IDLE = "idle"
    LISTENING = "listening"
    PROCESSING = "processing"
    RESPONDING = "responding"
    ANNOUNCING = "announcing"
    RINGING = "ringing"
    MUTED_VERIFIED = "muted_verified"
    MUTED_UNVERIFIED = "muted_unverified"
    UNLINKED = "unlinked"
    PROBLEM = "problem"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known at one moment."""

    activity: str = "idle"
    muted: bool
    verified: str
    """`closed`, `open` or `unverified`, as of the latest receipt; empty without one."""

    verified_age_s: float
    linked: bool
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Indication:
    """What to show. Nothing in it says what was heard or spoken."""

    state: State
    activity: str
    """Also while muted: a reply or a timer may be heard then."""

    muted: bool
    microphone: str
    """`closed`, `open` or `unverified`."""

    linked: bool
    problems: tuple[str, ...]

    @property
    def message(self) -> dict[str, Any]:
        """Return it for a program."""
        return asdict(self) | {"valid_s": VALID_S}


def activity_of(session: str, *, rings: bool) -> str:
    """Return what a session's state is to somebody who looks.

    While home is asked nothing shows, since another room may be the one that answers; the tone
    before listening unasked shows as listening, which it announces.
    """
    if session == "prompting":
        return "listening"
    if session in ACTIVITIES:
        return session
    return "ringing" if rings else "idle"


def indicate(facts: Facts) -> Indication:
    """Return what to show."""
    fresh = 0 <= facts.verified_age_s <= VALID_S
    microphone = facts.verified if fresh and facts.verified else "unverified"
    activity = facts.activity if facts.activity in ACTIVITIES else "idle"
    return Indication(
        state=_state(facts, activity, microphone),
        activity=activity,
        muted=facts.muted,
        microphone=microphone,
        linked=facts.linked,
        problems=facts.problems,
    )


def _state(facts: Facts, activity: str, microphone: str) -> State:
    if facts.muted:
        return State.MUTED_VERIFIED if microphone == "closed" else State.MUTED_UNVERIFIED
    if activity != "idle":
        return State(activity)
    if facts.problems:
        return State.PROBLEM
    return State.IDLE if facts.linked else State.UNLINKED
