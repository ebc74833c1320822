"""The two virtual environments, from pinned and hashed requirements."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from . import stamps
from .paths import ROOT, STATE, VENVS
from .shell import run

UV = STATE / "uv" / "bin" / "uv"
REQUIREMENTS = ROOT / "requirements"

_REGISTRY = (
    "Check that this machine reaches its Python package registry (proxy, certificates) and has "
    "disk space; .earshot/setup.log has the details."
)
_AS_IS = ["--no-deps", "--no-build-isolation"]
_TEMPORARY = STATE / "tmp"
_UV_ENV = {
    "UV_NATIVE_TLS": "1",
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_NO_PROGRESS": "1",
    # It leaves an empty lock file there for each package that it builds.
    "TMPDIR": str(_TEMPORARY),
}


def install_uv() -> None:
    """Put uv, the package installer, into a private environment."""
    pins = REQUIREMENTS / "uv.txt"
    wanted = stamps.key(pins, sys.executable)
    if stamps.fresh("uv", wanted, [UV]):
        return
    stamps.clear("uv")
    folder = STATE / "uv"
    shutil.rmtree(folder, ignore_errors=True)
    run(
        [sys.executable, "-m", "venv", str(folder)],
        what="making a virtual environment",
        remedy="Install python3-venv, or check the disk space.",
    )
    run(
        [str(folder / "bin" / "pip"), "install", "-q", "--require-hashes", "-r", str(pins)],
        what="installing uv",
        remedy=_REGISTRY,
    )
    stamps.write("uv", wanted)


def build(name: str, python: Path, editable: Path | None = None) -> None:
    """Make environment `name` hold exactly what requirements/<name>.txt says.

    `editable` is a package of this repository to install beside it, when it exists.
    """
    pins = REQUIREMENTS / f"{name}.txt"
    folder = VENVS / name
    project = editable / "pyproject.toml" if editable else None
    ours = [project] if project and project.exists() else []
    wanted = stamps.key(str(python), pins, *ours)
    if stamps.fresh(name, wanted, [folder / "bin" / "python"]):
        return
    stamps.clear(name)
    _TEMPORARY.mkdir(exist_ok=True)
    made = stamps.key(str(python))
    if not stamps.fresh(f"{name}.venv", made, [folder / "bin" / "python"]):
        run(
            [str(UV), "venv", "--clear", "--no-project", "--python", str(python), str(folder)],
            what=f"making .venv/{name}",
            remedy="Check the disk space.",
            env=_UV_ENV,
        )
        stamps.write(f"{name}.venv", made)
    target = ["--python", str(folder / "bin" / "python")]
    run(
        [str(UV), "pip", "sync", *target, "--require-hashes", str(pins)],
        what=f"installing requirements/{name}.txt",
        remedy=_REGISTRY,
        env=_UV_ENV,
        timeout_s=1200,
    )
    if ours:
        run(
            [str(UV), "pip", "install", *target, *_AS_IS, "--editable", str(editable)],
            what=f"installing {editable}",
            remedy=_REGISTRY,
            env=_UV_ENV,
        )
    stamps.write(name, wanted)
