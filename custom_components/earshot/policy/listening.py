"""Whether a room may listen to a command at all: asked before the first sample is sent."""

from dataclasses import dataclass
from enum import StrEnum

from .locality import Locality


class Refusal(StrEnum):
    """Why not; also what the room says."""

    NOT_LOCAL = "not_local"
    RECORDED = "recorded"


class Why(StrEnum):
    """Why a room is to listen although nobody there woke it."""

    FOLLOW_UP = "follow_up"
    """The assistant asked something back."""

    CONVERSATION = "conversation"
    QUESTION = "question"
    ASKED = "asked"
    """An automation, a button or a person at a dashboard."""


@dataclass(frozen=True, kw_only=True)
class Unasked:
    """What the rules of a room say of it. What is not known allows nothing but a follow-up."""

    child: bool = False
    remote_listen: bool = False
    follow_up: bool = True


def unasked_refusal(
    why: Why, rules: Unasked, *, at_device: str, follow_up_at_device: bool
) -> str | None:
    """Return why a room must not listen that nobody there woke, or None.

    `at_device` is what the satellite's owner set: `forbidden`, `allowed`, or `home` for the rules.
    A child's room is never listened to from afar, not even for a follow-up.
    """
    if rules.child:
        return "child"
    if at_device == "forbidden":
        return "forbidden"
    if why is Why.FOLLOW_UP:
        allowed = rules.follow_up and follow_up_at_device
        return None if allowed else "forbidden"
    return None if rules.remote_listen or at_device == "allowed" else "not_allowed"


def refusal(
    *, local_only: bool, locality: Locality, recorded: bool, recording_allowed: bool
) -> Refusal | None:
    """Return why a room must not listen, or None.

    `recorded`: Home Assistant writes the sound to disk or hands it to somebody else.
    """
    if local_only and not locality.is_proven:
        return Refusal.NOT_LOCAL
    if recorded and not recording_allowed:
        return Refusal.RECORDED
    return None
