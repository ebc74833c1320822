"""Set up, then become a module of the virtual house."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from . import setup
from .paths import HOME_PYTHON, ROOT


def launch(module: str) -> NoReturn:
    """Run `python -m module` with this process's arguments in the home environment."""
    if not {"-h", "--help"}.isdisjoint(sys.argv[1:]):
        if not HOME_PYTHON.exists():
            print(f"{sys.modules['__main__'].__doc__}\nscripts/setup first: then --help says more.")
            sys.exit(0)
    elif status := setup.main(quiet=True):
        sys.exit(status)
    # Else every start of Home Assistant compiles it anew, which takes longer than all the rest.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "scripts"), str(ROOT)])
    os.execv(  # noqa: S606 - the environment's Python takes our place
        HOME_PYTHON, [str(HOME_PYTHON), "-m", module, *sys.argv[1:]]
    )
