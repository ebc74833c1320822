"""What a deletion check looks for, where it looked and what it found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self


class Kind(StrEnum):
    """What a trace is a trace of."""

    WORDS = "words"
    IDS = "ids"
    FINGERPRINTS = "fingerprints"
    """Bytes of a seal or of a wrapped key: what was sealed, or its key, is still there."""


class State(StrEnum):
    """What may be said of one place."""

    CLEAN = "clean"
    FOUND = "found"
    UNCHECKED = "unchecked"


class Keeper(StrEnum):
    """Whose place it is."""

    EARSHOT = "earshot"
    HOME_ASSISTANT = "home_assistant"
    OTHER = "other"


class Why(StrEnum):
    """Why a place, or a part of it, could not be checked."""

    OUT_OF_REACH = "out_of_reach"
    """No program on this machine can look there."""

    SOUND = "sound"
    """It holds sound, and sound cannot be searched for words."""

    ENCRYPTED = "encrypted"
    PACKED = "packed"
    """It is packed in a way that is not read here."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    OUT_OF_TIME = "out_of_time"
    STOPPED = "stopped"
    ELSEWHERE = "elsewhere"
    """Another program keeps it: a database server, the journal of the system."""

    NOTHING = "nothing"
    """There was nothing to look for."""

    BUSY = "busy"
    CHANGED = "changed"
    """Home Assistant holds it in a way that this version of Earshot does not know."""


class Verdict(StrEnum):
    """A report in one word. None of them is to be shown without the list of places."""

    FOUND = "found"
    """Earshot itself still holds something."""

    COPIES = "copies"
    """Earshot holds nothing; Home Assistant or something else has copies."""

    INCOMPLETE = "incomplete"
    """Nothing was found, and a place that can be checked could not be this time."""

    NOTHING = "nothing"
    """There was nothing to look for: nothing was looked at."""

    CLEAN = "clean"
    """Nothing was found where it was possible to look."""


@dataclass(frozen=True, kw_only=True)
class Needles:
    """What to look for. Words are searched once, right after a deletion, and never stored."""

    words: tuple[str, ...] = field(default=(), repr=False)
    """Whole transcripts."""

    ids: tuple[str, ...] = ()
    fingerprints: tuple[bytes, ...] = ()

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What is looked for."""
        values = (self.words, self.ids, self.fingerprints)
        return tuple(kind for kind, value in zip(Kind, values, strict=True) if value)


@dataclass(frozen=True, kw_only=True)
class Place:
    """One place and what was found there."""

    key: str
    """For a translation, as are `remedy` and `why`."""

    state: State
    kept_by: Keeper
    remedy: str
    hits: int = 0
    kinds: tuple[Kind, ...] = ()
    """What was found."""

    why: Why | None = None
    """Why it, or a part of it, could not be checked: a place may be found and incomplete."""

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "place": self.key,
            "state": self.state.value,
            "kept_by": self.kept_by.value,
            "hits": self.hits,
            "kinds": [kind.value for kind in self.kinds],
            "why": None if self.why is None else self.why.value,
            "remedy": self.remedy,
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Return what `as_dict` made; raises `KeyError`, `TypeError` and `ValueError`."""
        return cls(
            key=str(raw["place"]),
            state=State(raw["state"]),
            kept_by=Keeper(raw["kept_by"]),
            remedy=str(raw["remedy"]),
            hits=int(raw["hits"]),
            kinds=tuple(Kind(kind) for kind in raw["kinds"]),
            why=None if raw["why"] is None else Why(raw["why"]),
        )


@dataclass(frozen=True)
class Report:
    """All places, always: those that no one can look into as well."""

    places: tuple[Place, ...]
    looked_for: tuple[Kind, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst that can be said."""
        if not self.looked_for:
            return Verdict.NOTHING
        found = [place for place in self.places if place.state is State.FOUND]
        if any(place.kept_by is Keeper.EARSHOT for place in found):
            return Verdict.FOUND
        if found:
            return Verdict.COPIES
        looked_at = [place for place in self.places if place.why is not Why.OUT_OF_REACH]
        clean = [place for place in looked_at if place.state is State.CLEAN and place.why is None]
        return Verdict.CLEAN if clean and clean == looked_at else Verdict.INCOMPLETE

    def at(self, *states: State) -> tuple[Place, ...]:
        """Return the places in one of these states."""
        return tuple(place for place in self.places if place.state in states)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, the verdict never without the list."""
        return {
            "verdict": self.verdict.value,
            "looked_for": [kind.value for kind in self.looked_for],
            **{state.value: len(self.at(state)) for state in State},
            "places": [place.as_dict() for place in self.places],
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Return what `as_dict` made; raises `KeyError`, `TypeError` and `ValueError`."""
        places: Iterable[Mapping[str, Any]] = raw["places"]
        return cls(
            tuple(Place.from_dict(place) for place in places),
            tuple(Kind(kind) for kind in raw["looked_for"]),
        )
