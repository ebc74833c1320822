"""Whether a room may listen to a command at all: asked before the first sample is sent."""

from enum import StrEnum

from .locality import Locality


class Refusal(StrEnum):
    """Why not; also what the room says."""

    NOT_LOCAL = "not_local"
    RECORDED = "recorded"


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
