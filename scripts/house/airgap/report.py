"""What was seen, laid out for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .verdict import Finding, Kind
from .watch import Watched

_MOST = 10


def lines(watched: Watched) -> Iterator[str]:
    """Yield the report of one run."""
    counts = Counter(
        (finding.program, finding.kind, finding.where, finding.why) for finding in watched.findings
    )
    width = max((len(program) for program, *_ in counts), default=0)
    for (program, kind, where, why), count in sorted(counts.items()):
        mark = " " if kind in _QUIET else "·" if kind is Kind.CORE else "!"
        yield f"  {mark} {program:<{width}}  {count:>5} x  {where} ({why})"
    for question in watched.asked[:_MOST]:
        yield f"  ! the sink was asked: {question}"
    for finding in watched.left[:_MOST]:
        yield f"      {finding.text[:160]}"
    yield f"  {_verdict(watched)}"


_QUIET = {Kind.MACHINE, Kind.KERNEL, Kind.NEIGHBOURS}


def _verdict(watched: Watched) -> str:
    seen = f"{len(watched.findings)} calls of {watched.programs} programs"
    if watched.clean:
        return f"CLEAN: {seen}, none of them outside, no name looked up"
    reasons = []
    if watched.left:
        reasons.append(_left(watched.left))
    if watched.asked and not watched.left:
        reasons.append("the sink was asked what no trace shows")
    if watched.status:
        reasons.append(f"the house did not do what it should (status {watched.status})")
    if not watched.findings:
        reasons.append("nothing was traced")
    return f"NOT CLEAN: {'; '.join(reasons)} ({seen})"


def _left(left: list[Finding]) -> str:
    kinds = Counter(finding.kind for finding in left)
    return ", ".join(f"{count} x {kind}" for kind, count in kinds.items())
