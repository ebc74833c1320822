"""`scripts/bench vault`: what keeping costs, and how fast the kept is found and gone."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from .vault_turns import Added, measure

SIZES: Final = (1_000, 10_000, 100_000)
_ROWS: Final = {
    "browse, 50 a page, p95": ("browse_p95_ms", "ms"),
    "browse: processor, mean": ("browse_cpu_ms", "ms"),
    "search, 50 a page, p95": ("search_p95_ms", "ms"),
    "search: processor, mean": ("search_cpu_ms", "ms"),
    "start of the vault": ("startup_s", "s"),
    "search index built, in the background": ("index_s", "s"),
    "search index in memory": ("index_mib", "MiB"),
    "memory grown, with the index": ("rss_growth_mib", "MiB"),
    "purge of everything": ("purge_s", "s"),
}


async def bench(captures: int, turns: int) -> dict[str, Any]:
    """Measure vaults up to a size, and so many turns; 0 leaves the turns out."""
    measured: dict[str, dict[str, Any]] = {}
    for size in sorted({*(it for it in SIZES if it < captures), captures}):
        _step(f"a vault of {size:,} captures")
        measured[_name(size)] = await _probe(size)
    added = None
    if turns:
        _step("turns with and without keeping")
        added = await measure(turns, _step)
    _print(measured, added)
    return _flat(measured, added)


async def _probe(size: int) -> dict[str, Any]:
    """Fill a vault and measure it, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="earshot-bench-") as folder:
        vault = str(Path(folder) / "vault")
        await _run("house.bench.vault_fill", vault, str(size))
        figures: dict[str, Any] = json.loads(await _run("house.bench.vault_probe", vault))
        return figures


async def _run(module: str, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words, stdout=asyncio.subprocess.PIPE
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise OSError(f"{module} ended with status {process.returncode}")
    return output.decode()


def _flat(measured: Mapping[str, Mapping[str, Any]], added: Added | None) -> dict[str, Any]:
    figures: dict[str, Any] = {"keep_cpu_ms": list(measured.values())[-1]["keep_cpu_ms"]}
    if added is not None:
        figures |= {
            "reply_latency_added_ms": added.median_ms,
            "reply_keeping_ms": added.keeping_ms,
            "reply_not_keeping_ms": added.not_keeping_ms,
            "reply_turns": added.turns,
        }
    for name, values in measured.items():
        for key, value in values.items():
            what, _, unit = key.rpartition("_")
            if key == "purge_s":
                figures[f"purge_{name}_s"] = value
            elif key == "startup_s":
                figures[f"startup_{name}_s"] = value
            elif unit in ("ms", "s", "mib") and key != "keep_cpu_ms":
                figures[f"{what}_{unit}_{name}"] = value
    return figures


def _print(measured: Mapping[str, Mapping[str, Any]], added: Added | None) -> None:
    print()
    _row("captures", list(measured))
    _row("---", ["---:"] * len(measured))
    for label, (key, unit) in _ROWS.items():
        _row(label, [f"{values[key]:g} {unit}" for values in measured.values()])
    _row("keeping one of 3 s: processor", [f"{it['keep_cpu_ms']} ms" for it in measured.values()])
    if added is not None:
        print(
            f"\nFrom the end of a command to the reply, median of {added.turns} turns each: "
            f"{added.keeping_ms} ms keeping, {added.not_keeping_ms} ms not keeping: "
            f"{added.median_ms:+} ms"
        )


def _row(label: str, cells: Sequence[str]) -> None:
    print("| " + " | ".join([label, *cells]) + " |")


def _name(size: int) -> str:
    return f"{size // 1_000}k" if size % 1_000 == 0 else str(size)


def _step(what: str) -> None:
    print(f"... {what}", flush=True)
