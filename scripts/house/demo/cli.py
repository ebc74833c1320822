"""`scripts/demo`: Earshot in a virtual house, from nothing to a spoken answer."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path
from socket import gethostname

from ..client import HomeError
from ..home import PASSWORD, USER
from ..house import BEDROOM, KITCHEN, House, open_house
from ..ports import HOST
from ..process import ChildError
from .display import Display
from .live import Live
from .script import Demo

_PARTS = """
A real Home Assistant with the Earshot integration, the speech service, and two rooms, each a real
satellite with its own microphone and loudspeaker on a private sound server. All on this machine.
The voices that speak the commands are synthetic (flite): they show that the parts work together,
not how well it understands people."""


def main() -> int:
    """Run the demo; return its exit status."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="leave after the table")
    parser.add_argument(
        "--mic",
        action="store_true",
        help="the kitchen uses this machine's own microphone and loudspeaker",
    )
    parser.add_argument("--logs", type=Path, help="copy the programs' logs there at the end")
    options = parser.parse_args()
    display = Display()
    try:
        return asyncio.run(_demo(display, options))
    except KeyboardInterrupt:
        display.line("\nEverything is stopped and removed.")
        return 130
    except asyncio.CancelledError:
        return 143
    except (ChildError, HomeError, OSError, TimeoutError) as err:
        print(f"\nThe demo stopped: {err or type(err).__name__}", file=sys.stderr)
        return 1


async def _demo(display: Display, options: argparse.Namespace) -> int:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    display.title("Earshot in a virtual house")
    display.note(_PARTS.strip())
    display.line()
    started = time.monotonic()

    def step(what: str) -> None:
        display.line(f"  {time.monotonic() - started:5.1f} s  {what}")

    mic: bool = options.mic
    async with open_house(
        (BEDROOM,) if mic else (KITCHEN, BEDROOM),
        step=step,
        real_room=KITCHEN if mic else None,
        known_ports=True,
        logs=options.logs,
    ) as house:
        step("ready")
        if mic:
            await _tell_problems(house, display)
        demo = Demo(house, display, skip="kitchen" if mic else "")
        await demo.run()
        display.verdict(good=demo.all_right, text=f"{demo.count_right} of {len(demo.turns)} turns")
        if not options.once:
            await _stay(house, display, mic=mic)
        return 0 if demo.all_right else 1


async def _stay(house: House, display: Display, *, mic: bool) -> None:
    display.title("Home Assistant is yours")
    display.line(f"  {house.home.base}    user {USER}    password {PASSWORD}")
    display.note(
        "  Only this machine reaches that address. From another one, first run there:\n"
        f"  ssh -L {house.home.port}:{HOST}:{house.home.port} {gethostname()}"
    )
    if mic:
        display.line(
            "  Say “Hey Jarvis, turn on the kitchen light” into this machine's microphone."
        )
    display.line("  Ctrl-C ends it and removes everything.")
    await Live(house, display).run()


async def _tell_problems(house: House, display: Display) -> None:
    """Say what is wrong with the machine's own microphone and loudspeaker, if anything is."""
    state = await house.client.state(house.entities[KITCHEN.key]["problem"])
    for problem in state["attributes"].get("problems", []) if state else []:
        display.verdict(good=False, text=f"the kitchen's satellite says {problem}")
        display.note("         .venv/room/bin/earshot-satellite doctor says what helps.")
