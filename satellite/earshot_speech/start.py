"""The command's entry: says what is missing where only the satellite was installed."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line."""
    try:
        from .cli import main as run  # noqa: PLC0415
    except ModuleNotFoundError as err:
        print(
            f"earshot-speech: {err.name} is not installed:"
            ' install the package with its speech part, as "./satellite[speech]"',
            file=sys.stderr,
        )
        return 2
    return run()
