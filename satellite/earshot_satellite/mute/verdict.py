"""What evidence about the microphone is worth: pure, nothing is read here.

Without it a mute would be reported as it was asked for. `closed` needs positive control: a source
that has shown our own stream while it was open, and shows now that it is closed. A source that
never showed us might not see us at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

EAR = "ear"
ALSA = "alsa"
SOUND_SERVER = "sound_server"


class Shows(StrEnum):
    """What a source shows of the microphone."""

    CLOSED = "closed"
    OPEN = "open"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Evidence:
    """What one source shows now; a source that does not apply here gives none.

    `detail`: the holder's name where there is one, never more than 128 characters.
    """

    source: str
    state: Shows
    detail: str = ""


class Reason(StrEnum):
    """Why the verdict is not `closed`; codes to translate."""

    NONE = ""
    NOT_MUTED = "not_muted"
    EAR_RUNS = "ear_runs"
    STILL_OPEN = "still_open"
    EAR_UNKNOWN = "ear_unknown"
    HELD_BY_OTHER = "held_by_other"
    SOURCE_FAILED = "source_failed"
    SOURCE_LOST = "source_lost"
    NO_SOURCE = "no_source"
    NO_POSITIVE_CONTROL = "no_positive_control"


@dataclass(frozen=True)
class MicVerdict:
    """`state` is `closed`, `open` or `unverified`; `holder` names who else holds the microphone."""

    state: str
    reason: Reason
    holder: str = ""


def judge(
    evidence: Sequence[Evidence], shown: Collection[str], *, muted: bool = True
) -> MicVerdict:
    """Weigh what every source shows; `shown` are those that have shown our stream since boot.

    What nobody muted is never `closed`: an ear that is just missing opens it again at any moment.
    """
    ear = {each.state for each in evidence if each.source == EAR}
    outside = [each for each in evidence if each.source != EAR]
    states = {each.state for each in outside}
    closed = {each.source for each in outside if each.state is Shows.CLOSED}
    control = set(shown) - {EAR}
    rules = (
        (Shows.OPEN in ear, "open", Reason.EAR_RUNS),
        (Shows.OPEN in states, "open", Reason.STILL_OPEN),
        (ear != {Shows.CLOSED}, "unverified", Reason.EAR_UNKNOWN),
        (Shows.OTHER in states, "unverified", Reason.HELD_BY_OTHER),
        (Shows.UNKNOWN in states, "unverified", Reason.SOURCE_FAILED),
        (not outside and not control, "unverified", Reason.NO_SOURCE),
        (bool(control - closed), "unverified", Reason.SOURCE_LOST),
        (not control, "unverified", Reason.NO_POSITIVE_CONTROL),
        (not muted, "unverified", Reason.NOT_MUTED),
    )
    for holds, state, reason in rules:
        if holds:
            holders = [each.detail for each in outside if each.state is Shows.OTHER]
            return MicVerdict(state, reason, holders[0] if holders else "")
    return MicVerdict("closed", Reason.NONE)
