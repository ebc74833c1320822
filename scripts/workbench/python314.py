"""Find or fetch the Python that Home Assistant 2026.11 needs.

In this order: one on PATH; one that uv downloads; on Debian, the next release's own packages
unpacked into a folder of ours, for machines that reach nothing but package mirrors.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from .paths import STATE
from .shell import SetupError, ask, run

MINIMUM = (3, 14, 2)
"""homeassistant 2026.11.0 requires it."""

_SUITE = "forky"  # the first Debian release with Python 3.14
_PROBE = (
    "import sys, sysconfig, pathlib;"
    "print(*sys.version_info[:3]);"
    "print((pathlib.Path(sysconfig.get_path('include')) / 'Python.h').exists())"
)
_REMEDY = (
    "Install Python 3.14.2 or newer with its headers (python3.14-dev), so that `python3.14` is on "
    "PATH, and run this again."
)


def good(python: str | Path) -> bool:
    """Tell whether this interpreter runs, is new enough, and can build extensions."""
    answer = ask([str(python), "-c", _PROBE])
    if answer is None:
        return False
    version, headers = answer.splitlines()
    numbers = tuple(int(part) for part in version.split())
    return numbers[:2] == MINIMUM[:2] and numbers >= MINIMUM and headers == "True"


def find_or_fetch(uv: Path) -> Path:
    """Return the path of a fitting interpreter."""
    on_path = shutil.which("python3.14")
    for candidate in (sys.executable, on_path, *_ours()):
        if candidate and good(candidate):
            return Path(candidate)
    try:
        _from_uv(uv)
    except SetupError as no_download:
        try:
            _from_debian()
        except SetupError as no_package:
            raise SetupError(
                f"no Python 3.14: {no_download}\n  and from Debian: {no_package}", _REMEDY
            ) from no_package
    for candidate in _ours():
        if good(candidate):
            return candidate
    raise SetupError("the Python 3.14 that was fetched does not run", _REMEDY)


def _ours() -> list[Path]:
    return [
        *sorted((STATE / "uv-python").glob("cpython-3.14*/bin/python3.14")),
        STATE / "python3.14" / "usr" / "bin" / "python3.14",
    ]


def _from_uv(uv: Path) -> None:
    run(
        [str(uv), "python", "install", "--no-bin", "3.14"],
        what="downloading Python 3.14 with uv",
        remedy=_REMEDY,
        env={
            "UV_PYTHON_INSTALL_DIR": str(STATE / "uv-python"),
            "UV_HTTP_CONNECT_TIMEOUT": "10",
            "UV_HTTP_RETRIES": "0",
            "UV_NATIVE_TLS": "1",
        },
        timeout_s=300,
    )


def _from_debian() -> None:
    """Unpack the next Debian's Python beside the system, with its own loader and C library."""
    final = STATE / "python3.14"
    work = STATE / "python3.14.partial"
    shutil.rmtree(work, ignore_errors=True)
    tree = work / "tree"
    tree.mkdir(parents=True)
    for package in _download(work):
        run(
            ["dpkg", "-x", str(package), str(tree)],
            what=f"unpacking {package.name}",
            remedy=_REMEDY,
        )
    loaders = sorted(tree.glob("usr/lib/*-linux-gnu*/ld-linux-*.so.*"))
    if not loaders:
        raise SetupError("the unpacked packages hold no program loader", _REMEDY)
    library = loaders[0].parent
    triplet = library.name
    run(
        [
            "patchelf",
            "--set-interpreter",
            str(final / loaders[0].relative_to(tree)),
            "--force-rpath",
            "--set-rpath",
            str(final / library.relative_to(tree)),
            str(tree / "usr" / "bin" / "python3.14"),
        ],
        what="patchelf",
        remedy="Install patchelf.",
    )
    include = tree / "usr" / "include"
    nested = include / "python3.14" / triplet
    nested.mkdir(parents=True, exist_ok=True)
    (nested / "python3.14").symlink_to(final / "usr" / "include" / triplet / "python3.14")
    shutil.rmtree(final, ignore_errors=True)
    tree.rename(final)
    shutil.rmtree(work, ignore_errors=True)


def _download(work: Path) -> list[Path]:
    """Fetch the packages through a private apt, so that the system's own lists stay as they are."""
    state, cache = work / "state", work / "cache"
    for folder in (state / "lists" / "partial", cache / "archives" / "partial"):
        folder.mkdir(parents=True)
    (state / "status").touch()
    sources = work / "sources.list"
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    if not keyring.exists():
        raise SetupError("the Debian archive keyring is missing", "Install debian-archive-keyring.")
    found = mirrors()
    if not found:
        raise SetupError("apt knows no Debian mirror", _REMEDY)
    options = [
        *("-o", f"Dir::State={state}"),
        *("-o", f"Dir::State::status={state / 'status'}"),
        *("-o", f"Dir::Cache={cache}"),
        *("-o", f"Dir::Etc::sourcelist={sources}"),
        *("-o", "Dir::Etc::sourceparts=-"),
        *("-o", "APT::Sandbox::User=root" if os.geteuid() == 0 else "Debug::NoLocking=true"),
        *("-o", "Acquire::Languages=none"),
        *("-o", "Acquire::Check-Valid-Until=false"),
    ]
    fetch = ["apt-get", *options, "-q", "-y", "--download-only", "--no-install-recommends"]
    failure: SetupError | None = None
    for mirror in found:
        sources.write_text(f"deb [signed-by={keyring}] {mirror} {_SUITE} main\n")
        try:
            run(["apt-get", *options, "-q", "update"], what=f"reading {_SUITE}", remedy=_REMEDY)
            run(
                [*fetch, "install", "python3.14-dev", "python3.14-venv"],
                what=f"downloading Python 3.14 from {_SUITE}",
                remedy=_REMEDY,
            )
        except SetupError as err:
            failure = err
            continue
        return sorted((cache / "archives").glob("*.deb"))
    raise failure or SetupError("no mirror answered", _REMEDY)


def mirrors() -> list[str]:
    """Return the addresses of Debian's main archive that this machine's apt uses.

    An address frozen at a date is also tried at today's: the old one may lack the suite.
    """
    listing = ask(
        [
            *("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(ORIGIN)"),
            "Created-By: Packages",
        ]
    )
    today = f"{datetime.now(UTC):%Y%m%d}T000000Z"
    found = []
    for line in (listing or "").splitlines():
        address, _, rest = line.partition(" ")
        if "security" not in address and rest.endswith("Debian"):
            found += [address, re.sub(r"\d{8}T\d{6}Z", today, address)]
    return list(dict.fromkeys(found))
