"""Node and the packages that build and check the cards."""

from __future__ import annotations

import shutil

from . import stamps
from .paths import CARD, STATE
from .shell import SetupError, ask, run

MINIMUM = 18
"""esbuild 0.28 needs it, and Debian 12 has it."""

_REGISTRY = (
    "Check that this machine reaches its npm registry (proxy, certificates) and has disk space; "
    ".earshot/setup.log has the details."
)
_MODULES = CARD / "node_modules"


def missing() -> list[str]:
    """Name the Debian packages that are needed: none where node, npm or Chromium came otherwise."""
    wanted = {"nodejs": "node", "npm": "npm", "chromium": "chromium"}
    return [package for package, program in wanted.items() if shutil.which(program) is None]


def install() -> None:
    """Put exactly what card/package-lock.json says into card/node_modules."""
    version = ask(["node", "--version"]) or ""
    number = version.removeprefix("v").partition(".")[0]
    if not number.isdigit() or int(number) < MINIMUM:
        raise SetupError(
            f"node is {version.strip() or 'missing'}", f"Install Node.js {MINIMUM} or newer."
        )
    lock = CARD / "package-lock.json"
    wanted = stamps.key(lock, version)
    if stamps.fresh("card", wanted, [_MODULES]):
        return
    stamps.clear("card")
    run(
        [
            *("npm", "ci", "--prefix", str(CARD), "--no-audit", "--no-fund", "--ignore-scripts"),
            *("--cache", str(STATE / "npm")),
        ],
        what="installing card/package-lock.json",
        remedy=_REGISTRY,
    )
    stamps.write("card", wanted)


def build() -> None:
    """Build the cards into the integration."""
    run(
        ["node", str(CARD / "build.mjs")],
        what="building the cards",
        remedy="See .earshot/setup.log.",
        timeout_s=120,
    )
