"""What may be said of the log once it was gone through and the witnesses were asked.

A witness that nobody knows to be a satellite of ours proves nothing, in either direction: anybody
could be at the other end of a link that is not paired. What it says is told apart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

type Claims = Iterable[tuple[str, int, bytes]]
"""What a witness remembers: chain, number and head of lines. It is gone through more than once."""


@dataclass(frozen=True)
class Testimony:
    """What one satellite answered."""

    room_id: str
    paired: bool
    claims: Claims = field(repr=False)


@dataclass(frozen=True)
class Found:
    """The log as it lies there."""

    first: int
    """The first line there is; what was before it was left out because of its age."""

    last: int
    """The last line that was found good; so many there are at least."""

    lines: int
    broken_at: int | None
    unkeyed: int
    chains: frozenset[str]
    generation: str
    """What the names of all chains begin with that were made under today's house key."""

    heads: Mapping[int, tuple[str, bytes]] = field(repr=False)
    """Chain and head of the lines that witnesses speak of."""


@dataclass(frozen=True)
class AuditVerdict:
    """What is known of the log."""

    state: Literal["verified", "consistent", "broken"]
    """`consistent`: it fits itself, and nobody else vouches for it."""

    witnesses: int
    """Paired satellites that remember all of it, and nothing else."""

    unpaired_witnesses: int
    """The same of satellites that are not paired. They do not count."""

    disputed_by: int
    """Satellites that are not paired and remember something else. They do not count either."""

    broken_at: int | None
    """The first line that is not what it was, or is not there."""

    lines: int
    unkeyed: int
    """Lines whose keys went with an older house key: only later lines and witnesses hold them."""


def judge(found: Found, testimonies: Iterable[Testimony], asked_at: int) -> AuditVerdict:
    """Return the verdict; `asked_at` is the last line there was when the witnesses were asked."""
    breaks = [] if found.broken_at is None else [found.broken_at]
    vouching = {True: 0, False: 0}
    disputed_by = 0
    for testimony in testimonies:
        contradicted = [
            line
            for chain, seq, head in testimony.claims
            if (line := _contradicted(found, chain, seq, head)) is not None
        ]
        if contradicted and testimony.paired:
            breaks.append(min(contradicted))
        elif contradicted:
            disputed_by += 1
        elif _remembers(found, testimony.claims, asked_at):
            vouching[testimony.paired] += 1
    if breaks:
        state: Literal["verified", "consistent", "broken"] = "broken"
    else:
        state = "verified" if vouching[True] else "consistent"
    return AuditVerdict(
        state=state,
        witnesses=vouching[True],
        unpaired_witnesses=vouching[False],
        disputed_by=disputed_by,
        broken_at=min(breaks) if breaks else None,
        lines=found.lines,
        unkeyed=found.unkeyed,
    )


def _contradicted(found: Found, chain: str, seq: int, head: bytes) -> int | None:
    """Return the line that is not what a witness remembers; None when it says nothing against."""
    if chain not in found.chains:
        # Under today's house key the vault was there all the time: then the log was taken away.
        # Under another one it went together with all that was kept, which is told in the log.
        return found.first if chain.startswith(found.generation) else None
    if seq < found.first:
        return None
    if seq > found.last:
        return found.last + 1
    return None if found.heads.get(seq) == (chain, head) else seq


def _remembers(found: Found, claims: Claims, asked_at: int) -> bool:
    """Whether a witness that nothing speaks against knows the log as it was when it was asked."""
    return asked_at > 0 and any(
        seq >= max(asked_at, found.first) for chain, seq, _ in claims if chain in found.chains
    )
