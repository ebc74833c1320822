"""The changes of rules that are remembered: what was before, when it was, who has heard of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Self

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .policy.changes import HOLD_S, SHOWN_S, Aspect, Edit, elapsed
from .policy.clock import Moment, Reading

MOST: Final = 128
"""Changes of one entry that loosen. More in a week is no household but an automation gone wild."""

MOST_OF_OTHERS: Final = MOST // 2
"""Of these, by people who have no say there: they must leave room for those who have."""

_LASTING: Final = frozenset(
    {Aspect.SECOND_FACTOR, Aspect.REMOTE, Aspect.LONG_LIVED, Aspect.PLAIN_HTTP}
)
"""How a capture is reached. Who may, and for how long it lasts, each capture knows itself."""


class TooManyChangesError(Exception):
    """No more can be remembered before one of them is a day old."""


@dataclass(frozen=True, kw_only=True)
class Remembered(Edit[Mapping[str, Any]]):
    """A change of an entry's options."""

    told: frozenset[str] = frozenset()
    """Rooms in which it need not be said aloud, or was."""

    loosened: frozenset[str] = frozenset()
    """The aspects that it loosened, in any room."""

    idle: bool = False
    """It neither loosened nor tightened anything: another rule was stricter all the time."""

    @property
    def options(self) -> frozenset[str]:
        """Return which options it changed."""
        both = self.before.keys() | self.after.keys()
        return frozenset(it for it in both if self.before.get(it) != self.after.get(it))

    @property
    def lasting(self) -> frozenset[str]:
        """Return what it loosened that matters as long as anything heard before it is kept."""
        return self.loosened & _LASTING

    @classmethod
    def load(cls, raw: Mapping[str, Any]) -> Self:
        """Make one from what was stored."""
        return cls(
            before=raw["before"],
            after=raw["after"],
            made=load_moment(raw["made"]),
            confirmed={
                room: datetime.fromtimestamp(when, UTC) for room, when in raw["confirmed"].items()
            },
            told=frozenset(raw["told"]),
            loosened=frozenset(raw["loosened"]),
            idle=raw.get("idle", False),
        )

    def dump(self) -> dict[str, Any]:
        """Return what is stored."""
        return {
            "before": dict(self.before),
            "after": dict(self.after),
            "made": dump_moment(self.made),
            "confirmed": {room: when.timestamp() for room, when in self.confirmed.items()},
            "told": sorted(self.told),
            "loosened": sorted(self.loosened),
            "idle": self.idle,
        }


@dataclass
class Scope:
    """What is remembered of one entry: a room's, or the house's."""

    known: Mapping[str, Any]
    """Its options as they were last seen or set."""

    edits: list[Remembered] = field(default_factory=list)


class PendingStore:
    """The changes of all entries, on disk before they count."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.scopes: dict[str, Scope] = {}
        self._store: Store[dict[str, Any]] = Store(
            hass, 1, f"{DOMAIN}.policy", private=True, atomic_writes=True
        )

    async def async_load(self) -> None:
        """Read what was remembered."""
        for scope_id, raw in (await self._store.async_load() or {}).items():
            edits = [Remembered.load(edit) for edit in raw["edits"]]
            self.scopes[scope_id] = Scope(raw["known"], edits)

    def edits(self, scope_id: str) -> list[Remembered]:
        """Return the changes of an entry, the oldest first."""
        scope = self.scopes.get(scope_id)
        return scope.edits if scope else []

    async def async_adopt(self, scope_id: str, options: Mapping[str, Any]) -> None:
        """Remember the first options of an entry."""
        self.scopes[scope_id] = Scope(options)
        await self.async_save()

    async def async_add(
        self, scope_id: str, edit: Remembered, clock: Reading, most: int = MOST
    ) -> None:
        """Remember a change. Raises `TooManyChangesError` for one that loosens anything."""
        scope = self.scopes.setdefault(scope_id, Scope(edit.before))
        edits = [it for it in _needed(scope.edits, clock) if not _repeats(it, edit)]
        others = [it for it in edits if not it.loosened]
        if edit.loosened and len(edits) - len(others) >= most:
            raise TooManyChangesError
        if not edit.loosened and len(others) >= MOST:
            edits.remove(others[0])
        scope.edits = [*edits, edit]
        scope.known = edit.after
        await self.async_save()

    async def async_mark(
        self, edits: Iterable[Remembered], room_id: str, confirmed: datetime | None = None
    ) -> None:
        """Note that changes were said aloud in a room, or confirmed there.

        A change is known by the moment it was made: it may have been marked since it was read.
        """
        chosen = {edit.made for edit in edits}
        for scope in self.scopes.values():
            scope.edits = [
                _marked(edit, room_id, confirmed) if edit.made in chosen else edit
                for edit in scope.edits
            ]
        await self.async_save()

    async def async_forget(self, scope_id: str) -> None:
        """Forget an entry that is no more."""
        if self.scopes.pop(scope_id, None) is not None:
            await self.async_save()

    async def async_remove(self) -> None:
        """Forget everything, the file too."""
        self.scopes.clear()
        await self._store.async_remove()

    async def async_save(self) -> None:
        """Write everything."""
        await self._store.async_save(
            {
                scope_id: {
                    "known": dict(scope.known),
                    "edits": [edit.dump() for edit in scope.edits],
                }
                for scope_id, scope in self.scopes.items()
            }
        )


def _needed(edits: list[Remembered], clock: Reading) -> list[Remembered]:
    """Return what is still shown, and for each aspect that lasts the newest that loosened it."""
    seen: set[str] = set()
    last: list[Remembered] = []
    for edit in reversed(edits):
        if edit.lasting - seen:
            last.append(edit)
            seen |= edit.lasting

    def younger(seconds: float) -> list[Remembered]:
        return [it for it in edits if it in last or elapsed(clock, it.made) < seconds]

    shown = younger(SHOWN_S)
    few = sum(bool(it.loosened) for it in shown) < MOST
    return shown if few else younger(HOLD_S)


def _repeats(old: Remembered, new: Remembered) -> bool:
    """Return whether an old change adds nothing to a new one.

    It went from and to the same, or neither did anything.
    """
    if (old.before, old.after) == (new.before, new.after):
        return True
    return old.idle and new.idle and old.options == new.options


def _marked(edit: Remembered, room_id: str, confirmed: datetime | None) -> Remembered:
    marked = replace(edit, told=edit.told | {room_id})
    if confirmed is not None and room_id not in edit.confirmed:
        marked = replace(marked, confirmed={**edit.confirmed, room_id: confirmed})
    return marked


def load_moment(raw: list[Any]) -> Moment:
    """Make a moment from what was stored."""
    wall, boot_id, boottime = raw
    return Moment(datetime.fromtimestamp(wall, UTC), boot_id, boottime)


def dump_moment(moment: Moment) -> list[Any]:
    """Return what is stored of a moment."""
    return [moment.wall.timestamp(), moment.boot_id, moment.boottime]
