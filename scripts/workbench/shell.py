"""Commands that write to the set-up log, with a deadline and an error that names the remedy."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence

from .paths import SETUP_LOG


class SetupError(Exception):
    """Something cannot be had.

    `remedy` tells the user what to do about it, in one sentence.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


def run(
    command: Sequence[str],
    *,
    what: str,
    remedy: str,
    env: Mapping[str, str] | None = None,
    timeout_s: float = 900,
    must: bool = True,
) -> None:
    """Run a command, its output to the set-up log; raise SetupError when it fails or is too slow.

    With `must` false only slowness counts.
    """
    with SETUP_LOG.open("a", encoding="utf-8") as log:
        log.write(f"\n$ {' '.join(command)}\n")
        log.flush()
        start = log.tell()
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as err:
            raise SetupError(f"{what}: no end after {timeout_s:.0f} s", remedy) from err
        except OSError as err:
            raise SetupError(f"{what}: {err}", remedy) from err
    if must and done.returncode != 0:
        raise SetupError(f"{what} failed:\n{_last_lines(start)}", remedy)


def ask(command: Sequence[str], *, timeout_s: float = 30) -> str | None:
    """Return a command's standard output, or None when it fails or does not exist."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _last_lines(start: int, count: int = 12) -> str:
    with SETUP_LOG.open(encoding="utf-8", errors="replace") as log:
        log.seek(start)
        lines = [line.rstrip() for line in log if line.strip()]
    return "\n".join(f"    {line}" for line in lines[-count:])
