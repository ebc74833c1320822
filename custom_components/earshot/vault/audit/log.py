"""The log: written line by line, checked as a whole, and never longer than a year.

A line and the step of the key are one transaction, on the disk when `append` returns. The first key
of each chain is sealed under the house key, so that a check can go through all lines again. When
the oldest lines are left out, the key of the first that stays is sealed in their place.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final, Self

from ...policy.clock import Moment
from .. import crypto, database, files, keys
from ..crypto import Place, Purpose, SealError
from ..errors import KeyLostError, StoreDamagedError, VaultError
from .line import FIRST_HEAD, Actor, Line, Restored, Verb, authenticate, head, step
from .replay import GENERATION, Chain, Replay, Tip, replay
from .rows import AUDIT, Rows

DAMAGED: Final = "audit.damaged"
"""Where a log that cannot be read any more is put, for whoever wants to look into it."""

KEPT_LINES: Final = 100_000
KEPT: Final = timedelta(days=365)

_MOST_TIMES = 4
"""So many times `KEPT_LINES` stay for the sake of lines of listening among the oldest. Without this
whoever can cause lines of another kind pushes out those that tell who listened; without an end to
it, they fill the disk."""

_MORE_LINES = 256
_MORE = timedelta(days=1)
"""So much over the limit, the oldest lines are left out: not a few at each line."""

_NO_GENERATION = "0" * GENERATION


class AuditError(VaultError):
    """The line is not written, so what it would tell of must not happen."""

    code = "audit_failed"


@dataclass(frozen=True)
class New:
    """What a line is to say."""

    verb: Verb
    actor: Actor = Actor()
    room_id: str | None = None
    target: str = ""
    detail: str = ""


@dataclass(frozen=True)
class _House:
    """The house key, as far as the log needs it."""

    generation: str
    key: bytes


@dataclass(frozen=True)
class AuditLog:
    """The open log. Used by one thread. Every method raises `VaultError`."""

    _folder: Path
    _rows: Rows
    _kept_lines: int = KEPT_LINES

    @classmethod
    def open(
        cls, folder: Path, now: Moment, known_chain: str | None, kept_lines: int = KEPT_LINES
    ) -> Self:
        """Open the log of the vault in `folder`, or begin one.

        `known_chain` names the log that there was, as far as another place knows. A log that is
        not the first one begins with a line that says so.
        """
        damaged = False
        try:
            rows = _opened(folder)
        except StoreDamagedError:
            damaged = True
            with database.storage_errors():
                _set_aside(folder)
            rows = Rows.open(folder)
        log = cls(folder, rows, kept_lines)
        try:
            with database.storage_errors():
                if rows.tip() is None:
                    log._begin(now, known_chain, damaged=damaged)
        except BaseException:
            rows.close()
            raise
        return log

    def _begin(self, now: Moment, known_chain: str | None, *, damaged: bool) -> None:
        house = self._house()
        with self._rows.transaction():
            tip = self._new_chain(house, 0, FIRST_HEAD)
            if damaged or known_chain is not None:
                # With the same house key the vault was there all the time; only the log was not.
                same = house is not None and (known_chain or "").startswith(house.generation)
                why = Restored.MISSING if same else Restored.BACKUP
                why = Restored.DAMAGED if damaged else why
                self._insert(New(Verb.RESTORED, target=known_chain or "", detail=why), now, tip)
        self._rows.checkpoint()

    @property
    def tip(self) -> Tip:
        """Where the log stands."""
        with database.storage_errors():
            tip = self._rows.tip()
        if tip is None:
            raise StoreDamagedError("the log does not know where it stands")
        return tip

    @property
    def generation(self) -> str | None:
        """What the names of chains under today's house key begin with; None: it is lost."""
        house = self._house()
        return None if house is None else house.generation

    def append(self, new: New, now: Moment) -> tuple[Line, ...]:
        """Write a line; it is on the disk when this returns, and the key for it is no more.

        What is returned ends with it; one that says that a new chain begins may come before.
        Raises `AuditError`, and `ValueError` for what no line may hold.
        """
        try:
            with database.storage_errors():
                with self._rows.transaction():
                    written = (*self._renew(now), self._insert(new, now, self.tip))
                # The database's own log holds the old key until it is emptied.
                self._rows.checkpoint()
        except VaultError as error:
            raise AuditError(f"the log cannot be written: {error}") from error
        return written

    def _renew(self, now: Moment) -> tuple[Line, ...]:
        """Begin a new chain when the house key is another one than the last chain's."""
        tip, house = self.tip, self._house()
        if house is None or tip.chain.startswith(house.generation):
            return ()
        said = New(Verb.RESTORED, target=tip.chain, detail=Restored.HOUSE_KEY)
        return (self._insert(said, now, self._new_chain(house, tip.seq, tip.head)),)

    def _new_chain(self, house: _House | None, seq: int, at_head: bytes) -> Tip:
        generation = _NO_GENERATION if house is None else house.generation
        self._rows.remove_empty_chain(seq)
        name, key = generation + crypto.new_key()[: GENERATION // 2].hex(), crypto.new_key()
        self._put_chain(Chain(name, seq, at_head, key), house)
        tip = Tip(name, seq, at_head, key)
        self._rows.set_tip(tip)
        return tip

    def _put_chain(self, chain: Chain, house: _House | None) -> None:
        sealed = None
        if chain.key is not None and house is not None:
            sealed = crypto.seal(house.key, chain.key, _place(chain))
        self._rows.put_chain(chain, sealed)

    def _insert(self, new: New, now: Moment, tip: Tip) -> Line:
        line = Line(
            seq=tip.seq + 1,
            chain=tip.chain,
            time_ms=int(now.wall.timestamp() * 1000),
            boot_id=now.boot_id,
            actor=new.actor,
            verb=new.verb,
            room_id=new.room_id,
            target=new.target,
            detail=new.detail,
        )
        body = line.body(tip.head)
        proof = authenticate(tip.key, body)
        self._rows.insert(line, tip.head, proof)
        self._rows.set_tip(Tip(tip.chain, line.seq, head(body, proof), step(tip.key)))
        return line

    def lines(self, rooms: frozenset[str] | None, before: int | None, limit: int) -> list[Line]:
        """Return lines before a number, newest first, of all rooms or of some and of the house."""
        with database.storage_errors():
            return self._rows.newest(rooms, before, limit)

    def listens(self, rooms: frozenset[str] | None, before: int | None, limit: int) -> list[Line]:
        """Return lines that tell of listening, as `lines`; not those that were taken back."""
        with database.storage_errors():
            return self._rows.listens(rooms, before, limit)

    def count(self) -> int:
        """Return how many lines there are."""
        with database.storage_errors():
            return self._rows.count()

    def copy(self) -> Self:
        """Return a copy to be gone through by another thread, while lines are written here."""
        with database.storage_errors():
            return replace(self, _rows=self._rows.copy())

    def verify(self, wanted: frozenset[int] = frozenset()) -> Replay:
        """Go through all lines, and tell the heads of those wanted."""
        house = self._house()
        with database.storage_errors():
            return replay(
                self._chains(house),
                self._rows.stored(),
                self._rows.tip(),
                generation=None if house is None else house.generation,
                wanted=wanted,
            )

    def trim(self, now: Moment | None) -> int:
        """Leave out what is too old or too much, and return how many lines that were.

        Not what was found wrong with them: that is kept with the seal. None: no clock is to be
        believed, and nothing is too old.
        """
        with database.storage_errors():
            cut, house = self._cut(now), self._house()
            if cut is None or house is None:
                return 0
            chains = [it for it in self._chains(house) if it.after_seq <= cut]
            seen = replay(chains, self._rows.stored(until=cut), None, generation=house.generation)
            stays = replace(
                chains[-1],
                after_seq=cut,
                after_head=self._rows.previous(cut),
                key=_key_after(chains[-1], cut),
                broken_at=seen.broken_at,
            )
            with self._rows.transaction():
                gone = self._rows.leave_out(cut)
                self._put_chain(stays, house)
            self._rows.checkpoint()
        return gone

    def _cut(self, now: Moment | None) -> int | None:
        """Return the last line to leave out; None when it is not worth the work."""
        span = self._rows.span()
        if span is None:
            return None
        first, last = span
        cut = self._surplus(first, last)
        if now is not None:
            old = (now.wall - KEPT).timestamp() * 1000
            if self._rows.written_ms(first) < old - _MORE.total_seconds() * 1000:
                cut = max(cut, self._rows.last_before(old))
        # The last line stays, so that the log never looks as if nothing had ever been in it.
        cut = min(cut, last - 1)
        return cut if cut >= first else None

    def _surplus(self, first: int, last: int) -> int:
        """Return the last line that is too much; not of listening, as long as that is bearable."""
        if last - first <= self._kept_lines + _MORE_LINES:
            return 0
        cut, listen = last - self._kept_lines, self._rows.first_listen()
        if listen is not None:
            cut = min(cut, listen - 1)
        most = _MOST_TIMES * self._kept_lines
        return max(cut, last - most) if last - first > most + _MORE_LINES else cut

    def _house(self) -> _House | None:
        with suppress(KeyLostError):
            return _House(*keys.audit_key(self._folder))
        return None

    def _chains(self, house: _House | None) -> list[Chain]:
        chains = []
        for chain, sealed in self._rows.chains():
            key = None
            if sealed is not None and house is not None:
                with suppress(SealError):
                    key = crypto.unseal(house.key, sealed, _place(chain))
            chains.append(replace(chain, key=key))
        return chains

    def close(self) -> None:
        """Close the database."""
        self._rows.close()


def remove(folder: Path) -> None:
    """Destroy the log of a vault, the one set aside too; it must be closed."""
    with database.storage_errors():
        database.remove(folder / AUDIT)
        (folder / DAMAGED).unlink(missing_ok=True)


def _opened(folder: Path) -> Rows:
    rows = Rows.open(folder)
    with database.storage_errors():
        if rows.tip() is None and rows.span() is not None:
            rows.close()
            raise StoreDamagedError("the log does not know where it stands")
    return rows


def _set_aside(folder: Path) -> None:
    (folder / AUDIT).replace(folder / DAMAGED)
    database.remove(folder / AUDIT)
    files.sync_folder(folder)


def _key_after(chain: Chain, seq: int) -> bytes | None:
    """Return the key of the line after `seq`; what is wrong with a line does not change it."""
    key = chain.key
    if key is not None:
        for _ in range(seq - chain.after_seq):
            key = step(key)
    return key


def _place(chain: Chain) -> Place:
    key_id = f"{chain.id} {chain.after_seq} {chain.after_head.hex()} {chain.broken_at or 0}"
    return Place(purpose=Purpose.LOG_KEY, key_id=key_id)
