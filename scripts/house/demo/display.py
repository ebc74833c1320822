"""What the demo shows, on a terminal or in a log."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from ..turn import Order, Step, Turn

_BOLD, _DIM, _GREEN, _RED, _END = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[31m", "\x1b[0m"


class Display:
    """Prints; colours only where they are understood."""

    def __init__(self) -> None:
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._pending: list[Step] = []
        self._zero: float | None = None

    def line(self, text: str = "") -> None:
        """Print a line at once."""
        print(text, flush=True)

    def title(self, text: str) -> None:
        """Print a heading."""
        self.line(f"\n{self._paint(text, _BOLD)}")

    def note(self, text: str) -> None:
        """Print an explanation."""
        self.line(self._paint(text, _DIM))

    def verdict(self, *, good: bool, text: str) -> None:
        """Print a check with its result."""
        word = self._paint("right", _GREEN) if good else self._paint("WRONG", _RED)
        self.line(f"  {word}  {text}")

    def turn_begins(self, number: int, total: int, order: Order) -> None:
        """Announce what is said where."""
        said = f"Hey Jarvis, {order.command}"
        where = f"{order.room.capitalize()}, voice {order.voice}"
        self.title(f"{number}/{total}  {where}: “{said}”")

    def step(self, step: Step, zero: float) -> None:
        """Print a step, its time in milliseconds from the end of speech."""
        at = f"{round(1000 * (step.at - zero)):+,d} ms"
        self.line(f"  {at:>10}  {step.what:<11} {step.detail}")

    def turn_ends(self, turn: Turn) -> None:
        """Say whether it was right, and if not, at which stage it went wrong."""
        self.verdict(good=turn.right, text=turn.faults or _summary(turn))

    def table(self, turns: Sequence[Turn]) -> None:
        """Print one row for each turn."""
        self.title("Milliseconds from the end of speech")
        head = ("room", "voice", "said", "transcript", "action", "reply", "")
        rows = [
            (
                turn.order.room,
                turn.order.voice,
                turn.order.command,
                _ms(turn, turn.run.transcript_at if turn.run else None),
                _ms(turn, turn.action),
                _ms(turn, turn.reply),
                "right" if turn.right else "WRONG",
            )
            for turn in turns
        ]
        widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
        for row in (head, *rows):
            cells = [
                cell.rjust(width) if 3 <= at <= 5 else cell.ljust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            text = "  " + "  ".join(cells).rstrip()
            self.line(self._paint(text, _DIM) if row is head else text)

    def _paint(self, text: str, code: str) -> str:
        return f"{code}{text}{_END}" if self._colour else text


def _ms(turn: Turn, at: float | None) -> str:
    return "-" if at is None else f"{round(1000 * (at - turn.speech_end))}"


def _summary(turn: Turn) -> str:
    if not turn.order.outcome:
        return "nothing happened, as it should"
    parts = [turn.outcome.replace("_", " ")]
    with suppress(KeyError, TypeError, ValueError):
        parts.append(f"wake score {float(turn.figures['score']):.2f}")
        parts.append(f"{float(turn.figures['snr_db']):.0f} dB over the noise")
    return ", ".join(parts)
