"""Going through the log again: does every line prove itself, and does none lack."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from .line import Line, authenticate, head, step

GENERATION = 16
"""Digits of a chain's name that are those of the house key it was made under."""


@dataclass(frozen=True)
class Chain:
    """A chain of keys, from the line after `after_seq` on."""

    id: str
    after_seq: int
    after_head: bytes
    key: bytes | None = field(repr=False)
    """Of the line `after_seq + 1`; None when the house key that sealed it is no more."""

    broken_at: int | None = None
    """A line that was found broken among those that have been left out since."""

    @property
    def generation(self) -> str:
        """Which house key it was made under."""
        return self.id[:GENERATION]


@dataclass(frozen=True)
class Stored:
    """A line as it lies there."""

    line: Line | None
    """None when it says what no line says."""

    seq: int
    chain: str
    previous: bytes
    proof: bytes


@dataclass(frozen=True)
class Tip:
    """Where the log stands."""

    chain: str
    seq: int
    head: bytes
    key: bytes = field(repr=False)
    """Of the line after `seq`."""


@dataclass(frozen=True)
class Replay:
    """What was found."""

    chains: tuple[Chain, ...]
    first: int
    """The first line there is; one more than `last` when there is none."""

    last: int
    broken_at: int | None
    """The first line that is not what it was, or that says that lines before it were lost."""

    unkeyed: int
    """Lines whose keys are lost: only the heads after them speak for them."""

    heads: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    """Chain and head of the lines that were asked for."""


def replay(
    chains: Iterable[Chain],
    lines: Iterable[Stored],
    tip: Tip | None,
    *,
    generation: str | None,
    wanted: frozenset[int] = frozenset(),
) -> Replay:
    """Go through the log.

    `chains` in their order; `tip` None where only a part is looked at; `generation` of the house
    key there is, under which no chain can have lost its key.
    """
    known = tuple(chains)
    if not known:
        return Replay((), 1, 0, None if tip is None else 1, 0)
    waiting = list(known[1:])
    chain = known[0]
    seq, at_head, key = chain.after_seq, chain.after_head, chain.key
    broken = [it.broken_at for it in known if it.broken_at is not None]
    broken += [it.after_seq + 1 for it in known if it.key is None and it.generation == generation]
    heads: dict[int, tuple[str, bytes]] = {}
    unkeyed = 0
    for stored in lines:
        if waiting and waiting[0].after_seq == seq:
            chain = waiting.pop(0)
            key = chain.key
        if (
            stored.line is None
            or stored.seq != seq + 1
            or stored.chain != chain.id
            or (chain.after_seq == seq and chain.after_head != at_head)
            or not hmac.compare_digest(stored.previous, at_head)
        ):
            broken.append(seq + 1)
            break
        body = stored.line.body(at_head)
        if key is None:
            unkeyed += 1
        elif hmac.compare_digest(authenticate(key, body), stored.proof):
            key = step(key)
        else:
            broken.append(seq + 1)
            break
        seq, at_head = stored.seq, head(body, stored.proof)
        if stored.line.tells_of_loss and chain.generation == generation:
            broken.append(seq)
        if seq in wanted:
            heads[seq] = (chain.id, at_head)
    else:
        if waiting and waiting[0].after_seq == seq:
            chain = waiting.pop(0)
            key = chain.key
        here = Tip(chain.id, seq, at_head, key or b"")
        if tip is not None and (waiting or not _same(tip, here)):
            broken.append(seq + 1)
    return Replay(
        known,
        known[0].after_seq + 1,
        seq,
        min(broken) if broken else None,
        unkeyed,
        heads,
    )


def _same(tip: Tip, here: Tip) -> bool:
    """Return whether the log ends where its tip says; a line that was cut off shows here."""
    return (tip.chain, tip.seq, tip.head) == (here.chain, here.seq, here.head) and (
        not here.key or hmac.compare_digest(tip.key, here.key)
    )
