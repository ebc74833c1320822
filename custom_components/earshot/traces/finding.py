"""What was found in one place so far."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from .model import Kind, Place, State, Why
from .places import Key, kept_by


@dataclass
class Finding:
    """Hits, and the last reason why a part of the place could not be looked at."""

    hits: Counter[Kind] = field(default_factory=Counter)
    why: Why | None = None

    def __iadd__(self, other: Finding) -> Self:
        """Add what was found in another part of the place."""
        self.hits += other.hits
        self.why = other.why or self.why
        return self

    def place(self, key: Key) -> Place:
        """Return what is said of the place: clean only when all of it was looked at."""
        state = State.CLEAN if self.why is None else State.UNCHECKED
        return Place(
            key=key,
            state=State.FOUND if self.hits.total() else state,
            kept_by=kept_by(key),
            remedy=key,
            hits=self.hits.total(),
            kinds=tuple(kind for kind in Kind if self.hits[kind]),
            why=self.why,
        )
