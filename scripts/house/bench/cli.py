"""Measure the virtual house.

`satellite`: one satellite by itself, what it costs and how quick it is. `turn`: 30 spoken turns
through the house, and two faults. `vault`: what keeping costs, and how fast what is kept is found
and gone, up to 100,000 captures. `speech`: which sentences are obeyed, and which of them should
not be. `card`: the card that shows what is kept, in a browser.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..captures import read_captures
from ..client import HomeError
from ..house import BEDROOM, KITCHEN, House, open_house
from ..process import Child, ChildError
from ..turn import Order, Turn, Witness
from ..usage import usage
from .card import bench as card_bench
from .faults import kill_to_command, restart_home
from .figures import Measured, pair
from .orders import orders
from .report import figures_of, print_report
from .satellite import bench as satellite_bench
from .speech import bench as speech_bench
from .vault import SIZES
from .vault import bench as vault_bench

_BETWEEN_S = 1.0
_TURNS = 30
_VAULT_TURNS = 15
_IDLE_S = 30.0
_FAULTS = 3


def main() -> int:
    """Run the bench; the exit status says whether it could be measured, not whether it is good."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("what", choices=["satellite", "turn", "vault", "speech", "card"])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--turns", type=int, help=argparse.SUPPRESS)
    parser.add_argument(
        "--captures",
        type=int,
        default=SIZES[-1],
        metavar="N",
        help="vault: up to so many; card: that many",
    )
    parser.add_argument(
        "--half",
        choices=["fresh", "held_out", "tuned"],
        default="fresh",
        help="speech: set of sentences and voices; the bars were chosen on the tuned ones",
    )
    parser.add_argument(
        "--share", type=int, default=1, metavar="N", help="speech: take every N-th clip only"
    )
    parser.add_argument(
        "--seconds", type=float, default=120.0, metavar="S", help="satellite: of each CPU figure"
    )
    parser.add_argument(
        "--hours", type=int, default=24, metavar="N", help="satellite: of the simulated day"
    )
    parser.add_argument("--logs", type=Path, help="copy the programs' logs there at the end")
    options = parser.parse_args()
    try:
        if options.what == "vault":
            turns = _VAULT_TURNS if options.turns is None else options.turns
            figures = asyncio.run(vault_bench(options.captures, turns))
            if options.json is not None:
                _write(options.json, figures)
        elif options.what == "speech":
            figures = asyncio.run(speech_bench(options.half, max(1, options.share)))
            if options.json is not None:
                _write(options.json, figures)
        elif options.what == "satellite":
            figures = asyncio.run(satellite_bench(options.seconds, options.hours))
            if options.json is not None:
                _write(options.json, figures)
        elif options.what == "card":
            figures = asyncio.run(card_bench(options.captures, _step, options.logs))
            if options.json is not None:
                _write(options.json, figures)
        else:
            asyncio.run(_bench(options.json, options.turns or _TURNS, options.logs))
    except KeyboardInterrupt:
        return 130
    except asyncio.CancelledError:
        return 143
    except (ChildError, HomeError, OSError, TimeoutError) as err:
        print(f"\nThe bench stopped: {err or type(err).__name__}", file=sys.stderr)
        return 1
    return 0


async def _bench(file: Path | None, count: int, logs: Path | None) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    # Both rooms keep their captures for a day: the vault has the very samples that were recognised.
    plans = (KITCHEN, replace(BEDROOM, kind="other", audio="1_day", transcript="1_day"))
    async with open_house(plans, step=_step, logs=logs) as house:
        idle = await _watch(house, asyncio.sleep(_IDLE_S))
        turns: list[Turn] = []
        busy = await _watch(house, _speak(house, orders()[:count], turns))
        extra: dict[str, Any] = {"idle": idle, "talking": busy}
        extra |= await _faults(house)
        ids = {key: room.entry_id for key, room in house.rooms.items()}
        await house.home.stop()
        measured = pair(turns, await read_captures(house.home.config), ids)
    _report(measured, extra, file)


def _step(what: str) -> None:
    print(f"... {what}", flush=True)


async def _speak(house: House, said: Sequence[Order], turns: list[Turn]) -> None:
    for number, order in enumerate(said, 1):
        for entity, state in order.expect.items():
            await _prepare(house, entity, "off" if state == "on" else "on")
        spoken = await house.voices.order(order.command, order.voice, pause_s=order.pause_s)
        turn = await Witness(house, house.rooms[order.room]).order(order, spoken)
        turns.append(turn)
        verdict = turn.faults or "right"
        print(
            f"{number:3}/{len(said)}  {order.room:<8} {order.voice:<6} {order.command:<32} "
            f"{verdict}",
            flush=True,
        )
        await asyncio.sleep(_BETWEEN_S)


async def _faults(house: House) -> dict[str, float]:
    """Return the worst of several tries of each fault, in seconds."""
    worst: dict[str, float] = {}
    for number in range(1, _FAULTS + 1):
        _step(f"kill -9 of a satellite, started again after 1 s ({number}/{_FAULTS})")
        seconds = {"kill_to_command_s": await kill_to_command(house)}
        _step(f"restart of Home Assistant ({number}/{_FAULTS})")
        seconds |= await restart_home(house)
        print(
            f"    {', '.join(f'{key} {value:.2f}' for key, value in seconds.items())}", flush=True
        )
        worst = {key: max(worst.get(key, 0), value) for key, value in seconds.items()}
        await asyncio.sleep(_BETWEEN_S)
    return {key: round(value, 2) for key, value in worst.items()}


async def _prepare(house: House, entity: str, state: str) -> None:
    """See that the order has something to change."""
    await house.client.call(f"{entity.partition('.')[0]}.turn_{state}", entity)
    await house.client.wait_state(entity, state, 5)


async def _watch(house: House, body: Any) -> dict[str, dict[str, float]]:
    """Return CPU seconds an hour and memory of each program while the body runs."""
    children: dict[str, Child] = {"home": house.home.child, "speech": house.speech.child}
    children |= {f"satellite_{key}": room.satellite for key, room in house.rooms.items()}
    before = {name: usage(child.pid) for name, child in children.items()}
    started = time.monotonic()
    await body
    hours = (time.monotonic() - started) / 3600
    after = {name: usage(child.pid) for name, child in children.items()}
    return {
        name: {
            "cpu_s_per_h": round((after[name].cpu_s - before[name].cpu_s) / hours),
            "pss_mib": round(after[name].pss_mib),
            "rss_mib": round(after[name].rss_mib),
        }
        for name in children
    }


def _report(measured: list[Measured], extra: dict[str, Any], file: Path | None) -> None:
    figures = figures_of(measured)
    print_report(measured, figures, extra)
    if file is not None:
        usages = {
            f"{when}_{name}_{key}": value
            for when in ("idle", "talking")
            for name, values in extra.pop(when).items()
            for key, value in values.items()
        }
        _write(file, figures | extra | usages)


def _write(file: Path, figures: dict[str, Any]) -> None:
    file.write_text(json.dumps(figures, indent=2) + "\n")
    print(f"\nWritten to {file}")
