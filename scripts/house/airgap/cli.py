"""`scripts/airgap`: nothing leaves the house, proved on this machine."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from dataclasses import dataclass

from ..workspace import workspace
from .namespace import NamespaceError
from .report import lines
from .watch import watch

_WHAT = """
A real house (Home Assistant, satellite, speech service, sound server) in a network of its own,
every program and every child of it traced. “!” is a call that leaves the house or looks up a name,
“·” is Home Assistant's own and explained. Synthetic voices."""


@dataclass(frozen=True)
class Run:
    """One of the runs."""

    scene: str
    title: str
    sink: bool


RUNS = (
    Run("command", "A spoken command, in a network without a way out", sink=False),
    Run(
        "day",
        "Pairing, failures and 25 idle hours, with an internet that answers everything",
        sink=True,
    ),
)


def main() -> int:
    """Make both runs; return 0 only when both are clean."""
    argparse.ArgumentParser(prog="scripts/airgap", description=__doc__).parse_args()
    try:
        return asyncio.run(_main())
    except KeyboardInterrupt:
        print("\nEverything is stopped and removed.")
        return 130
    except asyncio.CancelledError:
        return 143
    except NamespaceError as err:
        print(f"\nThe air gap cannot be tested: {err}.\n  {err.remedy}", file=sys.stderr)
    except (OSError, TimeoutError, ValueError) as err:
        print(f"\nThe air gap cannot be tested: {err or type(err).__name__}", file=sys.stderr)
    return 2


async def _main() -> int:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    print(_WHAT.strip())
    good = True
    for run in RUNS:
        print(f"\n{run.title}", flush=True)
        began = time.monotonic()
        with workspace() as folder:
            scene = [sys.executable, "-m", "house.airgap.scenes", run.scene, str(folder)]
            watched = await watch(scene, folder, sink=run.sink)
        for line in lines(watched):
            print(line)
        print(f"  {time.monotonic() - began:.0f} s", flush=True)
        good = good and watched.clean
    return 0 if good else 1
