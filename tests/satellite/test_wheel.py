"""The wheel, installed alone, has what both ends speak: it is a symbolic link in the source."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from room import Home, free_port, pair_beforehand

SOURCE = Path(__file__).parents[2] / "satellite"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it and install it in an environment of its own; return that one's Python."""
    folder = tmp_path_factory.mktemp("wheel")
    # Built from a copy: setuptools leaves folders in the source.
    shutil.copytree(
        SOURCE, folder / "source", symlinks=False, ignore=shutil.ignore_patterns("*.egg-info")
    )
    subprocess.run(
        [
            *(sys.executable, "-m", "build", "--wheel", "--no-isolation"),
            *("--outdir", str(folder), str(folder / "source")),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    environment = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    site = next((environment / "lib").glob("python3*/site-packages"))
    (wheel,) = folder.glob("*.whl")
    subprocess.run(
        [sys.executable, "-m", "zipfile", "-e", str(wheel), str(site)], check=True, timeout=60
    )
    return python


def run(python: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run with the libraries of the tests' environment, but without its editable install."""
    return subprocess.run(
        [str(python), *words], env=environment(python), capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def environment(python: Path) -> dict[str, str]:
    own = next((python.parents[1] / "lib").glob("python3*/site-packages"))
    # A path, not a site folder: the .pth of the editable install is not read there.
    libraries = sysconfig.get_paths()["purelib"]
    return os.environ | {"PYTHONPATH": f"{own}:{libraries}", "PYTHONDONTWRITEBYTECODE": "1"}


def test_it_holds_all_three_packages(installed: Path) -> None:
    done = run(
        installed,
        "-c",
        "import earshot_satellite.body, earshot_speech.cli, earshot_wire.vocabulary as v;"
        "print(v.__file__)",
    )
    assert done.returncode == 0, done.stderr
    (package,) = (installed.parents[1] / "lib").glob("python3*/site-packages/earshot_speech")
    assert (package / "templates" / "en.yaml").is_file()
    assert "site-packages/earshot_wire" in done.stdout
    assert "custom_components" not in done.stdout


async def test_it_speaks(installed: Path, tmp_path: Path) -> None:
    port = free_port()
    pair_beforehand(tmp_path / "state", port)
    with subprocess.Popen(  # noqa: ASYNC220
        [
            *(str(installed), "-m", "earshot_satellite", "run"),
            *("--port", str(port), "--state", str(tmp_path / "state")),
        ],
        env=environment(installed)
        | {"PULSE_SERVER": f"unix:{tmp_path}/none", "HOME": str(tmp_path)},
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            home = Home(port)
            welcome = await home.link()
            assert "hey_jarvis" in {word.id for word in welcome.wake_words}
            await home.close()
        finally:
            process.terminate()
    assert process.returncode == 0
