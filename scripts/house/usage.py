"""CPU time and memory of a program with all its children, living and ended, from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """Of a whole process tree."""

    cpu_s: float
    pss_mib: float
    """Proportional set size: what would be free if it were not there."""

    rss_mib: float


def usage(pid: int) -> Usage:
    """Measure a tree now; processes that vanish meanwhile count nothing."""
    cpu = pss = rss = 0.0
    for each in tree(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            memory = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue
        # Its own, and that of children it waited for: a program that asks others pays for them.
        cpu += sum(int(field) for field in fields[11:15]) / _TICKS
        pss += _field(memory, "Pss:")
        rss += _field(memory, "Rss:")
    return Usage(cpu, pss, rss)


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def _field(memory: str, name: str) -> float:
    for line in memory.splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0
