"""What the satellite counts of itself, for whoever asks over the local socket. Nothing is kept.

While it is muted it tells nothing that came from sound, not even how often it was woken before.
"""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LATENCIES = {
    ("asking", "listening"): "wake_to_grant_ms",
    ("processing", "responding"): "command_to_reply_ms",
}
_LAST = 200
"""Latencies that are looked back on."""

_FROM_SOUND = frozenset({"wakes", "frames", "overruns", *_LATENCIES.values()})


@dataclass(frozen=True)
class Process:
    """What a process uses."""

    rss_bytes: int
    cpu_s: float


class Metrics:
    """Counters since the start, and the latest latencies."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._counts: Counter[str] = Counter()
        self._latencies: dict[str, deque[float]] = {
            name: deque(maxlen=_LAST) for name in _LATENCIES.values()
        }
        self._state = ("idle", self._started)
        self._linked = False

    def count(self, name: str) -> None:
        """Count one more of something."""
        self._counts[name] += 1

    def session(self, state: str, *, linked: bool) -> None:
        """Note what the session does now."""
        before, since = self._state
        now = self._clock()
        if state != before:
            if (name := _LATENCIES.get((before, state))) is not None:
                self._latencies[name].append((now - since) * 1_000)
            self._state = (state, now)
        if linked and not self._linked:
            self._counts["links"] += 1
        self._linked = linked

    def now(self, *, muted: bool, ear: int | None, heard: Mapping[str, int]) -> dict[str, Any]:
        """Return all of it. `heard` are the ear's own counters, `ear` its process."""
        told: dict[str, Any] = {
            "uptime_s": round(self._clock() - self._started, 1),
            "linked": int(self._linked),
            "muted": int(muted),
            **{name: self._counts[name] for name in ("wakes", "ears_lost", "links", "receipts")},
            **heard,
        }
        for name, values in self._latencies.items():
            told[name] = _quantiles(values)
        for name, pid in (("body", os.getpid()), ("ear", ear)):
            used = process(pid) if pid is not None else Process(0, 0.0)
            told[f"{name}_rss_bytes"] = used.rss_bytes
            told[f"{name}_cpu_s"] = used.cpu_s
        return {k: v for k, v in told.items() if not (muted and k in _FROM_SOUND)}


def process(pid: int, proc: Path = Path("/proc")) -> Process:
    """Return what a process uses; nothing of one that is gone."""
    try:
        pages = int((proc / str(pid) / "statm").read_text().split()[1])
        # The name before them is in brackets, and may hold anything.
        times = (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()[11:13]
    except (OSError, ValueError, IndexError):
        return Process(0, 0.0)
    ticks = sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
    return Process(pages * os.sysconf("SC_PAGE_SIZE"), round(ticks, 2))


def prometheus(told: Mapping[str, Any]) -> str:
    """Return metrics in the text format of Prometheus 0.0.4."""
    lines = []
    for name, value in told.items():
        metric = f"earshot_satellite_{name}"
        if isinstance(value, Mapping):
            lines.append(f"# TYPE {metric} summary")
            lines += [f'{metric}{{quantile="{q}"}} {value[key]}' for key, q in _QUANTILES.items()]
            lines.append(f"{metric}_count {value['count']}")
            continue
        counts = name in {"wakes", "ears_lost", "links", "receipts", "frames", "overruns"}
        lines.append(
            f"# TYPE {metric} {'counter' if counts or name.endswith('cpu_s') else 'gauge'}"
        )
        lines.append(f"{metric} {value}")
    return "\n".join(lines) + "\n"


_QUANTILES = {"p50": "0.5", "p95": "0.95"}


def _quantiles(values: deque[float]) -> dict[str, float]:
    ordered = sorted(values)
    if not ordered:
        return {"count": 0, "p50": 0.0, "p95": 0.0}
    return {
        "count": len(ordered),
        "p50": round(ordered[(len(ordered) - 1) // 2], 1),
        "p95": round(ordered[int((len(ordered) - 1) * 0.95)], 1),
    }
